"""Administration of roles. An editor grants only permissions that the editor holds."""

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress

from domain.audit.model import audit_of
from domain.shared.actor import SYSTEM, Actor
from domain.shared.authority import StaffAuthority, permits, role_of
from domain.shared.errors import Conflict
from domain.shared.events import DomainEvent
from domain.shared.model import Model
from domain.shared.ports import Clock, IdGenerator
from domain.shared.retry import retry_on_conflict
from domain.staff.events import RolePermissionsChange, StaffRightsChanged
from domain.staff.permissions import PERMISSIONS, with_implied
from domain.staff.ports import RoleRepository, StaffRepository
from domain.staff.role import (
    GrantsMoreThanHeld,
    RoleChanged,
    RoleCode,
    RoleCodeTaken,
    RoleDescription,
    RoleInUse,
    RoleName,
    RoleNotFound,
    RoleVersionConflict,
    StaffRole,
    UnknownPermission,
    system_roles,
)
from domain.staff.role_table import RoleTable


class RoleChanges(Model):
    """An edit; None leaves the value as it is."""

    name: RoleName | None = None
    description: RoleDescription | None = None
    permissions: tuple[str, ...] | None = None
    active: bool | None = None


class CountedRole(Model):
    role: StaffRole
    users_count: int


def require_holds(editor: StaffAuthority, keys: Iterable[str]) -> None:
    """Raises GrantsMoreThanHeld for a key that `editor` does not hold."""
    missing = sorted(key for key in with_implied(keys) if not permits(editor.permissions, key))
    if missing:
        raise GrantsMoreThanHeld(missing=missing)


class Roles:
    def __init__(
        self, roles: RoleRepository, table: RoleTable, staff: StaffRepository, clock: Clock, ids: IdGenerator
    ) -> None:
        self._roles = roles
        self._table = table
        self._staff = staff
        self._clock = clock
        self._ids = ids

    async def seed(self) -> None:
        """Stores the system roles that are missing, and gives the others their names back. Raises Unavailable."""
        stored = {role.code: role for role in await self._roles.all() if role.deleted_at is None}
        for seeded in system_roles():
            known, now = stored.get(seeded.code), self._clock.now()
            if known is None:
                role = seeded.model_copy(update={"id": self._ids.next_id(), "created_at": now, "updated_at": now})
            else:
                role = known.model_copy(update={"name": seeded.name, "active": True})
            if role != known:
                with suppress(Conflict):  # another app process was first
                    await self._save(known, role, SYSTEM)

    async def list(self) -> Sequence[CountedRole]:
        """System roles first, then the others by name. Raises Unavailable."""
        roles = [role for role in await self._roles.all() if role.deleted_at is None]
        counts = await self._user_counts()
        order = {role.code: place for place, role in enumerate(system_roles())}
        roles.sort(key=lambda role: (order.get(role.code, len(order)), role.name))
        return [CountedRole(role=role, users_count=counts[role.code]) for role in roles]

    async def find(self, role_id: str) -> CountedRole:
        """Raises RoleNotFound."""
        role = await self._existing(role_id)
        return CountedRole(role=role, users_count=(await self._user_counts())[role.code])

    async def create(
        self,
        code: RoleCode | None,
        name: RoleName,
        description: RoleDescription,
        permissions: Sequence[str],
        active: bool,
        editor: StaffAuthority,
        actor: Actor,
    ) -> CountedRole:
        """Raises UnknownPermission, GrantsMoreThanHeld, RoleNameTaken, RoleCodeTaken."""
        role_id, now = self._ids.next_id(), self._clock.now()
        code = code or f"role-{role_id[-8:]}"
        if role_of(code) is not None:  # also the word that imported accounts use for a system role
            raise RoleCodeTaken
        self._check(permissions, editor)
        role = StaffRole(
            id=role_id,
            code=code,
            name=name,
            description=description,
            permissions=tuple(sorted(set(permissions))),
            active=active,
            created_at=now,
            updated_at=now,
        )
        return CountedRole(role=await self._save(None, role, actor), users_count=0)

    async def update(
        self, role_id: str, changes: RoleChanges, version: int | None, editor: StaffAuthority, actor: Actor
    ) -> CountedRole:
        """Holders of the role get the new permissions at once, on all app processes.

        Raises RoleNotFound, RoleVersionConflict, SystemRole, UnknownPermission, GrantsMoreThanHeld, RoleNameTaken.
        """

        async def once() -> StaffRole:
            role = await self._existing(role_id)
            if version is not None and version != role.version:
                raise RoleVersionConflict
            wanted = changes.model_dump(exclude_none=True)
            if changes.permissions is not None:
                added = set(changes.permissions) - set(role.permissions)
                self._check(added, editor)
                wanted["permissions"] = tuple(sorted(set(changes.permissions)))
            require_holds(editor, role.permissions)
            changed = role.edited(self._clock.now(), **wanted)
            if _shown(changed) == _shown(role):
                return role
            return await self._save(role, changed, actor)

        saved = await retry_on_conflict(once)
        return CountedRole(role=saved, users_count=(await self._user_counts())[saved.code])

    async def delete(self, role_id: str, editor: StaffAuthority, actor: Actor) -> None:
        """Raises RoleNotFound, SystemRole, RoleInUse, GrantsMoreThanHeld."""

        async def once() -> None:
            role = await self._existing(role_id)
            deleted = role.deleted(self._clock.now())
            require_holds(editor, role.permissions)
            if count := (await self._user_counts())[role.code]:
                raise RoleInUse(users_count=count)
            await self._save(role, deleted, actor)

        await retry_on_conflict(once)

    def _check(self, keys: Iterable[str], editor: StaffAuthority) -> None:
        if unknown := sorted(set(keys) - PERMISSIONS):
            raise UnknownPermission(unknown=unknown)
        require_holds(editor, keys)

    async def _existing(self, role_id: str) -> StaffRole:
        role = await self._roles.find(role_id)
        if role is None or role.deleted_at is not None:
            raise RoleNotFound
        return role

    async def _user_counts(self) -> Counter[str]:
        counts: Counter[str] = Counter()
        for name, count in (await self._staff.count_by_role()).items():
            counts[role_of(name) or name] += count
        return counts

    async def _save(self, former: StaffRole | None, role: StaffRole, actor: Actor) -> StaffRole:
        now = self._clock.now()
        before, after = _shown(former) if former else {}, {} if role.deleted_at else _shown(role)
        row = audit_of(self._ids.next_id(), now, actor, ("role", role.id), before, after)
        shown = role.model_copy(update={"version": role.next_version})
        events = [
            row,
            RoleChanged(id=self._ids.next_id(), at=now, role=shown),
            *self._rights_changed(former, role, actor),
        ]
        saved = await self._roles.save(role, events)
        self._table.put(saved)
        return saved

    def _rights_changed(self, former: StaffRole | None, role: StaffRole, actor: Actor) -> Sequence[DomainEvent]:
        """For the holders of the role: a new or deleted one has none."""
        if former is None or former.granted == role.granted or role.deleted_at is not None:
            return ()
        change = RolePermissionsChange(
            role_id=role.id,
            code=role.code,
            name=role.name,
            granted=tuple(sorted(role.granted - former.granted)),
            withdrawn=tuple(sorted(former.granted - role.granted)),
        )
        event_id, now = self._ids.next_id(), self._clock.now()
        return [StaffRightsChanged(id=event_id, at=now, by_id=actor.id, by_name=actor.name, role=change)]


def _shown(role: StaffRole) -> dict[str, object]:
    return role.model_dump(include={"code", "name", "description", "permissions", "active"}, mode="json")
