"""The last runs of scheduled work in MongoDB: `customer_runs`, one document for each work."""

from typing import Final

from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.customers.runs import ScheduledRun
from integrations.mongo.failures import store_failures
from integrations.mongo.repository import Document

COLLECTION: Final = "customer_runs"


class MongoRunLog:
    def __init__(self, database: "AsyncIOMotorDatabase[Document]") -> None:
        self._runs = database[COLLECTION]

    async def last(self, work: str) -> ScheduledRun | None:
        with store_failures():
            found = await self._runs.find_one({"_id": work}, {"_id": 0})
        return ScheduledRun.model_validate(found) if found else None

    async def finished(self, work: str, run: ScheduledRun) -> None:
        values = run.model_dump(by_alias=True, exclude_none=True)
        with store_failures():
            await self._runs.update_one({"_id": work}, {"$set": values}, upsert=True)
