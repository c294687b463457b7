"""All roles in memory, in every app process: read from the store, then kept up to date by the event stream."""

from collections.abc import Sequence

from domain.shared.events import StreamEntry, StreamState
from domain.shared.fresh_copy import FreshCopy
from domain.staff.ports import RoleRepository
from domain.staff.role import RoleChanged, StaffRole, roles_by_code


class RoleTable:
    """Implements `EventConsumer`: comes before the connections, which are checked again by the new role."""

    def __init__(self, roles: RoleRepository) -> None:
        self._roles = roles
        self._stored: dict[str, StaffRole] = {}
        self._by_code = roles_by_code(())
        self._copy = FreshCopy(self._read)

    async def find(self, code: str) -> StaffRole | None:
        """The role with this code as it is now. Raises Unavailable."""
        await self._copy.ensure()
        return self._by_code.get(code)

    async def label_of(self, code: str) -> str:
        """The role's name; the code itself when there is no such role. Raises Unavailable."""
        role = await self.find(code)
        return role.name if role else code

    def put(self, *roles: StaffRole) -> None:
        """Roles that were saved or read; an older version of a known role is ignored."""
        for role in roles:
            known = self._stored.get(role.id)
            if known is None or known.version < role.version:
                self._stored[role.id] = role
        self._by_code = roles_by_code(self._stored.values())

    async def _read(self) -> None:
        self.put(*await self._roles.all())

    def begin(self, state: StreamState, past: Sequence[StreamEntry]) -> None:
        self.take(past)

    def take(self, entries: Sequence[StreamEntry]) -> None:
        if changed := [entry.event.role for entry in entries if isinstance(entry.event, RoleChanged)]:
            self.put(*changed)

    def history_lost(self, state: StreamState) -> None:
        self._copy.expire()
