"""One call of a route: who, from where, with what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from aiohttp import web

from domain.services import Services
from domain.shared.actor import Actor
from domain.shared.authority import StaffAuthority
from domain.shared.errors import NotAuthenticated
from domain.shared.text import Language, Text

Data = TypeVar("Data")


@dataclass(frozen=True, slots=True)
class RequestContext:
    request: web.Request
    services: Services
    actor: Actor
    language: Language
    session_id: str = ""
    authority: StaffAuthority | None = None
    from_machine: bool = False
    """The caller knows the machine secret (`X-Service-Secret`)."""

    @property
    def staff(self) -> StaffAuthority:
        """The member of staff who calls; every route with `Staff` access has one."""
        if self.authority is None:
            raise NotAuthenticated
        return self.authority


@dataclass(frozen=True, slots=True)
class ApiResponse(Generic[Data]):
    """An answer whose status or message depends on what happened."""

    data: Data
    status: int = 200
    message: Text | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
