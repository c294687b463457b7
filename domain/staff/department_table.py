"""The members of all departments in memory, in every app process: for managers, who see their department only."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from domain.shared.authority import Role
from domain.shared.events import StreamEntry, StreamState
from domain.shared.fresh_copy import FreshCopy
from domain.staff.events import StaffMoved
from domain.staff.model import SessionBearer
from domain.staff.ports import StaffRepository


class DepartmentTable:
    """Implements `EventConsumer`: comes before the connections, which are checked again by the new members."""

    def __init__(self, staff: StaffRepository) -> None:
        self._staff = staff
        self._members: Mapping[str, frozenset[str]] = {}
        self._copy = FreshCopy(self._read)

    async def colleagues_of(self, bearer: SessionBearer) -> frozenset[str]:
        """A manager's department, with deactivated members; empty for other roles. Raises Unavailable."""
        if bearer.role != Role.MANAGER or not bearer.department:
            return frozenset()
        await self._copy.ensure()
        return self._members.get(bearer.department, frozenset())

    async def _read(self) -> None:
        members: dict[str, set[str]] = defaultdict(set)
        for staff_id, department in (await self._staff.departments()).items():
            members[department].add(staff_id)
        self._members = {department: frozenset(ids) for department, ids in members.items()}

    def begin(self, state: StreamState, past: Sequence[StreamEntry]) -> None:
        self.take(past)

    def take(self, entries: Sequence[StreamEntry]) -> None:
        if any(isinstance(entry.event, StaffMoved) for entry in entries):
            self._copy.expire()

    def history_lost(self, state: StreamState) -> None:
        self._copy.expire()
