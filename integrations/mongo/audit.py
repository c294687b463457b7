"""The audit log in MongoDB: stores the audit rows of the outboxes, each once."""

import logging
from collections.abc import Sequence
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo.errors import BulkWriteError

from domain.audit.model import AuditRecorded
from domain.shared.events import DomainEvent
from integrations.mongo.failures import store_failures

log = logging.getLogger("audit")

_DUPLICATE = 11000


class MongoAuditLog:
    """Follows `AuditRecorded` durably."""

    def __init__(self, database: "AsyncIOMotorDatabase[dict[str, Any]]") -> None:
        self._collection = database["audit_logs"]

    async def create_indexes(self) -> None:
        with store_failures():
            await self._collection.create_index([("targetKind", 1), ("targetId", 1), ("at", -1)])
            await self._collection.create_index([("actor.id", 1), ("at", -1)])

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        rows = [event for event in events if isinstance(event, AuditRecorded)]
        documents = [{"_id": row.id, **row.model_dump(by_alias=True, exclude={"id"})} for row in rows]
        with store_failures():
            try:
                await self._collection.insert_many(documents, ordered=False)
            except BulkWriteError as error:
                others = [each for each in error.details["writeErrors"] if each["code"] != _DUPLICATE]
                if others:  # duplicates were delivered before
                    raise
        for row in rows:
            log.info(row.action, extra=row.model_dump(mode="json", by_alias=True, exclude={"type"}))
