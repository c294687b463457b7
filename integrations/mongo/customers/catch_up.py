"""Records that the catch-up of customers reads, and its progress: one document of `customer_runs`."""

from collections.abc import Sequence
from typing import Final

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase

from domain.customers.catch_up import CatchUpState
from domain.shared.ports import Clock
from integrations.mongo.contracts.repository import COLLECTION as CONTRACTS
from integrations.mongo.customers.repository import COLLECTION as CUSTOMERS
from integrations.mongo.customers.runs import COLLECTION as RUNS
from integrations.mongo.failures import store_failures
from integrations.mongo.repository import Document

_STATE: Final = "catch-up"
_HIGHEST: Final = "f" * 24


class MongoCatchUpRecords:
    """`CatchUpRecords`."""

    def __init__(self, database: "AsyncIOMotorDatabase[Document]", clock: Clock) -> None:
        self._runs = database[RUNS]
        self._contracts = database[CONTRACTS]
        self._customers = database[CUSTOMERS]
        self._clock = clock

    async def state(self) -> CatchUpState:
        first = str(ObjectId.from_datetime(self._clock.now()))
        # The catch-up makes customers itself, with ids since the first start: it links them as well.
        new = CatchUpState(contracts_before=first, customers_before=_HIGHEST)
        with store_failures():
            await self._runs.update_one({"_id": _STATE}, {"$setOnInsert": new.model_dump(by_alias=True)}, upsert=True)
            return CatchUpState.model_validate(await self._runs.find_one({"_id": _STATE}, {"_id": 0}))

    async def keep(self, state: CatchUpState) -> None:
        with store_failures():
            await self._runs.update_one({"_id": _STATE}, {"$set": state.model_dump(by_alias=True)}, upsert=True)

    async def contracts_before(self, contract_id: str, most: int) -> Sequence[str]:
        return await _before(self._contracts, contract_id, most)

    async def customers_before(self, customer_id: str, most: int) -> Sequence[str]:
        return await _before(self._customers, customer_id, most)


async def _before(collection: "AsyncIOMotorCollection[Document]", document_id: str, most: int) -> Sequence[str]:
    with store_failures():
        found = collection.find({"_id": {"$lt": ObjectId(document_id)}}, {"_id": 1}).sort("_id", -1).limit(most)
        return [str(document["_id"]) async for document in found]
