"""Who is in which department, in memory, in every app process: for managers who see their department only."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from domain.shared.authority import Role
from domain.shared.events import StreamEntry, StreamState
from domain.staff.events import StaffMoved
from domain.staff.model import SessionBearer
from domain.staff.ports import StaffRepository

_FRESH_SECONDS: Final = 20.0
"""Bounds how long a change may stay unknown while the event stream is down."""


class DepartmentTable:
    """Implements `EventConsumer`: comes before the connections, which are checked again by the new members."""

    def __init__(self, staff: StaffRepository) -> None:
        self._staff = staff
        self._departments: Mapping[str, str] = {}
        self._fresh_until = 0.0
        self._changes = 0
        self._reading = asyncio.Lock()

    async def colleagues_of(self, bearer: SessionBearer) -> frozenset[str]:
        """The members of a manager's department, former ones included; empty for everybody else. Raises Unavailable."""
        if bearer.role != Role.MANAGER or not bearer.department:
            return frozenset()
        await self._refresh()
        return frozenset(staff_id for staff_id, each in self._departments.items() if each == bearer.department)

    async def _refresh(self) -> None:
        async with self._reading:
            while self._fresh_until <= asyncio.get_running_loop().time():
                changes = self._changes
                self._departments = await self._staff.departments()
                if changes == self._changes:  # else it may have been read before the change
                    self._fresh_until = asyncio.get_running_loop().time() + _FRESH_SECONDS

    def begin(self, state: StreamState, past: Sequence[StreamEntry]) -> None:
        self.take(past)

    def take(self, entries: Sequence[StreamEntry]) -> None:
        if any(isinstance(entry.event, StaffMoved) for entry in entries):
            self._changes += 1
            self._fresh_until = 0.0

    def history_lost(self, state: StreamState) -> None:
        self._changes += 1
        self._fresh_until = 0.0
