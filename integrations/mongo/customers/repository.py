"""Customers in MongoDB: the collection, its search index, and the documents of the former system."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final

from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.customers.errors import (
    CustomerAccountTaken,
    CustomerNumberTaken,
    CustomerPhoneTaken,
    CustomerWeChatTaken,
)
from domain.customers.levels import GRADES
from domain.customers.model import Customer
from domain.customers.search_terms import search_terms_of
from domain.customers.stages import LEAD_STAGES, Stage, standing_behind
from domain.shared.errors import Conflict
from domain.shared.money import fen_of_yuan, yuan_of_fen
from integrations.mongo.customers.search_keys import facets_of, lists_of, values_of
from integrations.mongo.failures import store_failures
from integrations.mongo.outbox import Outbox
from integrations.mongo.repository import Document, Repository, reference
from integrations.mongo.search_index import SearchIndex
from integrations.mongo.write_gate import OPEN_GATE, WriteGate

COLLECTION: Final = "customers"
SEARCH: Final = "customer_search"

PARTIAL: Final = ("followUpDueAt", "responseAwaitedSince")
"""Few customers have them."""
SORTED_BY: Final = ("createdAt", "updatedAt", "assignedAt", "lastActivityAt", "publicPoolEntryTime", *PARTIAL)
POOL_INDEX: Final = "by_publicPoolEntryTime"
FALL_INDEX: Final = "by_fallClock"
SEARCH_INDEXES: Final[dict[str, list[tuple[str, int]]]] = {
    **{f"by_{field}": [("lists", 1), (field, -1), ("_id", -1)] for field in SORTED_BY},
    "by_facet": [("facets", 1), ("createdAt", -1), ("_id", -1)],
    "by_term": [("terms", 1)],
    "by_remindAt": [("remindAt", 1)],
    "by_breach": [("breachUnannouncedSince", 1)],
    FALL_INDEX: [("fallClock", 1)],
    "by_id_card": [("idCardNumber", 1)],
}
"""A list is a range of one index, in its order; filters are checked on the search documents of that range."""
_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "by_id_card": {"sparse": True},
    "by_remindAt": {"sparse": True},
    "by_breach": {"sparse": True},
    **{f"by_{field}": {"partialFilterExpression": {field: {"$exists": True}}} for field in PARTIAL},
    FALL_INDEX: {"sparse": True},
    POOL_INDEX: {"partialFilterExpression": {"publicPoolEntryTime": {"$exists": True}}},
}
_REFERENCES: Final = {
    "assigned_to": "assignedTo",
    "assigned_by": "assignedBy",
    "last_updated_by": "lastUpdatedBy",
    "last_follow_up_by": "lastFollowUpBy",
    "frozen_by": "frozenBy",
}
"""ObjectIds in documents, as legacy readers expect."""
_TEXTS: Final = {"name", "phone", "wechatId", "idCardNumber", "createdBy", "area", "address"}
"""Some are numbers in older documents."""
_FIELDS: Final = {field.alias or name for name, field in Customer.model_fields.items()}


class MongoCustomerRepository(Repository[Customer]):
    """Deleted customers stay in the collection and are not found."""

    duplicates: ClassVar[Mapping[str, type[Conflict]]] = {
        "phone": CustomerPhoneTaken,
        "wechat": CustomerWeChatTaken,
        "mini-user": CustomerAccountTaken,
        "openid": CustomerAccountTaken,
        "number": CustomerNumberTaken,
    }
    former_indexes: ClassVar[Sequence[str]] = (
        *("phone_1", "wechatId_1", "assignedTo_1_updatedAt_-1", "assignedBy_1_assignedAt_-1"),
        *("inPublicPool_1_publicPoolEntryTime_-1", "lastFollowUpTime_1"),
        "assignedTo_1_contractStatus_1_lastActivityAt_1_autoTransferEnabled_1_inPublicPool_1",
    )

    def __init__(self, database: "AsyncIOMotorDatabase[Document]", outbox: Outbox, gate: WriteGate = OPEN_GATE) -> None:
        self.search = SearchIndex(database[SEARCH], search_fields, at_once=_FIELDS)
        super().__init__(database[COLLECTION], Customer, outbox, gate, self.search)

    async def create_indexes(self) -> None:
        await super().create_indexes()
        with store_failures():
            for name, keys in SEARCH_INDEXES.items():
                await self.search.collection.create_index(keys, name=name, **_OPTIONS.get(name, {}))

    def unique_keys(self, entity: Customer) -> Mapping[str, Sequence[str]]:
        return {
            "number": [entity.customer_id],
            "phone": [entity.phone],
            "wechat": [entity.wechat_id],
            "mini-user": [entity.mini_user_id],
            "openid": [entity.openid],
        }

    def extra_fields(self, entity: Customer) -> Mapping[str, Any]:
        references = {name: reference(getattr(entity, field)) for field, name in _REFERENCES.items()}
        amount = None if entity.deal_amount_fen is None else yuan_of_fen(entity.deal_amount_fen)
        return {**references, "dealAmount": amount, "leadLevel": entity.lead_level}

    def from_document(self, document: Document) -> Customer:
        return super().from_document(own_fields(document))

    def load(self, document: Document | None) -> Customer | None:
        found = super().load(document)
        return found if found is not None and found.deleted_at is None else None

    async def find_by_number(self, customer_id: str) -> Customer | None:
        return await self.find_by_key("number", customer_id)

    async def find_by_phone(self, phone: str) -> Customer | None:
        return await self.find_by_key("phone", phone)

    async def find_by_account(self, mini_user_id: str) -> Customer | None:
        return await self.find_by_key("mini-user", mini_user_id)


def own_fields(document: Document) -> Document:
    """The document with our own fields only, references as texts. Values that the former system lacks are derived."""
    fields = {name: value for name, value in document.items() if name in _FIELDS and value is not None}
    fields |= {name: str(fields[name]) for name in _REFERENCES.values() if name in fields}
    fields |= {name: str(fields[name]) for name in _TEXTS & fields.keys()}
    stage = Stage(fields.get("contractStatus", Stage.PENDING))
    created = fields.get("createdAt", document["_id"].generation_time)
    updated = fields.get("updatedAt", created)
    derived: Document = {
        "contractStanding": standing_behind(stage),
        "leadStage": stage if stage in LEAD_STAGES else Stage.MATCHING,
        "createdBy": "",
        "createdAt": created,
        "updatedAt": updated,
        "lastActivityAt": updated,
        "customerId": "",
    }
    if (level := document.get("leadLevel")) in GRADES:
        derived["grade"] = level
    if (amount := document.get("dealAmount")) is not None:
        derived["dealAmountFen"] = fen_of_yuan(round(amount, 2))
    return {**derived, **fields, "_id": document["_id"]}


def _pool_entry(customer: Customer) -> datetime | None:
    """Documents of the former system may lack it."""
    return (customer.public_pool_entry_time or customer.updated_at) if customer.in_public_pool else None


def search_fields(customer: Customer) -> Document:
    """The fields that lists and searches query. A deleted customer has nothing to be found by."""
    if customer.deleted_at is not None:
        return {}
    fields = {
        "lists": lists_of(customer),
        "facets": facets_of(customer),
        "terms": search_terms_of(customer),
        "people": sorted({each for each in customer.people if each}),
        "idCardNumber": customer.id_card_number,
        "restSchedule": customer.rest_schedule,
        "educationRequirement": customer.education_requirement,
        **values_of(customer),
        "createdAt": customer.created_at,
        "updatedAt": customer.updated_at,
        "assignedAt": customer.assigned_at,
        "lastActivityAt": customer.last_activity_at,
        "fallClock": customer.fall_clock,
        "publicPoolEntryTime": _pool_entry(customer),
        "followUpDueAt": customer.follow_up_due_at,
        "remindAt": customer.remind_at,
        "responseAwaitedSince": customer.response_awaited_since,
        "breachUnannouncedSince": customer.breach_unannounced_since,
    }
    return {name: value for name, value in fields.items() if value not in (None, "")}
