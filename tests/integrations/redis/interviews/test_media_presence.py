"""Users in the media rooms, from reports in any order."""

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


async def test_a_user_is_present_from_entering_until_leaving(presence: RedisMediaPresence) -> None:
    assert await presence.apply(report(OPENED))
    assert await presence.apply(report(ENTERED, "host", "1"))
    assert await presence.apply(report(ENTERED, "guest", "2"))
    assert await presence.apply(report(LEFT, "guest", "2", 5))

    assert await presence.users("room_a") == {"host"}
    assert await presence.users("room_b") == frozenset()


async def test_a_repeated_report_is_not_news(presence: RedisMediaPresence) -> None:
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


async def test_a_closed_room_is_empty_until_its_next_incarnation(presence: RedisMediaPresence) -> None:
    await presence.apply(report(ENTERED, "guest", "1"))
    await presence.apply(report(CLOSED, seconds=5))

    assert await presence.users("room_a") == frozenset()
    assert not await presence.apply(report(ENTERED, "late", "2", 4))
    assert await presence.apply(report(ENTERED, "guest", "3", 9, incarnation=SECOND))
    assert await presence.users("room_a") == {"guest"}


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_a_second_log_in_survives_the_end_of_the_first_in_any_order(
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


async def test_reconciliation_adopts_the_queried_users_unless_a_report_is_newer(presence: RedisMediaPresence) -> None:
    await presence.apply(report(ENTERED, "left_without_report", "1", 0))
    await presence.apply(report(ENTERED, "stayed", "2", 0))
    await presence.apply(report(ENTERED, "entered_later", "3", 31))

    await presence.reconcile("room_a", ["stayed", "entered_without_report"], BEGIN + timedelta(seconds=30))

    assert await presence.users("room_a") == {"stayed", "entered_without_report", "entered_later"}


@pytest.mark.parametrize("order", list(permutations(range(2))))
async def test_a_user_who_left_is_absent_in_any_order_of_reports(
    presence: RedisMediaPresence, order: tuple[int, ...]
) -> None:
    reports = [report(ENTERED, "guest", "1", 0), report(LEFT, "guest", "1", 10)]

    for index in order:
        await presence.apply(reports[index])

    assert await presence.users("room_a") == frozenset()
