"""`/users`: changes of mini-program users, for open lists."""

from collections.abc import Sequence
from typing import ClassVar, Literal

from domain.shared.events import StreamEntry
from domain.shared.model import Instant, Model
from domain.shared.text import Text
from domain.users.events import UserChanged
from realtime.delivery.push import Push
from realtime.namespaces.base import NamespaceContext
from realtime.namespaces.staff import StaffNamespace
from realtime.socketio.delivery import Delivery

NAME = "/users"


class UserChangedPush(Model):
    id: str
    user_id: str
    change: Literal["registered", "updated", "blocked", "unblocked", "deleted"]
    version: int
    at: Instant


USER_CHANGED = Push(
    "userChanged",
    UserChangedPush,
    Text("小程序用户有变化；version 只增不减", "A mini-program user changed; `version` only increases"),
    must_arrive=True,
)


class UsersNamespace(StaffNamespace):
    name = NAME
    permission = "miniprogram-user:view"
    about = Text("小程序用户的变化", "Changes of mini-program users")
    pushes: ClassVar = (USER_CHANGED,)

    def __init__(self, context: NamespaceContext) -> None:
        super().__init__(context)
        context.hub.translate(UserChanged, user_changed)


def user_changed(entry: StreamEntry) -> Sequence[Delivery]:
    event = entry.event
    if not isinstance(event, UserChanged):
        return ()
    payload = UserChangedPush(
        id=event.id, user_id=event.user_id, change=event.change, version=event.version, at=event.at
    )
    return [USER_CHANGED.delivery(NAME, ("staff",), payload, entry)]
