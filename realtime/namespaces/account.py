"""Namespace `/account`: tells the pages of a staff member that their permissions or sessions have changed."""

from typing import ClassVar

from domain.shared.authority import StaffAuthority
from domain.shared.events import StreamEntry
from domain.shared.model import Model
from domain.shared.text import Text
from domain.staff.events import StaffAccessChanged
from domain.staff.role import RoleChanged
from realtime.delivery.push import Push
from realtime.namespaces.base import NamespaceContext
from realtime.namespaces.staff import StaffNamespace
from realtime.socketio.delivery import Delivery

NAME = "/account"


class AccessChangedPush(Model):
    """Read `GET /api/auth/me` again."""


ACCESS_CHANGED = Push(
    "accessChanged",
    AccessChangedPush,
    Text("本人的权限或登录会话有变化", "Your permissions or sessions have changed"),
    must_arrive=True,
)


class AccountNamespace(StaffNamespace):
    name = NAME
    about = Text("本人账号", "Your own account")
    pushes: ClassVar = (ACCESS_CHANGED,)

    def __init__(self, context: NamespaceContext) -> None:
        super().__init__(context)
        context.hub.translate(StaffAccessChanged, access_changed)
        context.hub.translate(RoleChanged, access_changed)

    def rooms_of(self, authority: StaffAuthority) -> frozenset[str]:
        return frozenset({f"member:{authority.id}", f"role:{authority.role}"})


def access_changed(entry: StreamEntry) -> tuple[Delivery, ...]:
    event = entry.event
    match event:
        case StaffAccessChanged():
            room = f"member:{event.staff_id}"
        case RoleChanged():
            room = f"role:{event.role.code}"
        case _:
            return ()
    return (ACCESS_CHANGED.delivery(NAME, (room,), AccessChangedPush(), entry),)
