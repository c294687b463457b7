"""Two workers at one contract, and answers of the provider that come too late."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from domain.contracts.board.board import ContractBoard
from domain.contracts.change_events import ContractChangeEvents
from domain.contracts.data_scope import EVERYTHING
from domain.contracts.drafting.template_catalogue import TemplateCatalogue
from domain.contracts.drafting.template_filling import TemplateValues
from domain.contracts.drafting.templates import Template
from domain.contracts.errors import SigningMissing, SigningRefused
from domain.contracts.model import Contract
from domain.contracts.ports import Callback
from domain.contracts.services import ContractPorts, ContractServices, contract_services
from domain.contracts.signing.model import Signers, SigningAttempt
from domain.contracts.signing.provider_state import apply_provider_state
from domain.contracts.signing.provider_sync import MAX_LATE_POLLS
from domain.contracts.statuses import CancelReason, ContractStatus, ProviderStatus, SignerState
from domain.contracts.unit_of_work import ContractUnitOfWork
from domain.shared.errors import UpstreamFailed
from tests.domain.contracts.builders import NOW, a_contract, acting, provider_state, signing, staff
from tests.domain.contracts.fakes import Auditor, ContractsHarness, ObedientProvider, SoleLease, contracts_harness

S = ContractStatus
STAFF = staff()
ACTOR = acting(STAFF)
OPEN = ProviderStatus.WAITING
NOTHING_FILLED = TemplateValues(texts={}, choices={}, checks={}, fields={})


class Line(ObedientProvider):
    """One worker's line to the provider that all share, with a say in when things happen there."""

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


class Silent(ObedientProvider):
    async def template(self, template_no: str) -> Template:
        await super().template(template_no)
        never: asyncio.Future[Template] = asyncio.get_running_loop().create_future()
        return await never


class Worker:
    def __init__(self, harness: ContractsHarness) -> None:
        self.line = Line(harness)
        self.services: ContractServices = contract_services(
            ContractPorts(
                repository=harness.contracts,
                lookups=harness.contracts,
                approvals=harness.approvals,
                parties=harness.people,
                staff=harness.people,
                phones=harness.people,
                provider=self.line,
                verifier=harness.callbacks,
                callbacks=harness.callbacks,
                audit=Auditor(),
                lease=SoleLease(),
                clock=harness.clock,
                ids=harness.ids,
            )
        )

    async def initiate(self, contract_id: str, *, again: bool = False) -> Contract:
        return await self.services.signing.initiate(contract_id, "", STAFF, ACTOR, again=again)

    async def see_to(self, contract_id: str) -> None:
        await self.services.signing.sync(contract_id, EVERYTHING)


async def on_its_way(harness: ContractsHarness, slow: Worker) -> Contract:
    """Being brought to the provider by a worker that has got no further than asking."""
    slow.line.may_create.clear()
    contract = await slow.initiate((await harness.add(a_contract())).id)
    await slow.line.asked_to_create.wait()
    return contract


async def test_a_withdrawal_that_meets_the_sending_is_repeated_when_the_provider_has_the_contract() -> None:
    harness = contracts_harness()
    slow, quick = Worker(harness), Worker(harness)
    contract = await on_its_way(harness, slow)

    async def sent_in_between() -> None:
        slow.line.may_create.set()
        await slow.see_to(contract.id)

    quick.line.when_missing = sent_in_between

    ended = await quick.services.signing.withdraw(contract.id, "客户改期", STAFF, ACTOR)

    assert (ended.contract_status, ended.cancel_reason) == (S.CANCELLED, CancelReason.WITHDRAWN)
    assert harness.provider.processes[contract.esign_contract_no].status is ProviderStatus.WITHDRAWN


async def test_what_one_worker_was_refused_does_not_undo_what_another_has_sent() -> None:
    harness = contracts_harness()
    slow, quick = Worker(harness), Worker(harness)
    contract = await on_its_way(harness, slow)
    await quick.see_to(contract.id)
    slow.line.refuses = SigningRefused

    slow.line.may_create.set()
    await slow.see_to(contract.id)

    now_is = await harness.now_is(contract.id)
    assert now_is.contract_status is S.SIGNING
    assert now_is.esign_attempt is not None
    assert now_is.esign_attempt.sent


async def test_a_refusal_because_it_was_withdrawn_meanwhile_ends_as_withdrawn() -> None:
    harness = contracts_harness()
    slow, quick = Worker(harness), Worker(harness)
    contract = await on_its_way(harness, slow)
    attempt = contract.esign_attempt
    assert attempt is not None
    await harness.provider.create(attempt, "", NOTHING_FILLED)
    quick.line.failures = [UpstreamFailed()]  # asked for, and not done yet
    await quick.services.signing.withdraw(contract.id, "客户改期", STAFF, ACTOR)
    slow.line.refuses = SigningRefused
    slow.line.may_create.set()
    await slow.see_to(contract.id)

    await quick.see_to(contract.id)

    now_is = await harness.now_is(contract.id)
    assert (now_is.contract_status, now_is.cancel_reason) == (S.CANCELLED, CancelReason.WITHDRAWN)


async def test_what_was_given_up_unsent_and_arrives_all_the_same_is_taken_back() -> None:
    harness = contracts_harness()
    slow, quick = Worker(harness), Worker(harness)
    contract = await on_its_way(harness, slow)
    await quick.services.signing.withdraw(contract.id, "客户改期", STAFF, ACTOR)
    attempt = contract.esign_attempt
    assert attempt is not None
    await harness.provider.create(attempt, "", NOTHING_FILLED)  # by a worker that died before it could look again
    await harness.provider.add_signers(attempt, contract.signers)

    harness.clock.advance(minutes=1)
    await quick.services.reconciler.sweep()

    assert harness.provider.processes[contract.esign_contract_no].status is ProviderStatus.WITHDRAWN
    now_is = await harness.now_is(contract.id)
    assert (now_is.contract_status, now_is.esign_next_poll_at) == (S.CANCELLED, None)


async def test_what_was_given_up_unsent_and_never_arrives_is_not_looked_for_for_ever() -> None:
    harness = contracts_harness()
    slow, quick = Worker(harness), Worker(harness)
    contract = await on_its_way(harness, slow)
    await quick.services.signing.withdraw(contract.id, "客户改期", STAFF, ACTOR)

    looked = 0
    while (await harness.now_is(contract.id)).esign_next_poll_at is not None:
        harness.clock.advance(hours=1)
        looked += await quick.services.reconciler.sweep()

    assert looked == MAX_LATE_POLLS


async def test_before_it_is_sent_again_an_attempt_that_was_given_up_unsent_is_taken_back() -> None:
    harness = contracts_harness()
    worker = Worker(harness)
    worker.line.refuses = SigningRefused
    contract = await worker.initiate((await harness.add(a_contract())).id)
    await worker.see_to(contract.id)
    assert (await harness.now_is(contract.id)).cancel_reason is CancelReason.FAILED
    assert harness.provider.processes[contract.esign_contract_no].status is OPEN

    worker.line.refuses = None
    again = await worker.initiate(contract.id, again=True)
    await worker.see_to(contract.id)

    assert harness.provider.processes[contract.esign_contract_no].status is ProviderStatus.WITHDRAWN
    assert harness.provider.processes[again.esign_contract_no].status is OPEN


async def test_nobody_signs_a_second_paper_when_they_signed_the_one_that_was_given_up() -> None:
    harness = contracts_harness()
    worker = Worker(harness)
    worker.line.refuses = SigningRefused
    contract = await worker.initiate((await harness.add(a_contract())).id)
    await worker.see_to(contract.id)
    harness.provider.processes[contract.esign_contract_no].status = ProviderStatus.COMPLETE

    worker.line.refuses = None
    again = await worker.initiate(contract.id, again=True)
    await worker.see_to(contract.id)

    now_is = await harness.now_is(contract.id)
    assert (now_is.contract_status, now_is.cancel_reason) == (S.CANCELLED, CancelReason.FAILED)
    assert contract.esign_contract_no in now_is.cancel_note
    assert again.esign_contract_no not in harness.provider.processes


def test_an_answer_that_was_overtaken_takes_no_signer_back_to_where_they_were() -> None:
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


async def test_a_withdrawal_that_the_provider_refuses_can_be_asked_for_again() -> None:
    harness = contracts_harness()
    worker = Worker(harness)
    contract = await worker.initiate((await harness.add(a_contract())).id)
    await worker.see_to(contract.id)
    worker.line.failures = [SigningRefused(providerCode=100004)]

    refused = await worker.services.signing.withdraw(contract.id, "太长的理由", STAFF, ACTOR)
    ended = await worker.services.signing.withdraw(contract.id, "客户改期", STAFF, ACTOR)

    assert refused.closure is not None
    assert (refused.closure.accepted, refused.closure.problem) == (False, SigningRefused.code)
    assert (ended.contract_status, ended.cancel_note) == (S.CANCELLED, "客户改期")


async def test_a_failure_that_concerns_an_earlier_attempt_says_nothing_of_the_present_one() -> None:
    harness = contracts_harness()
    slow, quick = Worker(harness), Worker(harness)
    contract = await on_its_way(harness, slow)
    await quick.services.signing.withdraw(contract.id, "客户改期", STAFF, ACTOR)
    await quick.initiate(contract.id, again=True)
    await quick.see_to(contract.id)
    slow.line.refuses = UpstreamFailed

    slow.line.may_create.set()
    await slow.see_to(contract.id)

    now_is = await harness.now_is(contract.id)
    assert now_is.esign_attempt is not None
    assert (now_is.esign_attempt.number, now_is.esign_attempt.problem) == (2, "")


async def test_a_callback_that_never_succeeds_is_tried_ever_more_rarely() -> None:
    harness = contracts_harness()
    worker = Worker(harness)
    contract = await worker.initiate((await harness.add(a_contract())).id)
    await worker.see_to(contract.id)
    fields = {"contractNo": contract.esign_contract_no, "status": "1"}
    callback: Callback = harness.callbacks.verified(fields, harness.clock.now())
    await harness.callbacks.store(callback)

    pauses = []
    for _ in range(4):
        worker.line.failures = [UpstreamFailed()] * 10
        worker.services.callbacks.process(callback)
        await asyncio.sleep(0.01)
        due = harness.callbacks.stored[callback.key][1]
        assert due is not None
        pauses.append(due - harness.clock.now())
        harness.clock.time = due

    assert pauses == sorted(pauses)
    assert pauses[0] < pauses[-1] <= timedelta(minutes=10)


async def test_a_template_that_the_provider_is_slow_to_show_holds_nobody_up() -> None:
    harness = contracts_harness()
    provider = Silent(harness.clock)
    catalogue = TemplateCatalogue(provider, harness.clock, timeout_seconds=0.01)

    await catalogue.require_fits("TN-HOME", a_contract())

    assert provider.count("template") == 1


async def test_what_was_decided_on_a_contract_that_moved_since_is_decided_again_on_the_one_of_now() -> None:
    harness = contracts_harness()
    contracts = ContractUnitOfWork(
        harness.contracts, ContractChangeEvents(harness.clock, harness.ids), ContractBoard(), harness.clock
    )
    old = await harness.add(signing())
    await harness.contracts.save(old.with_fields(esign_status="1"), [])

    saved = await contracts.change(old.id, lambda now_is, at: now_is.with_fields(esign_polls=7), ACTOR, loaded=old)

    assert (saved.esign_status, saved.esign_polls) == ("1", 7)
