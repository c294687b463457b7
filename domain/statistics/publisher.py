"""Telling all workers the figures: soon after they changed, seldom enough, and the newest always in the end."""

import asyncio
import logging

from domain.shared.business_day import business_day, next_midnight
from domain.shared.errors import DomainError
from domain.shared.ports import Clock, EventPublisher, IdGenerator
from domain.shared.tasks import stop_if_cancelled
from domain.statistics.events import StatisticsChanged, StatisticsNow
from domain.statistics.ports import PushSlots
from domain.statistics.service import StatisticsService

log = logging.getLogger("error.statistics")

ASK_AGAIN_SECONDS = 0.02
AFTER_FAILURE_SECONDS = 0.5
LONGEST_SLEEP_SECONDS = 30.0
"""A machine that slept, or whose clock was set, still sees midnight within this time."""


class StatisticsPublisher:
    def __init__(
        self, statistics: StatisticsService, slots: PushSlots, bus: EventPublisher, clock: Clock, ids: IdGenerator
    ) -> None:
        self._statistics = statistics
        self._slots = slots
        self._bus = bus
        self._clock = clock
        self._ids = ids
        self._changed = asyncio.Event()

    def changed(self) -> None:
        """Some figure is no longer what was told last. A push that includes it follows."""
        self._changed.set()

    async def run(self) -> None:
        """Push until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._push_changes())
            tasks.create_task(self._push_at_midnight())

    async def _push_changes(self) -> None:
        while True:
            stop_if_cancelled()
            await self._changed.wait()
            try:
                await self._push_once()
            except DomainError as error:  # a store is down; what changed is still to be told
                self._changed.set()
                log.warning("statistics.push_failed", extra={"code": error.code})
                await asyncio.sleep(AFTER_FAILURE_SECONDS)

    async def _push_once(self) -> None:
        version = await self._slots.take()
        if version is None:
            await asyncio.sleep(ASK_AGAIN_SECONDS)
            return
        # What changes from here on asks for another push; what changed before is in what is read now.
        self._changed.clear()
        overview = await self._statistics.overview_as(version)
        now = overview.model_dump(include=set(StatisticsNow.model_fields))
        await self._bus.publish([StatisticsChanged(id=self._ids.next_id(), **now)])

    async def _push_at_midnight(self) -> None:
        while True:
            now = self._clock.now()
            remaining = (next_midnight(now) - now).total_seconds()
            await asyncio.sleep(min(max(remaining, 0.001), LONGEST_SLEEP_SECONDS))
            if business_day(self._clock.now()) != business_day(now):
                self.changed()
