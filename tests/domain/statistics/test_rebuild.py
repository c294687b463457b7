"""Counters rebuilt from stored records."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.shared.business_day import business_day
from domain.shared.places.region import Region
from domain.statistics.activity import ActivityWindows, activity
from domain.statistics.counters import Counters, sum_counters
from domain.statistics.daily_counters import DailyCounters
from domain.statistics.increments import failed_login_increments, increments_of
from domain.statistics.rebuild import StatisticsRebuild, UserRecord
from domain.statistics.regions import regions
from domain.statistics.retention import CompleteRows
from domain.users.events import CountedUserEvent
from tests.domain.statistics.history import BEGIN, UserHistory
from tests.domain.statistics.test_against_plain_counting import STEPS, play

SHENZHEN = Region(province="广东", city="深圳")


def rebuilt(
    history: UserHistory, events: list[CountedUserEvent], rebuild: StatisticsRebuild | None = None
) -> DailyCounters:
    """Rebuilds from the present users and the rows of `events`."""
    rebuild = rebuild or StatisticsRebuild()
    for event in events:
        rebuild.add_row(event.user_id, business_day(event.at), increments_of(event))
    for user in history.all_users:
        rebuild.add_user(
            UserRecord(
                id=user.id,
                registered_at=user.registered_at,
                login_count=user.login_count,
                has_phone=user.has_phone,
                region=user.region,
                last_active_at=user.active_at[-1],
                is_gone=user.deleted_at is not None,
            )
        )
    return rebuild.result()


def without_zeros(daily: DailyCounters) -> dict[str, dict[str, int]]:
    days = {str(day): {name: count for name, count in each.items() if count} for day, each in daily.days.items()}
    return {day: each for day, each in days.items() if each}


@settings(max_examples=100, deadline=None)
@given(st.lists(STEPS, min_size=1, max_size=40))
def test_with_all_rows_the_rebuilt_counters_are_exact(steps: list[tuple[int, str, str, Region]]) -> None:
    history = play(steps)

    assert without_zeros(rebuilt(history, history.events)) == without_zeros(history.daily_counters())


@settings(max_examples=100, deadline=None)
@given(st.lists(STEPS, min_size=1, max_size=40), st.integers(0, 40))
def test_the_present_state_is_exact_however_late_the_login_log_started(
    steps: list[tuple[int, str, str, Region]], log_start: int
) -> None:
    history = play(steps)
    kept, known = rebuilt(history, history.events[log_start:]), history.daily_counters()

    assert kept.user_count == known.user_count
    assert kept.users_with_phone == known.users_with_phone
    assert regions(kept) == regions(known)
    if history.events:
        today = business_day(history.events[-1].at)
        assert activity(kept, today, 7).login_counts == activity(known, today, 7).login_counts
        assert ActivityWindows(kept).existing_users_active_until(today) == ActivityWindows(
            known
        ).existing_users_active_until(today)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(STEPS, min_size=1, max_size=40),
    st.lists(st.integers(0, 60), max_size=10),
    st.integers(0, 60),
    st.integers(0, 60),
    st.data(),
)
def test_days_whose_rows_have_expired_keep_their_counters(
    steps: list[tuple[int, str, str, Region]], refusals: list[int], rows_end: int, refused_end: int, data: st.DataObject
) -> None:
    history, begin = play(steps), business_day(BEGIN)
    complete = CompleteRows(begin + timedelta(days=rows_end), begin + timedelta(days=max(rows_end, refused_end)))
    known = history.daily_counters()
    refused_on = [begin + timedelta(days=day) for day in refusals]
    days = {day: Counters(counted) for day, counted in known.days.items()}
    for day in refused_on:
        days.setdefault(day, Counters()).add(failed_login_increments())

    # Expired rows may still be there, because their deletion is not finished.
    rows = [e for e in history.events if business_day(e.at) >= complete.since or data.draw(st.booleans())]
    rebuild = StatisticsRebuild(complete, days)
    for day in refused_on:
        if day >= complete.refused_since or data.draw(st.booleans()):
            rebuild.add_row("", day, failed_login_increments())
    result = rebuilt(history, rows, rebuild)

    exact = DailyCounters(total=sum_counters(days.values()), days=days)
    assert without_zeros(result) == without_zeros(exact)
    assert result.total == exact.total


def test_the_present_state_is_exact_when_kept_counters_are_not() -> None:
    history = UserHistory()
    for number in range(3):  # before the log: imported after the counters of their days were final
        history.login(f"imported{number}", BEGIN, region=SHENZHEN)
    history.toggle_phone("imported0", BEGIN)
    since = business_day(BEGIN) + timedelta(days=30)

    daily = rebuilt(history, [], StatisticsRebuild(CompleteRows(since, since), {}))

    assert (daily.user_count, daily.users_with_phone) == (3, 1)
    assert [(each.province, each.count) for each in regions(daily).regions] == [("广东", 3)]
    assert list(daily.days) == [since]


def test_an_imported_user_counts_on_its_registration_day_and_its_last_active_day() -> None:
    history = UserHistory()
    history.login("one", BEGIN, region=SHENZHEN)
    history.toggle_phone("one", BEGIN)
    for days in (3, 9):
        history.login("one", BEGIN + timedelta(days=days))

    daily = rebuilt(history, [])

    begin = business_day(BEGIN)
    assert daily.on(begin) == {
        "counts.registered": 1, "counts.phonesBound": 1, "counts.active": 1, "gaps.new": 1,
        "regions.广东/深圳": 1, "loginCounts.2": 1,
    }  # fmt: skip
    assert daily.on(begin + timedelta(days=9)) == {"counts.active": 1, "gaps.9": 1}


def test_an_imported_user_that_returns_counts_once_in_the_month() -> None:
    history = UserHistory()
    history.login("one", BEGIN - timedelta(days=300))
    history.login("one", BEGIN)
    imported = len(history.events)
    history.login("one", BEGIN + timedelta(days=12))

    windows = ActivityWindows(rebuilt(history, history.events[imported:]))

    end = business_day(BEGIN) + timedelta(days=12)
    assert [windows.active_in(end, window) for window in (1, 7, 30)] == [1, 1, 1]
    assert windows.active_in(end - timedelta(days=1), 30) == 1


def test_a_deleted_imported_user_is_subtracted_everywhere() -> None:
    history = UserHistory()
    history.login("one", BEGIN, region=SHENZHEN)
    history.toggle_phone("one", BEGIN)
    imported = len(history.events)
    history.delete("one", BEGIN + timedelta(days=1))

    daily = rebuilt(history, history.events[imported:])

    assert (daily.user_count, daily.users_with_phone, regions(daily).regions) == (0, 0, [])
    assert daily.user_count_at_end_of(business_day(BEGIN)) == 1
