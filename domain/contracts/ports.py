"""Ports of the contracts area: stores, records of people, and the e-sign provider."""

from collections.abc import AsyncIterator, Callable, Sequence
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

Received = Callable[[int], None]
"""Told how many bytes of a document have arrived so far."""


class ContractRepository(Protocol):
    """Does not find deleted contracts."""

    async def find(self, entity_id: str) -> Contract | None: ...

    async def find_by_number(self, contract_number: str) -> Contract | None: ...

    async def find_by_esign_no(self, contract_no: str) -> Contract | None:
        """The contract whose current signing attempt has this number."""

    async def find_by_idempotency_key(self, key: str) -> Contract | None: ...

    async def find_all(self, ids: Sequence[str]) -> Sequence[Contract]:
        """In the order of `ids`, without histories and snapshots. Unknown and deleted ids are left out."""

    async def save(self, entity: Contract, events: Sequence[DomainEvent]) -> Contract:
        """Raises Conflict, NumberTaken, SuccessorExists, RenewalExists, PaymentIdUsed, Unavailable."""


class ContractLookups(Protocol):
    """Each method is one indexed query. Contracts come newest first."""

    async def of_customer_phone(self, phone: str) -> Sequence[Contract]: ...

    async def of_customer_id_card(self, id_card: str) -> Sequence[Contract]: ...

    async def of_customer(self, customer_id: str) -> Sequence[Contract]: ...

    async def of_worker(self, worker_id: str) -> Sequence[Contract]: ...

    async def of_worker_id_card(self, id_card: str) -> Sequence[Contract]: ...

    async def matching(self, search: str) -> Sequence[str]:
        """Ids of the contracts that the search term finds; see `search_terms`."""

    async def due_for_polling(self, now: datetime, most: int) -> Sequence[str]:
        """Ids of the contracts whose next provider query is due, longest overdue first."""

    async def due_for_expiry(self, today: date, most: int) -> Sequence[str]: ...

    def cards(self) -> AsyncIterator[ContractCard]:
        """The cards of all contracts, deleted ones included, in no particular order."""


class DeletionApprovalStore(Protocol):
    """The list of deletion approvals: a copy of the requests that the contracts hold."""

    async def record(self, approval: DeletionApproval) -> None:
        """Idempotent. A pending request never replaces a decided one."""

    async def find(self, approval_id: str) -> DeletionApproval | None: ...

    async def page(
        self, status: ApprovalStatus | None, requested_by: str, paging: PageRequest
    ) -> Page[DeletionApproval]:
        """Newest first. An empty `requested_by` selects the requests of all staff."""

    async def waiting(self, today: date, most: int) -> Sequence[str]:
        """Contracts with a pending request made before `today`, without a reminder sent today; oldest first."""


class PartyRecord(Model):
    """A customer or worker according to their own record."""

    id: str
    name: str = ""
    phone: str = ""
    id_card: str = ""
    address: str = ""
    people: tuple[str, ...] | None = None
    """The people whom the record belongs to, for the data scope. None: it has no data scope."""


class PartyRecords(Protocol):
    """Records of customers and workers, and the blacklist."""

    async def customer(self, customer_id: str) -> PartyRecord | None: ...

    async def worker(self, worker_id: str) -> PartyRecord | None: ...

    async def is_blacklisted(self, phone: str, id_card: str) -> bool: ...

    async def is_released_for(self, worker_id: str, staff_id: str) -> bool:
        """True when the worker's résumé is released for contracts, or belongs to this staff member."""


class StaffDirectory(Protocol):
    async def name_of(self, staff_id: str) -> str:
        """Empty for an unknown id."""

    async def is_active(self, staff_id: str) -> bool: ...

    async def assignable(self) -> Sequence[tuple[str, str, str]]:
        """(id, name, role) of each staff member who can own a contract."""


class VerifiedPhones(Protocol):
    async def phone_of(self, user_id: str) -> str:
        """The phone number that WeChat verified for this mini-program user; empty without one."""


class SigningProvider(Protocol):
    """The e-sign provider. Every call is idempotent: repeating a completed call succeeds.

    Raises SigningRefused (a retry would be refused as well), SigningMissing, UpstreamFailed, UpstreamTimedOut.
    """

    def account_of(self, party: Party) -> str:
        """The party's account at the provider; always the same for the same person."""

    async def register(self, party: Party) -> None: ...

    async def create(self, attempt: SigningAttempt, title: str, values: TemplateValues) -> None: ...

    async def add_signers(self, attempt: SigningAttempt, signers: Signers) -> None: ...

    async def state_of(self, contract_no: str) -> ProviderState:
        """The current state, with sign links that are valid for half an hour."""

    async def withdraw(self, contract_no: str, reason: str) -> None:
        """Raises AlreadySigned when all parties have signed."""

    async def void(self, contract_no: str) -> None: ...

    def download(self, contract_no: str, received: Received | None = None) -> AbstractAsyncContextManager[Path]:
        """The complete and verified signed PDF, in a file that exists inside the `async with`."""

    async def preview(self, contract_no: str, account: str) -> str:
        """The address at which the unfinished document can be viewed."""

    async def templates(self) -> Sequence[TemplateSummary]: ...

    async def template(self, template_no: str) -> Template: ...

    def agency(self) -> Party: ...


class Callback(Model):
    """A verified callback of the provider: a hint that the signature process may have changed."""

    key: str
    """Equal for repeated deliveries of the same callback."""
    contract_no: str
    action: str = ""
    status: str = ""
    says_failed: bool = False
    """The signature process has failed (失败). Only the callback says so; a later query returns no clear status."""
    received_at: Instant


class CallbackVerifier(Protocol):
    def verified(self, fields: dict[str, str], now: datetime) -> Callback:
        """Raises ForgedCallback."""


class CallbackStore(Protocol):
    async def store(self, callback: Callback) -> bool:
        """Durable when it returns. False when the callback was stored before."""

    async def due(self, now: datetime, most: int) -> Sequence[Callback]:
        """Callbacks whose next try is due and that are not processed yet."""

    async def mark_processed(self, keys: Sequence[str], now: datetime) -> None: ...

    async def postpone(self, key: str, until: datetime) -> None: ...
