"""Publishes the live statistics to all app processes: soon after a change, at a limited rate, and always the latest."""

from domain.shared.background import BackgroundJob, Cron, OnSignal
from domain.shared.ports import Clock, EventPublisher, IdGenerator
from domain.shared.signal import Signal
from domain.statistics.events import LiveStatistics, StatisticsChanged
from domain.statistics.ports import PushSlots
from domain.statistics.service import StatisticsService

PUBLISHING_SHARE = 0.5
"""Stores that are slow get fewer publications."""


class StatisticsPublisher:
    def __init__(
        self, statistics: StatisticsService, slots: PushSlots, bus: EventPublisher, clock: Clock, ids: IdGenerator
    ) -> None:
        self._statistics = statistics
        self._slots = slots
        self._bus = bus
        self._clock = clock
        self._ids = ids
        self._changed = Signal()

    def changed(self) -> None:
        """Marks the statistics as changed; a publication that includes the change follows."""
        self._changed.set()

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        return (
            BackgroundJob("statistics-publish", OnSignal(self._changed, share=PUBLISHING_SHARE), self._publish),
            BackgroundJob("statistics-midnight", Cron("0 0 * * *"), self._new_day),
        )

    async def _publish(self) -> None:
        slot = await self._slots.take()
        if slot.version is None:
            self._changed.set_within(slot.next_in_seconds)
            return
        overview = await self._statistics.overview_with_version(slot.version)
        now = overview.model_dump(include=set(LiveStatistics.model_fields))
        await self._bus.publish([StatisticsChanged(id=self._ids.next_id(), **now)])

    async def _new_day(self) -> None:
        self.changed()
