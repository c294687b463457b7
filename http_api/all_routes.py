"""All areas with routes, in the order of the documentation. An area's package exports its routes as `ENDPOINTS`."""

from typing import Final

from http_api import legacy
from http_api.core.endpoint import Endpoint
from http_api.routes import (
    audit,
    contracts,
    customers,
    files,
    inbox,
    interviews,
    notifications,
    presence,
    search,
    staff,
    statistics,
    users,
)

ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    *staff.ENDPOINTS,
    *files.ENDPOINTS,  # before the routes of one user, whose id would match `avatar`
    *statistics.ENDPOINTS,  # before the routes of one user, whose id would match its path
    *users.ENDPOINTS,
    *presence.ENDPOINTS,
    *contracts.ENDPOINTS,
    *customers.ENDPOINTS,
    *inbox.ENDPOINTS,
    *interviews.ENDPOINTS,
    *notifications.ENDPOINTS,
    *audit.ENDPOINTS,
    *search.ENDPOINTS,
    *legacy.ENDPOINTS,
)
