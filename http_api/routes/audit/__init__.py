"""The routes of the audit area. None changes an entry."""

from typing import Final

from http_api.core.endpoint import Endpoint
from http_api.routes.audit import logs

ENDPOINTS: Final[tuple[Endpoint, ...]] = (*logs.endpoints.all,)
