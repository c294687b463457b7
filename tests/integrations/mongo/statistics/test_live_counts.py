"""The live statistics count what is announced and not stored yet, each event once, and do not need it to be exact."""

from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from domain.shared.business_day import business_day
from integrations.mongo.statistics.login_journal import MongoLoginJournal
from integrations.redis.live_counters import RedisLiveCounters
from tests.domain.statistics.history import BEGIN, UserHistory
from tests.integrations.mongo.statistics.statistics_setup import DEAD_AFTER, StatisticsSetup

TODAY = business_day(BEGIN)


@pytest.fixture
def live(database: "AsyncIOMotorDatabase[dict[str, Any]]", redis: Redis) -> StatisticsSetup:
    return StatisticsSetup(database, RedisLiveCounters(redis))


async def counted(setup: StatisticsSetup) -> tuple[int, int, int]:
    """Log-ins of the day; users of the day, and in total."""
    shown = await setup.store.counts_of(TODAY)
    return shown.on(TODAY).get("counts.logins", 0), shown.on(TODAY).get("counts.registered", 0), shown.user_count


async def stored(setup: StatisticsSetup) -> int:
    daily = await setup.store.daily_counters(TODAY, ("counts",))
    return daily.on(TODAY).get("counts.logins", 0)


async def log_in(journal: MongoLoginJournal, history: UserHistory, *users: str) -> None:
    known = len(history.events)
    for user in users:
        history.login(user, BEGIN)
    await journal.follow(history.events[known:])


async def test_each_log_in_counts_once_from_its_announcement_to_its_sum(live: StatisticsSetup) -> None:
    history, one, two = UserHistory(), live.journal(), live.journal()
    await log_in(one, history, "a")
    await log_in(two, history, "b")
    await one.flush()
    await two.flush()
    assert await counted(live) == (2, 2, 2)

    await log_in(one, history, "a", "c")
    assert await counted(live) == (2, 2, 2)
    await one.announce()
    assert await counted(live) == (4, 3, 3)
    assert await stored(live) == 2
    await one.flush()
    assert (await counted(live), await stored(live)) == ((4, 3, 3), 4)

    await log_in(one, history, "d")
    await one.announce()
    await one.close()
    assert await counted(live) == (5, 4, 4)
    for _ in range(2):
        await live.maintenance.run_once()
        assert (await counted(live), await stored(live)) == ((5, 4, 4), 5)


async def test_an_announcement_that_is_older_than_the_stored_counters_changes_nothing(live: StatisticsSetup) -> None:
    history, journal = UserHistory(), live.journal()
    await log_in(journal, history, "a")
    await journal.announce()
    await log_in(journal, history, "b", "b")
    await journal.flush()
    assert await counted(live) == (3, 2, 2)


async def test_a_recount_replaces_what_a_dead_writer_had_announced(live: StatisticsSetup, redis: Redis) -> None:
    history, journal = UserHistory(), live.journal()
    await log_in(journal, history, "a")
    await journal.flush()
    await log_in(journal, history, "b")
    await journal.announce()
    await log_in(journal, history, "c")  # and dies

    assert await counted(live) == (2, 2, 2)
    live.clock.advance(DEAD_AFTER)
    await live.maintenance.run_once()
    assert (await counted(live), await stored(live)) == ((3, 3, 3), 3)


async def test_without_announcements_the_stored_counters_are_shown(live: StatisticsSetup, redis: Redis) -> None:
    history, journal = UserHistory(), live.journal()
    await log_in(journal, history, "a")
    await journal.flush()
    await log_in(journal, history, "b")
    await journal.announce()
    await redis.flushdb()
    assert await counted(live) == (1, 1, 1)
    await journal.flush()
    assert await counted(live) == (2, 2, 2)
