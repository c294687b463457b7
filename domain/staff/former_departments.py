"""Converts accounts of the former system, which name their department, to the id of that department."""

import re
from typing import Final

from domain.audit.model import audit_of
from domain.shared.actor import SYSTEM
from domain.shared.ports import Clock, IdGenerator
from domain.shared.retry import retry_on_conflict
from domain.staff.departments import Departments
from domain.staff.errors import DepartmentNameTaken
from domain.staff.events import StaffChanged, StaffMoved
from domain.staff.ports import StaffRepository

_ID: Final = re.compile(r"[0-9a-f]{24}")


class FormerDepartments:
    def __init__(self, staff: StaffRepository, departments: Departments, clock: Clock, ids: IdGenerator) -> None:
        self._staff = staff
        self._departments = departments
        self._clock = clock
        self._ids = ids

    async def convert(self) -> None:
        """At every start; changes nothing the second time. A name without a department gets one. Raises Unavailable."""
        for staff_id, department in (await self._staff.departments()).items():
            if not _ID.fullmatch(department):
                await self._convert(staff_id)

    async def _convert(self, staff_id: str) -> None:
        async def once() -> None:
            staff, now = await self._staff.find(staff_id), self._clock.now()
            if staff is None or not staff.department.strip() or _ID.fullmatch(staff.department):
                return
            changed = staff.edited(now, department=await self._id_of(staff.department.strip()))
            before, after = ({"department": each.department} for each in (staff, changed))
            row = audit_of(self._ids.next_id(), now, SYSTEM, ("staff", staff.id), before, after)
            moved = StaffMoved(id=self._ids.next_id(), at=now, staff_id=staff.id)
            await self._staff.save(
                changed, [row, moved, StaffChanged(id=self._ids.next_id(), at=now, staff_id=staff.id)]
            )

        await retry_on_conflict(once, again_on=(DepartmentNameTaken,))  # another app process starts, too

    async def _id_of(self, name: str) -> str:
        for each in await self._departments.list():
            if each.department.name.lower() == name.lower():
                return each.department.id
        return (await self._departments.create(name, SYSTEM)).department.id
