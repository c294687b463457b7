"""Reports are calculated from sums of increments; these tests compare them with direct counts over all users."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.shared.business_day import business_day
from domain.shared.places.region import Region
from domain.statistics.activity import ActivityWindows, activity
from domain.statistics.growth import trend
from domain.statistics.increments import bucket_name
from domain.statistics.regions import regions
from tests.domain.statistics.history import BEGIN, UserHistory

PLACES = [Region(), Region(province="广东", city="深圳"), Region(province="广东"), Region(province="北京", city="北京")]
STEPS = st.tuples(
    st.integers(0, 36 * 60),  # minutes between two steps: most within a day, some beyond a month
    st.sampled_from("abcde"),
    st.sampled_from(["login", "login", "login", "refresh", "phone", "move", "delete"]),
    st.sampled_from(PLACES),
)


def play(steps: list[tuple[int, str, str, Region]]) -> UserHistory:
    history, at = UserHistory(), BEGIN
    for minutes, name, what, place in steps:
        at += timedelta(minutes=minutes * (40 if minutes > 2000 else 1))
        match what:
            case "login":
                history.login(name, at, region=place)
            case "refresh" if name in history.users:
                history.login(name, at, method="refresh")
            case "phone":
                history.toggle_phone(name, at)
            case "move":
                history.move(name, at, place)
            case "delete":
                history.delete(name, at)
    return history


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, min_size=1, max_size=60))
def test_every_number_equals_a_direct_count_over_all_users(steps: list[tuple[int, str, str, Region]]) -> None:
    history = play(steps)
    if not history.events:
        return
    today = business_day(history.events[-1].at)
    daily = history.daily_counters()

    report = activity(daily, today, 30)
    for point in report.days:
        assert (point.dau, point.wau, point.mau) == tuple(history.active_in(point.date, n) for n in (1, 7, 30))
    assert report.silent == history.silent(today)
    for cohort in report.retention.cohorts:
        assert cohort.registered == history.registered_on(cohort.date)
        for share, age in ((cohort.next_day, 1), (cohort.seven_day, 7)):
            over = cohort.date + timedelta(days=age) < today
            expected = history.retained(cohort.date, age) / cohort.registered if cohort.registered and over else None
            assert share == (None if expected is None else round(expected, 4))

    grown = trend(daily, today, 30)
    assert len(grown.days) == 30
    for each in grown.days:
        assert each.registered == history.registered_on(each.date)
        assert each.cumulative == history.user_count_at_end_of(each.date)

    users = list(history.users.values())
    assert daily.user_count == len(users)
    assert daily.users_with_phone == sum(user.has_phone for user in users)
    distribution = regions(daily)
    assert distribution.total == len(users)
    assert sum(province.count for province in distribution.regions) == len(users)
    for bucket in report.login_counts:
        assert bucket.users == sum(bucket_name(user.login_count) == f"loginCounts.{bucket.from_}" for user in users)


@given(st.sets(st.integers(0, 80), min_size=1), st.integers(0, 80), st.integers(1, 30))
def test_a_user_counts_once_in_any_window(days: set[int], last: int, window: int) -> None:
    history = UserHistory()
    for day in sorted(days):
        history.login("one", BEGIN + timedelta(days=day))
    end = business_day(BEGIN) + timedelta(days=last)

    counted = ActivityWindows(history.daily_counters()).active_in(end, window)

    assert counted == int(any(last - window < day <= last for day in days))
