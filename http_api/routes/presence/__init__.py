"""The routes of the presence area."""

from typing import Final

from http_api.core.endpoint import Endpoint
from http_api.routes.presence import connections

ENDPOINTS: Final[tuple[Endpoint, ...]] = (*connections.endpoints.all,)
