"""Administration of staff accounts. An editor manages only accounts without permissions that the editor lacks."""

from collections.abc import Sequence
from typing import Any

from domain.audit.model import audit_of
from domain.shared.actor import Actor
from domain.shared.authority import StaffAuthority
from domain.shared.credentials import PasswordHasher
from domain.shared.events import DomainEvent
from domain.shared.model import Model
from domain.shared.paging import Page, PageRequest
from domain.shared.password_strength import require_strong
from domain.shared.ports import Clock, IdGenerator
from domain.shared.retry import retry_on_conflict
from domain.staff.access import StaffAccess
from domain.staff.departments import Departments
from domain.staff.errors import (
    LastAdministrator,
    OwnAccount,
    StaffNotFound,
    StaffPhoneTaken,
    StaffVersionConflict,
    UnknownDepartment,
)
from domain.staff.events import RightsChange, StaffAccessChanged, StaffChanged, StaffMoved, StaffRightsChanged
from domain.staff.model import Staff
from domain.staff.ports import StaffCredentials, StaffQuery, StaffRepository
from domain.staff.role_administration import require_holds
from domain.staff.role_table import RoleTable


class NewStaff(Model):
    username: str
    name: str
    role: str
    email: str = ""
    phone: str = ""
    department: str = ""
    monthly_task: int | None = None


class StaffChanges(Model):
    """An edit; None leaves the value as it is, an empty text removes it."""

    name: str | None = None
    role: str | None = None
    email: str | None = None
    phone: str | None = None
    department: str | None = None
    monthly_task: int | None = None
    active: bool | None = None


class StaffLabels(Model):
    """The names of an account's role and department."""

    role: str
    department: str


class StaffAdministration:
    def __init__(
        self,
        staff: StaffRepository,
        roles: RoleTable,
        departments: Departments,
        credentials: StaffCredentials,
        hasher: PasswordHasher,
        access: StaffAccess,
        clock: Clock,
        ids: IdGenerator,
    ) -> None:
        self._staff = staff
        self._roles = roles
        self._departments = departments
        self._credentials = credentials
        self._hasher = hasher
        self._access = access
        self._clock = clock
        self._ids = ids

    async def page(self, query: StaffQuery, paging: PageRequest) -> Page[Staff]:
        """Raises PageTooDeep, Unavailable."""
        return await self._staff.page(query, paging)

    async def find(self, staff_id: str) -> Staff:
        """Raises StaffNotFound."""
        found = await self._staff.find(staff_id)
        if found is None:
            raise StaffNotFound
        return found

    async def labels_of(self, staff: Staff) -> StaffLabels:
        return (await self.labels([staff]))[0]

    async def labels(self, members: Sequence[Staff]) -> Sequence[StaffLabels]:
        """For each member, in the same order. Raises Unavailable."""
        names = await self._departments.names() if any(each.department for each in members) else {}
        return [
            StaffLabels(
                role=await self._roles.label_of(each.role_key),
                department=names.get(each.department, each.department),
            )
            for each in members
        ]

    async def update_own(self, staff_id: str, changes: StaffChanges, actor: Actor) -> Staff:
        """Of the changes, only name, phone and email. Raises StaffNotFound, StaffPhoneTaken."""
        wanted = changes.model_dump(exclude_none=True, include={"name", "phone", "email"})

        async def once() -> Staff:
            before = await self.find(staff_id)
            after = before.edited(self._clock.now(), **wanted)
            await self._check_phone(before, after)
            return before if _shown(before) == _shown(after) else await self._save(before, after, actor)

        return await retry_on_conflict(once)

    async def create(self, new: NewStaff, password: str, editor: StaffAuthority, actor: Actor) -> Staff:
        """The password must be changed at the first log-in.

        Raises WeakPassword, UsernameTaken, StaffPhoneTaken, UnknownRole, UnknownDepartment, GrantsMoreThanHeld.
        """
        require_strong(password, (new.username, new.name, new.phone))
        now = self._clock.now()
        fields = new.model_dump()
        staff = Staff(id=self._ids.next_id(), **fields, must_change_password=True, created_at=now, updated_at=now)
        await self._check_references(None, staff)
        await self.require_manageable(staff, editor)
        row = audit_of(self._ids.next_id(), now, actor, ("staff", staff.id), {}, _shown(staff))
        changed = StaffChanged(id=self._ids.next_id(), at=now, staff_id=staff.id)
        return await self._add(staff, password, [row, changed, *self._moved("", staff)])

    async def create_by_operator(
        self, username: str, name: str, password: str, role: str, actor: Actor, *, must_change: bool = False
    ) -> Staff:
        """For the command line: with any role. `must_change`: the password must be changed at the first log-in.

        Raises UnknownRole, WeakPassword, UsernameTaken.
        """
        await self._access.require_role(role)
        require_strong(password, (username, name))
        now = self._clock.now()
        staff = Staff(
            id=self._ids.next_id(),
            username=username,
            name=name,
            role=role,
            must_change_password=must_change,
            created_at=now,
            updated_at=now,
        )
        after = {"username": username, "role": str(role)}
        return await self._add(
            staff, password, [audit_of(self._ids.next_id(), now, actor, ("staff", staff.id), {}, after)]
        )

    async def is_empty(self) -> bool:
        """True if there is no account. Raises Unavailable."""
        return await self._staff.is_empty()

    async def _add(self, staff: Staff, password: str, events: Sequence[DomainEvent]) -> Staff:
        # The hash first: an account without one cannot be entered, a hash without an account is never looked up.
        await self._credentials.store(staff.id, await self._hasher.hash(password))
        return await self._staff.save(staff, events)

    async def update(
        self, staff_id: str, changes: StaffChanges, version: int | None, editor: StaffAuthority, actor: Actor
    ) -> Staff:
        """Raises StaffNotFound, StaffVersionConflict, StaffPhoneTaken, UnknownRole, UnknownDepartment, OwnAccount,
        LastAdministrator, GrantsMoreThanHeld."""
        wanted = changes.model_dump(exclude_none=True)
        return await self._change(staff_id, wanted, editor, actor, version=version)

    async def suspend(self, staff_id: str, reason: str, editor: StaffAuthority, actor: Actor) -> Staff:
        """Ends all sessions. Raises StaffNotFound, OwnAccount, LastAdministrator, GrantsMoreThanHeld."""
        return await self._change(staff_id, {"suspended": True}, editor, actor, reason=reason)

    async def resume(self, staff_id: str, editor: StaffAuthority, actor: Actor) -> Staff:
        """Raises StaffNotFound, StaffPhoneTaken, GrantsMoreThanHeld."""
        return await self._change(staff_id, {"suspended": False}, editor, actor)

    async def deactivate(self, staff_id: str, editor: StaffAuthority, actor: Actor) -> Staff:
        """The account stays, because records name it. Ends all sessions. Raises as `suspend`."""
        return await self._change(staff_id, {"active": False}, editor, actor)

    async def require_manageable(self, staff: Staff, editor: StaffAuthority) -> None:
        """Raises GrantsMoreThanHeld when the account holds something that the editor does not."""
        role = await self._roles.find(staff.role_key)
        held = staff.model_copy(update={"must_change_password": False}).authority(role)
        require_holds(editor, held.permissions)

    async def _change(
        self,
        staff_id: str,
        wanted: dict[str, Any],
        editor: StaffAuthority,
        actor: Actor,
        version: int | None = None,
        reason: str = "",
    ) -> Staff:
        async def once() -> tuple[Staff, Staff]:
            before = await self.find(staff_id)
            if version is not None and version != before.version:
                raise StaffVersionConflict
            after = before.edited(self._clock.now(), **wanted)
            if _shown(before) == _shown(after):
                return before, before
            await self._check_references(before, after)
            await self.require_manageable(before, editor)
            await self.require_manageable(after, editor)
            if editor.id == before.id and (after.role_key != before.role_key or not after.is_usable):
                raise OwnAccount
            if before.is_administrator and not after.is_administrator:
                await self._require_another_administrator(before.id)
            return before, await self._save(before, after, actor, reason)

        before, saved = await retry_on_conflict(once)
        if before.is_administrator and not saved.is_administrator:
            await self._restore_last_administrator(before, actor)
        return saved

    async def _save(self, before: Staff, after: Staff, actor: Actor, reason: str = "") -> Staff:
        now = self._clock.now()
        row = audit_of(self._ids.next_id(), now, actor, ("staff", after.id), _shown(before), _shown(after), reason)
        events: list[DomainEvent] = [row, StaffChanged(id=self._ids.next_id(), at=now, staff_id=after.id)]
        if before.bearer("") != after.bearer("") or before.is_usable != after.is_usable:
            events.append(StaffAccessChanged(id=self._ids.next_id(), at=now, staff_id=after.id))
        events += [*self._moved(before.department, after), *await self._rights_changed(before, after, actor)]
        saved = await self._staff.save(after, events)
        await self._access.forget(saved.id)
        return saved

    async def _rights_changed(self, before: Staff, after: Staff, actor: Actor) -> Sequence[DomainEvent]:
        if (before.role_key, before.department) == (after.role_key, after.department) or not after.is_usable:
            return ()
        labels = await self.labels([before, after])
        named = [(each.role, each.department) for each in labels]
        changes = [RightsChange(before=one, after=other) for one, other in zip(*named, strict=True) if one != other]
        event_id, now = self._ids.next_id(), self._clock.now()
        by = {"by_id": actor.id, "by_name": actor.name}
        return [StaffRightsChanged(id=event_id, at=now, staff_id=after.id, **by, changes=tuple(changes))]

    def _moved(self, former: str, staff: Staff) -> Sequence[DomainEvent]:
        if former == staff.department:
            return ()
        return [StaffMoved(id=self._ids.next_id(), at=self._clock.now(), staff_id=staff.id)]

    async def _require_another_administrator(self, staff_id: str) -> None:
        if all(each.id == staff_id for each in await self._staff.administrators()):
            raise LastAdministrator

    async def _restore_last_administrator(self, before: Staff, actor: Actor) -> None:
        """Undoes the removal of two administrators by each other at the same time, when none is left after it.

        Raises LastAdministrator after such an undo.
        """
        if await self._staff.administrators():
            return

        async def once() -> None:
            now = await self.find(before.id)
            restored = {"role": before.role, "active": True, "suspended": False}
            await self._save(now, now.edited(self._clock.now(), **restored), actor)

        await retry_on_conflict(once)
        raise LastAdministrator

    async def _check_references(self, before: Staff | None, after: Staff) -> None:
        """Only what changes is checked: an account may keep what was removed meanwhile, until it becomes usable."""
        revived = before is None or (after.active and not before.active)
        if revived or (before and before.role != after.role):
            await self._access.require_role(after.role_key)
        moved = before is None or before.department != after.department
        if moved and after.department and not await self._departments.exists(after.department):
            raise UnknownDepartment
        await self._check_phone(before, after)

    async def _check_phone(self, before: Staff | None, after: Staff) -> None:
        """A phone identifies one account, because WeChat proves phones. Raises StaffPhoneTaken."""
        revived = after.is_usable and before is not None and not before.is_usable
        if not after.phone or (before is not None and before.phone == after.phone and not revived):
            return
        found = await self._staff.find_active_by_phone(after.phone)
        if any(each.id != after.id for each in found):
            raise StaffPhoneTaken


_SHOWN = {"username", "name", "role", "email", "phone", "department", "monthly_task", "active", "suspended"}


def _shown(staff: Staff) -> dict[str, Any]:
    return staff.model_dump(include=_SHOWN, by_alias=True)
