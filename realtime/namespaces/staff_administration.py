"""Namespace `/staff`: changes of accounts, roles and departments, and new rows of the login log."""

from collections.abc import Sequence
from typing import ClassVar, Final, Literal

from domain.shared.authority import StaffAuthority
from domain.shared.events import StreamEntry
from domain.shared.model import Model
from domain.shared.text import Text
from domain.staff.events import DepartmentChanged, StaffChanged
from domain.staff.login_log import StaffLoginRecorded
from domain.staff.role import RoleChanged
from realtime.delivery.push import Push
from realtime.namespaces.base import NamespaceContext
from realtime.namespaces.staff import StaffNamespace
from realtime.socketio.delivery import Delivery

NAME: Final = "/staff"
_LOGINS: Final = "logins"
LOGIN_LOG_PERMISSION: Final = "user:edit"


class StaffRecordPush(Model):
    kind: Literal["account", "role", "department"]
    id: str


class LoginPush(Model):
    id: str
    staff_id: str


CHANGED = Push(
    "changed",
    StaffRecordPush,
    Text("账号、角色或部门有变化", "An account, a role or a department has changed"),
    must_arrive=True,
)
LOGIN = Push("login", LoginPush, Text("登录日志有新记录", "The login log has a new row"), must_arrive=True)


class StaffAdministrationNamespace(StaffNamespace):
    name = NAME
    permission = "user:view"
    about = Text("员工、角色与部门", "Staff, roles and departments")
    pushes: ClassVar = (CHANGED, LOGIN)

    def __init__(self, context: NamespaceContext) -> None:
        super().__init__(context)
        for event in (StaffChanged, RoleChanged, DepartmentChanged):
            context.hub.translate(event, changed)
        context.hub.translate(StaffLoginRecorded, login)

    def rooms_of(self, authority: StaffAuthority) -> frozenset[str]:
        rooms = {"staff", _LOGINS} if authority.may(LOGIN_LOG_PERMISSION) else {"staff"}
        return frozenset(rooms)


def changed(entry: StreamEntry) -> Sequence[Delivery]:
    event = entry.event
    match event:
        case StaffChanged():
            push = StaffRecordPush(kind="account", id=event.staff_id)
        case RoleChanged():
            push = StaffRecordPush(kind="role", id=event.role.id)
        case DepartmentChanged():
            push = StaffRecordPush(kind="department", id=event.department_id)
        case _:
            return ()
    return (CHANGED.delivery(NAME, ("staff",), push, entry),)


def login(entry: StreamEntry) -> Sequence[Delivery]:
    event = entry.event
    if not isinstance(event, StaffLoginRecorded):
        return ()
    push = LoginPush(id=event.id, staff_id=event.staff_id)
    return (LOGIN.delivery(NAME, (_LOGINS,), push, entry),)
