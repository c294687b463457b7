"""The context that a handler receives with each request, and the response with a status of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from aiohttp import web

from domain.services import Services
from domain.shared.actor import Actor
from domain.shared.authority import StaffAuthority
from domain.shared.errors import NotAuthenticated
from domain.shared.reader import Reader
from domain.shared.text import Language, Text

Data = TypeVar("Data")

STAFF_MEMBER = web.RequestKey("staff_member", StaffAuthority)
"""The member of staff who calls, also when the call is refused."""


@dataclass(frozen=True, slots=True)
class RequestContext:
    """An authenticated request: services, actor, language, and the caller's session and authority."""

    request: web.Request
    services: Services
    actor: Actor
    language: Language
    session_id: str = ""
    authority: StaffAuthority | None = None
    from_machine: bool = False
    """The caller sent the shared secret of back ends (`X-Service-Secret`)."""

    @property
    def staff(self) -> StaffAuthority:
        """The calling staff member; set on every route with `Staff` access. Raises NotAuthenticated on others."""
        if self.authority is None:
            raise NotAuthenticated
        return self.authority

    @property
    def reader(self) -> Reader:
        """The caller as a reader of files; set on every route that needs a session."""
        if self.authority is not None:
            return Reader.of_staff(self.authority)
        if not self.session_id:
            raise NotAuthenticated
        return Reader(kind="user", id=self.actor.id, session_id=self.session_id)


@dataclass(frozen=True, slots=True)
class ApiResponse(Generic[Data]):
    """A handler's result with its own status, message or headers."""

    data: Data
    status: int = 200
    message: Text | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
