"""The contract repository in MongoDB: the collection, its indexes and its queries."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, ClassVar, Final

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.contracts.board.card import ContractCard, card_of
from domain.contracts.errors import (
    ContractExists,
    NumberTaken,
    PaymentIdUsed,
    RenewalExists,
    SuccessorExists,
)
from domain.contracts.expiry import next_expiry_date
from domain.contracts.model import Contract
from domain.contracts.search_terms import search_term, search_terms_of
from domain.contracts.statuses import ContractStatus
from domain.shared.events import DomainEvent
from integrations.mongo.contracts.document_mapping import legacy_fields, own_fields
from integrations.mongo.failures import Duplicates, store_failures
from integrations.mongo.outbox import Outbox
from integrations.mongo.repository import OUTBOX, Document, Repository, object_id, reference
from integrations.mongo.write_gate import OPEN_GATE, WriteGate

COLLECTION: Final = "contracts"
TERMS: Final = "contract_terms"
"""The search terms of each contract, in a collection of their own. They change only when a contract is created or
edited, and every write of a document updates all of its index entries."""
MAX_FOUND: Final = 2_000
"""The maximum of contracts that a search, or a query by person, returns."""

_PRESENT: Final = {"$gt": ""}
_UNIQUE: Final = (
    "contractNumber",
    "esignContractNo",
    "sqbSn",
    "idempotencyKey",
    "_soleOrderOf",
    "_replaces",
    "_renews",
)
"""Fields with a unique index over non-empty texts."""
INDEXES: Final[dict[str, list[tuple[str, int]]]] = {
    "by_customer_phone": [("customerPhone", 1), ("createdAt", -1)],
    "by_customer": [("customerId", 1), ("createdAt", -1)],
    "by_worker": [("workerId", 1), ("createdAt", -1)],
    "by_worker_card": [("workerIdCard", 1), ("createdAt", -1)],
    "by_next_poll": [("esignNextPollAt", 1)],
    "by_expiry": [("_expiryDue", 1)],
}
"""Lists and counts by status, owner and date use the board in memory and need no index."""
_SEARCHED: Final = {
    "customerName": "customer_name",
    "customerPhone": "customer_phone",
    "workerName": "worker_name",
    "workerPhone": "worker_phone",
    "workerIdCard": "worker_id_card",
    "contractNumber": "contract_number",
}
_NOT_IN_LISTS: Final = {OUTBOX: 0, "history": 0, "signedSnapshot": 0, "templateParams": 0}
_CARD_FIELDS: Final = (
    *("version", "contractNumber", "orderCategory", "contractType", "contractStatus", "cancelReason", "cancelNote"),
    *("customerName", "workerName", "createdBy", "isLatest", "startDate", "endDate", "signers", "closure"),
    *("workerSalaryFen", "customerServiceFeeFen", "courseAmountFen", "serviceFeeAmountFen"),
    *("onboardStatus", "replacesContractId", "deletedAt", "createdAt", "updatedAt"),
)


class MongoContractRepository(Repository[Contract]):
    """Both `ContractRepository` and `ContractLookups`. Deleted contracts stay in the collection and are not found."""

    duplicates: ClassVar[Duplicates] = {
        "contractNumber": NumberTaken,
        "esignContractNo": NumberTaken,
        "sqbSn": PaymentIdUsed,
        "_soleOrderOf": ContractExists,
        "_replaces": SuccessorExists,
        "_renews": RenewalExists,
    }

    def __init__(self, database: "AsyncIOMotorDatabase[Document]", outbox: Outbox, gate: WriteGate = OPEN_GATE) -> None:
        super().__init__(database[COLLECTION], Contract, outbox, gate)
        self._terms = database[TERMS]

    async def create_indexes(self) -> None:
        """Safe to repeat."""
        with store_failures():
            for field in _UNIQUE:
                await self.collection.create_index(
                    field, name=f"unique_{field}", unique=True, partialFilterExpression={field: _PRESENT}
                )
            for name, keys in INDEXES.items():
                await self.collection.create_index(keys, name=name)
            await self.collection.create_index("outbox.id", name="outbox")
            await self._terms.create_index("terms", name="by_term")

    def extra_fields(self, entity: Contract) -> Mapping[str, Any]:
        exists = entity.deleted_at is None
        counts = exists and entity.contract_status is not ContractStatus.CANCELLED
        first_draft = exists and entity.contract_status is ContractStatus.DRAFT and not entity.additional_order
        due = next_expiry_date(entity) if exists else None
        return {
            **legacy_fields(entity),
            # Unique: of two simultaneous first contracts of a customer one is refused.
            "_soleOrderOf": entity.customer_phone if first_draft else None,
            "_replaces": entity.replaces_contract_id if counts else None,
            "_renews": entity.renews_contract_id if counts else None,
            "_expiryDue": _midnight(due) if due else None,
        }

    async def save(self, entity: Contract, events: Sequence[DomainEvent]) -> Contract:
        # Terms first: with extra terms a search finds too much for a moment, with missing ones it finds too little.
        if self._search_terms_changed(entity):
            key = ObjectId(entity.id)
            terms = search_terms_of(entity) if entity.deleted_at is None else []
            with self._gate.writing(), store_failures():
                await self._terms.replace_one({"_id": key}, {"terms": terms}, upsert=True)
        return await super().save(entity, events)

    async def import_new(self, entities: Sequence[Contract]) -> None:
        with store_failures():
            await self._terms.insert_many(
                [{"_id": ObjectId(each.id), "terms": search_terms_of(each)} for each in entities], ordered=False
            )
        await super().import_new(entities)

    def _search_terms_changed(self, entity: Contract) -> bool:
        """True when the terms differ from those at loading, or when that is unknown."""
        before = self.loaded_document(entity)
        if before is None or entity.deleted_at is not None:
            return True
        return any(before.get(name, "") != getattr(entity, field) for name, field in _SEARCHED.items())

    def from_document(self, document: Document) -> Contract:
        return super().from_document(own_fields(document))

    async def find_where(self, query: Mapping[str, Any]) -> Contract | None:
        found = await super().find_where(query)
        return found if found is not None and found.deleted_at is None else None

    async def find_by_number(self, contract_number: str) -> Contract | None:
        return await self.find_where({"contractNumber": contract_number})

    async def find_by_esign_no(self, contract_no: str) -> Contract | None:
        return await self.find_where({"esignContractNo": contract_no}) if contract_no else None

    async def find_by_idempotency_key(self, key: str) -> Contract | None:
        return await self.find_where({"idempotencyKey": key}) if key else None

    async def find_all(self, ids: Sequence[str]) -> Sequence[Contract]:
        keys = [key for key in map(object_id, ids) if key]
        if not keys:
            return []
        with store_failures():
            documents = await self.collection.find({"_id": {"$in": keys}}, _NOT_IN_LISTS).to_list(len(keys))
        found = {str(each["_id"]): self.from_document(each) for each in documents if each.get("deletedAt") is None}
        return [found[contract_id] for contract_id in ids if contract_id in found]

    async def of_customer_phone(self, phone: str) -> Sequence[Contract]:
        return await self._newest_first({"customerPhone": phone}) if phone else []

    async def of_customer(self, customer_id: str) -> Sequence[Contract]:
        return await self._newest_first({"customerId": reference(customer_id)}) if customer_id else []

    async def of_worker(self, worker_id: str) -> Sequence[Contract]:
        return await self._newest_first({"workerId": reference(worker_id)}) if worker_id else []

    async def of_worker_id_card(self, id_card: str) -> Sequence[Contract]:
        return await self._newest_first({"workerIdCard": id_card.upper()}) if id_card else []

    async def matching(self, search: str) -> Sequence[str]:
        term = search_term(search)
        if not term:
            return []
        with store_failures():
            documents = await self._terms.find({"terms": term}, {"_id": 1}).limit(MAX_FOUND).to_list(MAX_FOUND)
        return [str(document["_id"]) for document in documents]

    async def due_for_polling(self, now: datetime, most: int) -> Sequence[str]:
        return await self._ids({"esignNextPollAt": {"$lte": now}}, "esignNextPollAt", most)

    async def due_for_expiry(self, today: date, most: int) -> Sequence[str]:
        return await self._ids({"_expiryDue": {"$lte": _midnight(today)}}, "_expiryDue", most)

    async def cards(self) -> AsyncIterator[ContractCard]:
        with store_failures():
            async for document in self.collection.find({}, dict.fromkeys(_CARD_FIELDS, 1)).batch_size(500):
                yield card_of(self.from_document(document))

    async def _newest_first(self, query: Mapping[str, Any]) -> list[Contract]:
        with store_failures():
            found = self.collection.find(query, _NOT_IN_LISTS).sort("createdAt", -1)
            documents = await found.to_list(MAX_FOUND)
        return [self.from_document(each) for each in documents if each.get("deletedAt") is None]

    async def _ids(self, query: Mapping[str, Any], order: str | None, most: int) -> list[str]:
        with store_failures():
            found = self.collection.find(query, {"_id": 1})
            documents = await (found.sort(order, 1) if order else found).limit(most).to_list(most)
        return [str(document["_id"]) for document in documents]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
