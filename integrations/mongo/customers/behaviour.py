"""Behaviour of households in MongoDB: `customer_actions`."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.customers.behaviour.errors import BehaviourRepeated
from domain.customers.behaviour.model import Behaviour
from domain.shared.errors import Conflict
from integrations.mongo.failures import store_failures
from integrations.mongo.outbox import Outbox
from integrations.mongo.repository import Document, Repository, reference

COLLECTION: Final = "customer_actions"
INDEXES: Final[dict[str, list[tuple[str, int]]]] = {
    "by_customer": [("customerId", 1), ("at", -1)],
    "by_waiting_user": [("_waitingUser", 1)],
}
_REFERENCES: Final = {"customer_id": "customerId", "user_id": "userId", "resume_id": "resumeId"}
_MOST_WAITING: Final = 500


class MongoBehaviourRepository(Repository[Behaviour]):
    """Documents of the former system are left alone: they name no customer and await nothing."""

    duplicates: ClassVar[Mapping[str, type[Conflict]]] = {"once": BehaviourRepeated}

    def __init__(self, database: "AsyncIOMotorDatabase[Document]", outbox: Outbox) -> None:
        super().__init__(database[COLLECTION], Behaviour, outbox)

    async def create_indexes(self) -> None:
        await super().create_indexes()
        with store_failures():
            for name, keys in INDEXES.items():
                await self.collection.create_index(keys, name=name, sparse=True)

    def unique_keys(self, entity: Behaviour) -> Mapping[str, Sequence[str]]:
        return {"once": [entity.once_key]}

    def extra_fields(self, entity: Behaviour) -> Mapping[str, Any]:
        references = {name: reference(getattr(entity, field)) for field, name in _REFERENCES.items()}
        return {**references, "_waitingUser": "" if entity.customer_id else entity.user_id}

    def from_document(self, document: Document) -> Behaviour:
        texts = {name: str(document[name]) for name in _REFERENCES.values() if name in document}
        return super().from_document({**document, **texts})

    async def waiting_of(self, user_id: str) -> Sequence[str]:
        with store_failures():
            found = self.collection.find({"_waitingUser": user_id}, {"_id": 1}).sort("_id", 1).limit(_MOST_WAITING)
            return [str(document["_id"]) async for document in found]
