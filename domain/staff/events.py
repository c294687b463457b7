"""Events of staff members."""

from typing import ClassVar

from domain.shared.events import DomainEvent
from domain.shared.model import Model


class StaffChanged(DomainEvent):
    """An account was created or edited. Lists of staff read it again."""

    type: ClassVar[str] = "staff.changed"

    staff_id: str


class StaffMoved(DomainEvent):
    """An account joined or left a department. The scope of the departments' managers has changed."""

    type: ClassVar[str] = "staff.moved"

    staff_id: str


class DepartmentChanged(DomainEvent):
    """A department was created, renamed or deleted."""

    type: ClassVar[str] = "staff.department_changed"

    department_id: str


class RightsChange(Model):
    """A change of rights as people read it: the names of roles or departments."""

    before: str
    after: str


class RolePermissionsChange(Model):
    """The permissions that a role grants and has not granted before, and the reverse."""

    role_id: str
    code: str
    name: str
    granted: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()


class StaffRightsChanged(DomainEvent):
    """The role or the department of an account in use was changed, or the permissions of a role."""

    type: ClassVar[str] = "staff.rights_changed"
    published: ClassVar[bool] = False

    staff_id: str = ""
    """The account; empty: every holder of `role`."""
    by_id: str
    by_name: str
    changes: tuple[RightsChange, ...] = ()
    role: RolePermissionsChange | None = None


class StaffPasswordChanged(DomainEvent):
    """By the staff member, or by an administrator."""

    type: ClassVar[str] = "staff.password_changed"
    published: ClassVar[bool] = False

    staff_id: str
    by_name: str


class StaffAccessChanged(DomainEvent):
    """Permissions of a staff member changed, or sessions ended. Connections and caches read the authority again."""

    type: ClassVar[str] = "staff.access_changed"

    staff_id: str
    session_id: str = ""
    """The one session that ended; empty: check all sessions."""
