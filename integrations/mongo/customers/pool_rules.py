"""The pool rules in MongoDB: one document."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.customers.recycling.model import PoolRules
from domain.shared.errors import Conflict
from integrations.mongo.outbox import Outbox
from integrations.mongo.repository import Document, Repository

COLLECTION: Final = "pool_rules"
_ONLY: Final = "rules"


class MongoPoolRules(Repository[PoolRules]):
    duplicates: ClassVar[Mapping[str, type[Conflict]]] = {"only": Conflict}

    def __init__(self, database: "AsyncIOMotorDatabase[Document]", outbox: Outbox) -> None:
        super().__init__(database[COLLECTION], PoolRules, outbox)

    def unique_keys(self, entity: PoolRules) -> Mapping[str, Sequence[str]]:
        return {"only": [_ONLY]}

    async def current(self) -> PoolRules | None:
        return await self.find_by_key("only", _ONLY)
