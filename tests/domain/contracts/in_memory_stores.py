"""In-memory stores of contracts. `tests/integrations/mongo/contracts` runs the same tests over them and MongoDB."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from domain.contracts.board.card import ContractCard, card_of
from domain.contracts.deletion.model import ApprovalStatus, DeletionApproval
from domain.contracts.errors import ContractExists, NumberTaken, PaymentIdUsed, RenewalExists, SuccessorExists
from domain.contracts.expiry import next_expiry_date
from domain.contracts.model import Contract
from domain.contracts.ports import (
    Callback,
    CallbackStore,
    CallbackVerifier,
    ContractLookups,
    ContractRepository,
    DeletionApprovalStore,
)
from domain.contracts.search_terms import search_term, search_terms_of
from domain.contracts.statuses import ContractStatus
from domain.shared.business_day import business_day
from domain.shared.errors import Conflict
from domain.shared.events import DomainEvent
from domain.shared.paging import Page, PageRequest

S = ContractStatus
Event = TypeVar("Event", bound=DomainEvent)


class InMemoryContracts(ContractRepository, ContractLookups):
    def __init__(self) -> None:
        self.stored: dict[str, Contract] = {}
        self.events: list[DomainEvent] = []

    async def find(self, entity_id: str) -> Contract | None:
        return next(iter(self._matching_fields(id=entity_id)), None)

    async def find_by_number(self, contract_number: str) -> Contract | None:
        return next(iter(self._matching_fields(contract_number=contract_number)), None)

    async def find_by_esign_no(self, contract_no: str) -> Contract | None:
        return next(iter(self._matching_fields(esign_contract_no=contract_no)), None) if contract_no else None

    async def find_by_idempotency_key(self, key: str) -> Contract | None:
        return next(iter(self._matching_fields(idempotency_key=key)), None) if key else None

    async def find_all(self, ids: Sequence[str]) -> Sequence[Contract]:
        return [contract for each in ids if (contract := await self.find(each)) is not None]

    async def save(self, entity: Contract, events: Sequence[DomainEvent]) -> Contract:
        await asyncio.sleep(0)  # lets concurrent saves interleave
        known = self.stored.get(entity.id)
        if (known.version if known else 0) != entity.version:
            raise Conflict
        taken = self._taken()
        for what, value in _unique(entity).items():
            if taken.get((what, value), entity.id) != entity.id:
                raise _FAILURES[what]
        saved = entity.model_copy(update={"version": entity.next_version})
        self.stored[entity.id] = saved
        self.events += events
        return saved

    async def of_customer_phone(self, phone: str) -> Sequence[Contract]:
        return self._matching_fields(customer_phone=phone)

    async def of_customer_id_card(self, id_card: str) -> Sequence[Contract]:
        return self._matching_fields(customer_id_card=id_card.upper()) if id_card else []

    async def of_customer(self, customer_id: str) -> Sequence[Contract]:
        return self._matching_fields(customer_id=customer_id)

    async def of_worker(self, worker_id: str) -> Sequence[Contract]:
        return self._matching_fields(worker_id=worker_id)

    async def of_worker_id_card(self, id_card: str) -> Sequence[Contract]:
        return self._matching_fields(worker_id_card=id_card.upper())

    async def matching(self, search: str) -> Sequence[str]:
        return [each.id for each in self._matching_fields() if search_term(search) in search_terms_of(each)]

    async def due_for_polling(self, now: datetime, most: int) -> Sequence[str]:
        due = [(each.esign_next_poll_at, each.id) for each in self._matching_fields() if each.esign_next_poll_at]
        return [contract_id for at, contract_id in sorted(due) if at <= now][:most]

    async def due_for_expiry(self, today: date, most: int) -> Sequence[str]:
        due = [(day, each.id) for each in self._matching_fields() if (day := next_expiry_date(each)) is not None]
        return [contract_id for day, contract_id in sorted(due) if day <= today][:most]

    async def cards(self) -> AsyncIterator[ContractCard]:
        for contract in list(self.stored.values()):
            yield card_of(contract)

    def events_of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    def _matching_fields(self, **fields: str) -> list[Contract]:
        present = [contract for contract in self.stored.values() if contract.deleted_at is None]
        found = [each for each in present if all(getattr(each, name) == value for name, value in fields.items())]
        return sorted(found, key=lambda each: each.created_at, reverse=True)

    def _taken(self) -> dict[tuple[str, str], str]:
        return {pair: each.id for each in self.stored.values() for pair in _unique(each).items()}


_FAILURES: dict[str, type[Conflict]] = {
    "number": NumberTaken,
    "esign": NumberTaken,
    "payment": PaymentIdUsed,
    "key": Conflict,
    "first order": ContractExists,
    "replaces": SuccessorExists,
    "renews": RenewalExists,
}


def _unique(contract: Contract) -> dict[str, str]:
    counts = contract.deleted_at is None and contract.contract_status is not S.CANCELLED
    first = counts and contract.contract_status is S.DRAFT and not contract.additional_order
    values = {
        "number": contract.contract_number,
        "esign": contract.esign_contract_no,
        "payment": contract.sqb_sn,
        "key": contract.idempotency_key,
        "first order": contract.customer_phone if first else "",
        "replaces": contract.replaces_contract_id if counts else "",
        "renews": contract.renews_contract_id if counts else "",
    }
    return {what: value for what, value in values.items() if value}


class InMemoryApprovals(DeletionApprovalStore):
    def __init__(self) -> None:
        self.stored: dict[str, DeletionApproval] = {}

    async def record(self, approval: DeletionApproval) -> None:
        known = self.stored.get(approval.id)
        if known is None or known.request.status == "pending":
            self.stored[approval.id] = approval

    async def find(self, approval_id: str) -> DeletionApproval | None:
        return self.stored.get(approval_id)

    async def page(
        self, status: ApprovalStatus | None, requested_by: str, paging: PageRequest
    ) -> Page[DeletionApproval]:
        found = [
            each
            for each in reversed(self.stored.values())
            if status in (None, each.request.status) and requested_by in ("", each.request.requested_by.id)
        ]
        shown = found[paging.skip : paging.skip + paging.page_size]
        return Page.of(shown, len(found), paging)

    async def waiting(self, today: date, most: int) -> Sequence[str]:
        pending = [each for each in self.stored.values() if each.request.status == "pending"]
        due = [
            (each.request.requested_at, each.contract_id)
            for each in pending
            if business_day(each.request.requested_at) < today and each.request.reminded_on != today
        ]
        return [contract_id for _, contract_id in sorted(due)][:most]


@dataclass
class InMemoryCallbacks(CallbackStore, CallbackVerifier):
    """Accepts every callback as verified."""

    stored: dict[str, tuple[Callback, datetime | None]] = field(default_factory=dict)

    def verified(self, fields: dict[str, str], now: datetime) -> Callback:
        return Callback(
            key="|".join(fields.values()),
            contract_no=fields["contractNo"],
            status=fields.get("status", ""),
            says_failed=fields.get("status") == "-3",
            received_at=now,
        )

    async def store(self, callback: Callback) -> bool:
        if callback.key in self.stored:
            return False
        self.stored[callback.key] = (callback, callback.received_at)
        return True

    async def due(self, now: datetime, most: int) -> Sequence[Callback]:
        return [callback for callback, at in self.stored.values() if at is not None and at <= now][:most]

    async def mark_processed(self, keys: Sequence[str], now: datetime) -> None:
        for key in keys:
            self.stored[key] = (self.stored[key][0], None)

    async def postpone(self, key: str, until: datetime) -> None:
        self.stored[key] = (self.stored[key][0], until)
