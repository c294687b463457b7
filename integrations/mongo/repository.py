"""The base of all repositories: loads the entities of a collection, and saves each with its events in one write."""

import logging
from collections.abc import Mapping, Sequence, Set
from typing import Any, ClassVar, Final, Generic, TypeVar

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorCollection
from pydantic import ValidationError
from pymongo.errors import DuplicateKeyError

from domain.shared.entity import Entity
from domain.shared.errors import Conflict, DomainError
from domain.shared.events import DomainEvent
from integrations.mongo.batched_lookups import BatchedLookup
from integrations.mongo.batched_saves import BatchedSaves, VersionedUpdate
from integrations.mongo.document_cache import DocumentCache, Stored, changed_fields, replaced_fields
from integrations.mongo.failures import store_failures
from integrations.mongo.outbox import OUTBOX, Outbox, OutboxEntry, decode_entries
from integrations.mongo.search_index import SearchIndex
from integrations.mongo.write_gate import OPEN_GATE, WriteGate

log = logging.getLogger("error.repository")

Document = dict[str, Any]
E = TypeVar("E", bound=Entity)

KEYS: Final = "_keys"
KEYS_INDEX: Final = "keys"


def unique_key(kind: str, value: str) -> str:
    return f"{kind}:{value}"


def kind_of(key: str) -> str:
    return key.partition(":")[0]


def object_id(text: str) -> ObjectId | None:
    """The id that `text` denotes; None for other text, which then matches no document."""
    return ObjectId(text) if ObjectId.is_valid(text) and len(text) == 24 else None


def reference(text: str) -> ObjectId | str:
    """A reference to another document as it is stored: an id, or a person's name in documents of the former system."""
    return object_id(text) or text


async def number_older_documents(collection: "AsyncIOMotorCollection[Document]") -> None:
    """As the conversion of layouts does; for small collections that a start saves to before. Raises Unavailable."""
    with store_failures():
        await collection.update_many({"version": {"$exists": False}}, {"$set": {"version": 1}})


class Repository(Generic[E]):
    """A document holds exactly the entity's fields (camelCase), `_id` for `id`, `version`, `outbox`, `_keys`, and the
    fields that `extra_fields` adds. Empty strings, None and empty lists mean "absent" and are not stored.

    All unique values of an entity are in one list, `_keys`, with one unique index: a save costs a store work for each
    index of the collection, whether its values changed or not. For the same reason, lists and searches have their
    indexes on documents of their own (`SearchIndex`).
    """

    duplicates: ClassVar[Mapping[str, type[Conflict]]] = {}
    """The error that a taken key means, by its kind."""
    layout: ClassVar[int] = 4
    """The layout of the documents with their derived fields and indexes. A repository that changes it takes the next
    number, and the next start converts its documents (`layout.py`).

    1: unique and list indexes on the documents, relayed events removed from them. 2: see above and `outbox_writers`.
    3: the search documents of contracts have the customer's card number. 4: those of users have the ends of the phone.
    """
    former_indexes: ClassVar[Sequence[str]] = ()
    """Names of indexes of earlier layouts, which are dropped."""
    former_fields: ClassVar[Sequence[str]] = ()
    """Derived fields of earlier layouts, which are removed."""

    def __init__(
        self,
        collection: "AsyncIOMotorCollection[Document]",
        entity: type[E],
        outbox: Outbox,
        gate: WriteGate = OPEN_GATE,
        search: SearchIndex[E] | None = None,
    ) -> None:
        self.collection = collection
        self._gate = gate
        self._entity = entity
        self._outbox = outbox
        self._cache: DocumentCache[E] = DocumentCache()
        self._saves = BatchedSaves(collection)
        self._by_key = BatchedLookup(collection, KEYS)
        self._search = search

    def unique_keys(self, entity: E) -> Mapping[str, Sequence[str]]:
        """Values that no other entity of the collection may have, by kind. Empty texts do not count."""
        return {}

    def keys_of_unreadable(self, document: Mapping[str, Any]) -> Sequence[str]:
        """The unique keys of a document of the former layout that `from_document` cannot read."""
        return ()

    def extra_fields(self, entity: E) -> Mapping[str, Any]:
        """Derived fields for queries. Names that start with an underscore are dropped at loading."""
        return {}

    async def create_indexes(self) -> None:
        """Idempotent. Raises Unavailable."""
        with store_failures():
            await self.collection.create_index(KEYS, name=KEYS_INDEX, unique=True, sparse=True)

    async def complete_saves(self, ids: Sequence[ObjectId]) -> None:
        """Brings the search index up to date with these documents, whose app process died. Raises Unavailable."""
        if self._search is not None:
            await self._search.write_all(await self._readable(ids))

    async def _readable(self, ids: Sequence[ObjectId]) -> list[E]:
        """The entities of these documents, without those that cannot be read."""
        with store_failures():
            documents = await self.collection.find({"_id": {"$in": list(ids)}}).to_list(len(ids))
        found = []
        for document in documents:
            try:
                found.append(self.from_document(document))
            except ValidationError as error:
                log.warning("repository.unreadable", extra={"document": str(document["_id"]), "model": error.title})
        return found

    def from_document(self, document: Document) -> E:
        fields = {key: value for key, value in document.items() if not key.startswith("_") and key != OUTBOX}
        return self._entity.model_validate({**fields, "id": str(document["_id"])})

    async def find(self, entity_id: str) -> E | None:
        key = object_id(entity_id)
        return await self.find_where({"_id": key}) if key else None

    async def find_by_key(self, kind: str, value: str) -> E | None:
        """The entity with this unique key. Raises Unavailable."""
        return self.load(await self._by_key.find(unique_key(kind, value))) if value else None

    async def find_where(self, query: Mapping[str, Any]) -> E | None:
        with store_failures():
            return self.load(await self.collection.find_one(query))

    async def find_all_where(self, query: Mapping[str, Any]) -> list[E]:
        """For a query that few documents match. Raises Unavailable."""
        with store_failures():
            documents = await self.collection.find(query).to_list(None)
        return [entity for document in documents if (entity := self.load(document))]

    def load(self, document: Document | None) -> E | None:
        """The entity of a document that was just read. Remembers the document for the next save of the entity."""
        if document is None:
            return None
        entity = self.from_document(document)
        self._cache.put(document, entity)
        return entity

    async def save(self, entity: E, events: Sequence[DomainEvent]) -> E:
        """Stores the entity and its events together, or neither; returns the entity with its new version.

        The events of a document are relayed in the order of its versions, whichever app process saved them. Raises
        Conflict when another save came first, the error in `duplicates` for a taken key, Unavailable when the store
        cannot be reached, StorageFull when it has no room.
        """
        key = ObjectId(entity.id)
        with self._gate.writing():
            stored = await self._stored(entity) if entity.version else None
            before = stored.document if stored else {}
            fields, present = self._fields(entity, replaced_fields(stored.entity, entity) if stored else None)
            earlier = await self._outbox.unrelayed(before.get(OUTBOX, ()))
            entries = await self._outbox.number(self.collection.name, key, events)
            present["version"] = entity.next_version
            present[OUTBOX] = [*earlier, *(entry.to_record() for entry in entries)]
            changed = changed_fields(before, present)
            removed = {name for name in fields if name not in present and name in before}
            kept = {name: value for name, value in before.items() if name not in removed}
            after = {**kept, **changed, "_id": key}
            await self._write(after, entity.version, changed, removed, entries)
        saved = entity.model_copy(update={"version": entity.next_version})
        self._cache.put(after, saved)
        waiting = [record for record in earlier if not self._outbox.is_queued(record)]
        # The index may lack the saves of `waiting`: another process made them, or their outcome is in doubt.
        names = set(after) if waiting else {*changed, *removed}
        try:
            await self.update_search_index(saved, names, before)
        finally:
            self._outbox.enqueue([*decode_entries(self.collection.name, key, waiting), *entries])
        return saved

    async def update_search_index(self, saved: E, changed: Set[str], before: Mapping[str, Any]) -> None:
        """Called after each write, before its events are relayed: a list shows what a push shows.

        `changed`: the names of the fields that the save has changed or removed. `before`: the document before the save.
        """
        if self._search is None:
            return
        if changed & self._search.at_once:
            await self._search.write(saved)
        elif changed & self._search.later or self._was_saved_elsewhere(before):
            self._search.defer(saved)

    def _was_saved_elsewhere(self, before: Mapping[str, Any]) -> bool:
        """True if another process saved the document last. What it deferred would be lost if it died now, since this
        save replaces the events by which its documents are found."""
        return any(not self._outbox.is_own(record) for record in before.get(OUTBOX, ()))

    async def close(self) -> None:
        """Called when the process ends: does what was deferred, or leaves it to the recovery."""
        try:
            if self._search is not None:
                await self._search.flush()
        except DomainError:
            self._outbox.require_recovery()

    async def _stored(self, entity: E) -> Stored[E]:
        """This version of the entity as it is stored. Raises Conflict when there is another version."""
        known = self._cache.get(ObjectId(entity.id), entity.version)
        if known is not None:
            return known
        with store_failures():
            document = await self.collection.find_one({"_id": ObjectId(entity.id), "version": entity.version})
        if document is None:
            raise Conflict
        return Stored(document, self.from_document(document))

    async def _write(
        self, after: Document, version: int, changed: Document, removed: Set[str], entries: list[OutboxEntry]
    ) -> None:
        try:
            with store_failures():
                if version == 0:
                    await self.collection.insert_one(after)
                else:
                    change = {"$set": changed, **({"$unset": dict.fromkeys(removed, "")} if removed else {})}
                    await self._saves.save(VersionedUpdate(after["_id"], version, change))
        except Conflict as conflict:  # nothing was stored
            self._outbox.settle(entries)
            raise await self._taken(after, conflict) from conflict
        except BaseException:  # the outcome is unknown: the store may have applied the change, or may do so later
            self._outbox.leave(entries)
            raise

    async def _taken(self, after: Document, conflict: Conflict) -> Conflict:
        """The error of the key that another document has; `conflict` when there is none."""
        if not isinstance(conflict.__cause__, DuplicateKeyError):
            return conflict
        taken = await self.taken_keys(after["_id"], after.get(KEYS, ()))
        kinds = set(map(kind_of, taken))
        return next((error() for kind, error in self.duplicates.items() if kind in kinds), conflict)

    async def taken_keys(self, document_id: ObjectId, keys: Sequence[str]) -> set[str]:
        """Those of the keys that other documents have. Raises Unavailable."""
        with store_failures():
            owners = self.collection.find({KEYS: {"$in": list(keys)}}, {KEYS: 1})
            held = {key async for owner in owners if owner["_id"] != document_id for key in owner[KEYS]}
        return held & set(keys)

    async def import_new(self, entities: Sequence[E]) -> None:
        """Inserts many new entities, each with the version that it has already, and without events.

        Meant for an empty collection. Raises Unavailable, and the driver's error for a duplicate value.
        """
        documents = [
            {"_id": ObjectId(entity.id), **self._fields(entity)[1], "version": entity.version} for entity in entities
        ]
        with store_failures():
            await self.collection.insert_many(documents, ordered=False)
        await self.complete_saves([document["_id"] for document in documents])

    def derived_fields(self, entity: E) -> Document:
        """`_keys` and the extra fields that are not absent."""
        _, present = self._fields(entity)
        names = {KEYS, *self.extra_fields(entity)}
        return {name: value for name, value in present.items() if name in names}

    def _fields(self, entity: E, names: set[str] | None = None) -> tuple[Document, Document]:
        """The fields of the stored form, and those that are not absent: the entity's with these names (None: all), and
        all derived ones."""
        fields = entity.model_dump(by_alias=True, include=names, exclude={"id", "version"})
        fields.update(self.extra_fields(entity))
        keys = self.unique_keys(entity)
        fields[KEYS] = sorted(unique_key(kind, value) for kind, values in keys.items() for value in values if value)
        return fields, {name: value for name, value in fields.items() if value not in (None, "", [], ())}
