"""What follows from a contract: its successor, the effects elsewhere, insurance."""

from datetime import date
from typing import Any

import pytest

from domain.contracts.customer_self_service import has_signed
from domain.contracts.data_scope import EVERYTHING
from domain.contracts.drafting.service import IdempotencyKey
from domain.contracts.errors import (
    TransitionNotAllowed,
)
from domain.contracts.events import (
    ContractStatusChanged,
    CustomerFollowUpDue,
    InboxMessageDue,
    InsuranceSyncDue,
    StaffNoticeDue,
    WorkerFollowUpDue,
)
from domain.contracts.history import Cause
from domain.contracts.model import Contract
from domain.contracts.ports import PartyRecord
from domain.contracts.statuses import (
    CancelReason,
    ContractStatus,
    ProviderStatus,
    SignerRole,
    SyncStatus,
)
from domain.shared.actor import SYSTEM
from domain.shared.authority import Role
from tests.domain.contracts.builders import a_contract, active, id_card, signing, staff
from tests.domain.contracts.fakes import ContractsHarness
from tests.domain.contracts.stories import ACTOR, BOSS, begin, in_force, sent, sync

EMPLOYEE = staff(Role.EMPLOYEE)
S = ContractStatus
NEW_WORKER = {"worker_name": "钱嫂", "worker_phone": "13700000001", "worker_id_card": id_card(50)}


async def a_successor(harness: ContractsHarness, original: Contract, **more: Any) -> Contract:
    """A change of worker that has been put before its parties."""
    wanted = {**NEW_WORKER, **more}
    made = await harness.services.drafting.change_worker(original.id, wanted, BOSS, ACTOR, IdempotencyKey())
    await begin(harness, made.contract)
    return await sync(harness, made.contract.id)


async def signed(harness: ContractsHarness, contract: Contract) -> Contract:
    harness.provider.sign_all(contract.esign_contract_no)
    return await sync(harness, contract.id)


# Succession


async def test_the_predecessor_is_replaced_when_its_successor_is_in_force_and_not_before(
    harness: ContractsHarness,
) -> None:
    original = await in_force(harness)
    harness.clock.advance(days=10)
    successor = await a_successor(harness, original)
    await harness.relay()
    meanwhile = await harness.now_is(original.id)

    successor = await signed(harness, successor)
    await harness.relay()
    after = await harness.now_is(original.id)

    assert meanwhile.contract_status is S.ACTIVE
    assert (after.contract_status, after.is_latest, after.replaced_by_contract_id) == (S.REPLACED, False, successor.id)
    assert (successor.change_date, after.service_days) == (date(2026, 5, 11), 10)
    assert (after.history[-1].cause, after.history[-1].note) == (Cause.SUCCEEDED, successor.contract_number)


async def test_a_successor_that_nobody_signs_replaces_nothing(harness: ContractsHarness) -> None:
    original = await in_force(harness)
    successor = await a_successor(harness, original)
    harness.provider.processes[successor.esign_contract_no].status = ProviderStatus.REJECTED

    await sync(harness, successor.id)
    await harness.relay()

    assert (await harness.now_is(original.id)).contract_status is S.ACTIVE
    assert (await a_successor(harness, original)).contract_status is S.SIGNING  # another worker may be found


async def test_a_successor_takes_effect_on_its_own_first_day(harness: ContractsHarness) -> None:
    original = await in_force(harness)

    successor = await signed(harness, await a_successor(harness, original, start_date=date(2026, 6, 1)))
    await harness.relay()

    assert successor.change_date == date(2026, 6, 1)
    assert (await harness.now_is(original.id)).service_days == 31


async def test_being_told_twice_of_a_successor_changes_nothing(harness: ContractsHarness) -> None:
    original = await in_force(harness)
    await signed(harness, await a_successor(harness, original))

    for _ in range(3):
        await harness.relay()

    assert len([e for e in harness.contracts.told(ContractStatusChanged) if e.to_status is S.REPLACED]) == 1


async def test_a_predecessor_that_ended_otherwise_stays_as_it_ended(harness: ContractsHarness) -> None:
    original = await in_force(harness)
    successor = await a_successor(harness, original)
    await harness.services.signing.void(original.id, "协商", BOSS, ACTOR)
    harness.provider.processes[original.esign_contract_no].status = ProviderStatus.VOIDED
    await sync(harness, original.id)

    await signed(harness, successor)
    await harness.relay()

    after = await harness.now_is(original.id)
    assert (after.contract_status, after.cancel_reason) == (S.CANCELLED, CancelReason.VOIDED)


async def test_other_contracts_of_the_customer_are_not_touched(harness: ContractsHarness) -> None:
    original, other = await in_force(harness, 1), await in_force(harness, 2, customer_phone="13800000001")

    await signed(harness, await a_successor(harness, original))
    await harness.relay()

    assert await harness.now_is(other.id) == other


async def test_a_renewal_in_force_is_noted_on_what_it_renews_which_reminds_no_more(harness: ContractsHarness) -> None:
    original = await in_force(harness)
    made = await harness.services.drafting.renew(original.id, date(2027, 4, 30), {}, BOSS, ACTOR, IdempotencyKey())
    await begin(harness, made.contract)
    renewal = await signed(harness, await sync(harness, made.contract.id))

    for _ in range(2):
        await harness.relay()

    after = await harness.now_is(original.id)
    assert (after.contract_status, after.renewed_by_contract_id) == (S.ACTIVE, renewal.id)
    assert [entry.cause for entry in after.history].count(Cause.RENEWED) == 1


# Effects


def kinds(harness: ContractsHarness, contract: Contract) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for effect in harness.effects(contract.id):
        match effect:
            case StaffNoticeDue() | InboxMessageDue():
                found.append((effect.type.removeprefix("contract."), effect.kind))
            case CustomerFollowUpDue() | WorkerFollowUpDue():
                found.append((effect.type.removeprefix("contract."), effect.stage))
            case InsuranceSyncDue():
                found.append((effect.type.removeprefix("contract."), effect.policy))
    return found


PEOPLE: dict[str, Any] = {"customer_id": "a" * 24, "worker_id": "b" * 24}


async def test_what_follows_from_a_contracts_life_is_asked_for_once_and_in_its_order(harness: ContractsHarness) -> None:
    contract = await sent(harness, **PEOPLE)
    begun = kinds(harness, contract)
    contract = await signed(harness, contract)
    so_far = len(begun)
    completed = kinds(harness, contract)[so_far:]
    await sync(harness, contract.id)

    assert begun == [
        ("inbox_message", "contract_invite"),
        ("customer_follow_up", "signing"),
        ("worker_follow_up", "reserved"),
    ]
    assert completed == [
        ("inbox_message", "contract_signed"),
        ("staff_notice", "CONTRACT_SIGNED"),
        ("customer_follow_up", "signed"),
        ("worker_follow_up", "on-service"),
        ("insurance_sync", "bind"),
        ("staff_notice", "CONTRACT_PARTY_SIGNED"),
        ("staff_notice", "CONTRACT_PARTY_SIGNED"),
    ]
    assert len(kinds(harness, contract)) == so_far + len(completed)


async def test_a_draft_binds_nobody(harness: ContractsHarness) -> None:
    made = await harness.services.drafting.create(a_contract().terms(), BOSS, ACTOR, IdempotencyKey())

    assert kinds(harness, made.contract) == [("staff_notice", "CONTRACT_CREATED")]


@pytest.mark.parametrize("status", [ProviderStatus.EXPIRED, ProviderStatus.REJECTED])
async def test_whoever_was_bound_is_released_again(harness: ContractsHarness, status: ProviderStatus) -> None:
    contract = await sent(harness, **PEOPLE)
    begun = len(kinds(harness, contract))
    harness.provider.processes[contract.esign_contract_no].status = status

    await sync(harness, contract.id)

    assert kinds(harness, contract)[begun:] == [
        ("staff_notice", "CONTRACT_CANCELLED"),
        ("inbox_message", "contract_cancelled"),
        ("customer_follow_up", "released"),
        ("worker_follow_up", "released"),
    ]


async def test_an_invitation_is_sent_once_and_the_second_attempt_has_effects_of_its_own(
    harness: ContractsHarness,
) -> None:
    contract = await sent(harness, **PEOPLE)
    harness.provider.processes[contract.esign_contract_no].status = ProviderStatus.EXPIRED
    await begin(harness, await sync(harness, contract.id), again=True)

    told = kinds(harness, contract)
    keys = [effect.key for effect in harness.effects(contract.id)]

    assert told.count(("inbox_message", "contract_invite")) == 1
    assert told.count(("worker_follow_up", "reserved")) == 2
    assert len(keys) == len(set(keys))


async def test_with_another_worker_the_household_goes_on(harness: ContractsHarness) -> None:
    harness.people.customers["a" * 24] = PartyRecord(id="a" * 24)
    original = await in_force(harness, **PEOPLE)
    before = len(kinds(harness, original))

    successor = await signed(harness, await a_successor(harness, original))
    await harness.relay()

    assert kinds(harness, original)[before:] == [("worker_follow_up", "released")]
    (insurance,) = [effect for effect in harness.effects(successor.id) if isinstance(effect, InsuranceSyncDue)]
    assert (insurance.policy, insurance.predecessor_id) == ("amend", original.id)


async def test_the_agencys_own_seal_is_nobodys_news(harness: ContractsHarness) -> None:
    contract = await sent(harness, training=True)
    harness.provider.sign(contract.esign_contract_no, 0)

    contract = await sync(harness, contract.id)

    assert ("staff_notice", "CONTRACT_PARTY_SIGNED") not in kinds(harness, contract)
    assert not has_signed(contract, SignerRole.CUSTOMER)


# Insurance


async def test_insurance_is_asked_for_again_only_when_it_did_not_work(harness: ContractsHarness) -> None:
    contract = await in_force(harness)
    insurance = harness.services.insurance

    pending = await insurance.request(contract.id, EVERYTHING, ACTOR)
    failed = await insurance.record_result(contract.id, "没有保单", SYSTEM)
    asked = await insurance.request(contract.id, EVERYTHING, ACTOR)
    await insurance.request(contract.id, EVERYTHING, ACTOR)
    worked = await insurance.record_result(contract.id, "", SYSTEM)
    again = await insurance.request(contract.id, EVERYTHING, ACTOR)

    assert pending == contract  # under way since it came into force
    assert (failed.insurance_sync_status, failed.insurance_sync_error) == (SyncStatus.FAILED, "没有保单")
    assert (asked.insurance_sync_pending, asked.insurance_sync_error) == (True, "")
    assert (worked.insurance_sync_status, worked.insurance_sync_pending) == (SyncStatus.SUCCESS, False)
    assert again == worked
    assert [kind for kind, _ in kinds(harness, contract)].count("insurance_sync") == 2


@pytest.mark.parametrize("make", [a_contract, signing, lambda: active(training=True)])
async def test_only_housekeeping_in_force_is_insured(harness: ContractsHarness, make: Any) -> None:
    contract = await harness.add(make())

    with pytest.raises(TransitionNotAllowed):
        await harness.services.insurance.request(contract.id, EVERYTHING, ACTOR)
