"""Figures from records alone."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.shared.business_day import business_day
from domain.shared.region import Region
from domain.statistics.activity import Windows, activity
from domain.statistics.increments import tally_of
from domain.statistics.ledger import Ledger
from domain.statistics.rebuild import KnownUser, Rebuild
from domain.statistics.regions import regions
from domain.users.events import CountedUserEvent
from tests.domain.statistics.history import BEGIN, History
from tests.domain.statistics.test_against_plain_counting import STEPS, play

SHENZHEN = Region(province="广东", city="深圳")


def rebuilt(history: History, facts: list[CountedUserEvent]) -> Ledger:
    """From the present users and those facts that left a row."""
    rebuild = Rebuild()
    for fact in facts:
        rebuild.row(fact.user_id, business_day(fact.at), tally_of(fact))
    for user in history.everyone:
        rebuild.user(
            KnownUser(
                id=user.id,
                registered_at=user.registered_at,
                login_count=user.login_count,
                has_phone=user.has_phone,
                region=user.region,
                last_active_at=user.active_at[-1],
                gone=user.deleted_at is not None,
            )
        )
    return rebuild.ledger()


def without_zeros(ledger: Ledger) -> dict[str, dict[str, int]]:
    days = {str(day): {name: count for name, count in each.items() if count} for day, each in ledger.days.items()}
    return {day: each for day, each in days.items() if each}


@settings(max_examples=100, deadline=None)
@given(st.lists(STEPS, min_size=1, max_size=40))
def test_with_all_rows_the_figures_are_those_that_were_kept(steps: list[tuple[int, str, str, Region]]) -> None:
    history = play(steps)

    assert without_zeros(rebuilt(history, history.facts)) == without_zeros(history.ledger())


@settings(max_examples=100, deadline=None)
@given(st.lists(STEPS, min_size=1, max_size=40), st.integers(0, 40))
def test_the_present_state_is_exact_however_late_the_journal_began(
    steps: list[tuple[int, str, str, Region]], begun: int
) -> None:
    history = play(steps)
    kept, known = rebuilt(history, history.facts[begun:]), history.ledger()

    assert kept.members == known.members
    assert kept.with_phone == known.with_phone
    assert regions(kept) == regions(known)
    if history.facts:
        today = business_day(history.facts[-1].at)
        assert activity(kept, today, 7).login_counts == activity(known, today, 7).login_counts
        assert Windows(kept).members_active_until(today) == Windows(known).members_active_until(today)


def test_a_user_who_moved_in_counts_on_the_day_of_registration_and_when_last_seen() -> None:
    history = History()
    history.login("one", BEGIN, region=SHENZHEN)
    history.toggle_phone("one", BEGIN)
    for days in (3, 9):
        history.login("one", BEGIN + timedelta(days=days))

    ledger = rebuilt(history, [])

    begin = business_day(BEGIN)
    assert ledger.on(begin) == {
        "counts.registered": 1, "counts.phonesBound": 1, "counts.active": 1, "gaps.new": 1,
        "regions.广东/深圳": 1, "loginCounts.2": 1,
    }  # fmt: skip
    assert ledger.on(begin + timedelta(days=9)) == {"counts.active": 1, "gaps.9": 1}


def test_a_user_who_comes_back_after_moving_in_is_still_one_user_of_the_month() -> None:
    history = History()
    history.login("one", BEGIN - timedelta(days=300))
    history.login("one", BEGIN)
    moved_in = len(history.facts)
    history.login("one", BEGIN + timedelta(days=12))

    windows = Windows(rebuilt(history, history.facts[moved_in:]))

    end = business_day(BEGIN) + timedelta(days=12)
    assert [windows.active_in(end, window) for window in (1, 7, 30)] == [1, 1, 1]
    assert windows.active_in(end - timedelta(days=1), 30) == 1


def test_a_deleted_user_who_moved_in_is_gone_from_every_figure() -> None:
    history = History()
    history.login("one", BEGIN, region=SHENZHEN)
    history.toggle_phone("one", BEGIN)
    moved_in = len(history.facts)
    history.delete("one", BEGIN + timedelta(days=1))

    ledger = rebuilt(history, history.facts[moved_in:])

    assert (ledger.members, ledger.with_phone, regions(ledger).regions) == (0, 0, [])
    assert ledger.members_at_end_of(business_day(BEGIN)) == 1
