"""Callbacks of the e-sign provider in MongoDB: stored once, retried until they are processed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo.errors import DuplicateKeyError

from domain.contracts.ports import Callback
from integrations.mongo.failures import store_failures
from integrations.mongo.repository import Document

CALLBACKS: Final = "esign_events"
PROCESSED_CALLBACKS_KEPT_SECONDS: Final = 90 * 86_400
OWN_PROCESSING_TIME: Final = timedelta(seconds=10)
"""The app process that received a callback processes it at once. After this time the sweep takes over."""


class MongoSigningCallbacks:
    """`CallbackStore`."""

    def __init__(self, database: "AsyncIOMotorDatabase[Document]") -> None:
        self._collection = database[CALLBACKS]

    async def create_indexes(self) -> None:
        with store_failures():
            await self._collection.create_index("nextTryAt", name="waiting", sparse=True)
            await self._collection.create_index(
                "settledAt", name="settled", expireAfterSeconds=PROCESSED_CALLBACKS_KEPT_SECONDS
            )

    async def store(self, callback: Callback) -> bool:
        document = {
            "_id": callback.key,
            **callback.model_dump(by_alias=True, exclude={"key"}),
            "nextTryAt": callback.received_at + OWN_PROCESSING_TIME,
        }
        with store_failures():
            try:
                await self._collection.insert_one(document)
            except DuplicateKeyError:
                return False
        return True

    async def due(self, now: datetime, most: int) -> Sequence[Callback]:
        with store_failures():
            found = self._collection.find({"nextTryAt": {"$lte": now}}).sort("nextTryAt", 1).limit(most)
            documents = await found.to_list(most)
        return [_callback(document) for document in documents]

    async def mark_processed(self, keys: Sequence[str], now: datetime) -> None:
        done = {"$set": {"settledAt": now}, "$unset": {"nextTryAt": ""}}
        with store_failures():
            await self._collection.update_many({"_id": {"$in": list(keys)}}, done)

    async def postpone(self, key: str, until: datetime) -> None:
        with store_failures():
            await self._collection.update_one({"_id": key}, {"$set": {"nextTryAt": until}, "$inc": {"tries": 1}})


def _callback(document: Document) -> Callback:
    known = {field.alias for field in Callback.model_fields.values()}
    fields = {name: value for name, value in document.items() if name in known}
    return Callback.model_validate({**fields, "key": document["_id"]})
