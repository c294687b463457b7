"""Who is in the media rooms, whatever order the reports come in."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from redis.asyncio import Redis

from domain.interviews.media.reports import MediaReport, MediaReportKind
from integrations.redis.interviews.media_presence import RedisMediaPresence

OPENED, CLOSED, ENTERED, LEFT = MediaReportKind
FIRST, SECOND = "6913423840437768191", "6913423840437768192"
BEGIN = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)


def report(
    kind: MediaReportKind, user: str = "", login: str = "", seconds: float = 0, incarnation: str = FIRST
) -> MediaReport:
    return MediaReport(
        kind=kind,
        room_id="room_a",
        incarnation=incarnation,
        user_id=user,
        login=login,
        at=BEGIN + timedelta(seconds=seconds),
    )


@pytest.fixture
def presence(redis: Redis) -> RedisMediaPresence:
    return RedisMediaPresence(redis)


async def test_who_entered_is_there_until_they_left(presence: RedisMediaPresence) -> None:
    assert await presence.apply(report(OPENED))
    assert await presence.apply(report(ENTERED, "host", "1"))
    assert await presence.apply(report(ENTERED, "guest", "2"))
    assert await presence.apply(report(LEFT, "guest", "2", 5))

    assert await presence.users("room_a") == {"host"}
    assert await presence.users("room_b") == frozenset()


async def test_the_same_report_is_news_once(presence: RedisMediaPresence) -> None:
    reports = [report(OPENED), report(ENTERED, "guest", "1"), report(LEFT, "guest", "1", 5), report(CLOSED, seconds=6)]

    for each in reports:
        assert await presence.apply(each)
        assert not await presence.apply(each)


async def test_a_late_close_of_an_earlier_incarnation_changes_nothing(presence: RedisMediaPresence) -> None:
    await presence.apply(report(ENTERED, "guest", "1", incarnation=FIRST))
    await presence.apply(report(ENTERED, "guest", "2", 10, incarnation=SECOND))

    assert not await presence.apply(report(CLOSED, seconds=9, incarnation=FIRST))
    assert not await presence.apply(report(LEFT, "guest", "1", 9, incarnation=FIRST))
    assert await presence.users("room_a") == {"guest"}


async def test_incarnations_are_compared_as_numbers_of_any_length(presence: RedisMediaPresence) -> None:
    await presence.apply(report(ENTERED, "guest", "1", incarnation="10000000000000000001"))

    assert not await presence.apply(report(CLOSED, incarnation="9999999999999999999"))
    assert not await presence.apply(report(CLOSED, incarnation="10000000000000000000"))


async def test_a_closed_room_has_nobody_and_takes_nobody_until_it_opens_anew(presence: RedisMediaPresence) -> None:
    await presence.apply(report(ENTERED, "guest", "1"))
    await presence.apply(report(CLOSED, seconds=5))

    assert await presence.users("room_a") == frozenset()
    assert not await presence.apply(report(ENTERED, "late", "2", 4))
    assert await presence.apply(report(ENTERED, "guest", "3", 9, incarnation=SECOND))
    assert await presence.users("room_a") == {"guest"}


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_a_second_log_in_outlives_the_end_of_the_first_in_any_order(
    presence: RedisMediaPresence, order: tuple[int, ...]
) -> None:
    reports = [
        report(ENTERED, "guest", "1", 0),
        report(LEFT, "guest", "1", 10),
        report(ENTERED, "guest", "2", 10),
    ]

    for index in order:
        await presence.apply(reports[index])

    assert await presence.users("room_a") == {"guest"}


async def test_what_is_seen_by_asking_counts_unless_a_report_is_newer(presence: RedisMediaPresence) -> None:
    await presence.apply(report(ENTERED, "left_unnoticed", "1", 0))
    await presence.apply(report(ENTERED, "stayed", "2", 0))
    await presence.apply(report(ENTERED, "came_just_now", "3", 31))

    await presence.reconcile("room_a", ["stayed", "came_unnoticed"], BEGIN + timedelta(seconds=30))

    assert await presence.users("room_a") == {"stayed", "came_unnoticed", "came_just_now"}


@pytest.mark.parametrize("order", list(permutations(range(2))))
async def test_who_left_is_gone_in_any_order(presence: RedisMediaPresence, order: tuple[int, ...]) -> None:
    reports = [report(ENTERED, "guest", "1", 0), report(LEFT, "guest", "1", 10)]

    for index in order:
        await presence.apply(reports[index])

    assert await presence.users("room_a") == frozenset()
