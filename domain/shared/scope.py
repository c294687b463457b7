"""The data scope (数据范围): whose records a staff member may see and change. The one rule of all areas."""

from collections.abc import Mapping, Set
from enum import StrEnum
from typing import Final, Self

from domain.shared.authority import Role, StaffAuthority
from domain.shared.errors import NotFound
from domain.shared.model import Model


class Resource(StrEnum):
    """Records that belong to a member of staff."""

    CONTRACT = "contract"
    INTERVIEW = "interview"
    CUSTOMER = "customer"


class OutOfScope(NotFound):
    """The record exists, but is outside of the caller's scope. The answer is that of a record that does not exist."""


class Scope(Model):
    """All records, or those of some members of staff. The same scope limits lists, details, writes, exports, searches,
    counts and rooms of sockets."""

    people: frozenset[str] | None = None
    """The ids of the staff members whose records are visible; None: all records, also those without an owner."""

    @classmethod
    def of(cls, *people: str) -> Self:
        return cls(people=frozenset(people))

    @property
    def is_everything(self) -> bool:
        return self.people is None

    def covers(self, *people: str) -> bool:
        """`people`: those whom the record belongs to, such as its owner and its creator."""
        return self.people is None or not self.people.isdisjoint(people)


EVERYTHING: Final = Scope()

_SEE_ALL: Final[Mapping[Role, Set[Resource]]] = {
    Role.ADMIN: frozenset(Resource),
    Role.MANAGER: frozenset(Resource),
    Role.OPERATOR: frozenset(Resource),
    Role.DISPATCH: frozenset(Resource) - {Resource.CONTRACT, Resource.INTERVIEW},
}
"""Every other role, custom ones included, sees what its member owns or created."""


def scope_of(authority: StaffAuthority, resource: Resource) -> Scope:
    """A manager with a department sees the records of that department only."""
    if authority.role == Role.MANAGER and authority.department:
        return Scope(people=authority.colleagues | {authority.id})
    sees_all = any(authority.role == role and resource in resources for role, resources in _SEE_ALL.items())
    return EVERYTHING if sees_all else Scope.of(authority.id)
