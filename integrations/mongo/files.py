"""Records of files in MongoDB: the collection `files`, and the sum of their sizes."""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final

from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.files.errors import AlreadyStored
from domain.files.model import FileRecord, RecordRef
from domain.shared.errors import Conflict
from integrations.mongo.failures import store_failures
from integrations.mongo.outbox import Outbox
from integrations.mongo.repository import Document, Repository
from integrations.mongo.write_gate import WriteGate

_CONTENT: Final = "content"
_BYTES: Final = "_bytes"
_MOST_OF_A_RECORD: Final = 2000
"""Limit of the files of one record that are read at once; deleted files do not count."""
_CACHE_SECONDS: Final = 60.0


class MongoFileRepository(Repository[FileRecord]):
    duplicates: ClassVar[Mapping[str, type[Conflict]]] = {_CONTENT: AlreadyStored}

    def __init__(self, database: "AsyncIOMotorDatabase[Document]", outbox: Outbox, gate: WriteGate) -> None:
        super().__init__(database["files"], FileRecord, outbox, gate)

    def unique_keys(self, entity: FileRecord) -> Mapping[str, Sequence[str]]:
        return {_CONTENT: [_content(entity.owner, entity.sha256)]} if entity.state == "stored" else {}

    def extra_fields(self, entity: FileRecord) -> Mapping[str, Any]:
        return {_BYTES: sum(each.size for each in entity.objects.values())}

    async def create_indexes(self) -> None:
        await super().create_indexes()
        with store_failures():
            await self.collection.create_index([("owner.area", 1), ("owner.recordId", 1)], name="record")
            await self.collection.create_index("conversion.state", name="conversion", sparse=True)
            await self.collection.create_index("dueAt", name="due", sparse=True)

    async def find_content(self, owner: RecordRef, sha256: str) -> FileRecord | None:
        return await self.find_by_key(_CONTENT, _content(owner, sha256))

    async def of_record(self, area: str, record_id: str) -> Sequence[FileRecord]:
        with store_failures():
            theirs = {"owner.area": area, "owner.recordId": record_id, "state": {"$ne": "deleted"}}
            found = await self.collection.find(theirs).to_list(_MOST_OF_A_RECORD)
        return sorted((self.from_document(document) for document in found), key=lambda file: file.created_at)

    async def next_conversion(self) -> FileRecord | None:
        states = {"$in": ["waiting", "replaced"]}
        with store_failures():
            found = await self.collection.find_one(
                {"conversion.state": states, "state": "stored"}, sort=[("createdAt", 1)]
            )
        return self.load(found)

    async def due(self, now: datetime, limit: int) -> Sequence[FileRecord]:
        with store_failures():
            found = await self.collection.find({"dueAt": {"$lte": now}}).limit(limit).to_list(limit)
        return [self.from_document(document) for document in found]


class MongoFileUsage:
    """Implements `FileUsage`. A process asks the store once a minute at most."""

    def __init__(self, database: "AsyncIOMotorDatabase[Document]") -> None:
        self._files = database["files"]
        self._sums = database["files_usage"]
        self._read_at = -_CACHE_SECONDS
        self._total = 0

    async def measure(self) -> None:
        everything = {"$group": {"_id": None, "bytes": {"$sum": f"${_BYTES}"}}}
        with store_failures():
            sums = await self._files.aggregate([everything]).to_list(1)
            total = int(sums[0]["bytes"]) if sums else 0
            await self._sums.update_one({"_id": "all"}, {"$set": {"bytes": total}}, upsert=True)

    async def add(self, size: int) -> None:
        self._total += size
        with store_failures():
            await self._sums.update_one({"_id": "all"}, {"$inc": {"bytes": size}}, upsert=True)

    async def total_bytes(self) -> int:
        now = time.monotonic()
        if now >= self._read_at + _CACHE_SECONDS:
            with store_failures():
                found = await self._sums.find_one({"_id": "all"})
            self._total, self._read_at = int(found["bytes"]) if found else 0, now
        return self._total


def _content(owner: RecordRef, sha256: str) -> str:
    return f"{owner.area}/{owner.record_id}/{owner.kind}/{sha256}"
