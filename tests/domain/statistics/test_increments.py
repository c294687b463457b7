"""What one fact adds."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.shared.region import Region
from domain.statistics.increments import bucket_name, tally_of
from domain.statistics.tally import Tally
from tests.domain.statistics.history import BEGIN, History

SHENZHEN = Region(province="广东", city="深圳")


def effects(history: History) -> Tally:
    """Of the last fact, without zeros."""
    return Tally({name: count for name, count in tally_of(history.facts[-1]).items() if count})


def test_a_registration_counts_an_account_a_log_in_and_an_active_user() -> None:
    history = History()

    history.login("one", BEGIN, region=SHENZHEN)

    assert effects(history) == {
        "counts.registered": 1, "counts.logins": 1, "counts.active": 1, "gaps.new": 1,
        "regions.广东/深圳": 1, "loginCounts.1": 1,
    }  # fmt: skip


def test_a_second_log_in_of_the_day_is_a_log_in_only() -> None:
    history = History()
    history.login("one", BEGIN)
    history.login("one", BEGIN + timedelta(hours=1))
    history.login("one", BEGIN + timedelta(hours=2))

    assert effects(history) == {"counts.logins": 1}


def test_a_refresh_makes_active_but_is_no_log_in() -> None:
    history = History()
    history.login("one", BEGIN)

    history.login("one", BEGIN + timedelta(days=1), method="refresh")

    assert effects(history) == {"counts.active": 1, "gaps.1": 1, "retained.1": 1}


@pytest.mark.parametrize(("days", "gap"), [(29, "29"), (30, "30"), (400, "30")])
def test_an_absence_beyond_the_widest_window_is_not_told_apart(days: int, gap: str) -> None:
    history = History()
    history.login("one", BEGIN)

    history.login("one", BEGIN + timedelta(days=days))

    assert effects(history)[f"gaps.{gap}"] == 1


def test_a_clock_that_is_behind_makes_nobody_active_twice() -> None:
    history = History()
    history.login("one", datetime(2026, 5, 2, tzinfo=UTC))

    history.login("one", datetime(2026, 5, 1, tzinfo=UTC))

    assert "counts.active" not in effects(history)


def test_a_deletion_takes_back_what_the_account_counted_for() -> None:
    history = History()
    history.login("one", BEGIN, region=SHENZHEN)
    history.toggle_phone("one", BEGIN)

    history.delete("one", BEGIN + timedelta(days=3))

    assert effects(history) == {
        "counts.deleted": 1, "counts.phonesLost": 1, "regions.广东/深圳": -1, "loginCounts.1": -1, "departures.3": 1,
    }  # fmt: skip
    assert history.ledger().members == 0


def test_a_name_that_would_break_a_counter_counts_as_unknown() -> None:
    history = History()

    history.login("one", BEGIN, region=Region(province="$where", city="a.b"))

    assert effects(history)["regions.未知/未知"] == 1


@pytest.mark.parametrize(
    ("count", "bucket"), [(-1, 0), (0, 0), (1, 1), (2, 2), (5, 2), (6, 6), (100, 51), (10**6, 101)]
)
def test_log_in_counts_fall_into_ranges(count: int, bucket: int) -> None:
    assert bucket_name(count) == f"loginCounts.{bucket}"


def test_a_tally_survives_storage() -> None:
    history = History()
    history.login("one", BEGIN, region=SHENZHEN)
    tally = tally_of(history.facts[-1])

    assert Tally.from_grouped({"_id": "x", "day": "2026-01-01", **tally.grouped()}) == tally
