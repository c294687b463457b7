"""Dictionaries in MongoDB: one document each."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.customers.dictionaries.model import Dictionary
from domain.shared.errors import Conflict
from integrations.mongo.outbox import Outbox
from integrations.mongo.repository import Document, Repository


class MongoDictionaryRepository(Repository[Dictionary]):
    duplicates: ClassVar[Mapping[str, type[Conflict]]] = {"code": Conflict}

    def __init__(self, database: "AsyncIOMotorDatabase[Document]", outbox: Outbox) -> None:
        super().__init__(database["dictionaries"], Dictionary, outbox)

    def unique_keys(self, entity: Dictionary) -> Mapping[str, Sequence[str]]:
        return {"code": [entity.code]}

    async def all(self) -> Sequence[Dictionary]:
        return await self.find_all_where({})

    async def find_by_code(self, code: str) -> Dictionary | None:
        return await self.find_by_key("code", code)
