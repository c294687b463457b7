"""The contract repository in MongoDB: the collection, its indexes and its queries."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, ClassVar, Final

from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase

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
from domain.shared.errors import Conflict
from integrations.mongo.contracts.document_mapping import legacy_fields, own_fields
from integrations.mongo.failures import store_failures
from integrations.mongo.outbox import OUTBOX, Outbox
from integrations.mongo.repository import Document, Repository, object_id, reference
from integrations.mongo.search_index import SearchIndex
from integrations.mongo.write_gate import OPEN_GATE, WriteGate

COLLECTION: Final = "contracts"
SEARCH: Final = "contract_terms"
"""The search index: search terms and people of each contract, which change only when it is created or edited."""
MAX_FOUND: Final = 2_000
"""The maximum of contracts that a search, or a query by person, returns."""

SEARCH_INDEXES: Final[dict[str, list[tuple[str, int]]]] = {
    "by_term": [("terms", 1)],
    "by_customer_phone": [("customerPhone", 1)],
    "by_customer_card": [("customerIdCard", 1)],
    "by_customer": [("customerId", 1)],
    "by_worker": [("workerId", 1)],
    "by_worker_card": [("workerIdCard", 1)],
}
INDEXES: Final[dict[str, list[tuple[str, int]]]] = {
    "by_next_poll": [("esignNextPollAt", 1)],
    "by_expiry": [("_expiryDue", 1)],
}
"""Lists and counts by status, owner and date use the board in memory and need no index."""
_QUERIED: Final = frozenset(
    {
        *("customerName", "customerPhone", "customerIdCard", "workerName", "workerPhone", "workerIdCard"),
        *("contractNumber", "customerId", "workerId", "deletedAt"),
    }
)
"""Fields that the search index is made of."""
_NOT_IN_LISTS: Final = {OUTBOX: 0, "history": 0, "signedSnapshot": 0, "templateParams": 0}
_CARD_FIELDS: Final = (
    *("version", "contractNumber", "orderCategory", "contractType", "contractStatus", "cancelReason", "cancelNote"),
    "cancelNoteEn",
    *("customerName", "workerName", "createdBy", "isLatest", "startDate", "endDate", "signers", "closure"),
    *("workerSalaryFen", "customerServiceFeeFen", "courseAmountFen", "serviceFeeAmountFen"),
    *("onboardStatus", "replacesContractId", "deletedAt", "createdAt", "updatedAt"),
)


class MongoContractRepository(Repository[Contract]):
    """Both `ContractRepository` and `ContractLookups`. Deleted contracts stay in the collection and are not found."""

    duplicates: ClassVar[Mapping[str, type[Conflict]]] = {
        "number": NumberTaken,
        "esign": NumberTaken,
        "payment": PaymentIdUsed,
        "sole-order": ContractExists,
        "replaces": SuccessorExists,
        "renews": RenewalExists,
    }
    layout: ClassVar[int] = 5
    """5: the next expiry day follows from five reminders, and documents of the former system have a version."""
    former_indexes: ClassVar[Sequence[str]] = (
        *(f"unique_{field}" for field in ("contractNumber", "esignContractNo", "sqbSn", "idempotencyKey")),
        *("unique__soleOrderOf", "unique__replaces", "unique__renews", "by_customer_phone", "by_customer"),
        *("by_worker", "by_worker_card", "outbox"),
    )
    former_fields: ClassVar[Sequence[str]] = ("_soleOrderOf", "_replaces", "_renews")

    def __init__(self, database: "AsyncIOMotorDatabase[Document]", outbox: Outbox, gate: WriteGate = OPEN_GATE) -> None:
        self.search = SearchIndex(database[SEARCH], search_fields, at_once=_QUERIED)
        super().__init__(database[COLLECTION], Contract, outbox, gate, self.search)

    async def create_indexes(self) -> None:
        await super().create_indexes()
        with store_failures():
            for name, keys in INDEXES.items():
                await self.collection.create_index(keys, name=name)
            for name, keys in SEARCH_INDEXES.items():
                # Former versions have made the first one, and not sparse.
                await self.search.collection.create_index(keys, name=name, sparse=name != "by_term")

    def unique_keys(self, entity: Contract) -> Mapping[str, Sequence[str]]:
        exists = entity.deleted_at is None
        counts = exists and entity.contract_status is not ContractStatus.CANCELLED
        first_draft = exists and entity.contract_status is ContractStatus.DRAFT and not entity.additional_order
        return {
            "number": [entity.contract_number],
            "esign": [entity.esign_contract_no],
            "payment": [entity.sqb_sn],
            "request": [entity.idempotency_key],
            # Of two simultaneous first contracts of a customer one is refused.
            "sole-order": [entity.customer_phone] if first_draft else [],
            "replaces": [entity.replaces_contract_id] if counts else [],
            "renews": [entity.renews_contract_id] if counts else [],
        }

    def extra_fields(self, entity: Contract) -> Mapping[str, Any]:
        due = next_expiry_date(entity) if entity.deleted_at is None else None
        return {**legacy_fields(entity), "_expiryDue": _midnight(due) if due else None}

    def from_document(self, document: Document) -> Contract:
        return super().from_document(own_fields(document))

    def load(self, document: Document | None) -> Contract | None:
        found = super().load(document)
        return found if found is not None and found.deleted_at is None else None

    async def find_by_number(self, contract_number: str) -> Contract | None:
        return await self.find_by_key("number", contract_number)

    async def find_by_esign_no(self, contract_no: str) -> Contract | None:
        return await self.find_by_key("esign", contract_no)

    async def find_by_idempotency_key(self, key: str) -> Contract | None:
        return await self.find_by_key("request", key)

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

    async def of_customer_id_card(self, id_card: str) -> Sequence[Contract]:
        return await self._newest_first({"customerIdCard": id_card.upper()}) if id_card else []

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
            documents = (
                await self.search.collection.find({"terms": term}, {"_id": 1}).limit(MAX_FOUND).to_list(MAX_FOUND)
            )
        return [str(document["_id"]) for document in documents]

    async def due_for_polling(self, now: datetime, most: int) -> Sequence[str]:
        return await self._ids(self.collection, {"esignNextPollAt": {"$lte": now}}, "esignNextPollAt", most)

    async def due_for_expiry(self, today: date, most: int) -> Sequence[str]:
        return await self._ids(self.collection, {"_expiryDue": {"$lte": _midnight(today)}}, "_expiryDue", most)

    async def cards(self) -> AsyncIterator[ContractCard]:
        with store_failures():
            async for document in self.collection.find({}, dict.fromkeys(_CARD_FIELDS, 1)).batch_size(500):
                yield card_of(self.from_document(document))

    async def _newest_first(self, query: Mapping[str, Any]) -> list[Contract]:
        ids = await self._ids(self.search.collection, query, None, MAX_FOUND)
        return sorted(await self.find_all(ids), key=lambda each: (each.created_at, each.id), reverse=True)

    async def _ids(
        self, collection: "AsyncIOMotorCollection[Document]", query: Mapping[str, Any], order: str | None, most: int
    ) -> list[str]:
        with store_failures():
            found = collection.find(query, {"_id": 1})
            documents = await (found.sort(order, 1) if order else found).limit(most).to_list(most)
        return [str(document["_id"]) for document in documents]


def search_fields(contract: Contract) -> Document:
    """The fields that searches and look-ups by person query. A deleted contract has nothing to be found by."""
    if contract.deleted_at is not None:
        return {}
    fields = {
        "terms": search_terms_of(contract),
        "customerPhone": contract.customer_phone,
        "customerIdCard": contract.customer_id_card,
        "customerId": reference(contract.customer_id),
        "workerId": reference(contract.worker_id),
        "workerIdCard": contract.worker_id_card,
    }
    return {name: value for name, value in fields.items() if value not in (None, "")}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
