"""Finds documents by a unique value; concurrent lookups share one command."""

from collections.abc import Sequence
from typing import Any, Final

from motor.motor_asyncio import AsyncIOMotorCollection

from integrations.batcher import Batcher
from integrations.mongo.failures import store_failures

_MAX_BATCH: Final = 100

Document = dict[str, Any]


class BatchedLookup:
    """`field` holds one value or a list of values, and no value occurs in two documents.

    The index of `field` must serve `$in`: with a partial index the embedded store scans the whole collection.
    """

    def __init__(self, collection: "AsyncIOMotorCollection[Document]", field: str) -> None:
        self._collection = collection
        self._field = field
        self._batcher: Batcher[str, Document | None] = Batcher(self._find_all, _MAX_BATCH)

    async def find(self, value: str) -> Document | None:
        """The document that has `value`, or None. Raises Unavailable."""
        return await self._batcher.submit(value)

    async def _find_all(self, values: Sequence[str]) -> Sequence[Document | None]:
        with store_failures():
            if len(values) == 1:
                return [await self._collection.find_one({self._field: values[0]})]
            found = await self._collection.find({self._field: {"$in": list(set(values))}}).to_list(None)
        by_value = {value: document for document in found for value in self._values_of(document)}
        return [by_value.get(value) for value in values]

    def _values_of(self, document: Document) -> Sequence[str]:
        held = document[self._field]
        return held if isinstance(held, list) else [held]
