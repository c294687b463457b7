"""The routes of a mini-program user's inbox."""

from typing import Final

from http_api.core.endpoint import Endpoint
from http_api.routes.inbox import messages

ENDPOINTS: Final[tuple[Endpoint, ...]] = (*messages.endpoints.all,)
