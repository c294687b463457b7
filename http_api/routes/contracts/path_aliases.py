"""The same use case under the CRM's path and under the staff mini-program's."""

from collections.abc import Awaitable, Callable
from typing import Any

from http_api.core.endpoint import Endpoints
from http_api.routes.contracts.common import TAG


class Twins:
    def __init__(self) -> None:
        self.crm = Endpoints("/api/contracts", tag=TAG)
        self.mini = Endpoints("/api/contracts/miniprogram", tag=TAG)

    def both(self, method: str, crm_path: str, mini_path: str, **declared: Any) -> Callable[[Any], Any]:
        """One handler for both. A route that has no twin is declared on `crm` or `mini` alone."""

        def register(handler: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
            self.crm.route(method, crm_path, **declared)(handler)
            self.mini.route(method, mini_path, **declared)(handler)
            return handler

        return register
