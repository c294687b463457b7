"""Saves of documents that exist, each only at the version it was decided on; those that come together are one command.

A store that makes every write durable before it answers takes as long for fifty as for one, and so does most of what
the driver does.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError, PyMongoError, WriteConcernError

from domain.shared.errors import Conflict
from integrations.batcher import Together

MOST_TOGETHER: Final = 50

# The server tells of many updates only how many found their document. Made into insertions that can never happen, those
# that did not are told by their number.
_NEVER_INSERTED: Final = {"$setOnInsert": {"_id": None}}


@dataclass(frozen=True, slots=True)
class Save:
    key: ObjectId
    version: int
    change: Mapping[str, Any]

    @property
    def found_by(self) -> dict[str, Any]:
        return {"_id": self.key, "version": self.version}


class Saves:
    def __init__(self, collection: "AsyncIOMotorCollection[dict[str, Any]]") -> None:
        self._collection = collection
        self._together: Together[Save, None] = Together(self._make_all, MOST_TOGETHER)

    async def make(self, save: Save) -> None:
        """Raises Conflict when the version moved, and what the driver raises."""
        await self._together.ask(save)

    async def _make_all(self, saves: Sequence[Save]) -> Sequence[Exception | None]:
        if len(saves) == 1:
            return [await self._outcome_of(saves[0])]
        updates = [UpdateOne(save.found_by, {**save.change, **_NEVER_INSERTED}, upsert=True) for save in saves]
        try:
            await self._collection.bulk_write(updates, ordered=False)
        except BulkWriteError as error:
            _raise_if_not_durable(error)
            refused = {problem["index"] for problem in error.details["writeErrors"]}
        except PyMongoError:
            raise
        except Exception:  # one of them cannot be written down at all; the others can
            refused = set(range(len(saves)))
        else:
            refused = set()
        # What was refused changed nothing, so it may say by itself why.
        reasons = await asyncio.gather(*(self._outcome_of(saves[index]) for index in sorted(refused)))
        outcomes = dict(zip(sorted(refused), reasons, strict=True))
        return [outcomes.get(index) for index in range(len(saves))]

    async def _outcome_of(self, save: Save) -> Exception | None:
        try:
            updated = await self._collection.update_one(save.found_by, save.change)
        except Exception as error:
            return error
        return None if updated.matched_count else Conflict()


def _raise_if_not_durable(error: BulkWriteError) -> None:
    """As the driver does for a single update: by the server's own code, and without the documents."""
    problems = error.details["writeConcernErrors"]
    if problems:
        raise WriteConcernError(problems[-1]["errmsg"], problems[-1]["code"]) from None
