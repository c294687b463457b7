"""All use cases of contracts over in-memory stores, with a fake provider and a settable clock."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from domain.contracts.drafting.template_filling import TemplateValues
from domain.contracts.drafting.templates import Template, TemplateSummary
from domain.contracts.errors import AlreadySigned, SigningMissing
from domain.contracts.events import ContractSideEffect, ContractStatusChanged, DeletionApprovalChanged, InboxMessageDue
from domain.contracts.model import Contract
from domain.contracts.ports import PartyRecord, PartyRecords, Received, SigningProvider, StaffDirectory, VerifiedPhones
from domain.contracts.services import ContractPorts, ContractServices, contract_services
from domain.contracts.signing.model import Party, ProviderSigner, ProviderState, Signers, SigningAttempt
from domain.contracts.signing.polling_schedule import PollingSchedule
from domain.contracts.statuses import ContractStatus, ProviderStatus, SignerState
from domain.shared.errors import DomainError
from domain.shared.events import DomainEvent
from domain.shared.inbox import CustomerInbox, InboxMessage
from domain.shared.ports import Clock, DurableFollower, Lease
from tests.domain.contracts.builders import AGENCY, NOW
from tests.domain.contracts.in_memory_stores import InMemoryApprovals, InMemoryCallbacks, InMemoryContracts
from tests.domain.memory_spreadsheets import MemorySpreadsheets
from tests.domain.sequential_ids import SequentialIds
from tests.domain.working_days import Weekdays
from tests.waiting import eventually


class SettableClock(Clock):
    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time

    def advance(self, **much: float) -> None:
        self.time += timedelta(**much)


@dataclass
class InMemoryPeople(PartyRecords, StaffDirectory, VerifiedPhones):
    customers: dict[str, PartyRecord] = field(default_factory=dict)
    workers: dict[str, PartyRecord] = field(default_factory=dict)
    blacklisted: set[str] = field(default_factory=set)
    """Phones and card numbers on the blacklist."""
    unreleased: dict[str, str] = field(default_factory=dict)
    """Workers whose résumé is not released, with the staff member it belongs to."""
    departed: set[str] = field(default_factory=set)
    """Staff members who have left."""

    async def customer(self, customer_id: str) -> PartyRecord | None:
        return self.customers.get(customer_id)

    async def worker(self, worker_id: str) -> PartyRecord | None:
        return self.workers.get(worker_id)

    async def is_blacklisted(self, phone: str, id_card: str) -> bool:
        return bool({phone, id_card} & self.blacklisted)

    async def is_released_for(self, worker_id: str, staff_id: str) -> bool:
        return self.unreleased.get(worker_id, staff_id) == staff_id

    async def name_of(self, staff_id: str) -> str:
        return f"员工{staff_id[-1]}"

    async def is_active(self, staff_id: str) -> bool:
        return staff_id not in self.departed

    async def assignable(self) -> Sequence[tuple[str, str, str]]:
        return [("6" * 24, "王经理", "manager")]

    async def phone_of(self, user_id: str) -> str:
        return user_id


@dataclass
class SentMessages(CustomerInbox):
    """The messages to customers by their keys."""

    messages: dict[str, InboxMessage] = field(default_factory=dict)

    async def deliver(self, message: InboxMessage) -> None:
        self.messages.setdefault(message.key, message)


@dataclass
class FakeSigningProcess:
    """A signature process at the provider."""

    signers: Signers
    status: ProviderStatus = ProviderStatus.WAITING
    states: list[SignerState] = field(default_factory=list)
    remark: str = ""
    void_asked: int = 0
    void_signed: set[int] = field(default_factory=set)
    """The signers that have signed the voiding."""


@dataclass
class FakeSigningProvider(SigningProvider):
    """Performs calls at once. `failures` are raised by the next calls in order; None lets a call succeed."""

    clock: Clock
    processes: dict[str, FakeSigningProcess] = field(default_factory=dict)
    failures: list[DomainError | None] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    controls: tuple[Any, ...] = ()

    def account_of(self, party: Party) -> str:
        return f"account-{party.role}"

    def agency(self) -> Party:
        return AGENCY

    async def register(self, party: Party) -> None:
        await self._called("register", party.role)

    async def create(self, attempt: SigningAttempt, title: str, filling: TemplateValues) -> None:
        await self._called("create", attempt.contract_no)
        self.processes.setdefault(attempt.contract_no, FakeSigningProcess(()))

    async def add_signers(self, attempt: SigningAttempt, signers: Signers) -> None:
        await self._called("add_signers", attempt.contract_no)
        process = self._process(attempt.contract_no)
        if not process.signers:
            process.signers = signers
            process.states = [SignerState.SIGNING, *[SignerState.WAITING] * (len(signers) - 1)]

    async def state_of(self, contract_no: str) -> ProviderState:
        await self._called("state_of", contract_no)
        process = self._process(contract_no)
        return ProviderState(
            contract_no=contract_no,
            status=process.status,
            provider_code={ProviderStatus.COMPLETE: "2"}.get(process.status, str(process.status)),
            remark=process.remark,
            signers=tuple(
                ProviderSigner(
                    mark=signer.mark,
                    account=signer.account,
                    state=state,
                    link="" if index in process.void_signed else f"link-{signer.role}",
                )
                for index, (signer, state) in enumerate(zip(process.signers, process.states, strict=True))
            ),
        )

    async def withdraw(self, contract_no: str, reason: str) -> None:
        await self._called("withdraw", contract_no)
        process = self._process(contract_no)
        if process.status is ProviderStatus.COMPLETE:
            raise AlreadySigned
        process.status = ProviderStatus.WITHDRAWN

    async def void(self, contract_no: str) -> None:
        await self._called("void", contract_no)
        process = self._process(contract_no)
        process.void_asked += 1
        process.void_signed |= {index for index, signer in enumerate(process.signers) if signer.auto}

    @asynccontextmanager
    async def download(self, contract_no: str, received: Received | None = None) -> AsyncIterator[Path]:
        yield Path(__file__)

    async def preview(self, contract_no: str, account: str) -> str:
        return f"https://provider.example/{contract_no}"

    async def templates(self) -> Sequence[TemplateSummary]:
        await self._called("templates", "")
        return [TemplateSummary(template_no="TN-HOME", name="家政")]

    async def template(self, template_no: str) -> Template:
        await self._called("template", template_no)
        return Template(template_no=template_no, fields=self.controls)

    def sign(self, contract_no: str, index: int) -> None:
        process = self._process(contract_no)
        process.states[index] = SignerState.SIGNED
        all_signed = all(state is SignerState.SIGNED for state in process.states)
        process.status = ProviderStatus.COMPLETE if all_signed else ProviderStatus.SIGNING

    def sign_void(self, contract_no: str, index: int) -> None:
        process = self._process(contract_no)
        process.void_signed.add(index)
        if len(process.void_signed) == len(process.signers):
            process.status = ProviderStatus.VOIDED

    def sign_all(self, contract_no: str) -> None:
        for index in range(len(self._process(contract_no).states)):
            self.sign(contract_no, index)

    def count(self, call: str) -> int:
        return sum(name == call for name, _ in self.calls)

    async def _called(self, call: str, about: str) -> None:
        self.calls.append((call, about))
        await asyncio.sleep(0)
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None:
            raise failure

    def _process(self, contract_no: str) -> FakeSigningProcess:
        if contract_no not in self.processes:
            raise SigningMissing
        return self.processes[contract_no]


@dataclass
class RecordedAudit(DurableFollower):
    rows: list[DomainEvent] = field(default_factory=list)

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        self.rows += events


@dataclass
class FakeLease(Lease):
    held: bool = True

    async def acquire(self, name: str, seconds: float) -> bool:
        return self.held


@dataclass
class ContractsHarness:
    """The use cases with their in-memory stores and fakes."""

    clock: SettableClock
    ids: SequentialIds
    contracts: InMemoryContracts
    approvals: InMemoryApprovals
    people: InMemoryPeople
    provider: FakeSigningProvider
    callbacks: InMemoryCallbacks
    inbox: SentMessages
    auditor: RecordedAudit
    spreadsheets: MemorySpreadsheets
    services: ContractServices

    async def add(self, contract: Contract) -> Contract:
        return await self.contracts.save(contract, [])

    async def contract_now(self, contract_id: str) -> Contract:
        found = await self.contracts.find(contract_id)
        assert found is not None
        return found

    async def relay(self) -> None:
        """Pass all events so far to the durable followers, as the outbox relay does. May be repeated."""
        await self.services.succession.follow(list(self.contracts.events_of(ContractStatusChanged)))
        await self.services.deletion_approval_list.follow(list(self.contracts.events_of(DeletionApprovalChanged)))
        await self.services.inbox_messages.follow(list(self.contracts.events_of(InboxMessageDue)))

    async def until(self, holds: Callable[[], bool]) -> None:
        """Yield to background tasks until the condition holds."""
        await eventually(holds, poll_seconds=0)

    def status_of(self, contract_id: str) -> ContractStatus:
        return self.contracts.stored[contract_id].contract_status

    def effects(self, contract_id: str = "") -> list[ContractSideEffect]:
        return [each for each in self.contracts.events_of(ContractSideEffect) if contract_id in ("", each.contract_id)]


def contracts_harness(schedule: PollingSchedule | None = None) -> ContractsHarness:
    clock, ids = SettableClock(), SequentialIds()
    contracts, approvals, people, callbacks = (
        InMemoryContracts(),
        InMemoryApprovals(),
        InMemoryPeople(),
        InMemoryCallbacks(),
    )
    provider, auditor, spreadsheets = FakeSigningProvider(clock), RecordedAudit(), MemorySpreadsheets()
    inbox = SentMessages()
    ports = ContractPorts(
        repository=contracts,
        lookups=contracts,
        approvals=approvals,
        parties=people,
        staff=people,
        phones=people,
        inbox=inbox,
        provider=provider,
        verifier=callbacks,
        callbacks=callbacks,
        spreadsheets=spreadsheets,
        working_days=Weekdays(),
        audit=auditor,
        clock=clock,
        ids=ids,
    )
    services = contract_services(ports, schedule)
    return ContractsHarness(
        clock, ids, contracts, approvals, people, provider, callbacks, inbox, auditor, spreadsheets, services
    )
