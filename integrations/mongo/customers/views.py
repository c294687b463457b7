"""Saved views of the customer list in MongoDB."""

from collections.abc import Sequence
from typing import Final

from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.customers.views.model import SavedView
from integrations.mongo.failures import store_failures
from integrations.mongo.outbox import Outbox
from integrations.mongo.repository import Document, Repository

COLLECTION: Final = "customer_views"


class MongoSavedViews(Repository[SavedView]):
    """Deleted views stay in the collection, without their filters, and are not found."""

    def __init__(self, database: "AsyncIOMotorDatabase[Document]", outbox: Outbox) -> None:
        super().__init__(database[COLLECTION], SavedView, outbox)

    async def create_indexes(self) -> None:
        await super().create_indexes()
        with store_failures():
            await self.collection.create_index([("ownerId", 1), ("createdAt", 1)])

    def load(self, document: Document | None) -> SavedView | None:
        found = super().load(document)
        return found if found is not None and found.deleted_at is None else None

    async def of_owner(self, owner_id: str) -> Sequence[SavedView]:
        views = await self.find_all_where({"ownerId": owner_id, "deletedAt": {"$exists": False}})
        return sorted(views, key=lambda view: (view.created_at, view.id))
