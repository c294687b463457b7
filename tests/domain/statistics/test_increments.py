"""The increments of single events."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.shared.places.region import Region
from domain.statistics.counters import Counters
from domain.statistics.increments import bucket_name, increments_of
from tests.domain.statistics.history import BEGIN, UserHistory

SHENZHEN = Region(province="广东", city="深圳")


def last_increments(history: UserHistory) -> Counters:
    """The increments of the last event, without zeros."""
    return Counters({name: count for name, count in increments_of(history.events[-1]).items() if count})


def test_a_registration_counts_a_user_a_log_in_and_activity() -> None:
    history = UserHistory()

    history.login("one", BEGIN, region=SHENZHEN)

    assert last_increments(history) == {
        "counts.registered": 1, "counts.logins": 1, "counts.active": 1, "gaps.new": 1,
        "regions.广东/深圳": 1, "loginCounts.1": 1,
    }  # fmt: skip


def test_a_second_log_in_of_the_day_counts_only_as_a_log_in() -> None:
    history = UserHistory()
    history.login("one", BEGIN)
    history.login("one", BEGIN + timedelta(hours=1))
    history.login("one", BEGIN + timedelta(hours=2))

    assert last_increments(history) == {"counts.logins": 1}


def test_a_refresh_counts_as_activity_but_not_as_a_log_in() -> None:
    history = UserHistory()
    history.login("one", BEGIN)

    history.login("one", BEGIN + timedelta(days=1), method="refresh")

    assert last_increments(history) == {"counts.active": 1, "gaps.1": 1, "retained.1": 1}


@pytest.mark.parametrize(("days", "gap"), [(29, "29"), (30, "30"), (400, "30")])
def test_gaps_beyond_the_longest_window_are_not_distinguished(days: int, gap: str) -> None:
    history = UserHistory()
    history.login("one", BEGIN)

    history.login("one", BEGIN + timedelta(days=days))

    assert last_increments(history)[f"gaps.{gap}"] == 1


def test_a_clock_that_is_behind_counts_no_activity_twice() -> None:
    history = UserHistory()
    history.login("one", datetime(2026, 5, 2, tzinfo=UTC))

    history.login("one", datetime(2026, 5, 1, tzinfo=UTC))

    assert "counts.active" not in last_increments(history)


def test_a_deletion_subtracts_the_users_region_phone_and_log_in_count() -> None:
    history = UserHistory()
    history.login("one", BEGIN, region=SHENZHEN)
    history.toggle_phone("one", BEGIN)

    history.delete("one", BEGIN + timedelta(days=3))

    assert last_increments(history) == {
        "counts.deleted": 1, "counts.phonesLost": 1, "regions.广东/深圳": -1, "loginCounts.1": -1, "departures.3": 1,
    }  # fmt: skip
    assert history.daily_counters().user_count == 0


def test_a_name_with_reserved_characters_counts_as_unknown() -> None:
    history = UserHistory()

    history.login("one", BEGIN, region=Region(province="$where", city="a.b"))

    assert last_increments(history)["regions.未知/未知"] == 1


@pytest.mark.parametrize(
    ("count", "bucket"), [(-1, 0), (0, 0), (1, 1), (2, 2), (5, 2), (6, 6), (100, 51), (10**6, 101)]
)
def test_log_in_counts_fall_into_ranges(count: int, bucket: int) -> None:
    assert bucket_name(count) == f"loginCounts.{bucket}"


def test_counters_survive_storage() -> None:
    history = UserHistory()
    history.login("one", BEGIN, region=SHENZHEN)
    counters = increments_of(history.events[-1])

    assert Counters.from_grouped({"_id": "x", "day": "2026-01-01", **counters.grouped()}) == counters
