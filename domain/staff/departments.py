"""Administration of departments."""

from collections.abc import Mapping, Sequence

from domain.audit.model import audit_of
from domain.shared.actor import Actor
from domain.shared.model import Model
from domain.shared.ports import Clock, IdGenerator
from domain.shared.retry import retry_on_conflict
from domain.staff.department import Department, DepartmentName
from domain.staff.errors import DepartmentInUse, DepartmentNotFound
from domain.staff.events import DepartmentChanged
from domain.staff.ports import DepartmentRepository, StaffRepository


class CountedDepartment(Model):
    department: Department
    users_count: int


class Departments:
    def __init__(
        self, departments: DepartmentRepository, staff: StaffRepository, clock: Clock, ids: IdGenerator
    ) -> None:
        self._departments = departments
        self._staff = staff
        self._clock = clock
        self._ids = ids

    async def list(self) -> Sequence[CountedDepartment]:
        """By name. Raises Unavailable."""
        counts = await self._staff.count_by_department()
        present = [each for each in await self._departments.all() if each.deleted_at is None]
        present.sort(key=lambda each: each.name)
        return [CountedDepartment(department=each, users_count=counts.get(each.id, 0)) for each in present]

    async def names(self) -> Mapping[str, str]:
        """Of all departments by id, deleted ones included. Raises Unavailable."""
        return {each.id: each.name for each in await self._departments.all()}

    async def exists(self, department_id: str) -> bool:
        found = await self._departments.find(department_id)
        return found is not None and found.deleted_at is None

    async def create(self, name: DepartmentName, actor: Actor) -> CountedDepartment:
        """Raises DepartmentNameTaken."""
        now = self._clock.now()
        department = Department(id=self._ids.next_id(), name=name, created_at=now, updated_at=now)
        return CountedDepartment(department=await self._save(department, {}, {"name": name}, actor), users_count=0)

    async def rename(self, department_id: str, name: DepartmentName, actor: Actor) -> CountedDepartment:
        """Raises DepartmentNotFound, DepartmentNameTaken."""

        async def once() -> Department:
            known = await self._existing(department_id)
            changed = known.model_copy(update={"name": name, "updated_at": self._clock.now()})
            return await self._save(changed, {"name": known.name}, {"name": name}, actor)

        saved = await retry_on_conflict(once)
        counts = await self._staff.count_by_department()
        return CountedDepartment(department=saved, users_count=counts.get(saved.id, 0))

    async def delete(self, department_id: str, actor: Actor) -> None:
        """Raises DepartmentNotFound, DepartmentInUse."""

        async def once() -> None:
            known, now = await self._existing(department_id), self._clock.now()
            if count := (await self._staff.count_by_department()).get(known.id, 0):
                raise DepartmentInUse(users_count=count)
            deleted = known.model_copy(update={"deleted_at": now, "updated_at": now})
            await self._save(deleted, {"name": known.name}, {}, actor)

        await retry_on_conflict(once)

    async def _existing(self, department_id: str) -> Department:
        found = await self._departments.find(department_id)
        if found is None or found.deleted_at is not None:
            raise DepartmentNotFound
        return found

    async def _save(
        self, department: Department, before: Mapping[str, str], after: Mapping[str, str], actor: Actor
    ) -> Department:
        now = self._clock.now()
        row = audit_of(self._ids.next_id(), now, actor, ("department", department.id), before, after)
        changed = DepartmentChanged(id=self._ids.next_id(), at=now, department_id=department.id)
        return await self._departments.save(department, [row, changed])
