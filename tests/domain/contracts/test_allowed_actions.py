"""The actions that clients offer on a contract: by its state, by permission and by role."""

from typing import Any

import pytest

from domain.contracts.allowed_actions import ContractAction, ContractCapability, allowed_actions, capabilities
from domain.contracts.deletion.model import DeletionRequest
from domain.contracts.drafting.service import editable_terms
from domain.contracts.model import Contract
from domain.contracts.signing.model import PendingClosure
from domain.contracts.statuses import CAN_BE_SIGNED_AGAIN, CancelReason, ContractStatus, OnboardStatus, PaymentStatus
from domain.contracts.terms import CONTACT_FIELDS, ContractTerms
from domain.shared.authority import Role
from tests.domain.contracts.builders import NOW, STAFF, a_contract, active, signing, staff

A = ContractAction
ADMIN, MANAGER, OPERATOR, EMPLOYEE = (staff(role) for role in (Role.ADMIN, Role.MANAGER, Role.OPERATOR, Role.EMPLOYEE))
REQUEST = DeletionRequest(id="f" * 24, requested_by=STAFF, requested_at=NOW, reason="录错")


def cancelled(reason: CancelReason, **fields: Any) -> Contract:
    return a_contract(contract_status=ContractStatus.CANCELLED, cancel_reason=reason, **fields)


def paid_training() -> Contract:
    return active(training=True).with_fields(contract_status=ContractStatus.ACTIVE, payment_status=PaymentStatus.PAID)


def closing(contract: Contract, **fields: Any) -> Contract:
    kind = "void" if contract.contract_status is ContractStatus.ACTIVE else "withdraw"
    return contract.with_fields(
        closure=PendingClosure(kind=kind, reason="协商", requested_by=STAFF, requested_at=NOW, **fields)
    )


STATES: dict[str, tuple[Contract, list[ContractAction]]] = {
    "draft": (a_contract(), [A.INITIATE, A.PREVIEW_DRAFT, A.EDIT, A.ASSIGN, A.DISCARD, A.DELETE]),
    "signing": (signing(), [A.GET_SIGNING_LINKS, A.SYNC, A.PREVIEW, A.EDIT, A.ASSIGN, A.WITHDRAW]),
    "being withdrawn": (closing(signing()), [A.GET_SIGNING_LINKS, A.SYNC, A.PREVIEW, A.EDIT, A.ASSIGN]),
    "withdrawal failed": (
        closing(signing(), problem="NO_ANSWER"),
        [A.GET_SIGNING_LINKS, A.SYNC, A.PREVIEW, A.EDIT, A.ASSIGN, A.WITHDRAW],
    ),
    "in force": (active(), [A.DOWNLOAD, A.EDIT, A.CHANGE_WORKER, A.RENEW, A.CONFIRM_ONBOARD, A.ASSIGN, A.VOID]),
    "onboarded": (
        active().with_fields(onboard_status=OnboardStatus.CONFIRMED),
        [A.DOWNLOAD, A.EDIT, A.CHANGE_WORKER, A.RENEW, A.ASSIGN, A.VOID],
    ),
    "being voided": (
        closing(active(), accepted=True),
        [A.GET_SIGNING_LINKS, A.DOWNLOAD, A.EDIT, A.ASSIGN],
    ),
    "training, to be paid": (active(training=True), [A.DOWNLOAD, A.EDIT, A.RECORD_PAYMENT, A.ASSIGN]),
    "training, paid": (paid_training(), [A.DOWNLOAD, A.EDIT, A.GRADUATE, A.ASSIGN, A.VOID, A.REFUND]),
    "expired": (cancelled(CancelReason.EXPIRED), [A.REINITIATE, A.PREVIEW_DRAFT, A.EDIT, A.ASSIGN, A.DELETE]),
    "expired, replaced since": (
        cancelled(CancelReason.EXPIRED, replaced_by_contract_id="d" * 24),
        [A.EDIT, A.ASSIGN, A.DELETE],
    ),
    "discarded": (cancelled(CancelReason.DISCARDED), [A.EDIT, A.ASSIGN, A.DELETE]),
    "voided": (cancelled(CancelReason.VOIDED), [A.EDIT, A.ASSIGN]),
    "replaced": (active().with_fields(contract_status=ContractStatus.REPLACED), [A.DOWNLOAD, A.ASSIGN]),
    "deletion requested": (
        a_contract(deletion_requests=(REQUEST,)),
        [A.INITIATE, A.PREVIEW_DRAFT, A.EDIT, A.ASSIGN, A.DISCARD, A.DECIDE_DELETION],
    ),
}


@pytest.mark.parametrize("state", STATES)
def test_an_administrator_gets_what_the_state_allows(state: str) -> None:
    contract, expected = STATES[state]

    assert allowed_actions(contract, ADMIN) == expected


def test_managers_void_refund_and_record_payments_and_operators_do_not() -> None:
    for contract, action in (
        (active(), A.VOID),
        (paid_training(), A.REFUND),
        (active(training=True), A.RECORD_PAYMENT),
    ):
        assert action in allowed_actions(contract, MANAGER)
        assert action not in allowed_actions(contract, OPERATOR)


def test_only_roles_that_see_all_contracts_assign_them() -> None:
    assert A.ASSIGN in allowed_actions(a_contract(), OPERATOR)
    assert A.ASSIGN not in allowed_actions(a_contract(), EMPLOYEE)


def test_only_administrators_delete_at_once_and_decide_about_requests() -> None:
    asked = a_contract(deletion_requests=(REQUEST,))

    assert A.REQUEST_DELETION in allowed_actions(a_contract(), OPERATOR)
    assert A.DELETE not in allowed_actions(a_contract(), OPERATOR)
    assert {A.REQUEST_DELETION, A.DECIDE_DELETION}.isdisjoint(allowed_actions(asked, OPERATOR))


@pytest.mark.parametrize("state", STATES)
def test_without_the_permission_to_edit_a_contract_can_only_be_read(state: str) -> None:
    contract, _ = STATES[state]
    reader = EMPLOYEE.model_copy(update={"permissions": frozenset({"contract:view"})})

    assert set(allowed_actions(contract, reader)) <= {A.SYNC, A.PREVIEW_DRAFT, A.PREVIEW, A.DOWNLOAD}


@pytest.mark.parametrize("reason", list(CancelReason))
def test_all_terms_are_editable_until_the_parties_have_them_before_them(reason: CancelReason) -> None:
    every = frozenset(ContractTerms.model_fields)

    assert editable_terms(a_contract()) == every
    assert editable_terms(cancelled(reason)) == (every if reason in CAN_BE_SIGNED_AGAIN else CONTACT_FIELDS)
    assert editable_terms(signing()) == editable_terms(active()) == CONTACT_FIELDS
    assert editable_terms(active().with_fields(contract_status=ContractStatus.REPLACED)) == frozenset()


def test_capabilities_follow_the_role() -> None:
    assert capabilities(ADMIN) == [ContractCapability.SEE_ALL, ContractCapability.DECIDE_DELETION]
    assert capabilities(MANAGER) == capabilities(OPERATOR) == [ContractCapability.SEE_ALL]
    assert capabilities(EMPLOYEE) == []
