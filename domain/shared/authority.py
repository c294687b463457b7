"""Staff roles, and the authority that a staff session carries into every area."""

from collections.abc import Set
from enum import StrEnum

from domain.shared.errors import PermissionDenied
from domain.shared.model import Model
from domain.shared.text import Text


class Role(StrEnum):
    ADMIN = "admin"
    MANAGER = "manager"
    OPERATOR = "operator"
    EMPLOYEE = "employee"
    DISPATCH = "dispatch"
    ADMISSIONS = "admissions"


ROLE_LABELS: dict[Role, Text] = {
    Role.ADMIN: Text("系统管理员", "Administrator"),
    Role.MANAGER: Text("经理", "Manager"),
    Role.OPERATOR: Text("运营", "Operator"),
    Role.EMPLOYEE: Text("普通员工", "Employee"),
    Role.DISPATCH: Text("派单老师", "Dispatch"),
    Role.ADMISSIONS: Text("招生老师", "Admissions"),
}

_RANKS: dict[Role, int] = {Role.ADMIN: 2, Role.MANAGER: 1}


def role_of(name: str) -> Role | None:
    """The role with this code, or with this Chinese or English label (imported accounts store labels)."""
    for role, label in ROLE_LABELS.items():
        if name.strip().lower() in (role.value, label.zh, label.en.lower()):
            return role
    return None


def outranks(one: Role | None, other: Role | None) -> bool:
    """True if `one` has a higher rank than `other`; equal ranks do not outrank each other."""
    return _RANKS.get(one, 0) > _RANKS.get(other, 0) if one and other else one is not None


def permits(granted: Set[str], needed: str) -> bool:
    """True if the granted permission keys contain `needed`, its resource's `all`, or `*`."""
    return "*" in granted or needed in granted or f"{needed.split(':')[0]}:all" in granted


class PasswordChangeRequired(PermissionDenied):
    code = "PASSWORD_CHANGE_REQUIRED"
    text = Text("首次登录请先修改密码", "Change your password first")


class StaffAuthority(Model):
    """The acting staff member and their permissions, read afresh for each request."""

    id: str
    username: str
    name: str
    role: str
    permissions: frozenset[str]
    session_id: str
    department: str = ""
    colleagues: frozenset[str] = frozenset()
    """Of a manager with a department: the members of that department."""
    must_change_password: bool = False
    """The password was given by an administrator: nothing else is allowed before it is changed."""

    def may(self, permission: str) -> bool:
        return permits(self.permissions, permission)

    def require(self, *any_of: str) -> None:
        """Raises PermissionDenied when none of `any_of` is granted; without arguments any staff member passes.

        Raises PasswordChangeRequired before anything else.
        """
        if self.must_change_password:
            raise PasswordChangeRequired
        if any_of and not any(self.may(permission) for permission in any_of):
            raise PermissionDenied(needs=list(any_of))
