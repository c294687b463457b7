"""Telling all workers the figures: soon after they changed, seldom enough, and the newest always in the end."""

import asyncio

from domain.shared.background import BackgroundJob, Cron, OnSignal
from domain.shared.ports import Clock, EventPublisher, IdGenerator
from domain.shared.signal import Signal
from domain.statistics.events import StatisticsChanged, StatisticsNow
from domain.statistics.ports import PushSlots
from domain.statistics.service import StatisticsService

ASK_AGAIN_SECONDS = 0.02


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
        """Some figure is no longer what was told last. A push that includes it follows."""
        self._changed.set()

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        return (
            BackgroundJob("statistics-publish", OnSignal(self._changed), self._push),
            BackgroundJob("statistics-midnight", Cron("0 0 * * *"), self._new_day),
        )

    async def _push(self) -> None:
        version = await self._slots.take()
        if version is None:
            await asyncio.sleep(ASK_AGAIN_SECONDS)
            self._changed.set()
            return
        overview = await self._statistics.overview_as(version)
        now = overview.model_dump(include=set(StatisticsNow.model_fields))
        await self._bus.publish([StatisticsChanged(id=self._ids.next_id(), **now)])

    async def _new_day(self) -> None:
        self.changed()
