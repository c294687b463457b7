"""All roles in memory, in every app process: read from the store, then kept up to date by the event stream."""

import asyncio
from collections.abc import Sequence
from typing import Final

from domain.shared.events import StreamEntry, StreamState
from domain.staff.ports import RoleRepository
from domain.staff.role import RoleChanged, StaffRole, roles_by_code

_FRESH_SECONDS: Final = 20.0
"""Bounds how long a change may stay unknown while the event stream is down."""


class RoleTable:
    """Implements `EventConsumer`: comes before the connections, which are checked again by the new role."""

    def __init__(self, roles: RoleRepository) -> None:
        self._roles = roles
        self._stored: dict[str, StaffRole] = {}
        self._by_code = roles_by_code(())
        self._fresh_until = 0.0
        self._reading = asyncio.Lock()

    async def find(self, code: str) -> StaffRole | None:
        """The role with this code as it is now. Raises Unavailable."""
        await self._refresh()
        return self._by_code.get(code)

    async def label_of(self, code: str) -> str:
        """The role's name; the code itself when there is no such role. Raises Unavailable."""
        role = await self.find(code)
        return role.name if role else code

    async def all(self) -> Sequence[StaffRole]:
        """Raises Unavailable."""
        await self._refresh()
        return tuple(self._by_code.values())

    def put(self, *roles: StaffRole) -> None:
        """Roles that were saved or read; an older version of a known role is ignored."""
        for role in roles:
            known = self._stored.get(role.id)
            if known is None or known.version < role.version:
                self._stored[role.id] = role
        self._by_code = roles_by_code(self._stored.values())

    async def _refresh(self) -> None:
        if self._fresh_until > _now():
            return
        async with self._reading:
            if self._fresh_until <= _now():
                self.put(*await self._roles.all())
                self._fresh_until = _now() + _FRESH_SECONDS

    def begin(self, state: StreamState, past: Sequence[StreamEntry]) -> None:
        self.take(past)

    def take(self, entries: Sequence[StreamEntry]) -> None:
        if changed := [entry.event.role for entry in entries if isinstance(entry.event, RoleChanged)]:
            self.put(*changed)

    def history_lost(self, state: StreamState) -> None:
        self._fresh_until = 0.0


def _now() -> float:
    return asyncio.get_running_loop().time()
