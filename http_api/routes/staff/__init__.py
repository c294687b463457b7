"""The routes of the staff area."""

from typing import Final

from http_api.core.endpoint import Endpoint
from http_api.routes.staff import (
    accounts,
    authentication,
    departments,
    login_log,
    miniprogram_login,
    own_account,
    roles,
)

ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    *authentication.endpoints.all,
    *miniprogram_login.endpoints.all,
    *own_account.endpoints.all,
    *accounts.endpoints.all,
    *departments.endpoints.all,
    *login_log.endpoints.all,
    *roles.endpoints.all,
    *roles.catalogue_endpoints.all,
)
