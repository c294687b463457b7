"""Figures of sales work, counted from the logs of customers."""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.customers.reports.model import PersonFigures
from domain.customers.stages import Stage
from integrations.mongo.customers.logs import FOLLOW_UPS, OPERATIONS, POOL_MOVES, STAGES, SYSTEM_NOTE
from integrations.mongo.failures import store_failures
from integrations.mongo.repository import Document, reference


@dataclass(frozen=True)
class _Count:
    """Rows of a log, by the person in one field."""

    figure: str
    collection: str
    time_field: str
    person_field: str
    condition: Mapping[str, Any]


_COUNTS: Final = (
    _Count(
        "follow_ups",
        FOLLOW_UPS,
        "createdAt",
        "createdBy",
        {"source": {"$ne": "system"}, "content": {"$not": {"$regex": f"^{SYSTEM_NOTE}"}}},
    ),
    _Count("new_customers", OPERATIONS, "operatedAt", "operatorId", {"operationType": "create"}),
    _Count("claimed", POOL_MOVES, "operatedAt", "toUserId", {"action": "claim"}),
    _Count("signed", STAGES, "changedAt", "ownerId", {"toStage": Stage.SIGNED}),
)


class MongoCustomerReports:
    """`CustomerReportStore`. Each count reads a range of one index."""

    def __init__(self, database: "AsyncIOMotorDatabase[Document]") -> None:
        self._database = database

    async def figures(self, since: datetime, until: datetime, people: Set[str] | None) -> Sequence[PersonFigures]:
        found: dict[str, dict[str, int]] = defaultdict(dict)
        for each in _COUNTS:
            for staff_id, number in (await self._numbers(each, since, until, people)).items():
                found[staff_id][each.figure] = number
        return [PersonFigures(staff_id=staff_id, **numbers) for staff_id, numbers in sorted(found.items())]

    async def _numbers(
        self, count: _Count, since: datetime, until: datetime, people: Set[str] | None
    ) -> Mapping[str, int]:
        wanted: dict[str, Any] = {**count.condition, count.time_field: {"$gte": since, "$lt": until}}
        if people is not None:
            wanted[count.person_field] = {"$in": [reference(each) for each in sorted(people)]}
        pipeline = [{"$match": wanted}, {"$group": {"_id": f"${count.person_field}", "number": {"$sum": 1}}}]
        with store_failures():
            groups = await self._database[count.collection].aggregate(pipeline).to_list(None)
        # Others are no people: the system, a website.
        return {str(group["_id"]): group["number"] for group in groups if isinstance(group["_id"], ObjectId)}
