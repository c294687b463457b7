"""What the contracts' area needs from outside."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from domain.contracts.board.card import ContractCard
from domain.contracts.deletion.model import ApprovalStatus, DeletionApproval
from domain.contracts.drafting.template_filling import TemplateValues
from domain.contracts.drafting.templates import Template, TemplateSummary
from domain.contracts.model import Contract
from domain.contracts.signing.model import Party, ProviderState, Signers, SigningAttempt
from domain.shared.events import DomainEvent
from domain.shared.model import Instant, Model
from domain.shared.paging import Page, PageRequest


class ContractRepository(Protocol):
    """Deleted contracts are not found."""

    async def find(self, entity_id: str) -> Contract | None: ...

    async def find_by_number(self, contract_number: str) -> Contract | None: ...

    async def find_by_esign_no(self, contract_no: str) -> Contract | None:
        """The contract whose present attempt this is."""

    async def find_by_idempotency_key(self, key: str) -> Contract | None: ...

    async def find_all(self, ids: Sequence[str]) -> Sequence[Contract]:
        """In the order of `ids`, without histories and snapshots; those that are gone are left out."""

    async def save(self, entity: Contract, events: Sequence[DomainEvent]) -> Contract:
        """Raises Conflict, NumberTaken, SuccessorExists, RenewalExists, PaymentIdUsed, Unavailable."""


class ContractLookups(Protocol):
    """Each is one indexed query; the newest first."""

    async def of_customer_phone(self, phone: str) -> Sequence[Contract]: ...

    async def of_customer(self, customer_id: str) -> Sequence[Contract]: ...

    async def of_worker(self, worker_id: str) -> Sequence[Contract]: ...

    async def of_worker_id_card(self, id_card: str) -> Sequence[Contract]: ...

    async def matching(self, search: str) -> Sequence[str]:
        """Ids of contracts whose number, or a party's name, phone or card number, is or contains this."""

    async def due_for_polling(self, now: datetime, most: int) -> Sequence[str]:
        """Ids of contracts whose provider should be asked by now; who waits longest comes first."""

    async def due_for_expiry(self, today: date, most: int) -> Sequence[str]: ...

    def cards(self) -> AsyncIterator[ContractCard]:
        """All of them, in no order."""


class DeletionApprovalStore(Protocol):
    """The list of deletion requests; the contracts themselves are what it is copied from."""

    async def record(self, approval: DeletionApproval) -> None:
        """Idempotent; a decision is never replaced by the request before it."""

    async def find(self, approval_id: str) -> DeletionApproval | None: ...

    async def page(
        self, status: ApprovalStatus | None, requested_by: str, paging: PageRequest
    ) -> Page[DeletionApproval]:
        """The newest first; empty `requested_by`: everybody's."""


class PartyRecord(Model):
    """A customer or worker as their own record has them."""

    id: str
    name: str = ""
    phone: str = ""
    id_card: str = ""
    address: str = ""


class PartyRecords(Protocol):
    """Customers, workers and what stands against a contract with them."""

    async def customer(self, customer_id: str) -> PartyRecord | None: ...

    async def worker(self, worker_id: str) -> PartyRecord | None: ...

    async def is_blacklisted(self, phone: str, id_card: str) -> bool: ...

    async def is_released_for(self, worker_id: str, staff_id: str) -> bool:
        """Whether this member of staff may use the worker's résumé for a contract (it is released, or their own)."""


class StaffDirectory(Protocol):
    async def name_of(self, staff_id: str) -> str:
        """Empty for nobody we know."""

    async def is_active(self, staff_id: str) -> bool: ...

    async def assignable(self) -> Sequence[tuple[str, str, str]]:
        """(id, name, role) of everybody who can own a contract."""


class VerifiedPhones(Protocol):
    async def phone_of(self, user_id: str) -> str:
        """The phone number that WeChat confirmed for this mini-program user; empty without one."""


class SigningProvider(Protocol):
    """Every call may be repeated: what was done before is taken as done.

    Raises SigningRefused (it would refuse again), SigningMissing, UpstreamFailed, UpstreamTimedOut.
    """

    def account_of(self, party: Party) -> str:
        """What this person, or we, are called there; always the same."""

    async def register(self, party: Party) -> None: ...

    async def create(self, attempt: SigningAttempt, title: str, filling: TemplateValues) -> None: ...

    async def add_signers(self, attempt: SigningAttempt, signers: Signers) -> None: ...

    async def state_of(self, contract_no: str) -> ProviderState:
        """With the links to sign, which live for half an hour."""

    async def withdraw(self, contract_no: str, reason: str) -> None:
        """Raises AlreadySigned when everybody has signed."""

    async def void(self, contract_no: str) -> None: ...

    def download(self, contract_no: str) -> AbstractAsyncContextManager[Path]:
        """The signed PDF, whole and checked, as a file that exists inside the `async with`."""

    async def preview(self, contract_no: str, account: str) -> str:
        """Where the unfinished document can be looked at."""

    async def templates(self) -> Sequence[TemplateSummary]: ...

    async def template(self, template_no: str) -> Template: ...

    def agency(self) -> Party: ...


class Callback(Model):
    """A verified message of the provider. It is a hint: something may have changed there."""

    key: str
    """The same for each repetition of one message."""
    contract_no: str
    action: str = ""
    status: str = ""
    says_failed: bool = False
    """The signature process has broken down there (失败). Said here only: asked afterwards, the provider is vague."""
    received_at: Instant


class CallbackVerifier(Protocol):
    def verified(self, fields: dict[str, str], now: datetime) -> Callback:
        """Raises ForgedCallback."""


class CallbackStore(Protocol):
    async def store(self, callback: Callback) -> bool:
        """Durable when it returns; False when it was there already."""

    async def waiting(self, now: datetime, most: int) -> Sequence[Callback]:
        """Those that are due and not settled."""

    async def mark_processed(self, keys: Sequence[str], now: datetime) -> None: ...

    async def postpone(self, key: str, until: datetime) -> None: ...
