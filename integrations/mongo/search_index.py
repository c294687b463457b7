"""A search index: for each entity of a collection, one document with the fields that lists and searches query.

It is apart from the entities because a save costs a store work for each index of the written collection, and most saves
change nothing that is queried. A search document may be behind its entity for a moment, never ahead of it.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo import ReplaceOne
from pymongo.errors import BulkWriteError

from domain.shared.background import BackgroundJob, Every
from domain.shared.errors import DomainError
from integrations.batcher import Batcher
from integrations.mongo.failures import store_failures

log = logging.getLogger("error.search_index")

FLUSH_SECONDS: Final = 60.0
_MAX_BATCH: Final = 100
_DUPLICATE: Final = 11000

Fields = Mapping[str, Any]


class SearchIndex:
    def __init__(self, collection: "AsyncIOMotorCollection[dict[str, Any]]") -> None:
        self.collection = collection
        self._deferred: dict[ObjectId, tuple[int, Fields]] = {}
        self._writes: Batcher[tuple[ObjectId, int, Fields], None] = Batcher(self._write_all, _MAX_BATCH)

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        name = f"search-index-{self.collection.name}"
        return (BackgroundJob(name, Every(FLUSH_SECONDS, at_start=False), self.flush),)

    async def write(self, key: ObjectId, version: int, fields: Fields) -> None:
        """Replaces the search document, unless one of a newer version is stored. What cannot be done now is deferred;
        only cancellation is raised."""
        self.defer(key, version, fields)
        try:
            with store_failures():
                await self._writes.submit((key, version, fields))
        except DomainError as error:
            log.warning("search_index.deferred", extra={"code": error.code})
        except Exception:
            log.exception("search_index.deferred")
        else:
            if self._deferred.get(key, (version + 1, {}))[0] <= version:
                del self._deferred[key]

    def defer(self, key: ObjectId, version: int, fields: Fields) -> None:
        """The same within FLUSH_SECONDS, for fields that change with every login. Many changes cost one write."""
        known = self._deferred.get(key)
        if known is None or known[0] < version:
            self._deferred[key] = (version, fields)

    async def flush(self) -> None:
        """Writes what was deferred. Raises Unavailable."""
        while self._deferred:
            keys = list(self._deferred)[:_MAX_BATCH]
            batch = {key: self._deferred.pop(key) for key in keys}
            try:
                await self.write_all([(key, version, fields) for key, (version, fields) in batch.items()])
            except BaseException:
                for key, (version, fields) in batch.items():
                    self.defer(key, version, fields)
                raise

    async def write_all(self, changes: Sequence[tuple[ObjectId, int, Fields]]) -> None:
        """Raises Unavailable."""
        with store_failures():
            await self._write_all(changes)

    async def _write_all(self, changes: Sequence[tuple[ObjectId, int, Fields]]) -> Sequence[None]:
        older = await self._replace(changes, upsert=True)
        # Either a newer version is stored, or another process has just inserted an older one.
        await self._replace(older, upsert=False)
        return [None] * len(changes)

    async def _replace(
        self, changes: Sequence[tuple[ObjectId, int, Fields]], upsert: bool
    ) -> Sequence[tuple[ObjectId, int, Fields]]:
        """Returns the changes whose document exists and was not replaced. `$not`: it may have no version yet."""
        replacements = [
            ReplaceOne(
                {"_id": key, "version": {"$not": {"$gte": version}}}, {"version": version, **fields}, upsert=upsert
            )
            for key, version, fields in changes
        ]
        if not replacements:
            return ()
        try:
            await self.collection.bulk_write(replacements, ordered=False)
        except BulkWriteError as error:
            problems = error.details["writeErrors"]
            if any(each["code"] != _DUPLICATE for each in problems):
                raise
            return [changes[each["index"]] for each in problems]
        return ()
