"""The reports on trend, activity and regions."""

from datetime import date, timedelta

from domain.statistics.activity import activity
from domain.statistics.counters import Counters, sum_counters
from domain.statistics.daily_counters import DailyCounters
from domain.statistics.growth import percent, trend
from domain.statistics.regions import regions

TODAY = date(2026, 3, 10)


def daily_counters(days: dict[int, Counters]) -> DailyCounters:
    """Daily counters; the keys of `days` are numbers of days before today."""
    return DailyCounters(
        total=sum_counters(days.values()), days={TODAY - timedelta(days=ago): each for ago, each in days.items()}
    )


def registered(count: int) -> Counters:
    return Counters({"counts.registered": count})


def test_days_without_registrations_are_zero_and_keep_the_running_total() -> None:
    report = trend(daily_counters({0: registered(2), 5: registered(3), 12: registered(10)}), TODAY, 7)

    assert [day.registered for day in report.days] == [0, 3, 0, 0, 0, 0, 2]
    assert [day.cumulative for day in report.days] == [10, 13, 13, 13, 13, 13, 15]
    assert report.days[-1].date == TODAY


def test_growth_is_null_when_the_previous_value_is_zero() -> None:
    report = trend(daily_counters({0: registered(3), 1: registered(2), 8: registered(10)}), TODAY, 7)

    assert [day.growth for day in report.days[-3:]] == [None, None, 50.0]
    assert report.growth.registered == -50.0
    assert percent(5, 0) is None


def test_a_trend_by_months_adds_up_to_the_trend_by_days() -> None:
    counted = daily_counters({ago: registered(1) for ago in range(30)})

    months = trend(counted, TODAY, 30, "month").days

    assert [(point.date, point.registered) for point in months] == [(date(2026, 2, 9), 20), (date(2026, 3, 1), 10)]
    assert months[-1].cumulative == 30
    assert sum(week.registered for week in trend(counted, TODAY, 30, "week").days) == 30


def test_reports_of_an_empty_system_have_no_shares() -> None:
    report = activity(daily_counters({}), TODAY, 7)

    assert report.stickiness is None
    assert report.silent == 0
    assert (report.retention.next_day, report.retention.seven_day) == (None, None)
    assert [(each.from_, each.to) for each in report.login_counts][-1] == (101, None)
    assert regions(daily_counters({})).regions == []


def test_a_cohort_has_no_retention_before_its_day_is_over() -> None:
    counted = daily_counters({2: registered(4), 1: Counters({"counts.registered": 9, "retained.1": 1}), 0: Counters()})

    report = activity(counted, TODAY, 7).retention

    assert [cohort.next_day for cohort in report.cohorts[-3:]] == [0.25, None, None]
    assert report.next_day == 0.25


def test_regions_are_sorted_with_shares_and_add_up() -> None:
    counted = Counters({"regions.广东/深圳": 3, "regions.广东/未知": 1, "regions.未知/未知": 4, "regions.北京/北京": 0})

    report = regions(DailyCounters(total=counted, days={}))

    assert [(each.province, each.count, each.share) for each in report.regions] == [("广东", 4, 0.5), ("未知", 4, 0.5)]
    assert [(city.city, city.share) for city in report.regions[0].cities] == [("深圳", 0.75), ("未知", 0.25)]
    assert report.total == 8


def test_the_json_form_has_the_fields_that_the_dashboard_reads() -> None:
    wire = activity(daily_counters({}), TODAY, 7).model_dump(mode="json", by_alias=True)

    assert set(wire) == {"days", "stickiness", "silent", "retention", "loginCounts"}
    assert wire["loginCounts"][0] == {"from": 1, "to": 1, "users": 0}
    assert {"nextDay", "sevenDay"} <= set(wire["retention"])
