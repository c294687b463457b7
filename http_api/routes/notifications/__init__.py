"""The routes of the notifications area."""

from typing import Final

from http_api.core.endpoint import Endpoint
from http_api.routes.notifications import own, templates

ENDPOINTS: Final[tuple[Endpoint, ...]] = (*own.endpoints.all, *templates.endpoints.all)
