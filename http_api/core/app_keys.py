"""What a running application carries."""

from aiohttp import web

from domain.services import Services
from http_api.core.authentication import Gate
from http_api.core.endpoint import Endpoint

SERVICES = web.AppKey("services", Services)
GATE = web.AppKey("gate", Gate)
ENDPOINTS = web.AppKey("endpoints", list[Endpoint])
