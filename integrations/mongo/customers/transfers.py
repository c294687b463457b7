"""Rules and records of automatic transfer in MongoDB, with the collections and fields of the former system."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.customers.events import CustomerTransferred
from domain.customers.transfer.model import QuotaUser, RuleUsage, TransferRule
from domain.customers.transfer.ports import LeadSnapshot, RecordFilter, TransferFigures, TransferRecord
from domain.shared.events import DomainEvent
from domain.shared.model import Model
from domain.shared.paging import Page, PageRequest
from integrations.mongo.failures import duplicates_in, store_failures
from integrations.mongo.outbox import Outbox
from integrations.mongo.pages import page_of
from integrations.mongo.repository import Document, Repository, object_id, reference

RULES: Final = "lead_transfer_rules"
RECORDS: Final = "lead_transfer_records"
_INDEXES: Final[Sequence[list[tuple[str, int]]]] = (
    [("ruleId", 1), ("status", 1), ("fromUserId", 1), ("toUserId", 1)],
    [("fromUserId", 1), ("transferredAt", -1)],
    [("toUserId", 1), ("transferredAt", -1)],
    [("transferredAt", -1)],
)
_REFERENCES: Final = ("ruleId", "customerId", "fromUserId", "toUserId")


class MongoTransferRules(Repository[TransferRule]):
    """Deleted rules, and those of other modules, stay in the collection and are not found."""

    def __init__(self, database: "AsyncIOMotorDatabase[Document]", outbox: Outbox) -> None:
        super().__init__(database[RULES], TransferRule, outbox)

    def load(self, document: Document | None) -> TransferRule | None:
        if document is None or document.get("targetModule", "customer") != "customer":
            return None
        found = super().load(document)
        return found if found is not None and found.deleted_at is None else None

    async def all(self) -> Sequence[TransferRule]:
        return sorted(await self.find_all_where({"deletedAt": {"$exists": False}}), key=lambda each: each.created_at)

    def from_document(self, document: Document) -> TransferRule:
        """Fields that only the former system has are left out, on every level."""
        fields = _known(TransferRule, document)
        created = document.get("createdAt", document["_id"].generation_time)
        people = [_known(QuotaUser, {**each, "userId": str(each["userId"])}) for each in fields.get("userQuotas", ())]
        fields |= {name: str(fields[name]) for name in ("createdBy", "updatedBy") if name in fields}
        fields |= {"createdAt": created, "updatedAt": document.get("updatedAt", created), "userQuotas": people}
        return super().from_document({**fields, "_id": document["_id"]})


def _known(model: type[Model], document: Document) -> Document:
    """Without the fields that the model lacks, on every level, and without empty ones."""
    fields = {field.alias or name: field.annotation for name, field in model.model_fields.items()}
    found = {name: value for name, value in document.items() if name in fields and value is not None}
    for name, value in found.items():
        nested = fields[name]
        if isinstance(value, dict) and isinstance(nested, type) and issubclass(nested, Model):
            found[name] = _known(nested, value)
    return found


class MongoTransferRecords:
    """`TransferRecords`, and the durable follower that writes successful ones: the row's id is the event's."""

    def __init__(self, database: "AsyncIOMotorDatabase[Document]") -> None:
        self._rows = database[RECORDS]

    async def create_indexes(self) -> None:
        with store_failures():
            for keys in _INDEXES:
                await self._rows.create_index(keys)

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        rows = [_document(_record(event)) for event in events if isinstance(event, CustomerTransferred)]
        if not rows:
            return
        with store_failures():
            await duplicates_in(self._rows.insert_many(rows, ordered=False))  # they were delivered before

    async def add(self, record: TransferRecord) -> None:
        with store_failures():
            await self._rows.insert_one(_document(record))

    async def usage(self, rule_id: str) -> Mapping[str, RuleUsage]:
        return await self._usage({"ruleId": reference(rule_id)})

    async def page(self, wanted: RecordFilter, paging: PageRequest) -> Page[TransferRecord]:
        newest_first = [("transferredAt", -1), ("_id", -1)]
        return await page_of(self._rows, _query(wanted), newest_first, paging, _from_document)

    async def figures(self, wanted: RecordFilter) -> TransferFigures:
        query = _query(wanted)
        with store_failures():
            groups = await self._rows.aggregate(
                [{"$match": query}, {"$group": {"_id": "$status", "count": {"$sum": 1}}}]
            ).to_list(None)
        counts = {group["_id"]: group["count"] for group in groups}
        return TransferFigures(
            total=sum(counts.values()),
            success=counts.get("success", 0),
            failed=counts.get("failed", 0),
            by_user=await self._usage(query),
        )

    async def _usage(self, query: Document) -> Mapping[str, RuleUsage]:
        pairs = {"from": "$fromUserId", "to": "$toUserId"}
        pipeline: list[Document] = [
            {"$match": {**query, "status": "success"}},
            {"$group": {"_id": pairs, "count": {"$sum": 1}}},
        ]
        with store_failures():
            groups = await self._rows.aggregate(pipeline).to_list(None)
        out: Counter[str] = Counter()
        into: Counter[str] = Counter()
        for group in groups:
            out[str(group["_id"]["from"])] += group["count"]
            into[str(group["_id"]["to"])] += group["count"]
        people = sorted(out.keys() | into.keys())
        return {each: RuleUsage(transferred_out=out[each], transferred_in=into[each]) for each in people}


def _record(event: CustomerTransferred) -> TransferRecord:
    return TransferRecord(
        id=event.id,
        rule_id=event.rule_id,
        customer_id=event.card.id,
        from_user_id=event.former_owner_id,
        to_user_id=event.card.owner_id,
        snapshot=LeadSnapshot(
            customer_number=event.card.customer_id,
            name=event.card.name,
            contract_status=event.card.stage,
            inactive_hours=(event.at - event.inactive_since) // timedelta(hours=1),
            last_activity_at=event.inactive_since,
            created_at=event.customer_created_at,
        ),
        transferred_at=event.at,
    )


def _document(record: TransferRecord) -> Document:
    fields = {name: value for name, value in record.model_dump(by_alias=True, exclude={"id"}).items() if value != ""}
    return {"_id": object_id(record.id), **fields, **{name: reference(fields[name]) for name in _REFERENCES}}


def _from_document(document: Document) -> TransferRecord:
    fields = _known(TransferRecord, document)
    texts = {name: str(fields[name]) for name in _REFERENCES if name in fields}
    return TransferRecord.model_validate({**fields, **texts, "id": str(document["_id"])})


def _query(wanted: RecordFilter) -> Document:
    parts: list[Any] = []
    if wanted.scope.people is not None:
        parts.append(_of_people(sorted(wanted.scope.people)))
    if wanted.user_id:
        parts.append(_of_people([wanted.user_id]))
    exact = {"ruleId": wanted.rule_id, "customerId": wanted.customer_id}
    parts += [{name: reference(value)} for name, value in exact.items() if value]
    if wanted.status:
        parts.append({"status": wanted.status})
    if wanted.since or wanted.until:
        bounds = {"$gte": wanted.since, "$lt": wanted.until}
        parts.append({"transferredAt": {operator: at for operator, at in bounds.items() if at}})
    return {"$and": parts} if parts else {}


def _of_people(people: Sequence[str]) -> Document:
    ids = [reference(each) for each in people]
    return {"$or": [{"fromUserId": {"$in": ids}}, {"toUserId": {"$in": ids}}]}
