"""Events of notifications, for the open pages of their recipients."""

from typing import ClassVar

from domain.notifications.model import NotificationContent, Recipient
from domain.shared.events import DomainEvent
from domain.shared.model import Instant


class NotificationsSent(DomainEvent):
    """One fact was sent to some of its recipients. Published at least once: a client ignores a row that it has."""

    type: ClassVar[str] = "notifications.sent"

    content: NotificationContent
    to: tuple[Recipient, ...]


class NotificationsRead(DomainEvent):
    """A recipient has read the rows with these ids, or without ids all rows up to `before`."""

    type: ClassVar[str] = "notifications.read"

    user_id: str
    ids: tuple[str, ...] = ()
    before: Instant | None = None


class NotificationAudienceChanged(DomainEvent):
    """Records changed hands: these people may see other notifications than before."""

    type: ClassVar[str] = "notifications.audience_changed"

    user_ids: tuple[str, ...]
