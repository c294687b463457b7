"""A role (角色): a named set of permissions that accounts refer to by its code."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Final, Self

from pydantic import Field

from domain.shared.authority import ROLE_LABELS, Role
from domain.shared.entity import Entity
from domain.shared.errors import Conflict, InvalidRequest, NotFound, PermissionDenied, RuleViolated
from domain.shared.events import DomainEvent
from domain.shared.model import Instant
from domain.shared.plain_text import cleaned_line, cleaned_lines, one_line, several_lines
from domain.shared.text import Text
from domain.staff.permissions import ROLE_PERMISSIONS, with_implied

RoleCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{1,31}$", examples=["team-lead"])]
RoleName = Annotated[str, one_line(32, required=True)]
RoleDescription = Annotated[str, several_lines(200)]


class RoleNotFound(NotFound):
    code = "ROLE_NOT_FOUND"
    text = Text("角色不存在", "There is no such role")


class RoleNameTaken(Conflict):
    code = "ROLE_NAME_TAKEN"
    text = Text("角色名称已存在", "Another role has this name")


class RoleCodeTaken(Conflict):
    code = "ROLE_CODE_TAKEN"
    text = Text("角色编码已存在", "Another role has this code")


class RoleVersionConflict(Conflict):
    code = "VERSION_CONFLICT"
    text = Text("角色已被他人修改，请刷新后重试", "Someone else changed this role first; reload and try again")


class RoleInUse(RuleViolated):
    code = "ROLE_IN_USE"
    text = Text("仍有员工使用该角色，不能删除", "Accounts still have this role, so it cannot be deleted")


class SystemRole(RuleViolated):
    code = "SYSTEM_ROLE"
    text = Text(
        "系统角色不能删除、改名或停用，系统管理员的权限不能修改",
        "A system role cannot be deleted, renamed or disabled, and the administrator's permissions cannot be changed",
    )


class UnknownPermission(InvalidRequest):
    code = "UNKNOWN_PERMISSION"
    text = Text("包含不存在的权限", "There is no such permission")


class GrantsMoreThanHeld(PermissionDenied):
    code = "GRANTS_MORE_THAN_HELD"
    text = Text(
        "不能授予或管理超出本人权限的角色和账号",
        "You cannot grant, or manage an account with, more than you hold yourself",
    )


class StaffRole(Entity):
    """A document of the collection `roles`. A deleted role stays as a tombstone without name and code of its own."""

    code: str
    name: Annotated[str, cleaned_line()]
    description: Annotated[str, cleaned_lines()] = ""
    permissions: tuple[str, ...] = ()
    active: bool = True
    created_at: Instant | None = None
    updated_at: Instant | None = None
    deleted_at: Instant | None = None

    @property
    def is_system(self) -> bool:
        return self.code in _SYSTEM_CODES

    @property
    def granted(self) -> frozenset[str]:
        """The permissions of the role; none while it is disabled."""
        return with_implied(self.permissions) if self.active and self.deleted_at is None else frozenset()

    def edited(self, now: datetime, **changes: Any) -> Self:
        """Raises SystemRole."""
        changed = self.model_copy(update={**changes, "updated_at": now})
        fixed = self.is_system and (changed.name, changed.active) != (self.name, self.active)
        if fixed or (self.code == Role.ADMIN and set(changed.permissions) != set(self.permissions)):
            raise SystemRole
        return changed

    def deleted(self, now: datetime) -> Self:
        """Raises SystemRole."""
        if self.is_system:
            raise SystemRole
        return self.model_copy(update={"deleted_at": now, "updated_at": now})


class RoleChanged(DomainEvent):
    """A role was created, changed or deleted. Carries the role as saved, so that every app process knows it at once."""

    type: ClassVar[str] = "staff.role_changed"

    role: StaffRole


_SYSTEM_CODES: Final = frozenset(role.value for role in Role)
_DESCRIPTIONS: Final[Mapping[Role, str]] = {
    Role.ADMIN: "拥有全部权限",
    Role.MANAGER: "管理客户、阿姨、合同与团队",
    Role.OPERATOR: "运营线索、分配与数据",
    Role.EMPLOYEE: "跟进自己的客户与合同",
    Role.DISPATCH: "派单与背景调查",
    Role.ADMISSIONS: "招生与培训线索",
}


def system_roles() -> tuple[StaffRole, ...]:
    """The six roles as they are seeded. Their ids are those of no document."""
    return tuple(
        StaffRole(
            id="",
            code=role,
            name=ROLE_LABELS[role].zh,
            description=_DESCRIPTIONS[role],
            permissions=tuple(sorted(ROLE_PERMISSIONS[role])),
        )
        for role in Role
    )


def roles_by_code(stored: Iterable[StaffRole]) -> dict[str, StaffRole]:
    """The roles that are not deleted, by code; a system role that is not stored yet is the seeded one."""
    present = {role.code: role for role in stored if role.deleted_at is None}
    return {**{role.code: role for role in system_roles()}, **present}
