"""Onboarding and payments that staff report, and what a payment must be."""

from datetime import timedelta
from typing import Any

import pytest

from domain.contracts.errors import PaymentIdUsed, PaymentMismatch, TransitionNotAllowed
from domain.contracts.milestones import CLOCKS_DIFFER_BY, PAID_BEFORE
from domain.contracts.statuses import ContractStatus, OnboardStatus
from domain.shared.authority import Role
from domain.shared.errors import InvalidRequest, PermissionDenied
from tests.domain.contracts.builders import NOW, STAFF, acting, staff
from tests.domain.contracts.harness import ContractsHarness
from tests.domain.contracts.scenarios import ACTOR, BOSS, in_force, pay, payment, sent

EMPLOYEE = staff(Role.EMPLOYEE)


async def test_staff_confirm_that_the_worker_has_started(harness: ContractsHarness) -> None:
    contract, unsigned = await in_force(harness), await sent(harness, 2)
    confirm = harness.services.milestones.confirm_onboard

    once = await confirm(contract.id, BOSS, ACTOR)
    twice = await confirm(contract.id, BOSS, ACTOR)

    assert (once.onboard_status, once.onboard_confirmed_by) == (OnboardStatus.CONFIRMED, STAFF.id)
    assert twice == once
    with pytest.raises(TransitionNotAllowed):
        await confirm(unsigned.id, BOSS, ACTOR)


async def test_a_recorded_payment_brings_a_training_into_force(harness: ContractsHarness) -> None:
    one, two = await in_force(harness, training=True), await in_force(harness, 2, training=True)
    record = harness.services.milestones.record_payment

    paid = await record(one.id, payment(), BOSS, ACTOR)

    assert (paid.contract_status, paid.sqb_sn) == (ContractStatus.ACTIVE, "sn-1")
    with pytest.raises(PaymentIdUsed):
        await record(two.id, payment(), BOSS, ACTOR)
    with pytest.raises(PaymentMismatch):
        await record(two.id, payment(1, "sn-2"), BOSS, ACTOR)
    with pytest.raises(PermissionDenied):
        await record(two.id, payment(number="sn-2"), EMPLOYEE, acting(EMPLOYEE))


async def test_a_payment_lies_at_most_a_year_before_the_contract(harness: ContractsHarness) -> None:
    contract = await in_force(harness, training=True)
    earliest = contract.created_at - PAID_BEFORE

    with pytest.raises(InvalidRequest) as refused:
        await pay(harness, contract, payment().model_copy(update={"paid_at": earliest - timedelta(days=1)}))
    paid = await pay(harness, contract, payment().model_copy(update={"paid_at": earliest}))

    fields: Any = refused.value.details["fields"]
    assert fields[0]["field"] == "paidAt"
    assert paid.paid_at == earliest


async def test_a_payment_lies_in_the_past_but_for_clocks_that_differ(harness: ContractsHarness) -> None:
    contract = await in_force(harness, training=True)
    latest = NOW + CLOCKS_DIFFER_BY

    with pytest.raises(InvalidRequest) as refused:
        await pay(harness, contract, payment().model_copy(update={"paid_at": latest + timedelta(seconds=1)}))
    paid = await pay(harness, contract, payment().model_copy(update={"paid_at": latest}))

    fields: Any = refused.value.details["fields"]
    assert fields[0]["field"] == "paidAt"
    assert paid.paid_at == latest
