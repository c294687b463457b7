"""Entities of one collection: loaded, and saved together with their events in one atomic write."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorCollection

from domain.shared.entity import Entity
from domain.shared.events import DomainEvent
from integrations.mongo.batched_saves import BatchedSaves, VersionedUpdate
from integrations.mongo.document_cache import Loaded, changed
from integrations.mongo.failures import Duplicates, store_failures
from integrations.mongo.outbox import Outbox, stored_events
from integrations.mongo.unrelayed import Unrelayed

Document = dict[str, Any]
E = TypeVar("E", bound=Entity)

OUTBOX = "outbox"


def object_id(text: str) -> ObjectId | None:
    """None for what is no id at all, so that it is simply not found."""
    return ObjectId(text) if ObjectId.is_valid(text) and len(text) == 24 else None


class Repository(Generic[E]):
    """Base of every repository. `duplicates` says what a taken unique value means, by field name.

    A document keeps exactly the entity's fields (camelCase), `_id` for `id`, `version`, `outbox`, and whatever
    `extra_fields` adds for look-ups. Empty strings, None and empty lists mean "absent" and are not stored: a sparse
    or partial unique index would otherwise let two of them collide.
    """

    duplicates: ClassVar[Duplicates] = {}

    def __init__(self, collection: "AsyncIOMotorCollection[Document]", entity: type[E], outbox: Outbox) -> None:
        self.collection = collection
        self._entity = entity
        self._outbox = outbox
        self._unrelayed = Unrelayed()
        self._loaded = Loaded()
        self._saves = BatchedSaves(collection)

    def extra_fields(self, entity: E) -> Mapping[str, Any]:
        """Derived fields that only queries read; dropped again on loading. They start with an underscore."""
        return {}

    def from_document(self, document: Document) -> E:
        fields = {key: value for key, value in document.items() if not key.startswith("_") and key != OUTBOX}
        return self._entity.model_validate({**fields, "id": str(document["_id"])})

    async def find(self, entity_id: str) -> E | None:
        key = object_id(entity_id)
        return await self.find_where({"_id": key}) if key else None

    async def find_where(self, query: Mapping[str, Any]) -> E | None:
        with store_failures():
            return self.loaded(await self.collection.find_one(query))

    def loaded(self, document: Document | None) -> E | None:
        """The entity of a document as it is stored now."""
        if document is None:
            return None
        self._unrelayed.seen(document)
        self._loaded.seen(document)
        return self.from_document(document)

    def known(self, entity: E) -> Mapping[str, Any] | None:
        """The document as this entity was loaded from it; None when that is too long ago."""
        return self._loaded.of(ObjectId(entity.id), entity.version)

    async def save(self, entity: E, events: Sequence[DomainEvent]) -> E:
        """Store the entity and the events about it together, or neither; the entity comes back with its new version.
        The events of one document are relayed in the order of its versions, whichever worker saved which.

        Raises Conflict when somebody else saved it since it was loaded, the failure named in `duplicates` for a taken
        value, Unavailable when the store cannot be reached.
        """
        key = ObjectId(entity.id)
        fields, present = self._fields(entity)
        present["version"] = entity.next_version
        stored = {"_id": key, **present}
        outbox = [event.to_record() for event in events]
        with store_failures(self.duplicates):
            if entity.version == 0:
                await self.collection.insert_one({"_id": key, **present, OUTBOX: outbox})
            else:
                absent = {name: "" for name in fields if name not in present}
                known = self.known(entity)
                if known is not None:
                    present = changed(known, present)
                    absent = {name: "" for name in absent if name in known}
                change: Document = {"$set": present, "$push": {OUTBOX: {"$each": outbox}}}
                if absent:
                    change["$unset"] = absent
                await self._saves.save(VersionedUpdate(key, entity.version, change))
        self._loaded.seen(stored)
        if events:
            before = stored_events(self._unrelayed.taken(key, entity.version))
            self._outbox.offer(self.collection.name, key, [*before, *events])
        return entity.model_copy(update={"version": entity.next_version})

    async def import_new(self, entities: Sequence[E]) -> None:
        """Store many entities that are not there yet, each with the version that it already has; nobody is told.

        Raises Unavailable; a taken value is an error of the caller, who imports into an empty collection.
        """
        documents = [
            {"_id": ObjectId(entity.id), **self._fields(entity)[1], "version": entity.version, OUTBOX: []}
            for entity in entities
        ]
        with store_failures():
            await self.collection.insert_many(documents, ordered=False)

    def _fields(self, entity: E) -> tuple[Document, Document]:
        """All fields of the stored form, and those of them that are not absent."""
        fields = entity.model_dump(by_alias=True, exclude={"id", "version"})
        fields.update(self.extra_fields(entity))
        return fields, {name: value for name, value in fields.items() if value not in (None, "", [], ())}
