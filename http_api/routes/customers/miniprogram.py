"""The paths of the staff mini-program: the same routes, with the same data scope, under the former system's names."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from http_api.core.endpoint import Endpoint
from http_api.routes.customers import customers, lookups, ownership
from http_api.routes.customers.common import PREFIX

_MINI_PROGRAM: Final = f"{PREFIX}/miniprogram"
_TWINS: Final = {
    "GET ": "/list",
    "POST ": "/create",
    "GET /statistics": "/statistics",
    "GET /assignable-users": "/employees/list",
    "GET /{customer_id}": "/{customer_id}",
    "PATCH /{customer_id}": "/{customer_id}",
    "PATCH /{customer_id}/assign": "/{customer_id}/assign",
    "POST /{customer_id}/release-to-pool": "/{customer_id}/release-to-pool",
    "GET /{customer_id}/assignment-logs": "/{customer_id}/assignment-logs",
}
"""Method and path of the route → path of its twin. Follow-ups declare theirs themselves."""


def _twins(endpoints: Iterable[Endpoint]) -> tuple[Endpoint, ...]:
    """In the order of the table. Raises KeyError for a route that does not exist."""
    known = {f"{each.method} {each.path.removeprefix(PREFIX)}": each for each in endpoints}
    return tuple(replace(known[route], path=f"{_MINI_PROGRAM}{path}") for route, path in _TWINS.items())


ENDPOINTS: Final = _twins((*lookups.endpoints.all, *ownership.endpoints.all, *customers.endpoints.all))
