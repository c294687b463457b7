"""What a running application carries."""

from aiohttp import web

from domain.services import Services
from http_api.endpoint import Endpoint
from http_api.gate import Gate

SERVICES = web.AppKey("services", Services)
GATE = web.AppKey("gate", Gate)
ENDPOINTS = web.AppKey("endpoints", list[Endpoint])
