"""Converts the documents of a collection to the present layout, at the first start after an update."""

import logging
from typing import Any, Final

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase
from pydantic import ValidationError
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from integrations.mongo.failures import drop_index, store_failures
from integrations.mongo.outbox import NUMBER, OUTBOX, WRITER
from integrations.mongo.outbox_writers import OutboxWriters
from integrations.mongo.repository import KEYS, Document, Repository, kind_of

log = logging.getLogger("business.layout")

COLLECTION: Final = "layouts"
FORMER_WRITER: Final = "layout-1"
BATCH: Final = 500
_LOWEST: Final = ObjectId("0" * 24)


async def convert_layout(
    database: "AsyncIOMotorDatabase[Document]", repository: Repository[Any], batch: int = BATCH
) -> int:
    """Returns the number of converted documents. No app process of an earlier version may run meanwhile.

    Documents are converted in the order of their ids, and how far it got is stored: an interrupted conversion goes on
    at the next start. A document that cannot be read keeps its fields, and is reported. Raises Unavailable.
    """
    name, layout, layouts = repository.collection.name, repository.layout, database[COLLECTION]
    with store_failures():
        known = await layouts.find_one({"_id": name}) or {}
        if known.get("layout") == layout:
            return 0
        after, converted = known["after"] if known.get("converting") == layout else _LOWEST, 0
        while True:
            found = repository.collection.find({"_id": {"$gt": after}}).sort("_id", 1).limit(batch)
            documents = await found.to_list(batch)
            if not documents:
                break
            converted += await convert_documents(database, repository, documents)
            after = documents[-1]["_id"]
            await layouts.update_one({"_id": name}, {"$set": {"converting": layout, "after": after}}, upsert=True)
            log.info("layout.progress", extra={"collection": name, "converted": converted})
        await _drop_former_indexes(repository)
        await layouts.update_one({"_id": name}, {"$set": {"layout": layout}}, upsert=True)
    return converted


async def convert_documents(
    database: "AsyncIOMotorDatabase[Document]", repository: Repository[Any], documents: list[Document]
) -> int:
    """One batch of `convert_layout`."""
    writer = f"{FORMER_WRITER}:{repository.collection.name}"
    if any(WRITER not in record for document in documents for record in document.get(OUTBOX, ())):
        await OutboxWriters(database).adopt(writer)
    changes = []
    for document in documents:
        fields = _fields_of(repository, document)
        if "version" not in document:  # of the former system: a save would take it for a new one
            fields["version"] = 1
        if events := document.get(OUTBOX):  # not relayed: relayed ones were removed
            numbered = enumerate(events, start=1)
            fields[OUTBOX] = [{WRITER: writer, NUMBER: number, **record} for number, record in numbered]
        former = {field: "" for field in repository.former_fields if field not in fields}
        change: Document = {**({"$set": fields} if fields else {}), **({"$unset": former} if former else {})}
        if change:
            # A document that was saved meanwhile has the present layout.
            unchanged = {"_id": document["_id"], "version": document.get("version")}
            changes.append(UpdateOne(unchanged, change))
    try:
        if changes:
            await repository.collection.bulk_write(changes, ordered=False)
    except BulkWriteError as error:
        for each in error.details["writeErrors"]:
            await _write_without_taken_keys(repository, each["op"])
    await repository.complete_saves([document["_id"] for document in documents])
    return len(changes)


def _fields_of(repository: Repository[Any], document: Document) -> Document:
    try:
        return repository.derived_fields(repository.from_document(document))
    except ValidationError as error:
        _report(repository, document["_id"], error.title)
        keys = list(repository.keys_of_unreadable(document))
        return {KEYS: keys} if keys else {}


async def _write_without_taken_keys(repository: Repository[Any], update: Document) -> None:
    """Of two documents with the same unique value the later one is not found by it."""
    wanted, change = update["q"], update["u"]
    keys = change["$set"].get(KEYS, [])
    taken = await repository.taken_keys(wanted["_id"], keys)
    free = [key for key in keys if key not in taken]
    _report(repository, wanted["_id"], "unique values are taken: " + ", ".join(sorted(set(map(kind_of, taken)))))
    fields = {name: value for name, value in change["$set"].items() if name != KEYS} | ({KEYS: free} if free else {})
    change = {**change, "$set": fields}
    await repository.collection.update_one(wanted, {name: value for name, value in change.items() if value})


def _report(repository: Repository[Any], document_id: Any, problem: str) -> None:
    log.warning(
        "layout.document_left",
        extra={"collection": repository.collection.name, "document": str(document_id), "problem": problem},
    )


async def _drop_former_indexes(repository: Repository[Any]) -> None:
    for name in repository.former_indexes:
        await drop_index(repository.collection, name)
