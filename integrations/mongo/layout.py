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
from integrations.mongo.repository import Document, Repository

log = logging.getLogger("business.layout")

COLLECTION: Final = "layouts"
LAYOUT: Final = 2
"""1: unique and list indexes on the documents, relayed events removed from them. 2: see `Repository` and
`outbox_writers`."""
FORMER_WRITER: Final = "layout-1"
BATCH: Final = 500
_LOWEST: Final = ObjectId("0" * 24)


async def convert_layout(
    database: "AsyncIOMotorDatabase[Document]", repository: Repository[Any], batch: int = BATCH
) -> int:
    """Returns the number of converted documents. No app process of an earlier version may run meanwhile.

    Documents are converted in the order of their ids, and how far it got is stored: an interrupted conversion goes on
    at the next start. A document that cannot be read is left as it is, and reported. Raises Unavailable.
    """
    name, layouts = repository.collection.name, database[COLLECTION]
    with store_failures():
        known = await layouts.find_one({"_id": name}) or {"after": _LOWEST}
        if known.get("layout") == LAYOUT:
            return 0
        after, converted = known["after"], 0
        while True:
            found = repository.collection.find({"_id": {"$gt": after}}).sort("_id", 1).limit(batch)
            documents = await found.to_list(batch)
            if not documents:
                break
            converted += await _convert(database, repository, documents)
            after = documents[-1]["_id"]
            await layouts.update_one({"_id": name}, {"$set": {"after": after}}, upsert=True)
            log.info("layout.progress", extra={"collection": name, "converted": converted})
        await _drop_former_indexes(repository)
        await layouts.update_one({"_id": name}, {"$set": {"layout": LAYOUT}}, upsert=True)
    return converted


async def _convert(
    database: "AsyncIOMotorDatabase[Document]", repository: Repository[Any], documents: list[Document]
) -> int:
    changes, readable, has_events = [], [], False
    for document in documents:
        try:
            fields = repository.derived_fields(repository.from_document(document))
        except ValidationError as error:
            _report(repository, document["_id"], error.title)
            continue
        readable.append(document["_id"])
        events = document.get(OUTBOX, ())
        if any(WRITER not in record for record in events):  # not relayed: relayed ones were removed
            has_events = True
            numbered = enumerate(events, start=1)
            fields[OUTBOX] = [{WRITER: FORMER_WRITER, NUMBER: number, **record} for number, record in numbered]
        former = {field: "" for field in repository.former_fields if field not in fields}
        change: Document = {**({"$set": fields} if fields else {}), **({"$unset": former} if former else {})}
        if change:
            changes.append(UpdateOne({"_id": document["_id"]}, change))
    if has_events:
        await OutboxWriters(database).adopt(FORMER_WRITER)
    try:
        if changes:
            await repository.collection.bulk_write(changes, ordered=False)
    except BulkWriteError as error:  # of two documents with the same unique value the later one is left
        for each in error.details["writeErrors"]:
            _report(repository, each["op"]["q"]["_id"], each["errmsg"][:80])
    await repository.complete_saves(readable)
    return len(changes)


def _report(repository: Repository[Any], document_id: Any, problem: str) -> None:
    log.warning(
        "layout.document_left",
        extra={"collection": repository.collection.name, "document": str(document_id), "problem": problem},
    )


async def _drop_former_indexes(repository: Repository[Any]) -> None:
    for name in repository.former_indexes:
        await drop_index(repository.collection, name)
