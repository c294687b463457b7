"""The numbers of refused accesses in MongoDB: one document a person and day."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import UpdateOne

from domain.audit.refusals import RefusedAccesses
from domain.audit.retention import KEPT_DAYS
from domain.shared.business_day import start_of_day
from integrations.mongo.failures import store_failures

_KEPT_SECONDS: Final = int(timedelta(days=KEPT_DAYS).total_seconds())


class MongoRefusalStore:
    def __init__(self, database: "AsyncIOMotorDatabase[dict[str, Any]]") -> None:
        self._collection = database["access_refusals"]

    async def create_indexes(self) -> None:
        with store_failures():
            await self._collection.create_index("since", expireAfterSeconds=_KEPT_SECONDS)

    async def add(self, refused: Sequence[RefusedAccesses]) -> None:
        if not refused:
            return
        with store_failures():
            await self._collection.bulk_write([_increment(each) for each in refused], ordered=False)

    async def refusals_of(self, day: date) -> Sequence[RefusedAccesses]:
        with store_failures():
            found = await self._collection.find({"since": start_of_day(day)}).to_list(None)
        return [
            RefusedAccesses(day=day, staff_id=each["staffId"], name=each["name"], count=each["count"]) for each in found
        ]


def _increment(refused: RefusedAccesses) -> UpdateOne:
    fields = {"since": start_of_day(refused.day), "staffId": refused.staff_id, "name": refused.name}
    key = {"_id": f"{refused.day}:{refused.staff_id}"}
    return UpdateOne(key, {"$set": fields, "$inc": {"count": refused.count}}, upsert=True)
