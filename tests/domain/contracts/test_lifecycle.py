"""Every step that a contract can take, every one that it cannot, and any order in which people try."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from domain.contracts.errors import TransitionNotAllowed
from domain.contracts.lifecycle import TRANSITIONS, transition
from domain.contracts.model import TERMINAL_STATUSES, Contract
from domain.contracts.signing.model import PendingClosure
from domain.contracts.signing.provider_state import apply_provider_state
from domain.contracts.statuses import (
    CAN_BE_SIGNED_AGAIN,
    CancelReason,
    PaymentStatus,
    ProviderStatus,
    SignerState,
)
from domain.contracts.statuses import ContractStatus as S
from tests.domain.contracts.builders import NOW, STAFF, a_contract, provider_state, with_attempt


@pytest.mark.parametrize(("current", "to"), [pair for pair in product(S, S) if pair not in TRANSITIONS])
def test_a_transition_that_is_not_in_the_table_is_refused(current: S, to: S) -> None:
    everything: dict[str, Any] = {
        "replaced_by_contract_id": "9" * 24,
        "refund_amount_fen": 0,
        "cancel_reason": CancelReason.REJECTED,
    }
    contract = a_contract(contract_status=current, **everything)

    with pytest.raises(TransitionNotAllowed) as refused:
        transition(contract, to, STAFF, NOW, **with_attempt(contract))

    assert refused.value.details == {"current": str(current), "requested": str(to), "hindrance": "not_in_table"}


def test_the_transition_table_is_as_specified() -> None:
    assert set(TRANSITIONS) == {
        (S.DRAFT, S.SIGNING),
        (S.DRAFT, S.CANCELLED),
        (S.SIGNING, S.ACTIVE),
        (S.SIGNING, S.SIGNED),
        (S.SIGNING, S.CANCELLED),
        (S.SIGNED, S.ACTIVE),
        (S.SIGNED, S.REFUNDED),
        (S.CANCELLED, S.SIGNING),
        (S.ACTIVE, S.REPLACED),
        (S.ACTIVE, S.CANCELLED),
        (S.ACTIVE, S.GRADUATED),
        (S.ACTIVE, S.REFUNDED),
    }


def test_a_terminal_status_has_no_transitions() -> None:
    assert not [pair for pair in TRANSITIONS if pair[0] in TERMINAL_STATUSES]


@pytest.mark.parametrize(
    ("current", "to", "fields", "hindrance"),
    [
        (S.DRAFT, S.SIGNING, {"customer_id_card": ""}, "incomplete"),
        (S.DRAFT, S.SIGNING, {"esign_attempt": None}, "no_attempt"),
        (S.DRAFT, S.CANCELLED, {"cancel_reason": None}, "no_reason"),
        (S.SIGNING, S.ACTIVE, {}, "unsigned"),
        (S.SIGNING, S.SIGNED, {}, "nothing_to_pay"),
        (S.SIGNING, S.CANCELLED, {"cancel_reason": CancelReason.VOIDED}, "no_reason"),
        (S.CANCELLED, S.SIGNING, {"cancel_reason": CancelReason.VOIDED}, "cancelled_for_good"),
        (S.CANCELLED, S.SIGNING, {"cancel_reason": CancelReason.DISCARDED}, "cancelled_for_good"),
        (
            S.CANCELLED,
            S.SIGNING,
            {"cancel_reason": CancelReason.EXPIRED, "replaced_by_contract_id": "9" * 24},
            "superseded",
        ),
        (S.ACTIVE, S.REPLACED, {}, "no_successor"),
        (S.ACTIVE, S.CANCELLED, {"cancel_reason": CancelReason.REJECTED}, "no_reason"),
        (S.ACTIVE, S.GRADUATED, {}, "not_training"),
        (S.ACTIVE, S.REFUNDED, {"refund_amount_fen": 1}, "not_training"),
    ],
)
def test_each_transition_has_its_guard(current: S, to: S, fields: dict[str, object], hindrance: str) -> None:
    contract = a_contract(contract_status=current)

    with pytest.raises(TransitionNotAllowed) as refused:
        transition(contract, to, STAFF, NOW, **{**with_attempt(contract), **fields})

    assert refused.value.details["hindrance"] == hindrance


def test_a_training_with_a_fee_is_not_in_force_before_payment() -> None:
    signing = a_contract(training=True, contract_status=S.SIGNING)
    signing = signing.model_copy(update=with_attempt(signing, sent=True))

    signed = apply_provider_state(signing, provider_state(signing, ProviderStatus.COMPLETE), NOW)
    with pytest.raises(TransitionNotAllowed):
        transition(signed, S.ACTIVE, STAFF, NOW)
    active = transition(signed, S.ACTIVE, STAFF, NOW, payment_status=PaymentStatus.PAID, sqb_sn="sn-1")

    assert (signed.contract_status, active.contract_status) == (S.SIGNED, S.ACTIVE)


def test_the_last_signature_stores_a_snapshot_that_edits_do_not_change() -> None:
    signing = a_contract(contract_status=S.SIGNING)
    signing = signing.model_copy(update=with_attempt(signing, sent=True))

    active = apply_provider_state(signing, provider_state(signing, ProviderStatus.COMPLETE), NOW)
    later = active.with_terms({"customer_phone": "13700000000"})

    assert later.signed_snapshot is not None
    assert later.signed_snapshot.terms.customer_phone == signing.customer_phone
    assert later.signed_snapshot.contract_no == signing.esign_contract_no


class ContractLifecycle(RuleBasedStateMachine):
    """Staff, parties, provider and payment do whatever they like, in any order; the contract's life stays legal."""

    @initialize(training=st.booleans())
    def draft(self, training: bool) -> None:
        self.contract = a_contract(training=training)
        self.path = [S.DRAFT]
        self.states = [SignerState.WAITING] * 3
        self.now = NOW
        self.snapshot = self.contract.signed_snapshot

    def attempt(self, after: Contract) -> None:
        if after.contract_status is not self.contract.contract_status:
            self.path.append(after.contract_status)
        self.contract = after

    def step(self, to: S, **fields: Any) -> None:
        self.now += timedelta(seconds=1)
        try:
            self.attempt(transition(self.contract, to, STAFF, self.now, **fields))
        except TransitionNotAllowed:
            return

    @rule()
    def staff_starts_signing(self) -> None:
        fields = with_attempt(self.contract, self.contract.attempt_number + 1)
        before = self.contract
        self.step(S.SIGNING, **fields)
        if self.contract is not before:
            self.states = [SignerState.WAITING] * 3
            assert before.contract_status is S.DRAFT or before.cancel_reason in CAN_BE_SIGNED_AGAIN

    @rule()
    def staff_discards(self) -> None:
        self.step(S.CANCELLED, cancel_reason=CancelReason.DISCARDED)

    @rule()
    def staff_requests_voiding(self) -> None:
        closure = PendingClosure(kind="void", reason="双方协商", requested_by=STAFF, requested_at=self.now)
        self.attempt(self.contract.with_fields(closure=closure))

    @rule(index=st.integers(0, 2))
    def a_party_signs(self, index: int) -> None:
        self.states[index] = SignerState.SIGNED

    @rule(status=st.sampled_from(list(ProviderStatus)), stale=st.booleans())
    def the_provider_is_queried(self, status: ProviderStatus, stale: bool) -> None:
        self.now += timedelta(seconds=1)
        answer = provider_state(self.contract, status, *self.states)
        if stale:
            answer = answer.model_copy(update={"contract_no": f"{self.contract.contract_number}-0"})
        before = self.contract
        try:
            after = apply_provider_state(before, answer, self.now)
        except TransitionNotAllowed:
            return
        assert not stale or after is before
        self.attempt(after)
        assert len(self.path) >= 1

    @rule()
    def the_student_pays(self) -> None:
        self.step(S.ACTIVE, payment_status=PaymentStatus.PAID, sqb_sn="sn-1")

    @rule()
    def a_successor_comes_into_force(self) -> None:
        self.step(S.REPLACED, replaced_by_contract_id="9" * 24)

    @rule(to=st.sampled_from([S.GRADUATED, S.REFUNDED]))
    def a_training_graduates_or_is_refunded(self, to: S) -> None:
        self.step(to, **({"refund_amount_fen": 100} if to is S.REFUNDED else {}))

    @rule(to=st.sampled_from(list(S)))
    def any_transition_is_tried(self, to: S) -> None:
        self.step(to)

    @invariant()
    def every_transition_was_allowed_and_is_in_the_history(self) -> None:
        if not hasattr(self, "path"):
            return
        steps = [(one, two) for one, two in zip(self.path, self.path[1:], strict=False)]
        assert all(step in TRANSITIONS for step in steps)
        remembered = [(entry.from_status, entry.to_status) for entry in self.contract.history if entry.is_transition][
            1:
        ]
        assert remembered == steps[-len(remembered) :] if remembered else not steps

    @invariant()
    def status_and_fields_agree(self) -> None:
        if not hasattr(self, "contract"):
            return
        contract = self.contract
        was_signed = any(entry.to_status in (S.ACTIVE, S.SIGNED) for entry in contract.history)
        assert (contract.signed_snapshot is not None) is was_signed
        assert (contract.contract_status is S.CANCELLED) is (contract.cancel_reason is not None)
        if contract.contract_status is S.ACTIVE:
            assert all(signer.state is SignerState.SIGNED for signer in contract.signers)
        if contract.contract_status is S.REPLACED:
            assert contract.replaced_by_contract_id
            assert not contract.is_latest


TestLifecycle = ContractLifecycle.TestCase
TestLifecycle.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)
