"""Keys of the objects that the aiohttp application holds."""

from aiohttp import web

from domain.services import Services
from http_api.core.authentication import RequestAuthenticator
from http_api.core.endpoint import Endpoint

SERVICES = web.AppKey("services", Services)
AUTHENTICATOR = web.AppKey("authenticator", RequestAuthenticator)
ENDPOINTS = web.AppKey("endpoints", tuple[Endpoint, ...])
