"""Batches updates of existing documents, each conditional on the version that was read (optimistic locking).

A store that makes every write durable before it answers takes as long for fifty updates as for one, and most of the
driver's work is per command.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError, PyMongoError

from domain.shared.errors import Conflict
from integrations.batcher import Batcher
from integrations.mongo.failures import raise_if_not_durable

MAX_BATCH: Final = 50

# For a bulk of updates the server reports only how many matched. As an upsert that cannot insert (its `_id`
# contradicts the filter), an update that matched nothing is reported as a write error with its index.
_FAILING_UPSERT: Final = {"$setOnInsert": {"_id": None}}


@dataclass(frozen=True, slots=True)
class VersionedUpdate:
    """An update that applies only while the document still has `version`."""

    key: ObjectId
    version: int
    update: Mapping[str, Any]

    @property
    def filter(self) -> dict[str, Any]:
        return {"_id": self.key, "version": self.version}


class BatchedSaves:
    def __init__(self, collection: "AsyncIOMotorCollection[dict[str, Any]]") -> None:
        self._collection = collection
        self._batcher: Batcher[VersionedUpdate, None] = Batcher(self._save_all, MAX_BATCH)

    async def save(self, update: VersionedUpdate) -> None:
        """Raises Conflict when the document has another version or is gone, and the driver's own errors."""
        await self._batcher.submit(update)

    async def _save_all(self, updates: Sequence[VersionedUpdate]) -> Sequence[Exception | None]:
        if len(updates) == 1:
            return [await self._save_one(updates[0])]
        upserts = [UpdateOne(each.filter, {**each.update, **_FAILING_UPSERT}, upsert=True) for each in updates]
        try:
            await self._collection.bulk_write(upserts, ordered=False)
        except BulkWriteError as error:
            raise_if_not_durable(error)
            failed = sorted(problem["index"] for problem in error.details["writeErrors"])
        except PyMongoError:
            raise
        except Exception:  # one update cannot be encoded; the others can
            failed = list(range(len(updates)))
        else:
            failed = []
        # A failed update changed nothing, so it can be repeated alone to learn its own error.
        errors = await asyncio.gather(*(self._save_one(updates[index]) for index in failed))
        error_by_index = dict(zip(failed, errors, strict=True))
        return [error_by_index.get(index) for index in range(len(updates))]

    async def _save_one(self, update: VersionedUpdate) -> Exception | None:
        try:
            updated = await self._collection.update_one(update.filter, update.update)
        except Exception as error:
            return error
        return None if updated.matched_count else Conflict()
