"""What a running application carries."""

from aiohttp import web

from domain.services import Services
from http_api.endpoint import Endpoint
from http_api.gate import Gate
from http_api.guest_links import GuestLinks

SERVICES = web.AppKey("services", Services)
GATE = web.AppKey("gate", Gate)
GUEST_LINKS = web.AppKey("guest_links", GuestLinks)
ENDPOINTS = web.AppKey("endpoints", list[Endpoint])
