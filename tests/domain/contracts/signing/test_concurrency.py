"""Two app processes that sign the same contract, and late answers of the provider."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from domain.contracts.drafting.template_filling import TemplateValues
from domain.contracts.errors import SigningMissing, SigningRefused
from domain.contracts.model import Contract
from domain.contracts.ports import Callback
from domain.contracts.services import ContractPorts, ContractServices, contract_services
from domain.contracts.signing.model import Signers, SigningAttempt
from domain.contracts.signing.provider_state import apply_provider_state
from domain.contracts.signing.provider_sync import MAX_LATE_POLLS
from domain.contracts.statuses import CancelReason, ContractStatus, ProviderStatus, SignerState
from domain.shared.errors import UpstreamFailed
from domain.shared.scope import EVERYTHING
from tests.domain.contracts.builders import NOW, a_contract, acting, provider_state, signing, staff
from tests.domain.contracts.harness import (
    ContractsHarness,
    FakeSigningProvider,
    RecordedAudit,
    contracts_harness,
)
from tests.domain.working_days import Weekdays

S = ContractStatus
STAFF = staff()
ACTOR = acting(STAFF)
OPEN = ProviderStatus.WAITING
NOTHING_FILLED = TemplateValues(texts={}, choices={}, checks={}, fields={})


class DelayedProvider(FakeSigningProvider):
    """A client of the shared provider, for one app process. Tests delay or refuse its calls."""

    def __init__(self, harness: ContractsHarness) -> None:
        super().__init__(harness.clock, harness.provider.processes)
        self.asked_to_create = asyncio.Event()
        self.may_create = asyncio.Event()
        self.may_create.set()
        self.refuses: type[Exception] | None = None
        self.when_missing: Callable[[], Awaitable[object]] | None = None

    async def create(self, attempt: SigningAttempt, title: str, filling: TemplateValues) -> None:
        self.asked_to_create.set()
        await self.may_create.wait()
        await super().create(attempt, title, filling)

    async def add_signers(self, attempt: SigningAttempt, signers: Signers) -> None:
        if self.refuses is not None:
            raise self.refuses
        await super().add_signers(attempt, signers)

    async def withdraw(self, contract_no: str, reason: str) -> None:
        try:
            await super().withdraw(contract_no, reason)
        except SigningMissing:
            if self.when_missing is not None:
                await self.when_missing()
            raise


class AppProcess:
    def __init__(self, harness: ContractsHarness) -> None:
        self.provider = DelayedProvider(harness)
        self.services: ContractServices = contract_services(
            ContractPorts(
                repository=harness.contracts,
                lookups=harness.contracts,
                approvals=harness.approvals,
                parties=harness.people,
                staff=harness.people,
                phones=harness.people,
                inbox=harness.inbox,
                provider=self.provider,
                verifier=harness.callbacks,
                callbacks=harness.callbacks,
                spreadsheets=harness.spreadsheets,
                working_days=Weekdays(),
                audit=RecordedAudit(),
                clock=harness.clock,
                ids=harness.ids,
            )
        )

    async def initiate(self, contract_id: str, *, again: bool = False) -> Contract:
        return await self.services.signing.initiate(contract_id, "", STAFF, ACTOR, again=again)

    async def synchronise(self, contract_id: str) -> None:
        await self.services.signing.sync(contract_id, EVERYTHING)


async def being_sent(harness: ContractsHarness, slow: AppProcess) -> Contract:
    """A contract that `slow` is sending: its call to create the process is pending."""
    slow.provider.may_create.clear()
    contract = await slow.initiate((await harness.add(a_contract())).id)
    await slow.provider.asked_to_create.wait()
    return contract


async def test_a_withdrawal_during_sending_is_repeated_once_the_provider_has_the_contract() -> None:
    harness = contracts_harness()
    slow, quick = AppProcess(harness), AppProcess(harness)
    contract = await being_sent(harness, slow)

    async def sent_in_between() -> None:
        slow.provider.may_create.set()
        await slow.synchronise(contract.id)

    quick.provider.when_missing = sent_in_between

    ended = await quick.services.signing.withdraw(contract.id, "客户改期", STAFF, ACTOR)

    assert (ended.contract_status, ended.cancel_reason) == (S.CANCELLED, CancelReason.WITHDRAWN)
    assert harness.provider.processes[contract.esign_contract_no].status is ProviderStatus.WITHDRAWN


async def test_a_refusal_in_one_app_process_does_not_undo_the_sending_of_another() -> None:
    harness = contracts_harness()
    slow, quick = AppProcess(harness), AppProcess(harness)
    contract = await being_sent(harness, slow)
    await quick.synchronise(contract.id)
    slow.provider.refuses = SigningRefused

    slow.provider.may_create.set()
    await slow.synchronise(contract.id)

    contract_now = await harness.contract_now(contract.id)
    assert contract_now.contract_status is S.SIGNING
    assert contract_now.esign_attempt is not None
    assert contract_now.esign_attempt.sent


async def test_a_refusal_caused_by_a_withdrawal_ends_as_withdrawn() -> None:
    harness = contracts_harness()
    slow, quick = AppProcess(harness), AppProcess(harness)
    contract = await being_sent(harness, slow)
    attempt = contract.esign_attempt
    assert attempt is not None
    await harness.provider.create(attempt, "", NOTHING_FILLED)
    quick.provider.failures = [UpstreamFailed()]  # requested, and not confirmed yet
    await quick.services.signing.withdraw(contract.id, "客户改期", STAFF, ACTOR)
    slow.provider.refuses = SigningRefused
    slow.provider.may_create.set()
    await slow.synchronise(contract.id)

    await quick.synchronise(contract.id)

    contract_now = await harness.contract_now(contract.id)
    assert (contract_now.contract_status, contract_now.cancel_reason) == (S.CANCELLED, CancelReason.WITHDRAWN)


async def test_an_attempt_that_was_cancelled_unsent_but_arrived_is_withdrawn() -> None:
    harness = contracts_harness()
    slow, quick = AppProcess(harness), AppProcess(harness)
    contract = await being_sent(harness, slow)
    await quick.services.signing.withdraw(contract.id, "客户改期", STAFF, ACTOR)
    attempt = contract.esign_attempt
    assert attempt is not None
    await harness.provider.create(attempt, "", NOTHING_FILLED)  # by an app process that then stopped
    await harness.provider.add_signers(attempt, contract.signers)

    harness.clock.advance(minutes=1)
    await quick.services.reconciler.sweep()

    assert harness.provider.processes[contract.esign_contract_no].status is ProviderStatus.WITHDRAWN
    contract_now = await harness.contract_now(contract.id)
    assert (contract_now.contract_status, contract_now.esign_next_poll_at) == (S.CANCELLED, None)


async def test_late_checks_of_an_unsent_attempt_end_after_a_limit() -> None:
    harness = contracts_harness()
    slow, quick = AppProcess(harness), AppProcess(harness)
    contract = await being_sent(harness, slow)
    await quick.services.signing.withdraw(contract.id, "客户改期", STAFF, ACTOR)

    checks = 0
    while (await harness.contract_now(contract.id)).esign_next_poll_at is not None:
        harness.clock.advance(hours=1)
        checks += await quick.services.reconciler.sweep()

    assert checks == MAX_LATE_POLLS


async def test_a_new_attempt_first_withdraws_the_previous_unsent_one() -> None:
    harness = contracts_harness()
    worker = AppProcess(harness)
    worker.provider.refuses = SigningRefused
    contract = await worker.initiate((await harness.add(a_contract())).id)
    await worker.synchronise(contract.id)
    assert (await harness.contract_now(contract.id)).cancel_reason is CancelReason.FAILED
    assert harness.provider.processes[contract.esign_contract_no].status is OPEN

    worker.provider.refuses = None
    again = await worker.initiate(contract.id, again=True)
    await worker.synchronise(contract.id)

    assert harness.provider.processes[contract.esign_contract_no].status is ProviderStatus.WITHDRAWN
    assert harness.provider.processes[again.esign_contract_no].status is OPEN


async def test_no_second_document_is_sent_when_the_previous_one_was_signed() -> None:
    harness = contracts_harness()
    worker = AppProcess(harness)
    worker.provider.refuses = SigningRefused
    contract = await worker.initiate((await harness.add(a_contract())).id)
    await worker.synchronise(contract.id)
    harness.provider.processes[contract.esign_contract_no].status = ProviderStatus.COMPLETE

    worker.provider.refuses = None
    again = await worker.initiate(contract.id, again=True)
    await worker.synchronise(contract.id)

    contract_now = await harness.contract_now(contract.id)
    assert (contract_now.contract_status, contract_now.cancel_reason) == (S.CANCELLED, CancelReason.FAILED)
    assert contract.esign_contract_no in contract_now.cancel_note
    assert again.esign_contract_no not in harness.provider.processes


def test_an_outdated_state_does_not_set_a_signer_back() -> None:
    contract = signing()
    early = provider_state(
        contract, ProviderStatus.WAITING, SignerState.SIGNING, SignerState.WAITING, SignerState.WAITING
    )
    late = provider_state(
        contract, ProviderStatus.SIGNING, SignerState.SIGNED, SignerState.SIGNING, SignerState.WAITING
    )

    after = apply_provider_state(apply_provider_state(contract, late, NOW), early, NOW)

    assert [signer.state for signer in after.signers] == [
        SignerState.SIGNED,
        SignerState.SIGNING,
        SignerState.WAITING,
    ]


async def test_a_refused_withdrawal_can_be_requested_again() -> None:
    harness = contracts_harness()
    worker = AppProcess(harness)
    contract = await worker.initiate((await harness.add(a_contract())).id)
    await worker.synchronise(contract.id)
    worker.provider.failures = [SigningRefused(providerCode=100004)]

    refused = await worker.services.signing.withdraw(contract.id, "太长的理由", STAFF, ACTOR)
    ended = await worker.services.signing.withdraw(contract.id, "客户改期", STAFF, ACTOR)

    assert refused.closure is not None
    assert (refused.closure.accepted, refused.closure.problem) == (False, SigningRefused.code)
    assert (ended.contract_status, ended.cancel_note) == (S.CANCELLED, "客户改期")


async def test_an_error_of_an_earlier_attempt_does_not_mark_the_current_one() -> None:
    harness = contracts_harness()
    slow, quick = AppProcess(harness), AppProcess(harness)
    contract = await being_sent(harness, slow)
    await quick.services.signing.withdraw(contract.id, "客户改期", STAFF, ACTOR)
    await quick.initiate(contract.id, again=True)
    await quick.synchronise(contract.id)
    slow.provider.refuses = UpstreamFailed

    slow.provider.may_create.set()
    await slow.synchronise(contract.id)

    contract_now = await harness.contract_now(contract.id)
    assert contract_now.esign_attempt is not None
    assert (contract_now.esign_attempt.number, contract_now.esign_attempt.problem) == (2, "")


async def test_retries_of_a_failing_callback_become_rarer() -> None:
    harness = contracts_harness()
    worker = AppProcess(harness)
    contract = await worker.initiate((await harness.add(a_contract())).id)
    await worker.synchronise(contract.id)
    fields = {"contractNo": contract.esign_contract_no, "status": "1"}
    callback: Callback = harness.callbacks.verified(fields, harness.clock.now())
    await harness.callbacks.store(callback)

    pauses = []
    for _ in range(4):
        worker.provider.failures = [UpstreamFailed()] * 10
        worker.services.callbacks.process(callback)
        await asyncio.sleep(0.01)
        due = harness.callbacks.stored[callback.key][1]
        assert due is not None
        pauses.append(due - harness.clock.now())
        harness.clock.time = due

    assert pauses == sorted(pauses)
    assert pauses[0] < pauses[-1] <= timedelta(minutes=10)
