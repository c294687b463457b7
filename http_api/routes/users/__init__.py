"""The routes of the users area, in matching order."""

from typing import Final

from http_api.core.endpoint import Endpoint
from http_api.routes.users import administration, profile, sessions

ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    *sessions.endpoints.all,
    *profile.endpoints.all,
    *administration.endpoints.all,
)
