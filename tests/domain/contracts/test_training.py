"""Graduation and refund of training orders."""

import pytest

from domain.contracts.errors import (
    AlreadyRefunded,
    RefundTooHigh,
    TransitionNotAllowed,
)
from domain.contracts.statuses import (
    ContractStatus,
    PaymentStatus,
)
from domain.shared.authority import Role
from domain.shared.errors import InvalidRequest, PermissionDenied
from tests.domain.contracts.builders import acting, staff
from tests.domain.contracts.harness import ContractsHarness
from tests.domain.contracts.scenarios import ACTOR, BOSS, in_force, pay, payment

EMPLOYEE = staff(Role.EMPLOYEE)
S = ContractStatus


async def test_graduation_is_idempotent_and_requires_payment(harness: ContractsHarness) -> None:
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


async def test_a_refund_keeps_the_agreed_fees_and_refuses_another_amount(harness: ContractsHarness) -> None:
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


async def test_a_housekeeping_contract_cannot_graduate_or_be_refunded(harness: ContractsHarness) -> None:
    contract = await in_force(harness)

    with pytest.raises(TransitionNotAllowed):
        await harness.services.training.graduate(contract.id, BOSS, ACTOR)
    with pytest.raises(TransitionNotAllowed):
        await harness.services.training.refund(contract.id, 0, "", BOSS, ACTOR)
