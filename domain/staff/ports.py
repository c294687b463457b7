"""What the staff area needs from outside."""

from collections.abc import Sequence
from typing import Protocol

from domain.sessions.tokens import AccessClaims
from domain.shared.authority import StaffAuthority
from domain.shared.events import DomainEvent
from domain.staff.model import Staff


class StaffRepository(Protocol):
    async def find(self, entity_id: str) -> Staff | None: ...

    async def find_by_username(self, username: str) -> Staff | None: ...

    async def save(self, entity: Staff, events: Sequence[DomainEvent]) -> Staff:
        """Raises Conflict, UsernameTaken, Unavailable."""

    async def is_empty(self) -> bool: ...


class StaffCredentials(Protocol):
    async def hash_of(self, staff_id: str) -> str | None: ...

    async def store(self, staff_id: str, password_hash: str) -> None: ...


class AuthorityCache(Protocol):
    """Authorities by session, for seconds, shared by all workers: a storm of reconnects must not read the store.

    `generation` closes the gap between reading an account and remembering what was read: a `put` with a generation
    from before a `forget` is ignored.
    """

    async def get(self, staff_id: str, session_id: str) -> tuple[StaffAuthority | None, int]:
        """What is remembered, and the generation to give to `put`."""

    async def put(self, authority: StaffAuthority, generation: int) -> None: ...

    async def forget(self, staff_id: str) -> None: ...


class StaffAuthorities(Protocol):
    async def authority_of(self, claims: AccessClaims) -> StaffAuthority:
        """What the bearer of a verified token may do now. Raises SessionEnded, StaffSuspended, StaffDisabled."""
