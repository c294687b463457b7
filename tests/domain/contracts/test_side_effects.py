"""The side effects that changes of a contract request: kinds, order and keys."""

from typing import Any

import pytest

from domain.contracts.change_events import ContractChangeEvents
from domain.contracts.customer_self_service import has_signed
from domain.contracts.drafting.service import IdempotencyKey
from domain.contracts.events import (
    ContractSideEffect,
    ContractStatusChanged,
    CustomerFollowUpDue,
    InboxMessageDue,
    InsuranceSyncDue,
)
from domain.contracts.model import Contract
from domain.contracts.ports import PartyRecord
from domain.contracts.statuses import (
    ContractStatus,
    ProviderStatus,
    SignerRole,
)
from domain.shared.actor import SYSTEM
from domain.shared.authority import Role
from domain.shared.events import DomainEvent
from tests.domain.contracts.builders import a_contract, active, signing, staff
from tests.domain.contracts.harness import ContractsHarness, SettableClock
from tests.domain.contracts.scenarios import (
    ACTOR,
    BOSS,
    a_successor,
    in_force,
    sent,
    side_effect_kinds,
    signed,
    start_signing,
    sync,
)
from tests.domain.sequential_ids import SequentialIds


def events_of(before: Contract, after: Contract) -> list[DomainEvent]:
    return ContractChangeEvents(SettableClock(), SequentialIds()).of(before, after, SYSTEM)


def side_effects(events: list[DomainEvent]) -> list[ContractSideEffect]:
    return [event for event in events if isinstance(event, ContractSideEffect)]


def test_the_same_change_requests_the_same_side_effects_by_key() -> None:
    before = signing(1, customer_id="a" * 24, worker_id="b" * 24)
    after = active(1, customer_id="a" * 24, worker_id="b" * 24)

    first, second = events_of(before, after), events_of(before, after)

    requested = side_effects(first)
    assert sorted(effect.type for effect in requested) == [
        "contract.customer_follow_up",
        "contract.inbox_message",
        "contract.insurance_sync",
        "contract.staff_notice",
        *["contract.staff_notice"] * 2,
        "contract.worker_follow_up",
    ]
    assert len({effect.key for effect in requested}) == len(requested)
    assert [effect.key for effect in side_effects(second)] == [effect.key for effect in requested]
    assert any(isinstance(event, ContractStatusChanged) for event in first)


def test_every_side_effect_goes_to_the_event_stream() -> None:
    requested = side_effects(events_of(signing(1, customer_id="a" * 24), active(1, customer_id="a" * 24)))

    assert requested
    assert all(effect.published for effect in requested)


def test_no_side_effect_holds_a_phone_or_card_number() -> None:
    contract = active(1, customer_id="a" * 24)

    stored = str([effect.to_record() for effect in side_effects(events_of(signing(1), contract))])

    for number in (contract.customer_phone, contract.worker_phone, contract.customer_id_card, contract.worker_id_card):
        assert number not in stored


def test_side_effects_have_kind_policy_and_key() -> None:
    events = events_of(signing(1, customer_id="a" * 24), active(1))

    insurance = next(event for event in events if isinstance(event, InsuranceSyncDue))
    inbox = next(event for event in events if isinstance(event, InboxMessageDue))

    assert (insurance.policy, insurance.predecessor_id) == ("bind", "")
    assert (inbox.kind, inbox.key) == ("contract_signed", f"{1:024x}:inbox:1:active")
    assert not [
        event for event in events if isinstance(event, CustomerFollowUpDue)
    ]  # the contract names no customer record


EMPLOYEE = staff(Role.EMPLOYEE)
S = ContractStatus


PEOPLE: dict[str, Any] = {"customer_id": "a" * 24, "worker_id": "b" * 24}


async def test_each_side_effect_of_a_contract_is_requested_once_in_order(harness: ContractsHarness) -> None:
    contract = await sent(harness, **PEOPLE)
    started = side_effect_kinds(harness, contract)
    contract = await signed(harness, contract)
    so_far = len(started)
    completed = side_effect_kinds(harness, contract)[so_far:]
    await sync(harness, contract.id)

    assert started == [
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
    assert len(side_effect_kinds(harness, contract)) == so_far + len(completed)


async def test_a_draft_requests_no_follow_up_of_customer_or_worker(harness: ContractsHarness) -> None:
    made = await harness.services.drafting.create(a_contract().terms(), BOSS, ACTOR, IdempotencyKey())

    assert side_effect_kinds(harness, made.contract) == [("staff_notice", "CONTRACT_CREATED")]


@pytest.mark.parametrize("status", [ProviderStatus.EXPIRED, ProviderStatus.REJECTED])
async def test_an_ended_signing_releases_customer_and_worker(harness: ContractsHarness, status: ProviderStatus) -> None:
    contract = await sent(harness, **PEOPLE)
    started = len(side_effect_kinds(harness, contract))
    harness.provider.processes[contract.esign_contract_no].status = status

    await sync(harness, contract.id)

    assert side_effect_kinds(harness, contract)[started:] == [
        ("staff_notice", "CONTRACT_CANCELLED"),
        ("inbox_message", "contract_cancelled"),
        ("customer_follow_up", "released"),
        ("worker_follow_up", "released"),
    ]


async def test_a_second_attempt_sends_no_second_invitation_but_reserves_the_worker_again(
    harness: ContractsHarness,
) -> None:
    contract = await sent(harness, **PEOPLE)
    harness.provider.processes[contract.esign_contract_no].status = ProviderStatus.EXPIRED
    await start_signing(harness, await sync(harness, contract.id), again=True)

    requested = side_effect_kinds(harness, contract)
    keys = [effect.key for effect in harness.effects(contract.id)]

    assert requested.count(("inbox_message", "contract_invite")) == 1
    assert requested.count(("worker_follow_up", "reserved")) == 2
    assert len(keys) == len(set(keys))


async def test_a_change_of_worker_releases_only_the_former_worker(harness: ContractsHarness) -> None:
    harness.people.customers["a" * 24] = PartyRecord(id="a" * 24)
    original = await in_force(harness, **PEOPLE)
    before = len(side_effect_kinds(harness, original))

    successor = await signed(harness, await a_successor(harness, original))
    await harness.relay()

    assert side_effect_kinds(harness, original)[before:] == [("worker_follow_up", "released")]
    (insurance,) = [effect for effect in harness.effects(successor.id) if isinstance(effect, InsuranceSyncDue)]
    assert (insurance.policy, insurance.predecessor_id) == ("amend", original.id)


async def test_the_agencys_seal_causes_no_notification(harness: ContractsHarness) -> None:
    contract = await sent(harness, training=True)
    harness.provider.sign(contract.esign_contract_no, 0)

    contract = await sync(harness, contract.id)

    assert ("staff_notice", "CONTRACT_PARTY_SIGNED") not in side_effect_kinds(harness, contract)
    assert not has_signed(contract, SignerRole.CUSTOMER)
