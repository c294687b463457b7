"""The base of all repositories: loads the entities of a collection, and saves each with its events in one write."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorCollection

from domain.shared.entity import Entity
from domain.shared.events import DomainEvent
from integrations.mongo.batched_saves import BatchedSaves, VersionedUpdate
from integrations.mongo.document_cache import DocumentCache, changed_fields
from integrations.mongo.failures import Duplicates, store_failures
from integrations.mongo.outbox import Outbox, decode_events
from integrations.mongo.unrelayed_events import UnrelayedEvents
from integrations.mongo.write_gate import OPEN_GATE, WriteGate

Document = dict[str, Any]
E = TypeVar("E", bound=Entity)

OUTBOX = "outbox"


def object_id(text: str) -> ObjectId | None:
    """The id that `text` denotes; None for other text, which then matches no document."""
    return ObjectId(text) if ObjectId.is_valid(text) and len(text) == 24 else None


def reference(text: str) -> ObjectId | str:
    """A reference to another document as it is stored: an id, or a person's name in documents of the former system."""
    return object_id(text) or text


class Repository(Generic[E]):
    """`duplicates` maps fields of unique indexes to the error that a taken value means.

    A document holds exactly the entity's fields (camelCase), `_id` for `id`, `version`, `outbox`, and the fields that
    `extra_fields` adds for queries. Empty strings, None and empty lists mean "absent" and are not stored: in a sparse
    or partial unique index two of them would collide.
    """

    duplicates: ClassVar[Duplicates] = {}

    def __init__(
        self,
        collection: "AsyncIOMotorCollection[Document]",
        entity: type[E],
        outbox: Outbox,
        gate: WriteGate = OPEN_GATE,
    ) -> None:
        self.collection = collection
        self._gate = gate
        self._entity = entity
        self._outbox = outbox
        self._unrelayed = UnrelayedEvents()
        self._cache = DocumentCache()
        self._saves = BatchedSaves(collection)

    def extra_fields(self, entity: E) -> Mapping[str, Any]:
        """Derived fields for queries. Their names start with an underscore, and loading drops them."""
        return {}

    def from_document(self, document: Document) -> E:
        fields = {key: value for key, value in document.items() if not key.startswith("_") and key != OUTBOX}
        return self._entity.model_validate({**fields, "id": str(document["_id"])})

    async def find(self, entity_id: str) -> E | None:
        key = object_id(entity_id)
        return await self.find_where({"_id": key}) if key else None

    async def find_where(self, query: Mapping[str, Any]) -> E | None:
        with store_failures():
            return self.load(await self.collection.find_one(query))

    def load(self, document: Document | None) -> E | None:
        """The entity of a document that was just read. Remembers the document for the next save of the entity."""
        if document is None:
            return None
        self._unrelayed.remember(document)
        self._cache.put(document)
        return self.from_document(document)

    def loaded_document(self, entity: E) -> Mapping[str, Any] | None:
        """The document from which this entity was loaded; None when it is no longer in the cache."""
        return self._cache.get(ObjectId(entity.id), entity.version)

    async def save(self, entity: E, events: Sequence[DomainEvent]) -> E:
        """Stores the entity and its events together, or neither; returns the entity with its new version.

        The events of a document are relayed in the order of its versions, whichever app process saved them. Raises
        Conflict when another save came first, the error in `duplicates` for a taken value, Unavailable when the store
        cannot be reached, StorageFull when it has no room.
        """
        key = ObjectId(entity.id)
        fields, present = self._fields(entity)
        present["version"] = entity.next_version
        stored = {"_id": key, **present}
        outbox = [event.to_record() for event in events]
        with self._gate.writing(), store_failures(self.duplicates):
            if entity.version == 0:
                await self.collection.insert_one({"_id": key, **present, OUTBOX: outbox})
            else:
                absent = {name: "" for name in fields if name not in present}
                before = self.loaded_document(entity)
                if before is not None:
                    present = changed_fields(before, present)
                    absent = {name: "" for name in absent if name in before}
                change: Document = {"$set": present, "$push": {OUTBOX: {"$each": outbox}}}
                if absent:
                    change["$unset"] = absent
                await self._saves.save(VersionedUpdate(key, entity.version, change))
        self._cache.put(stored)
        if events:
            earlier = decode_events(self._unrelayed.take(key, entity.version))
            self._outbox.enqueue(self.collection.name, key, [*earlier, *events])
        return entity.model_copy(update={"version": entity.next_version})

    async def import_new(self, entities: Sequence[E]) -> None:
        """Inserts many new entities, each with the version that it has already, and without events.

        Meant for an empty collection. Raises Unavailable, and the driver's error for a duplicate value.
        """
        documents = [
            {"_id": ObjectId(entity.id), **self._fields(entity)[1], "version": entity.version, OUTBOX: []}
            for entity in entities
        ]
        with store_failures():
            await self.collection.insert_many(documents, ordered=False)

    def _fields(self, entity: E) -> tuple[Document, Document]:
        """All fields of the stored form, and those that are not absent."""
        fields = entity.model_dump(by_alias=True, exclude={"id", "version"})
        fields.update(self.extra_fields(entity))
        return fields, {name: value for name, value in fields.items() if value not in (None, "", [], ())}
