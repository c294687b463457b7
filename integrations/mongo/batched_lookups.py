"""Documents by one unique value each; those that are looked for at the same time are one command."""

from collections.abc import Sequence
from typing import Any, Final

from motor.motor_asyncio import AsyncIOMotorCollection

from integrations.batcher import Together
from integrations.mongo.failures import store_failures

MOST_TOGETHER: Final = 100

Document = dict[str, Any]


class LookUps:
    """`field` holds one value or several, each of one document only. Its index must serve `$in`: the embedded store
    reads the whole collection when the index is a partial one."""

    def __init__(self, collection: "AsyncIOMotorCollection[Document]", field: str) -> None:
        self._collection = collection
        self._field = field
        self._together: Together[str, Document | None] = Together(self._documents_with, MOST_TOGETHER)

    async def document_with(self, value: str) -> Document | None:
        """Raises Unavailable."""
        return await self._together.ask(value)

    async def _documents_with(self, values: Sequence[str]) -> Sequence[Document | None]:
        with store_failures():
            if len(values) == 1:
                return [await self._collection.find_one({self._field: values[0]})]
            found = await self._collection.find({self._field: {"$in": list(set(values))}}).to_list(None)
        by_value = {value: document for document in found for value in self._values_of(document)}
        return [by_value.get(value) for value in values]

    def _values_of(self, document: Document) -> Sequence[str]:
        held = document[self._field]
        return held if isinstance(held, list) else [held]
