"""The routes of the staff area."""

from typing import Final

from http_api.core.endpoint import Endpoint
from http_api.routes.staff import authentication, roles

ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    *authentication.endpoints.all,
    *roles.endpoints.all,
    *roles.catalogue_endpoints.all,
)
