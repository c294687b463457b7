"""What is paid, once and exactly; moving in; and how a training ends."""

import asyncio

import pytest

from domain.contracts.customer_self_service import Payment
from domain.contracts.errors import (
    AlreadyPaid,
    AlreadyRefunded,
    ContractNotFound,
    PaymentIdUsed,
    PaymentMismatch,
    RefundTooHigh,
    TransitionNotAllowed,
)
from domain.contracts.events import (
    InboxMessageDue,
)
from domain.contracts.model import Contract
from domain.contracts.statuses import (
    ContractStatus,
    OnboardStatus,
    PaymentStatus,
)
from domain.shared.authority import Role
from domain.shared.errors import InvalidRequest, PermissionDenied
from tests.domain.contracts.builders import NOW, acting, id_card, staff
from tests.domain.contracts.fakes import ContractsHarness
from tests.domain.contracts.stories import ACTOR, BOSS, in_force, sent

EMPLOYEE = staff(Role.EMPLOYEE)
S = ContractStatus
NEW_WORKER = {"worker_name": "钱嫂", "worker_phone": "13700000001", "worker_id_card": id_card(50)}


# Payments


def payment(amount_fen: int = 680_000, number: str = "sn-1") -> Payment:
    return Payment(amount_fen=amount_fen, sqb_sn=number, paid_at=NOW)


async def pay(harness: ContractsHarness, contract: Contract, paid: Payment, phone: str = "") -> Contract:
    customers = harness.services.customers
    return await customers.confirm_payment(contract.id, phone or contract.customer_phone, paid, ACTOR)


async def test_a_training_is_in_force_once_it_is_signed_and_paid(harness: ContractsHarness) -> None:
    contract = await in_force(harness, training=True)

    paid = await pay(harness, contract, payment())
    twice = await pay(harness, contract, payment())

    assert (contract.contract_status, paid.contract_status) == (S.SIGNED, S.ACTIVE)
    assert (paid.payment_amount, paid.sqb_sn, paid.onboard_status) == (680_000, "sn-1", OnboardStatus.NOT_STARTED)
    assert twice == paid
    told = [effect.kind for effect in harness.effects(paid.id) if isinstance(effect, InboxMessageDue)]
    assert told.count("payment_done") == 1


async def test_many_confirmations_at_once_are_one_payment(harness: ContractsHarness) -> None:
    contract = await in_force(harness, training=True)

    outcomes = await asyncio.gather(*(pay(harness, contract, payment()) for _ in range(5)))

    assert len({outcome.version for outcome in outcomes}) == 1


async def test_only_the_amount_that_is_due_pays(harness: ContractsHarness) -> None:
    contract = await in_force(harness, training=True)

    for amount in (0, 1, 679_999, 680_001):
        with pytest.raises(PaymentMismatch) as refused:
            await pay(harness, contract, payment(amount))

    assert refused.value.details == {"amountDue": 680_000}
    with pytest.raises(ContractNotFound):
        await pay(harness, contract, payment(), phone="13800009999")


async def test_one_payment_pays_one_contract(harness: ContractsHarness) -> None:
    one, two = await in_force(harness, 1, training=True), await in_force(harness, 2, training=True)
    await pay(harness, one, payment())

    with pytest.raises(PaymentIdUsed):
        await pay(harness, two, payment())
    with pytest.raises(AlreadyPaid):
        await pay(harness, one, payment(number="sn-2"))


async def test_nothing_is_paid_before_it_is_signed(harness: ContractsHarness) -> None:
    contract = await sent(harness, training=True)

    with pytest.raises(TransitionNotAllowed):
        await pay(harness, contract, payment())


async def test_a_worker_moves_in_once_and_only_with_a_contract_in_force(harness: ContractsHarness) -> None:
    contract, unsigned = await in_force(harness), await sent(harness, 2)
    confirm = harness.services.customers.confirm_onboard

    once = await confirm(contract.id, contract.customer_phone, ACTOR)
    twice = await confirm(contract.id, contract.customer_phone, ACTOR)
    with pytest.raises(TransitionNotAllowed):
        await confirm(unsigned.id, unsigned.customer_phone, ACTOR)

    assert contract.onboard_status is OnboardStatus.PENDING
    assert (once.onboard_status, once.onboard_confirmed_by) == (OnboardStatus.CONFIRMED, contract.customer_phone)
    assert twice == once


# How a training ends


async def test_a_student_who_paid_graduates_once(harness: ContractsHarness) -> None:
    contract = await in_force(harness, training=True)
    training = harness.services.training
    with pytest.raises(TransitionNotAllowed):
        await training.graduate(contract.id, BOSS, ACTOR)
    await pay(harness, contract, payment())

    once, twice = (
        await training.graduate(contract.id, BOSS, ACTOR),
        await training.graduate(contract.id, BOSS, ACTOR),
    )

    assert (once.contract_status, once.graduated_at) == (S.GRADUATED, harness.clock.now())
    assert twice == once
    with pytest.raises(TransitionNotAllowed):
        await training.refund(contract.id, None, "退课", BOSS, ACTOR)


async def test_a_refund_is_recorded_beside_what_was_agreed(harness: ContractsHarness) -> None:
    contract = await in_force(harness, training=True)
    await pay(harness, contract, payment())
    refund = harness.services.training.refund

    with pytest.raises(PermissionDenied):
        await refund(contract.id, 100, "退课", EMPLOYEE, acting(EMPLOYEE))
    with pytest.raises(RefundTooHigh):
        await refund(contract.id, 680_001, "退课", BOSS, ACTOR)
    with pytest.raises(InvalidRequest):
        await refund(contract.id, 0, "退课", BOSS, ACTOR)
    refunded = await refund(contract.id, 300_000, "退课", BOSS, ACTOR)
    twice = [await refund(contract.id, amount, "退课", BOSS, ACTOR) for amount in (300_000, None)]
    with pytest.raises(AlreadyRefunded):
        await refund(contract.id, 100_000, "退课", BOSS, ACTOR)

    assert (refunded.contract_status, refunded.payment_status) == (S.REFUNDED, PaymentStatus.REFUNDED)
    assert (refunded.refund_amount_fen, refunded.course_amount_fen) == (300_000, contract.course_amount_fen)
    assert twice == [refunded, refunded]


async def test_housekeeping_neither_graduates_nor_is_refunded(harness: ContractsHarness) -> None:
    contract = await in_force(harness)

    with pytest.raises(TransitionNotAllowed):
        await harness.services.training.graduate(contract.id, BOSS, ACTOR)
    with pytest.raises(TransitionNotAllowed):
        await harness.services.training.refund(contract.id, 0, "", BOSS, ACTOR)
