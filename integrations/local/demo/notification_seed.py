"""The notifications of the demonstration's history: sent at the time of their events, and read unless they are new."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from domain.notifications.events import NotificationsSent
from domain.shared.events import DomainEvent
from domain.shared.ports import DurableFollower, EventPublisher
from integrations.local.demo.historic import HistoricClock
from integrations.wiring.area import Area, followed_by
from integrations.wiring.infrastructure import Infrastructure
from integrations.wiring.notifications import active_staff, wire_notifications
from integrations.wiring.staff import wire_staff

SENT: Final = timedelta(days=14)
"""Older events cause no notifications."""
UNREAD: Final = timedelta(hours=30)


class HistoricNotifications(DurableFollower):
    """Sends the notifications of these areas."""

    def __init__(self, base: Infrastructure, areas: Sequence[Area[Any]]) -> None:
        self._present = base.clock.now()
        self._clock = HistoricClock(self._present)
        staff = wire_staff(base).services
        self._staff = active_staff(base, staff)
        self._services = wire_notifications(
            base, areas, staff, clock=self._clock, publisher=_Unannounced(base.bus)
        ).services
        self._one_by_one = asyncio.Lock()

    @property
    def area(self) -> Area[None]:
        causes = self._services.types.causes
        return Area(name="historic-notifications", services=None, subscriptions=followed_by(self, *causes))

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        async with self._one_by_one:  # all share the clock
            for event in events:
                if event.at >= self._present - SENT:
                    self._clock.at = event.at
                    await self._services.sender.follow([event])

    async def read_older(self) -> None:
        """Marks all notifications as read, except the new ones."""
        self._clock.at = self._present
        for member in await self._staff.active_members():
            await self._services.own.mark_all_read(member, self._present - UNREAD)


class _Unannounced(EventPublisher):
    """Open pages would show all of the past as news, but their unread counts change."""

    def __init__(self, bus: EventPublisher) -> None:
        self._bus = bus

    async def publish(self, events: Sequence[DomainEvent]) -> None:
        await self._bus.publish([event for event in events if not isinstance(event, NotificationsSent)])
