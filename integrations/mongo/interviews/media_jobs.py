"""Media jobs in MongoDB: jobs that are due are found by an index, completed jobs expire."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ReturnDocument

from domain.interviews.media.jobs import JobKind, MediaJob, MediaJobStore
from integrations.mongo.failures import duplicates_in, store_failures
from integrations.mongo.repository import Document

COLLECTION: Final = "interview_media_jobs"
COMPLETED_KEPT_SECONDS: Final = 7 * 86_400


class MongoMediaJobStore(MediaJobStore):
    def __init__(self, database: "AsyncIOMotorDatabase[Document]") -> None:
        self._collection = database[COLLECTION]

    async def create_indexes(self) -> None:
        with store_failures():
            # Completed jobs have no nextTryAt; a sparse compound index would still contain them because of `kind`.
            await self._collection.create_index(
                [("kind", 1), ("nextTryAt", 1)], name="due", partialFilterExpression={"nextTryAt": {"$exists": True}}
            )
            await self._collection.create_index("doneAt", name="done", expireAfterSeconds=COMPLETED_KEPT_SECONDS)

    async def add(self, jobs: Sequence[MediaJob]) -> None:
        documents = [{"_id": job.key, **job.model_dump(by_alias=True, exclude={"key"})} for job in jobs]
        with store_failures():
            await duplicates_in(self._collection.insert_many(documents, ordered=False))

    async def claim(self, kind: JobKind, now: datetime, lease_seconds: float) -> MediaJob | None:
        with store_failures():
            document = await self._collection.find_one_and_update(
                {"kind": kind, "nextTryAt": {"$lte": now}},
                {"$set": {"nextTryAt": now + timedelta(seconds=lease_seconds)}, "$inc": {"tries": 1}},
                sort=[("nextTryAt", 1)],
                return_document=ReturnDocument.AFTER,
            )
        return _job(document) if document else None

    async def complete(self, key: str, now: datetime) -> None:
        with store_failures():
            await self._collection.update_one({"_id": key}, {"$set": {"doneAt": now}, "$unset": {"nextTryAt": ""}})

    async def postpone(self, key: str, until: datetime) -> None:
        with store_failures():
            await self._collection.update_one(
                {"_id": key, "nextTryAt": {"$exists": True}}, {"$set": {"nextTryAt": until}}
            )


def _job(document: Document) -> MediaJob:
    fields = {name: value for name, value in document.items() if name not in ("_id", "doneAt")}
    return MediaJob.model_validate({**fields, "key": document["_id"]})
