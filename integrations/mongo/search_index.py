"""A search index: for each entity of a collection, one document with the fields that lists and searches query.

It is apart from the entities because a save costs a store work for each index of the written collection, and most saves
change nothing that is queried. A search document may be behind its entity for a moment, never ahead of it.
"""

import logging
from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any, Final, Generic, TypeVar

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo import ReplaceOne

from domain.shared.background import BackgroundJob, Every
from domain.shared.entity import Entity
from domain.shared.errors import DomainError
from integrations.batcher import Batcher
from integrations.mongo.failures import duplicates_in, store_failures

log = logging.getLogger("error.search_index")

FLUSH_SECONDS: Final = 60.0
_MAX_BATCH: Final = 100
_NONE: Final = frozenset[str]()

E = TypeVar("E", bound=Entity)


class SearchIndex(Generic[E]):
    def __init__(
        self,
        collection: "AsyncIOMotorCollection[dict[str, Any]]",
        fields_of: Callable[[E], Mapping[str, Any]],
        at_once: Set[str] = _NONE,
        later: Set[str] = _NONE,
    ) -> None:
        """`fields_of`: the search document of an entity. `at_once`, `later`: the fields of the entity's document whose
        change is written with the save, and those that change so often that many changes are written together."""
        self.collection = collection
        self.at_once = at_once
        self.later = later
        self._fields_of = fields_of
        self._deferred: dict[str, E] = {}
        self._writes: Batcher[E, None] = Batcher(self._write_all, _MAX_BATCH)

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        name = f"search-index-{self.collection.name}"
        return (BackgroundJob(name, Every(FLUSH_SECONDS, at_start=False), self.flush),)

    async def write(self, entity: E) -> None:
        """Replaces the search document, unless one of a newer version is stored. What cannot be done now is deferred;
        only cancellation is raised."""
        self.defer(entity)
        try:
            with store_failures():
                await self._writes.submit(entity)
        except DomainError as error:
            log.warning("search_index.deferred", extra={"code": error.code})
        except Exception:
            log.exception("search_index.deferred")
        else:
            deferred = self._deferred.get(entity.id)
            if deferred is not None and deferred.version <= entity.version:
                del self._deferred[entity.id]

    def defer(self, entity: E) -> None:
        """The same within FLUSH_SECONDS. Many changes of an entity cost one write."""
        known = self._deferred.get(entity.id)
        if known is None or known.version < entity.version:
            self._deferred[entity.id] = entity

    async def flush(self) -> None:
        """Writes what was deferred. Raises Unavailable."""
        while self._deferred:
            batch = [self._deferred.pop(key) for key in list(self._deferred)[:_MAX_BATCH]]
            try:
                await self.write_all(batch)
            except BaseException:
                for entity in batch:
                    self.defer(entity)
                raise

    async def write_all(self, entities: Sequence[E]) -> None:
        """Raises Unavailable."""
        with store_failures():
            await self._write_all(entities)

    async def _write_all(self, entities: Sequence[E]) -> Sequence[None]:
        older = await self._replace(entities, upsert=True)
        # Either a newer version is stored, or another process has just inserted an older one.
        await self._replace(older, upsert=False)
        return [None] * len(entities)

    async def _replace(self, entities: Sequence[E], upsert: bool) -> Sequence[E]:
        """Returns the entities whose search document exists and was not replaced."""
        replacements = [
            ReplaceOne(
                # `$not`: one of an earlier layout may have no version. The same version is replaced, because the
                # fields of a later layout differ.
                {"_id": ObjectId(entity.id), "version": {"$not": {"$gt": entity.version}}},
                {"version": entity.version, **self._fields_of(entity)},
                upsert=upsert,
            )
            for entity in entities
        ]
        if not replacements:
            return ()
        present = await duplicates_in(self.collection.bulk_write(replacements, ordered=False))
        return [entities[index] for index in present]
