"""The routes of the customers area, in matching order."""

from typing import Final

from http_api.core.endpoint import Endpoint
from http_api.routes.customers import customers, dictionaries, lookups, ownership, pool

ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    *lookups.endpoints.all,
    *pool.endpoints.all,
    *ownership.endpoints.all,
    *customers.endpoints.all,
    *dictionaries.endpoints.all,
)
