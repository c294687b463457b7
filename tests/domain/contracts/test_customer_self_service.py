"""Payments and onboarding by customers and students."""

import asyncio

import pytest

from domain.contracts.errors import (
    AlreadyPaid,
    ContractNotFound,
    PaymentIdUsed,
    PaymentMismatch,
    TransitionNotAllowed,
)
from domain.contracts.events import (
    InboxMessageDue,
)
from domain.contracts.statuses import (
    ContractStatus,
    OnboardStatus,
)
from tests.domain.contracts.harness import ContractsHarness
from tests.domain.contracts.scenarios import ACTOR, in_force, pay, payment, sent

S = ContractStatus


async def test_a_signed_training_is_in_force_once_it_is_paid(harness: ContractsHarness) -> None:
    contract = await in_force(harness, training=True)

    paid = await pay(harness, contract, payment())
    twice = await pay(harness, contract, payment())

    assert (contract.contract_status, paid.contract_status) == (S.SIGNED, S.ACTIVE)
    assert (paid.payment_amount, paid.sqb_sn, paid.onboard_status) == (680_000, "sn-1", OnboardStatus.NOT_STARTED)
    assert twice == paid
    messages = [effect.kind for effect in harness.effects(paid.id) if isinstance(effect, InboxMessageDue)]
    assert messages.count("payment_done") == 1


async def test_simultaneous_confirmations_record_one_payment(harness: ContractsHarness) -> None:
    contract = await in_force(harness, training=True)

    outcomes = await asyncio.gather(*(pay(harness, contract, payment()) for _ in range(5)))

    assert len({outcome.version for outcome in outcomes}) == 1


async def test_a_payment_of_another_amount_or_customer_is_refused(harness: ContractsHarness) -> None:
    contract = await in_force(harness, training=True)

    for amount in (0, 1, 679_999, 680_001):
        with pytest.raises(PaymentMismatch) as refused:
            await pay(harness, contract, payment(amount))

    assert refused.value.details == {"amountDue": 680_000}
    with pytest.raises(ContractNotFound):
        await pay(harness, contract, payment(), phone="13800009999")


async def test_a_payment_id_pays_one_contract(harness: ContractsHarness) -> None:
    one, two = await in_force(harness, 1, training=True), await in_force(harness, 2, training=True)
    await pay(harness, one, payment())

    with pytest.raises(PaymentIdUsed):
        await pay(harness, two, payment())
    with pytest.raises(AlreadyPaid):
        await pay(harness, one, payment(number="sn-2"))


async def test_an_unsigned_training_cannot_be_paid(harness: ContractsHarness) -> None:
    contract = await sent(harness, training=True)

    with pytest.raises(TransitionNotAllowed):
        await pay(harness, contract, payment())


async def test_onboarding_is_idempotent_and_requires_a_contract_in_force(harness: ContractsHarness) -> None:
    contract, unsigned = await in_force(harness), await sent(harness, 2)
    confirm = harness.services.customers.confirm_onboard

    once = await confirm(contract.id, contract.customer_phone, ACTOR)
    twice = await confirm(contract.id, contract.customer_phone, ACTOR)
    with pytest.raises(TransitionNotAllowed):
        await confirm(unsigned.id, unsigned.customer_phone, ACTOR)

    assert contract.onboard_status is OnboardStatus.PENDING
    assert (once.onboard_status, once.onboard_confirmed_by) == (OnboardStatus.CONFIRMED, contract.customer_phone)
    assert twice == once
