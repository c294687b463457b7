"""Reading the figures."""

from datetime import timedelta

from domain.shared.business_day import business_day
from domain.shared.ports import Clock
from domain.statistics import activity, growth, regions, tally
from domain.statistics.activity import Activity
from domain.statistics.events import StatisticsNow
from domain.statistics.growth import Period, Trend
from domain.statistics.ports import OnlineCounter, PushSlots, StatisticsReader, StatisticsSource
from domain.statistics.regions import Regions


class Overview(StatisticsNow):
    with_phone: int
    today_failed: int
    """Refused log-ins."""


class StatisticsService(StatisticsReader):
    """Raises Unavailable where it reads."""

    def __init__(self, source: StatisticsSource, online: OnlineCounter, slots: PushSlots, clock: Clock) -> None:
        self._source = source
        self._online = online
        self._slots = slots
        self._clock = clock

    async def current(self) -> StatisticsNow:
        overview = await self.overview()
        return StatisticsNow.model_validate(overview.model_dump(include=set(StatisticsNow.model_fields)))

    async def overview(self) -> Overview:
        return await self.overview_as(await self._slots.latest())

    async def overview_as(self, version: int) -> Overview:
        """The figures under a version that was handed out before this call."""
        now = self._clock.now()
        today = business_day(now)
        online = await self._online.count()
        ledger = await self._source.ledger(today, ("counts",))
        counted = ledger.on(today)
        return Overview(
            date=today,
            total=ledger.members,
            today_registered=counted.get(tally.REGISTERED, 0),
            today_active=counted.get(tally.ACTIVE, 0),
            today_logins=counted.get(tally.LOGINS, 0),
            today_failed=counted.get(tally.FAILED, 0),
            with_phone=ledger.with_phone,
            online=online,
            at=now,
            version=version,
        )

    async def trend(self, days: int, by: Period = "day") -> Trend:
        today = business_day(self._clock.now())
        ledger = await self._source.ledger(today - timedelta(days=2 * days - 1), growth.GROUPS)
        return growth.trend(ledger, today, days, by)

    async def activity(self, days: int) -> Activity:
        today = business_day(self._clock.now())
        since = today - timedelta(days=days - 1 + activity.DAYS_BEFORE)
        return activity.activity(await self._source.ledger(since, activity.GROUPS), today, days)

    async def regions(self) -> Regions:
        today = business_day(self._clock.now())
        return regions.regions(await self._source.ledger(today, regions.GROUPS))
