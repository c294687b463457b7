"""Holdings of staff members in MongoDB: `customer_holdings`, one document a person.

`held`: `{c: customer, h: entry}`. `claims.<day>`: the entries claimed that day.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Any, Final

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo.errors import DuplicateKeyError

from domain.customers.errors import DailyClaimCapReached, HoldingCapReached
from domain.customers.ownership.limits import PoolLimits
from domain.customers.ports import Holding, Holdings
from domain.shared.parts import parts_of
from integrations.mongo.customers.repository import COLLECTION as CUSTOMERS
from integrations.mongo.failures import store_failures
from integrations.mongo.repository import Document, object_id

COLLECTION: Final = "customer_holdings"
_BATCH: Final = 1_000


class MongoHoldings:
    def __init__(self, database: "AsyncIOMotorDatabase[Document]") -> None:
        self._holdings = database[COLLECTION]
        self._customers = database[CUSTOMERS]

    async def reserve(self, holding: Holding) -> None:
        mine, added = {"_id": holding.staff_id}, {"held": _entry(holding)}
        if not await self._push(mine, added):
            await self._create(holding.staff_id)
            await self._push(mine, added)

    async def claim(self, holding: Holding, day: date, limits: PoolLimits) -> None:
        free: Document = {"_id": holding.staff_id, f"held.{limits.held - 1}": {"$exists": False}}
        added: Document = {"held": _entry(holding)}
        if limits.claims_per_day is not None:
            free[f"{_claims(day)}.{limits.claims_per_day - 1}"] = {"$exists": False}
            added[_claims(day)] = holding.id
        if await self._push(free, added):
            return
        await self._create(holding.staff_id)
        if await self._push(free, added):
            return
        now = await self.of(holding.staff_id, day)
        if now.held >= limits.held:
            raise HoldingCapReached(held=now.held, cap=limits.held)
        raise DailyClaimCapReached(claimed=now.claimed, cap=limits.claims_per_day)

    async def give_back(self, holding: Holding, day: date) -> None:
        removed: Document = {"held": {"h": holding.id}, _claims(day): holding.id}
        with store_failures():
            await self._holdings.update_one({"_id": holding.staff_id}, {"$pull": removed})

    async def end(self, staff_id: str, holding_ids: Sequence[str]) -> None:
        with store_failures():
            removed = {"held": {"h": {"$in": list(holding_ids)}}}
            await self._holdings.update_one({"_id": staff_id}, {"$pull": removed})

    async def of(self, staff_id: str, day: date) -> Holdings:
        with store_failures():
            found = await self._holdings.find_one({"_id": staff_id}) or {}
        claims = found.get("claims", {}).get(day.isoformat(), ())
        return Holdings(held=len(found.get("held", ())), claimed=len(claims))

    async def unmatched(self, since: datetime, until: datetime) -> Mapping[str, Sequence[str]]:
        entries: list[tuple[str, Any, str]] = []
        with store_failures():
            async for document in self._holdings.find({}, {"held": 1}):
                made = ((each["c"], each["h"]) for each in document.get("held", ()))
                entries += [
                    (document["_id"], customer, entry)
                    for customer, entry in made
                    if since <= ObjectId(entry).generation_time < until
                ]
        unmatched: dict[str, list[str]] = defaultdict(list)
        for batch in parts_of(entries, _BATCH):
            named = await self._named_by_customers([object_id(customer) for _, customer, _ in batch])
            for staff_id, _, entry in batch:
                if entry not in named:
                    unmatched[staff_id].append(entry)
        return unmatched

    async def forget_days_before(self, day: date) -> None:
        with store_failures():
            async for document in self._holdings.find({}, {"claims": 1}):
                past = {_claims(each): "" for each in map(date.fromisoformat, document.get("claims", ())) if each < day}
                if past:
                    await self._holdings.update_one({"_id": document["_id"]}, {"$unset": past})

    async def _named_by_customers(self, ids: Sequence[ObjectId | None]) -> set[str]:
        with store_failures():
            found = self._customers.find({"_id": {"$in": list(ids)}}, {"holdingId": 1})
            return {document["holdingId"] async for document in found if "holdingId" in document}

    async def _push(self, free: Document, added: Document) -> bool:
        with store_failures():
            return (await self._holdings.update_one(free, {"$push": added})).matched_count == 1

    async def _create(self, staff_id: str) -> None:
        with store_failures(), suppress(DuplicateKeyError):  # created at the same time
            await self._holdings.update_one({"_id": staff_id}, {"$setOnInsert": {"held": []}}, upsert=True)


def _entry(holding: Holding) -> Document:
    return {"c": holding.customer_id, "h": holding.id}


def _claims(day: date) -> str:
    return f"claims.{day.isoformat()}"
