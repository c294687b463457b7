"""The end of a contract: five reminders, each once, never at night; then a flag."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from domain.contracts.events import InboxMessageDue, StaffNoticeDue, WorkerFollowUpDue
from domain.contracts.expiry import REMINDER_DAYS, next_expiry_date, with_due_expiry_step
from domain.contracts.history import Cause
from domain.contracts.model import Contract
from domain.shared.business_day import Day, is_within_contact_hours, start_of_day
from tests.domain.contracts.builders import a_contract, active, signing
from tests.domain.contracts.harness import ContractsHarness, contracts_harness

END = date(2026, 10, 31)
NOON = timedelta(hours=12)


def at(days_before: int) -> datetime:
    """Noon in Shanghai, `days_before` the end."""
    return start_of_day(END - timedelta(days=days_before)) + NOON


def reminders(contract: Contract) -> list[str]:
    return [entry.note for entry in contract.history if entry.cause is Cause.REMINDED]


@given(st.sets(st.integers(-40, 60)))
def test_each_reminder_is_sent_at_most_once_on_any_days(days: set[int]) -> None:
    contract = active(end_date=END)
    sent: list[int] = []
    for left in sorted(days, reverse=True):
        before = len(reminders(contract))
        for _ in range(3):  # repeating the same day changes nothing
            contract = with_due_expiry_step(contract, at(left))
        sent += [left] * (len(reminders(contract)) - before)

    # Independent of the code: a reminder is sent on the first checked day of each window.
    windows = [[left for left in sorted(days, reverse=True) if low <= left <= high] for low, high in WINDOWS]
    expected = [window[0] for window in windows if window]
    assert sent == expected
    assert (contract.service_expired_at is not None) is any(left < 0 for left in days)


WINDOWS = ((16, 30), (8, 15), (4, 7), (2, 3), (0, 1))


def test_daily_checks_remind_30_15_7_3_and_1_days_before_the_end() -> None:
    contract = active(end_date=END)
    reminded_on = []
    for left in range(60, -10, -1):
        after = with_due_expiry_step(contract, at(left))
        if len(reminders(after)) > len(reminders(contract)):
            reminded_on.append(left)
        contract = after

    assert reminded_on == list(REMINDER_DAYS)
    assert next_expiry_date(contract) is None


def test_the_next_expiry_date_is_the_day_of_the_next_step() -> None:
    contract = active(end_date=END)
    dates = []
    while (due := next_expiry_date(contract)) is not None:
        dates.append(due)
        assert with_due_expiry_step(contract, start_of_day(due) - timedelta(seconds=1)) is contract
        contract = with_due_expiry_step(contract, start_of_day(due))

    assert dates == [
        *(END - timedelta(days=days) for days in (30, 15, 7, 3, 1)),
        END + timedelta(days=1),
    ]


def test_thresholds_above_the_last_reminder_have_passed() -> None:
    """A contract that a version with the thresholds 30, 7 and 1 has reminded."""
    contract = active(end_date=END, reminded=(30, 7))

    assert with_due_expiry_step(contract, at(5)) is contract
    assert next_expiry_date(contract) == END - timedelta(days=3)
    assert with_due_expiry_step(contract, at(3)).reminded == (30, 7, 3)


async def test_a_late_reminder_is_sent_once_and_names_the_days_that_are_left(harness: ContractsHarness) -> None:
    contract = await harness.add(active(end_date=END))

    harness.clock.time = at(10)
    await harness.services.expiry.run_due()
    await harness.services.expiry.run_due()

    inbox, bell = harness.contracts.events_of(InboxMessageDue), harness.contracts.events_of(StaffNoticeDue)
    assert [(each.key, each.values["days"]) for each in inbox] == [(f"{contract.id}:inbox:expiring:15", 10)]
    assert [(each.values["days"], each.values["endDate"], each.to_admins) for each in bell] == [
        (10, "2026-10-31", True)
    ]


@pytest.mark.parametrize("contract", [a_contract(end_date=END), signing(end_date=END)])
def test_only_a_contract_in_force_has_expiry_steps(contract: Contract) -> None:
    assert next_expiry_date(contract) is None
    assert with_due_expiry_step(contract, at(1)) is contract


def test_a_renewed_contract_sends_no_reminders_but_still_expires() -> None:
    contract = active(end_date=END, renewed_by_contract_id="9" * 24)

    assert with_due_expiry_step(contract, at(7)) is contract
    assert with_due_expiry_step(contract, at(-1)).service_expired_at == at(-1)


def test_service_is_expired_from_the_day_after_the_end_date() -> None:
    contract = active(end_date=END)

    assert not contract.is_service_expired(END)
    assert contract.is_service_expired(END + timedelta(days=1))


def test_contact_hours_last_from_9_to_21_in_shanghai() -> None:
    evening = datetime(2026, 10, 1, 13, 0, tzinfo=UTC)  # 21:00 in Shanghai
    morning = datetime(2026, 10, 2, 1, 0, tzinfo=UTC)  # 09:00

    assert [is_within_contact_hours(evening - timedelta(seconds=1)), is_within_contact_hours(evening)] == [True, False]
    assert [is_within_contact_hours(morning - timedelta(seconds=1)), is_within_contact_hours(morning)] == [False, True]


async def test_simultaneous_expiry_checks_remind_once() -> None:
    harness = contracts_harness()
    contract = await harness.add(active(end_date=END, worker_id="b" * 24))
    reminders = harness.services.expiry

    for left in (30, 30, 15, 7, 3, 1, -1, -1):
        harness.clock.time = at(left)
        await asyncio.gather(reminders.run_due(), reminders.run_due())
    harness.clock.time = at(-2).replace(hour=20)
    await reminders.run_due()

    inbox = [effect for effect in harness.effects(contract.id) if isinstance(effect, InboxMessageDue)]
    bells = [effect for effect in harness.effects(contract.id) if isinstance(effect, StaffNoticeDue)]
    freed = [effect for effect in harness.effects(contract.id) if isinstance(effect, WorkerFollowUpDue)]
    assert [(effect.kind, effect.values["days"]) for effect in inbox] == [
        ("contract_expiring", d) for d in REMINDER_DAYS
    ]
    assert [(bell.kind, bell.values["days"]) for bell in bells] == [
        ("CONTRACT_EXPIRING_SOON", d) for d in REMINDER_DAYS
    ]
    assert [effect.stage for effect in freed] == ["released"]


async def test_a_reminder_that_is_due_at_night_waits_for_the_morning() -> None:
    harness = contracts_harness()
    await harness.add(active(end_date=END))
    reminders = harness.services.expiry

    harness.clock.time = start_of_day(END - timedelta(days=30))
    at_midnight = await reminders.run_due()
    harness.clock.time += timedelta(hours=9)

    assert (at_midnight, await reminders.run_due()) == (0, 1)


# Days


@pytest.mark.parametrize(
    "written",
    [
        "2026-05-01",
        "2026-05-01T00:00:00.000Z",
        "2026-04-30T16:00:00.000Z",
        "2026-05-01T00:00:00+08:00",
        datetime(2026, 5, 1, tzinfo=UTC),
        datetime(2026, 4, 30, 16, tzinfo=UTC),
        datetime(2026, 5, 1),  # noqa: DTZ001  # as some drivers give it
        date(2026, 5, 1),
    ],
)
def test_all_notations_of_a_day_are_the_same_day(written: object) -> None:
    assert TypeAdapter(Day).validate_python(written) == date(2026, 5, 1)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_day_survives_a_round_trip_through_storage_and_json(day: date) -> None:
    days = TypeAdapter(Day)

    assert days.validate_python(days.dump_python(day)) == day
    assert days.validate_json(days.dump_json(day)) == day


@pytest.mark.parametrize("written", ["", "soon", "2026-13-01", "2026-05-01T25:00", 5.5, True])
def test_an_invalid_day_is_refused(written: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Day).validate_python(written)
