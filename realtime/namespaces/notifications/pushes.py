"""Pushes of `/notifications`, with the names of the former system, and the translation of events."""

from collections.abc import Sequence
from typing import Final

from pydantic import RootModel

from domain.notifications.events import NotificationsRead, NotificationsSent
from domain.notifications.model import Notification, NotificationStatus
from domain.notifications.types import NotificationTypes
from domain.shared.events import StreamEntry
from domain.shared.model import Instant, Model
from domain.shared.text import Text
from realtime.delivery.push import Push
from realtime.socketio.delivery import Delivery

NAME: Final = "/notifications"


class UnreadCount(RootModel[int]):
    """A number, as legacy clients expect."""


class RefreshPush(Model):
    """A list has changed: read it again. `data` has ids only."""

    event_type: str
    data: dict[str, str]
    timestamp: Instant


class ReadPush(Model):
    """The rows with these `ids` were read, or with `before` all rows up to then."""

    ids: tuple[str, ...]
    before: Instant | None


NOTIFICATION = Push(
    "notification",
    Notification,
    Text(
        "一条新通知，或合并后的通知；_id 相同、count 不变的是重复",
        "A new notification, or one that was merged; with a known `_id` and `count` it is a repetition",
    ),
    must_arrive=True,
)
UNREAD_COUNT = Push(
    "unreadCount",
    UnreadCount,
    Text("未读数：连接时及每次变化后", "The number of unread notifications: on connect and after each change"),
    latest_only=True,
)
READ = Push(
    "notificationsRead",
    ReadPush,
    Text("本人在别处已读", "You have read notifications, in this tab or in another"),
    must_arrive=True,
)
REFRESH = Push(
    "refresh",
    RefreshPush,
    Text("列表有变化，请重新读取", "A list has changed: read it again"),
)


def member_room(staff_id: str, permission: str = "") -> str:
    """The room of one person; with a permission: while the person has it."""
    return f"user:{staff_id}:{permission}" if permission else f"user:{staff_id}"


def notification(entry: StreamEntry, types: NotificationTypes) -> Sequence[Delivery]:
    """One delivery for each recipient. What all share is translated once: a fact may concern hundreds."""
    event = entry.event
    if not isinstance(event, NotificationsSent) or not event.to or event.content.type not in types.by_code:
        return ()
    permission = types.by_code[event.content.type].permission
    first = Notification(
        **dict(event.content),
        id=event.to[0].id,
        user_id=event.to[0].user_id,
        status=NotificationStatus.SENT,
        created_at=event.at,
        updated_at=event.at,
    )
    shared = first.model_dump(mode="json", by_alias=True)
    at = event.at.timestamp()
    return [
        Delivery(
            NAME,
            (member_room(each.user_id, permission),),
            NOTIFICATION.event,
            {**shared, "_id": each.id, "id": each.id, "userId": each.user_id, "count": each.count},
            offset=entry.offset,
            at=at,
        )
        for each in event.to
    ]


def read(entry: StreamEntry) -> Sequence[Delivery]:
    event = entry.event
    if not isinstance(event, NotificationsRead):
        return ()
    payload = ReadPush(ids=event.ids, before=event.before)
    return [READ.delivery(NAME, (member_room(event.user_id),), payload, entry)]
