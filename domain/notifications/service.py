"""The use cases of a recipient: the own list, and marking as read."""

from collections.abc import Sequence
from datetime import datetime

from domain.notifications.audience import visible_to
from domain.notifications.errors import NotificationNotFound
from domain.notifications.events import NotificationsRead
from domain.notifications.model import Notification
from domain.notifications.ports import NotificationQuery, NotificationStore
from domain.notifications.types import NotificationTypes
from domain.notifications.unread_counts import UnreadCounts
from domain.shared.authority import StaffAuthority
from domain.shared.paging import Page, PageRequest
from domain.shared.ports import Clock, EventPublisher, IdGenerator


class OwnNotifications:
    """Each method raises Unavailable."""

    def __init__(
        self,
        store: NotificationStore,
        types: NotificationTypes,
        counts: UnreadCounts,
        publisher: EventPublisher,
        clock: Clock,
        ids: IdGenerator,
    ) -> None:
        self._store = store
        self._types = types
        self._counts = counts
        self._publisher = publisher
        self._clock = clock
        self._ids = ids

    async def page(self, reader: StaffAuthority, wanted: NotificationQuery, paging: PageRequest) -> Page[Notification]:
        """Newest first. Raises PageTooDeep."""
        return await self._store.page(reader.id, visible_to(reader, self._types), wanted, paging)

    async def unread_count(self, reader: StaffAuthority) -> int:
        return await self._counts.of(reader)

    async def mark_read(self, reader: StaffAuthority, ids: Sequence[str]) -> None:
        """Idempotent. Raises NotificationNotFound for an id that is no visible row of the reader; nothing changes."""
        wanted = list(dict.fromkeys(ids))
        missing = set(wanted) - await self._store.visible_ids(reader.id, visible_to(reader, self._types), wanted)
        if missing:
            raise NotificationNotFound(ids=sorted(missing))
        await self._store.mark_read(reader.id, wanted, self._clock.now())
        await self._announce(reader, ids=tuple(wanted))

    async def mark_all_read(self, reader: StaffAuthority, before: datetime | None = None) -> int:
        """All visible rows up to `before` (None: up to now). Returns how many were unread."""
        now = self._clock.now()
        until = min(before, now) if before else now
        changed = await self._store.mark_all_read(reader.id, visible_to(reader, self._types), until, now)
        await self._announce(reader, before=until)
        return changed

    async def _announce(
        self, reader: StaffAuthority, ids: tuple[str, ...] = (), before: datetime | None = None
    ) -> None:
        # Also when nothing changed: the announcement of an earlier attempt may have failed.
        event_id, at = self._ids.next_id(), self._clock.now()
        await self._publisher.publish(
            [NotificationsRead(id=event_id, at=at, user_id=reader.id, ids=ids, before=before)]
        )
