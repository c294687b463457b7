"""Use cases that read the statistics."""

import asyncio
from datetime import timedelta

from domain.shared.business_day import business_day
from domain.shared.ports import Clock
from domain.statistics import activity, counters, growth, regions
from domain.statistics.activity import Activity
from domain.statistics.events import LiveStatistics
from domain.statistics.growth import Period, Trend
from domain.statistics.ports import OnlineCounter, PushSlots, StatisticsReader, StatisticsSource
from domain.statistics.regions import Regions


class Overview(LiveStatistics):
    with_phone: int
    today_failed: int
    """Failed log-ins today."""


class StatisticsService(StatisticsReader):
    """All methods raise Unavailable when a store cannot be read."""

    def __init__(self, source: StatisticsSource, online: OnlineCounter, slots: PushSlots, clock: Clock) -> None:
        self._source = source
        self._online = online
        self._slots = slots
        self._clock = clock

    async def current(self) -> LiveStatistics:
        overview = await self.overview()
        return LiveStatistics.model_validate(overview.model_dump(include=set(LiveStatistics.model_fields)))

    async def overview(self) -> Overview:
        return await self.overview_with_version(await self._slots.latest())

    async def overview_with_version(self, version: int) -> Overview:
        """The overview, with a version that was taken before this call."""
        now = self._clock.now()
        today = business_day(now)
        online, daily = await asyncio.gather(self._online.count(), self._source.counts_of(today))
        counted = daily.on(today)
        return Overview(
            date=today,
            total=daily.user_count,
            today_registered=counted.get(counters.REGISTERED, 0),
            today_active=counted.get(counters.ACTIVE, 0),
            today_logins=counted.get(counters.LOGINS, 0),
            today_failed=counted.get(counters.FAILED, 0),
            with_phone=daily.users_with_phone,
            online=online,
            at=now,
            version=version,
        )

    async def trend(self, days: int, by: Period = "day") -> Trend:
        today = business_day(self._clock.now())
        daily = await self._source.daily_counters(today - timedelta(days=2 * days - 1), growth.GROUPS)
        return growth.trend(daily, today, days, by)

    async def activity(self, days: int) -> Activity:
        today = business_day(self._clock.now())
        since = today - timedelta(days=days - 1 + activity.DAYS_BEFORE)
        return activity.activity(await self._source.daily_counters(since, activity.GROUPS), today, days)

    async def regions(self) -> Regions:
        today = business_day(self._clock.now())
        return regions.regions(await self._source.daily_counters(today, regions.GROUPS))
