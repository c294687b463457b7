"""The durable followers: a successor in force replaces or renews its predecessor."""

from datetime import date

from domain.contracts.drafting.service import IdempotencyKey
from domain.contracts.events import (
    ContractStatusChanged,
)
from domain.contracts.history import Cause
from domain.contracts.statuses import (
    CancelReason,
    ContractStatus,
    ProviderStatus,
)
from domain.shared.authority import Role
from tests.domain.contracts.builders import staff
from tests.domain.contracts.harness import ContractsHarness
from tests.domain.contracts.scenarios import ACTOR, BOSS, a_successor, in_force, signed, start_signing, sync

EMPLOYEE = staff(Role.EMPLOYEE)
S = ContractStatus


async def test_the_predecessor_is_replaced_only_when_its_successor_is_in_force(
    harness: ContractsHarness,
) -> None:
    original = await in_force(harness)
    harness.clock.advance(days=10)
    successor = await a_successor(harness, original)
    await harness.relay()
    meanwhile = await harness.contract_now(original.id)

    successor = await signed(harness, successor)
    await harness.relay()
    after = await harness.contract_now(original.id)

    assert meanwhile.contract_status is S.ACTIVE
    assert (after.contract_status, after.is_latest, after.replaced_by_contract_id) == (S.REPLACED, False, successor.id)
    assert (successor.change_date, after.service_days) == (date(2026, 5, 11), 10)
    assert (after.history[-1].cause, after.history[-1].note) == (Cause.SUCCEEDED, successor.contract_number)


async def test_an_unsigned_successor_does_not_replace_its_predecessor(harness: ContractsHarness) -> None:
    original = await in_force(harness)
    successor = await a_successor(harness, original)
    harness.provider.processes[successor.esign_contract_no].status = ProviderStatus.REJECTED

    await sync(harness, successor.id)
    await harness.relay()

    assert (await harness.contract_now(original.id)).contract_status is S.ACTIVE
    assert (await a_successor(harness, original)).contract_status is S.SIGNING  # another change of worker is possible


async def test_the_change_date_is_not_before_the_successors_first_day(harness: ContractsHarness) -> None:
    original = await in_force(harness)

    successor = await signed(harness, await a_successor(harness, original, start_date=date(2026, 6, 1)))
    await harness.relay()

    assert successor.change_date == date(2026, 6, 1)
    assert (await harness.contract_now(original.id)).service_days == 31


async def test_following_the_same_event_again_changes_nothing(harness: ContractsHarness) -> None:
    original = await in_force(harness)
    successor = await signed(harness, await a_successor(harness, original))

    for _ in range(3):
        await harness.relay()

    [replaced] = [e for e in harness.contracts.events_of(ContractStatusChanged) if e.to_status is S.REPLACED]
    assert (replaced.new_worker, replaced.note) == (successor.worker_name, successor.contract_number)


async def test_a_voided_predecessor_stays_voided(harness: ContractsHarness) -> None:
    original = await in_force(harness)
    successor = await a_successor(harness, original)
    await harness.services.signing.void(original.id, "协商", BOSS, ACTOR)
    harness.provider.processes[original.esign_contract_no].status = ProviderStatus.VOIDED
    await sync(harness, original.id)

    await signed(harness, successor)
    await harness.relay()

    after = await harness.contract_now(original.id)
    assert (after.contract_status, after.cancel_reason) == (S.CANCELLED, CancelReason.VOIDED)


async def test_other_contracts_of_the_customer_do_not_change(harness: ContractsHarness) -> None:
    original, other = await in_force(harness, 1), await in_force(harness, 2, customer_phone="13800000001")

    await signed(harness, await a_successor(harness, original))
    await harness.relay()

    assert await harness.contract_now(other.id) == other


async def test_a_renewal_in_force_is_noted_once_on_the_renewed_contract(harness: ContractsHarness) -> None:
    original = await in_force(harness)
    made = await harness.services.drafting.renew(original.id, date(2027, 4, 30), {}, BOSS, ACTOR, IdempotencyKey())
    await start_signing(harness, made.contract)
    renewal = await signed(harness, await sync(harness, made.contract.id))

    for _ in range(2):
        await harness.relay()

    after = await harness.contract_now(original.id)
    assert (after.contract_status, after.renewed_by_contract_id) == (S.ACTIVE, renewal.id)
    assert [entry.cause for entry in after.history].count(Cause.RENEWED) == 1
