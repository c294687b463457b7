"""The login log of staff in MongoDB. Rows expire as those of the audit log do."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.audit.retention import KEPT_DAYS
from domain.shared.events import DomainEvent
from domain.shared.paging import Page, PageRequest
from domain.staff.login_log import LoginLogQuery, StaffLoginRecorded
from integrations.mongo.failures import store_failures
from integrations.mongo.pages import page_of

_KEPT: Final = timedelta(days=KEPT_DAYS)


class MongoStaffLoginLog:
    """Implements `LoginLogStore`; follows `StaffLoginRecorded` durably."""

    def __init__(self, database: "AsyncIOMotorDatabase[dict[str, Any]]") -> None:
        self._rows = database["staff_login_logs"]

    async def create_indexes(self) -> None:
        with store_failures():
            await self._rows.create_index("at", expireAfterSeconds=int(_KEPT.total_seconds()))
            await self._rows.create_index([("staffId", 1), ("at", -1)])

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        for event in events:
            if isinstance(event, StaffLoginRecorded):
                await self.add(event)

    async def add(self, row: StaffLoginRecorded) -> None:
        document = row.model_dump(by_alias=True, exclude={"id"})
        with store_failures():
            await self._rows.update_one({"_id": row.id}, {"$setOnInsert": document}, upsert=True)

    async def page(self, query: LoginLogQuery, paging: PageRequest) -> Page[StaffLoginRecorded]:
        wanted: dict[str, Any] = {}
        if query.staff_id:
            wanted["staffId"] = query.staff_id
        if query.result:
            wanted["result"] = query.result
        if query.only_new:
            wanted["$or"] = [{"newDevice": True}, {"newPlace": True}]
        return await page_of(self._rows, wanted, [("at", -1), ("_id", -1)], paging, _row)


def _row(document: dict[str, Any]) -> StaffLoginRecorded:
    return StaffLoginRecorded(id=document.pop("_id"), **document)
