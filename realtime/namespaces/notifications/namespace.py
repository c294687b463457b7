"""`/notifications`: the notifications of a member of staff as they come, and the unread count in every tab."""

from collections.abc import Iterable
from typing import ClassVar, Final, Self

from domain.notifications.events import NotificationAudienceChanged, NotificationsRead, NotificationsSent
from domain.notifications.services import NotificationServices
from domain.notifications.unread_counts import UnreadCounts
from domain.services import Services
from domain.shared.authority import StaffAuthority
from domain.shared.background import BackgroundJob, Every, OnSignal
from domain.shared.events import StreamEntry
from domain.shared.model import Model
from domain.shared.signal import Signal
from domain.shared.text import Text
from realtime.delivery.client_registry import Client
from realtime.namespaces.base import NamespaceContext
from realtime.namespaces.notifications import pushes
from realtime.namespaces.notifications.pushes import NAME, UNREAD_COUNT, UnreadCount, member_room
from realtime.namespaces.notifications.refreshes import REFRESHES
from realtime.namespaces.staff import StaffNamespace
from realtime.socketio.acknowledgements import acknowledged

COUNT_PAUSE_SECONDS: Final = 0.05
"""Between two queries: changes that come meanwhile are counted together."""
COUNTED_TOGETHER: Final = 100
RECOUNT_SECONDS: Final = 60.0
"""An announcement is lost when an app process dies between a change and its announcement."""


class NoArgument(Model):
    """No field."""


class NotificationsNamespace(StaffNamespace):
    name = NAME
    about = Text("本人的通知与未读数", "Your own notifications and their unread count")
    pushes: ClassVar = (pushes.NOTIFICATION, UNREAD_COUNT, pushes.READ, pushes.REFRESH)

    @classmethod
    def build(cls, context: NamespaceContext, services: Services) -> Self:
        return cls(context, services.notifications)

    def __init__(
        self, context: NamespaceContext, services: NotificationServices, recount_seconds: float = RECOUNT_SECONDS
    ) -> None:
        super().__init__(context)
        self._counts: UnreadCounts = services.counts
        self._recount_seconds = recount_seconds
        self._permissions = {each.permission for each in services.types.all if each.permission}
        self._concerned: set[str] = set()
        """The people whose count may have changed."""
        self._counting = Signal()
        hub = context.hub
        hub.translate(NotificationsSent, lambda entry: pushes.notification(entry, services.types))
        hub.translate(NotificationsRead, pushes.read)
        for refresh in REFRESHES:
            for cause in refresh.causes:
                hub.translate(cause, refresh.deliveries)
        for event in (NotificationsSent, NotificationsRead, NotificationAudienceChanged):
            hub.listen(event, self._count_changed)

    def rooms_of(self, authority: StaffAuthority) -> frozenset[str]:
        held = (permission for permission in self._permissions if authority.may(permission))
        own = {member_room(authority.id), *(member_room(authority.id, permission) for permission in held)}
        return frozenset(own).union(*(refresh.rooms_of(authority) for refresh in REFRESHES))

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        return (
            BackgroundJob("unread-counts", OnSignal(self._counting, COUNT_PAUSE_SECONDS), self._count),
            BackgroundJob("unread-recount", Every(self._recount_seconds, at_start=False), self._recount),
        )

    @acknowledged(NoArgument)
    async def on_getUnreadCount(self, sid: str, payload: NoArgument) -> UnreadCount | None:
        """本人的未读数；应答之外也推送 unreadCount · your unread count, in the answer and as `unreadCount`"""
        client = self._context.clients.find(sid)
        if client is None:
            return None
        self._concern([client.visitor.id])
        assert isinstance(client.visitor, StaffAuthority)  # noqa: S101  # as it was admitted
        return UnreadCount(await self._counts.of(client.visitor))

    def client_entered(self, client: Client) -> None:
        self._concern([client.visitor.id])

    async def recheck(self, client: Client) -> None:
        """Changed rights change the count, too."""
        await super().recheck(client)
        self._concern([client.visitor.id])

    def _count_changed(self, entry: StreamEntry) -> None:
        match entry.event:
            case NotificationsSent() as sent:
                self._concern(each.user_id for each in sent.to)
            case NotificationsRead() as read:
                self._concern([read.user_id])
            case NotificationAudienceChanged() as changed:
                self._concern(changed.user_ids)

    def _concern(self, people: Iterable[str]) -> None:
        connected = [each for each in people if self._reader(each) is not None]
        if connected:
            self._concerned.update(connected)
            self._counting.set()

    def _reader(self, staff_id: str) -> StaffAuthority | None:
        """The authority of a person who is connected here."""
        visitors = (client.visitor for client in self._context.clients.of_visitor(staff_id) if client.namespace == NAME)
        return next((visitor for visitor in visitors if isinstance(visitor, StaffAuthority)), None)

    async def _count(self) -> None:
        while self._concerned:
            part = [self._concerned.pop() for _ in range(min(COUNTED_TOGETHER, len(self._concerned)))]
            readers = [reader for each in part if (reader := self._reader(each)) is not None]
            try:
                counts = await self._counts.of_all(readers)
            except BaseException:
                self._concerned.update(part)
                raise
            rooms = ((member_room(staff_id), count) for staff_id, count in counts.items())
            self._context.hub.send([UNREAD_COUNT.delivery(NAME, (room,), UnreadCount(count)) for room, count in rooms])

    async def _recount(self) -> None:
        self._concern({client.visitor.id for client in self._context.clients if client.namespace == NAME})
