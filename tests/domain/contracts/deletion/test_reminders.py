"""Deletion requests that wait: one reminder for each working day, from nine in the morning."""

import asyncio
from datetime import datetime, timedelta

import pytest

from domain.contracts.events import ContractChanged, StaffNoticeDue
from domain.shared.business_day import BUSINESS_ZONE
from tests.domain.contracts.builders import a_contract, acting, staff
from tests.domain.contracts.harness import ContractsHarness
from tests.domain.contracts.scenarios import ACTOR, BOSS

ASKED = datetime(2026, 5, 7, 15, 0, tzinfo=BUSINESS_ZONE)  # a Thursday
NEXT_MORNING = datetime(2026, 5, 8, 9, 0, tzinfo=BUSINESS_ZONE)


async def waiting_request(harness: ContractsHarness) -> str:
    contract = await harness.add(a_contract())
    harness.clock.time = ASKED
    return (await harness.services.deletion.request(contract.id, "录错", staff(), acting(staff()))).id


def reminders(harness: ContractsHarness) -> list[StaffNoticeDue]:
    notices = harness.contracts.events_of(StaffNoticeDue)
    return [notice for notice in notices if notice.kind == "CONTRACT_APPROVAL_WAITING"]


async def test_overseers_are_reminded_once_each_working_day(harness: ContractsHarness) -> None:
    request_id = await waiting_request(harness)
    job = harness.services.deletion_reminders

    for hours in range(24 * 5):
        harness.clock.time = ASKED + timedelta(hours=hours)
        await asyncio.gather(job.run_due(), job.run_due())

    told = reminders(harness)
    assert [notice.at for notice in told] == [
        NEXT_MORNING,
        NEXT_MORNING + timedelta(days=3),
        NEXT_MORNING + timedelta(days=4),
    ]
    assert told[0].key.endswith(f"deletion:{request_id}:waiting:2026-05-08")
    assert (told[0].to_admins, told[0].to_staff, told[1].values["days"]) == (True, (), 4)


async def test_a_missed_morning_is_caught_up_on_the_same_day(harness: ContractsHarness) -> None:
    await waiting_request(harness)

    harness.clock.time = NEXT_MORNING + timedelta(hours=7)
    await harness.services.deletion_reminders.run_due()

    assert len(reminders(harness)) == 1


@pytest.mark.parametrize("decision", ["approve", "reject"])
async def test_a_decided_request_is_not_waiting(harness: ContractsHarness, decision: str) -> None:
    request_id = await waiting_request(harness)
    await getattr(harness.services.deletion, decision)(request_id, "好", BOSS, ACTOR)

    harness.clock.time = NEXT_MORNING
    await harness.services.deletion_reminders.run_due()

    assert reminders(harness) == []


async def test_a_reminder_leaves_lists_and_open_editors_alone(harness: ContractsHarness) -> None:
    await waiting_request(harness)
    [before], shown = harness.contracts.stored.values(), len(harness.contracts.events_of(ContractChanged))

    harness.clock.time = NEXT_MORNING
    await harness.services.deletion_reminders.run_due()

    [after] = harness.contracts.stored.values()
    assert len(reminders(harness)) == 1
    assert len(harness.contracts.events_of(ContractChanged)) == shown
    assert (after.history, after.updated_at, after.edited_version) == (
        before.history,
        before.updated_at,
        before.edited_version,
    )
