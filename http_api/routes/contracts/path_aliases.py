"""One handler under two paths: the CRM's and the staff mini-program's."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from http_api.core.endpoint import Endpoints
from http_api.routes.contracts.common import TAG

Handler = TypeVar("Handler", bound=Callable[..., Awaitable[Any]])


class PathAliases:
    """`crm` and `mini_program` take the routes that only one of the two clients has."""

    def __init__(self) -> None:
        self.crm = Endpoints("/api/contracts", tag=TAG)
        self.mini_program = Endpoints("/api/contracts/miniprogram", tag=TAG)

    def both(self, method: str, crm_path: str, mini_program_path: str, **declared: Any) -> Callable[[Handler], Handler]:
        """Declare the same route for both clients."""

        def register(handler: Handler) -> Handler:
            self.crm.route(method, crm_path, **declared)(handler)
            self.mini_program.route(method, mini_program_path, **declared)(handler)
            return handler

        return register
