"""The signed-in person who wants to see or change something: a staff member or a mini-program user."""

from typing import Literal, Self

from domain.shared.authority import StaffAuthority, permits
from domain.shared.model import Model

ReaderKind = Literal["staff", "user"]


class Reader(Model):
    kind: ReaderKind
    id: str
    session_id: str
    permissions: frozenset[str] = frozenset()
    """Of a staff member; a mini-program user has none."""

    @classmethod
    def of_staff(cls, authority: StaffAuthority) -> Self:
        return cls(kind="staff", id=authority.id, session_id=authority.session_id, permissions=authority.permissions)

    def may(self, permission: str) -> bool:
        return permits(self.permissions, permission)
