"""The audit log in MongoDB: stores the audit rows of the outboxes, each once, and reads them by filters."""

import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorCursor, AsyncIOMotorDatabase

from domain.audit.model import AuditRecorded, DailyAccesses
from domain.audit.query import AuditFilter
from domain.shared.business_day import BUSINESS_ZONE
from domain.shared.events import DomainEvent
from domain.shared.paging import MAX_PAGED_ROWS, Page, PageRequest
from integrations.mongo.failures import drop_index, duplicates_in, store_failures

log = logging.getLogger("audit")

Document = dict[str, Any]
_NEWEST_FIRST: Final = [("at", -1), ("_id", -1)]
_INDEXED: Final = ("targetKind", "targetId", "actor.id", "actor.name", "action")
"""Each with the time behind it, so that a filtered list is read in its order."""
_ACCESSES_ONLY: Final[dict[str, Any]] = {"partialFilterExpression": {"access": {"$exists": True}}}
_FORMER_INDEXES: Final = ("targetKind_1_targetId_1_at_-1", "actor.id_1_at_-1")


class MongoAuditLog:
    """Follows `AuditRecorded` durably. Rows are added, read, and removed when they are old; never changed."""

    def __init__(self, database: "AsyncIOMotorDatabase[Document]") -> None:
        self._collection = database["audit_logs"]

    async def create_indexes(self) -> None:
        with store_failures():
            for name in _FORMER_INDEXES:
                await drop_index(self._collection, name)
            await self._collection.create_index(_NEWEST_FIRST, name="newest")
            await self._collection.create_index([("access", 1), ("at", -1)], name="accesses", **_ACCESSES_ONLY)
            for field in _INDEXED:
                await self._collection.create_index([(field, 1), *_NEWEST_FIRST], name=f"by_{field}")

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        rows = [event for event in events if isinstance(event, AuditRecorded)]
        documents = [_document(row) for row in rows]
        with store_failures():
            await duplicates_in(self._collection.insert_many(documents, ordered=False))  # they were delivered before
        for row in rows:
            log.info(row.action, extra=row.model_dump(mode="json", by_alias=True, exclude={"type"}))

    async def page(self, wanted: AuditFilter, paging: PageRequest) -> Page[AuditRecorded]:
        skip = paging.skip
        with store_failures():
            documents = await self._find(wanted).skip(skip).limit(paging.page_size).to_list(paging.page_size)
        return Page.of([_row(each) for each in documents], await self.count(wanted, MAX_PAGED_ROWS), paging)

    async def find(self, row_id: str) -> AuditRecorded | None:
        with store_failures():
            document = await self._collection.find_one({"_id": row_id})
        return None if document is None else _row(document)

    async def count(self, wanted: AuditFilter, limit: int) -> int:
        with store_failures():
            return await self._collection.count_documents(_conditions(wanted), limit=limit)

    async def stream(self, wanted: AuditFilter, limit: int) -> AsyncIterator[AuditRecorded]:
        with store_failures():
            async for document in self._find(wanted).limit(limit):
                yield _row(document)

    async def accesses(self, since: datetime, until: datetime) -> Sequence[DailyAccesses]:
        day = {"$dateToString": {"date": "$at", "format": "%Y-%m-%d", "timezone": str(BUSINESS_ZONE)}}
        wanted = {"access": {"$in": ["reveal", "export"]}, "at": {"$gte": since, "$lt": until}, "actor.kind": "staff"}
        key = {"day": day, "staffId": "$actor.id", "kind": "$access"}
        group = {"_id": key, "name": {"$last": "$actor.name"}, "count": {"$sum": 1}}
        with store_failures():
            found = await self._collection.aggregate([{"$match": wanted}, {"$group": group}]).to_list(None)
        return [DailyAccesses(**each["_id"], name=each["name"], count=each["count"]) for each in found]

    async def remove_before(self, instant: datetime, most: int) -> int:
        with store_failures():
            old = await self._collection.find({"at": {"$lt": instant}}, {"_id": 1}).limit(most).to_list(most)
            await self._collection.delete_many({"_id": {"$in": [each["_id"] for each in old]}})
        return len(old)

    def _find(self, wanted: AuditFilter) -> "AsyncIOMotorCursor[Document]":
        return self._collection.find(_conditions(wanted)).sort(_NEWEST_FIRST)


def _conditions(wanted: AuditFilter) -> Document:
    by_field: Mapping[str, str] = {
        "action": wanted.action,
        "targetKind": wanted.target_kind,
        "targetId": wanted.target_id,
        "actor.id" if ObjectId.is_valid(wanted.actor) else "actor.name": wanted.actor,
    }
    conditions: Document = {name: value for name, value in by_field.items() if value}
    span = {"$gte": wanted.since, "$lte": wanted.until}
    if bounds := {operator: bound for operator, bound in span.items() if bound is not None}:
        conditions["at"] = bounds
    return conditions


def _document(row: AuditRecorded) -> Document:
    fields = row.model_dump(by_alias=True, exclude={"id"} if row.access else {"id", "access"})
    return {"_id": row.id, **fields}


def _row(document: Document) -> AuditRecorded:
    return AuditRecorded.model_validate({"id": document["_id"], **{k: v for k, v in document.items() if k != "_id"}})
