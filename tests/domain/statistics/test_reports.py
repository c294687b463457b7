"""Trend, activity and regions as they are answered."""

from datetime import date, timedelta

from domain.statistics.activity import activity
from domain.statistics.growth import percent, trend
from domain.statistics.ledger import Ledger
from domain.statistics.regions import regions
from domain.statistics.tally import Tally, sum_of

TODAY = date(2026, 3, 10)


def ledger(days: dict[int, Tally]) -> Ledger:
    """Tallies by how many days ago they were counted."""
    return Ledger(total=sum_of(days.values()), days={TODAY - timedelta(days=ago): each for ago, each in days.items()})


def registered(count: int) -> Tally:
    return Tally({"counts.registered": count})


def test_days_without_registrations_are_zero_and_the_total_runs_on() -> None:
    report = trend(ledger({0: registered(2), 5: registered(3), 12: registered(10)}), TODAY, 7)

    assert [day.registered for day in report.days] == [0, 3, 0, 0, 0, 0, 2]
    assert [day.cumulative for day in report.days] == [10, 13, 13, 13, 13, 13, 15]
    assert report.days[-1].date == TODAY


def test_growth_is_null_without_a_base() -> None:
    report = trend(ledger({0: registered(3), 1: registered(2), 8: registered(10)}), TODAY, 7)

    assert [day.growth for day in report.days[-3:]] == [None, None, 50.0]
    assert report.growth.registered == -50.0
    assert percent(5, 0) is None


def test_a_trend_by_months_adds_up_to_the_trend_by_days() -> None:
    counted = ledger({ago: registered(1) for ago in range(30)})

    months = trend(counted, TODAY, 30, "month").days

    assert [(point.date, point.registered) for point in months] == [(date(2026, 2, 9), 20), (date(2026, 3, 1), 10)]
    assert months[-1].cumulative == 30
    assert sum(week.registered for week in trend(counted, TODAY, 30, "week").days) == 30


def test_an_empty_system_has_answers_without_shares() -> None:
    report = activity(ledger({}), TODAY, 7)

    assert report.stickiness is None
    assert report.silent == 0
    assert (report.retention.next_day, report.retention.seven_day) == (None, None)
    assert [(each.from_, each.to) for each in report.login_counts][-1] == (101, None)
    assert regions(ledger({})).regions == []


def test_a_cohort_has_no_retention_before_its_day_is_over() -> None:
    counted = ledger({2: registered(4), 1: Tally({"counts.registered": 9, "retained.1": 1}), 0: Tally()})

    report = activity(counted, TODAY, 7).retention

    assert [cohort.next_day for cohort in report.cohorts[-3:]] == [0.25, None, None]
    assert report.next_day == 0.25


def test_regions_are_sorted_with_shares_and_add_up() -> None:
    counted = Tally({"regions.广东/深圳": 3, "regions.广东/未知": 1, "regions.未知/未知": 4, "regions.北京/北京": 0})

    report = regions(Ledger(total=counted, days={}))

    assert [(each.province, each.count, each.share) for each in report.regions] == [("广东", 4, 0.5), ("未知", 4, 0.5)]
    assert [(city.city, city.share) for city in report.regions[0].cities] == [("深圳", 0.75), ("未知", 0.25)]
    assert report.total == 8


def test_the_wire_form_is_what_the_page_reads() -> None:
    wire = activity(ledger({}), TODAY, 7).model_dump(mode="json", by_alias=True)

    assert set(wire) == {"days", "stickiness", "silent", "retention", "loginCounts"}
    assert wire["loginCounts"][0] == {"from": 1, "to": 1, "users": 0}
    assert {"nextDay", "sevenDay"} <= set(wire["retention"])
