"""Reveals and exports of a person and day, and the mark at three times the usual number."""

from datetime import date, timedelta

from domain.audit.access_counts import PersonAccesses, people_of
from domain.audit.model import AccessKind, DailyAccesses

TODAY = date(2026, 12, 1)


def done(days_ago: int, count: int, kind: AccessKind = "reveal", staff_id: str = "wang") -> DailyAccesses:
    day = TODAY - timedelta(days=days_ago)
    return DailyAccesses(day=day, staff_id=staff_id, name=staff_id, kind=kind, count=count)


def wang(*counted: DailyAccesses) -> PersonAccesses:
    [person] = people_of(TODAY, counted)
    return person


def test_three_times_the_usual_number_is_marked_and_less_is_not() -> None:
    usual = (done(1, 3), done(2, 5))

    assert wang(*usual, done(0, 12)).unusual == ("reveal",)
    assert wang(*usual, done(0, 11)).unusual == ()


def test_days_without_any_do_not_lower_the_usual_number() -> None:
    assert wang(done(29, 10), done(0, 29)).usual_reveals == 10


def test_a_person_without_earlier_days_is_marked_at_three() -> None:
    assert wang(done(0, 2)).unusual == ()
    assert wang(done(0, 3)).unusual == ("reveal",)


def test_reveals_and_exports_are_counted_apart() -> None:
    person = wang(done(1, 20), done(0, 20), done(0, 3, "export"))

    assert (person.reveals, person.exports, person.unusual) == (20, 3, ("export",))


def test_the_unusual_come_first() -> None:
    counted = [done(1, 9, staff_id="li"), done(0, 10, staff_id="li"), done(0, 4, staff_id="wang")]

    assert [person.staff_id for person in people_of(TODAY, counted)] == ["wang", "li"]


def test_a_person_without_any_on_the_day_is_left_out() -> None:
    assert people_of(TODAY, [done(1, 9)]) == []
