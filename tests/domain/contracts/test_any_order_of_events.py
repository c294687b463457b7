"""Contracts take only allowed transitions, for any order of actions of staff, signers, provider and network."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from itertools import pairwise
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from domain.contracts.drafting.service import IdempotencyKey
from domain.contracts.events import ContractChanged, ContractSideEffect, ContractStatusChanged
from domain.contracts.lifecycle import TRANSITIONS
from domain.contracts.milestones import Payment
from domain.contracts.model import Contract
from domain.contracts.signing.provider_state import apply_provider_state
from domain.contracts.statuses import CANCEL_REASON_BY_STATUS, CancelReason, ProviderStatus, SignerState
from domain.contracts.statuses import ContractStatus as S
from domain.contracts.terms import validated_terms
from domain.shared.authority import Role
from domain.shared.errors import DomainError, UpstreamFailed, UpstreamTimedOut
from tests.domain.contracts.builders import acting, provider_state, staff, terms, training_terms
from tests.domain.contracts.harness import FakeSigningProcess, contracts_harness

BOSS = staff(Role.ADMIN)
ACTOR = acting(BOSS)
OPEN = (ProviderStatus.WAITING, ProviderStatus.SIGNING)
WHICH = st.integers(0, 5)


class AnyOrderOfEvents(RuleBasedStateMachine):
    """All use cases over in-memory stores. The fake provider's processes are the reference."""

    @initialize()
    def start_signing(self) -> None:
        self.runner = asyncio.Runner()
        self.harness = contracts_harness()
        self.last_seen: dict[str, Contract] = {}
        self.numbers = 0
        for training, costs in ((False, False), (False, False), (True, True)):
            self.staff_create_a_contract(training, costs)
            self.staff_start_signing(self.numbers - 1)
        self.all_parties_sign(0)
        self.all_parties_sign(2)
        self.time_passes(60)

    def teardown(self) -> None:
        if not hasattr(self, "runner"):
            return
        try:
            self.run(self.settle())
            self.every_contract_is_consistent()
            for contract in self.harness.contracts.stored.values():
                self.require_agreement_with_provider(contract)
        finally:
            self.runner.run(self.harness.services.callbacks.stop())
            self.runner.close()

    # Staff and customers

    @rule(training=st.booleans(), costs=st.booleans())
    def staff_create_a_contract(self, training: bool, costs: bool) -> None:
        self.numbers += 1
        stated = training_terms(self.numbers, payment_enabled=costs) if training else terms(self.numbers)
        request = IdempotencyKey(key=f"key-{self.numbers}", digest="d")
        self.do(self.harness.services.drafting.create(validated_terms(stated), BOSS, ACTOR, request))

    @rule(which=WHICH, salary=st.integers(1, 3))
    def staff_edit(self, which: int, salary: int) -> None:
        if contract := self.pick(which):
            fields = {"worker_salary_fen": salary * 100, "remarks": f"备注{salary}"}
            self.do(self.harness.services.drafting.update(contract.id, fields, None, BOSS, ACTOR))

    @rule(which=WHICH)
    def staff_start_signing(self, which: int) -> None:
        if contract := self.pick(which, S.DRAFT, S.CANCELLED):
            again = contract.contract_status is S.CANCELLED
            self.do(self.harness.services.signing.initiate(contract.id, "", BOSS, ACTOR, again=again))

    @rule(which=WHICH)
    def staff_withdraw(self, which: int) -> None:
        if contract := self.pick(which, S.SIGNING):
            self.do(self.harness.services.signing.withdraw(contract.id, "客户改期", BOSS, ACTOR))

    @rule(which=WHICH)
    def staff_void(self, which: int) -> None:
        if contract := self.pick(which, S.ACTIVE):
            self.do(self.harness.services.signing.void(contract.id, "双方协商", BOSS, ACTOR))

    @rule(which=WHICH)
    def staff_discard(self, which: int) -> None:
        if contract := self.pick(which, S.DRAFT):
            self.do(self.harness.services.signing.discard(contract.id, "不需要", BOSS, ACTOR))

    @rule(which=WHICH, number=st.integers(1, 3))
    def staff_change_worker(self, which: int, number: int) -> None:
        if contract := self.pick(which, S.ACTIVE):
            worker = {"worker_name": "钱嫂", "worker_phone": f"1370000000{number}"}
            card = {"worker_id_card": terms(100 + number)["worker_id_card"]}
            drafting = self.harness.services.drafting
            self.do(drafting.change_worker(contract.id, {**worker, **card}, BOSS, ACTOR, IdempotencyKey()))

    @rule(which=WHICH, number=st.integers(1, 3))
    def staff_change_worker_and_all_sign(self, which: int, number: int) -> None:
        self.staff_change_worker(which, number)
        newest = list(self.harness.contracts.stored.values())[-1]
        if newest.contract_status is S.DRAFT:
            self.do(self.harness.services.signing.initiate(newest.id, "", BOSS, ACTOR))
            self.all_parties_sign(0)
            self.time_passes(60)

    @rule(which=WHICH, approve=st.booleans())
    def staff_delete(self, which: int, approve: bool) -> None:
        if contract := self.pick(which, S.CANCELLED):
            deleting = self.harness.services.deletion
            asked = self.do(deleting.request(contract.id, "录入错误", BOSS, ACTOR))
            if asked is not None:
                self.do((deleting.approve if approve else deleting.reject)(asked.id, "好", BOSS, ACTOR))

    @rule(which=WHICH, amount=st.sampled_from([680_000, 1]), number=st.integers(1, 2))
    def a_customer_pays(self, which: int, amount: int, number: int) -> None:
        if contract := self.pick(which, S.SIGNED, S.ACTIVE):
            payment = Payment(amount_fen=amount, sqb_sn=f"sn-{number}", paid_at=self.harness.clock.now())
            customers = self.harness.services.customers
            self.do(customers.confirm_payment(contract.id, contract.customer_phone, payment, ACTOR))

    @rule(which=WHICH, how=st.sampled_from(["onboard", "graduate", "refund", "insurance"]))
    def another_change_happens(self, which: int, how: str) -> None:
        if contract := self.pick(which, S.ACTIVE):
            services = self.harness.services
            self.do(
                {
                    "onboard": lambda: services.customers.confirm_onboard(contract.id, contract.customer_phone, ACTOR),
                    "graduate": lambda: services.training.graduate(contract.id, BOSS, ACTOR),
                    "refund": lambda: services.training.refund(contract.id, None, "退课", BOSS, ACTOR),
                    "insurance": lambda: services.insurance.record_result(contract.id, "没有保单", ACTOR),
                }[how]()
            )

    @rule(which=WHICH)
    def staff_start_and_cancel_at_once(self, which: int) -> None:
        if contract := self.pick(which, S.DRAFT, S.CANCELLED):
            signing = self.harness.services.signing
            start_signing = signing.initiate(
                contract.id, "", BOSS, ACTOR, again=contract.contract_status is S.CANCELLED
            )
            self.do(gather_domain_errors(start_signing, signing.cancel(contract.id, "改期", BOSS, ACTOR)))

    # The provider, the network and time

    @rule(which=WHICH, index=st.integers(0, 2))
    def a_party_signs(self, which: int, index: int) -> None:
        if (process := self.process(which, *OPEN)) and index < len(process.states):
            process.states[index] = SignerState.SIGNED
            all_signed = all(state is SignerState.SIGNED for state in process.states)
            process.status = ProviderStatus.COMPLETE if all_signed else ProviderStatus.SIGNING

    @rule(which=WHICH)
    def all_parties_sign(self, which: int) -> None:
        if (process := self.process(which, *OPEN)) and process.states:
            process.states = [SignerState.SIGNED] * len(process.states)
            process.status = ProviderStatus.COMPLETE

    @rule(which=WHICH, end=st.sampled_from([ProviderStatus.EXPIRED, ProviderStatus.REJECTED, ProviderStatus.FAILED]))
    def signing_ends_without_contract(self, which: int, end: ProviderStatus) -> None:
        if process := self.process(which, *OPEN):
            process.status = end

    @rule(which=WHICH)
    def all_parties_sign_the_voiding(self, which: int) -> None:
        if (process := self.process(which, ProviderStatus.COMPLETE)) and process.void_asked:
            process.status = ProviderStatus.VOIDED

    @rule(which=WHICH, times=st.integers(1, 3), status=st.sampled_from(["2", "3", "4", "1"]), late=st.booleans())
    def a_callback_arrives(self, which: int, times: int, status: str, late: bool) -> None:
        """A repeated callback about any attempt. Its status is not used."""
        numbers = list(self.harness.provider.processes) or ["CON0-1"]
        no = numbers[which % len(numbers)] if not late else numbers[0]
        for _ in range(times):
            self.run(self.harness.services.callbacks.receive({"contractNo": no, "status": status, "n": str(which)}))

    @rule(failure=st.sampled_from([UpstreamFailed, UpstreamTimedOut]), count=st.integers(1, 4))
    def the_provider_fails(self, failure: type[DomainError], count: int) -> None:
        self.harness.provider.failures += [failure() for _ in range(count)]

    @rule(seconds=st.sampled_from([1, 60, 3600, 86_400 * 20]))
    def time_passes(self, seconds: int) -> None:
        self.harness.clock.advance(seconds=seconds)
        self.run(self.harness.services.reconciler.sweep())

    @rule()
    def events_are_relayed(self) -> None:
        self.run(self.harness.relay())

    @rule(which=WHICH, status=st.sampled_from(list(ProviderStatus)))
    def a_state_of_an_earlier_attempt_is_ignored(self, which: int, status: ProviderStatus) -> None:
        contract = self.pick(which)
        if contract is None or contract.attempt_number < 2:
            return
        former = {"contract_no": f"{contract.contract_number}-1"}
        answer = provider_state(contract, status, *[SignerState.SIGNED] * 3).model_copy(update=former)
        assert apply_provider_state(contract, answer, self.harness.clock.now()) is contract

    # Invariants

    @invariant()
    def every_contract_is_consistent(self) -> None:
        if not hasattr(self, "harness"):
            return
        for contract in self.harness.contracts.stored.values():
            self.require_consistent_change(self.last_seen.get(contract.id), contract)
            self.require_allowed_transitions(contract)
            self.last_seen[contract.id] = contract
        keys = [effect.key for effect in self.harness.contracts.events_of(ContractSideEffect)]
        assert len(keys) == len(set(keys))

    def require_consistent_change(self, before: Contract | None, after: Contract) -> None:
        if before is None or before == after:
            return
        assert after.version > before.version
        assert after.history[: len(before.history)] == before.history
        assert before.signed_snapshot in (None, after.signed_snapshot)
        assert before.is_terminal is False or after.contract_status is before.contract_status
        assert before.deleted_at is None
        same_terms = before.signed_snapshot is None or before.worker_salary_fen == after.worker_salary_fen
        assert same_terms

    def require_allowed_transitions(self, contract: Contract) -> None:
        steps = [(entry.from_status, entry.to_status) for entry in contract.history if entry.is_transition][1:]
        assert [step for step in steps if step not in TRANSITIONS] == []
        assert [to for _, to in steps][-1:] == ([contract.contract_status] if steps else [])
        assert all(one[1] is two[0] for one, two in pairwise(steps))
        events = [e for e in self.harness.contracts.events_of(ContractStatusChanged) if e.card.id == contract.id]
        assert [(event.from_status, event.to_status) for event in events] == steps
        all_changes = [
            e for e in self.harness.contracts.events if isinstance(e, ContractStatusChanged | ContractChanged)
        ]
        versions = [event.card.version for event in all_changes if event.card.id == contract.id]
        assert versions == sorted(set(versions))
        assert len(versions) == len(contract.history)
        assert (contract.cancel_reason is not None) is (contract.contract_status is S.CANCELLED)
        if contract.contract_status in (S.ACTIVE, S.SIGNED):
            process = self.harness.provider.processes[contract.esign_contract_no]
            assert process.status in (ProviderStatus.COMPLETE, ProviderStatus.VOIDED)
            assert all(signer.state is SignerState.SIGNED for signer in contract.signers)
        if contract.contract_status is S.REPLACED:
            successor = self.harness.contracts.stored[contract.replaced_by_contract_id]
            assert any(entry.to_status is S.ACTIVE for entry in successor.history)

    async def settle(self) -> None:
        self.harness.provider.failures.clear()
        for _ in range(12):
            self.harness.clock.advance(hours=1)
            await self.harness.services.reconciler.sweep()
            await self.harness.relay()

    def require_agreement_with_provider(self, contract: Contract) -> None:
        process = self.harness.provider.processes.get(contract.esign_contract_no)
        if process is None or contract.deleted_at is not None:
            return
        if contract.contract_status is S.SIGNING:
            assert process.status in OPEN
        if process.status in CANCEL_REASON_BY_STATUS and contract.contract_status is S.CANCELLED:
            assert contract.cancel_reason is not CancelReason.VOIDED
        if process.status is ProviderStatus.COMPLETE:
            assert contract.signed_snapshot is not None
        if contract.cancel_reason is CancelReason.VOIDED:
            assert process.status is ProviderStatus.VOIDED
        if process.status in OPEN:
            assert contract.contract_status in (S.SIGNING, S.CANCELLED)

    # Helpers

    def pick(self, which: int, *suitable: S) -> Contract | None:
        """A contract with a suitable status; sometimes, or when there is none, any contract."""
        present = [each for each in self.harness.contracts.stored.values() if each.deleted_at is None]
        chosen = [each for each in present if each.contract_status in suitable and which] or present
        return chosen[which % len(chosen)] if chosen else None

    def process(self, which: int, *suitable: ProviderStatus) -> FakeSigningProcess | None:
        processes = [each for each in self.harness.provider.processes.values() if each.status in suitable]
        return processes[-1 - which % len(processes)] if processes else None

    def do(self, work: Awaitable[Any]) -> Any:
        """Run a use case; domain errors are allowed."""
        with suppress(DomainError):
            return self.run(work)

    def run(self, work: Awaitable[Any]) -> Any:
        async def whole() -> Any:
            try:
                return await work
            finally:
                for _ in range(60):  # background tasks finish
                    await asyncio.sleep(0)

        return self.runner.run(whole())


async def gather_domain_errors(*works: Awaitable[Any]) -> None:
    for outcome in await asyncio.gather(*works, return_exceptions=True):
        if isinstance(outcome, BaseException) and not isinstance(outcome, DomainError):
            raise outcome


TestAnyOrderOfEvents = AnyOrderOfEvents.TestCase

TestAnyOrderOfEvents.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
