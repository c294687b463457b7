"""The routes of the interviews area."""

from typing import Final

from http_api.core.endpoint import Endpoint
from http_api.routes.interviews import invites, media_callback, rooms

ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    *rooms.endpoints.all,
    *invites.endpoints.all,
    *media_callback.endpoints.all,
)
