"""Staff members in MongoDB: the collection `users`, and password hashes in a collection of their own."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import ClassVar

from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase

from domain.shared.credentials import UsernameTaken
from domain.shared.errors import Conflict
from domain.staff.model import Staff
from domain.staff.role import RoleCodeTaken, RoleNameTaken, StaffRole
from integrations.mongo.failures import store_failures
from integrations.mongo.outbox import Outbox
from integrations.mongo.repository import Document, Repository, object_id

PHONE_CACHE_SECONDS = 30.0


class MongoStaffRepository(Repository[Staff]):
    duplicates: ClassVar[Mapping[str, type[Conflict]]] = {"username": UsernameTaken}
    former_indexes: ClassVar[Sequence[str]] = ("_usernameKey_1", "outbox.id_1")
    former_fields: ClassVar[Sequence[str]] = ("_usernameKey",)

    def __init__(self, database: "AsyncIOMotorDatabase[Document]", outbox: Outbox) -> None:
        super().__init__(database["users"], Staff, outbox)

    def unique_keys(self, entity: Staff) -> Mapping[str, Sequence[str]]:
        return {"username": [entity.username.lower()]}

    async def create_indexes(self) -> None:
        await super().create_indexes()
        with store_failures():
            await self.collection.create_index("phone")
        await _number_older_documents(self.collection)

    async def find_by_username(self, username: str) -> Staff | None:
        return await self.find_by_key("username", username.lower())

    async def count_by_role(self) -> Mapping[str, int]:
        with store_failures():
            found = self.collection.find({"active": {"$ne": False}}, {"role": 1})
            return Counter([str(document.get("role")) async for document in found])

    async def is_empty(self) -> bool:
        with store_failures():
            return await self.collection.find_one({}, {"_id": 1}) is None


class MongoRoleRepository(Repository[StaffRole]):
    duplicates: ClassVar[Mapping[str, type[Conflict]]] = {"name": RoleNameTaken, "code": RoleCodeTaken}

    def __init__(self, database: "AsyncIOMotorDatabase[Document]", outbox: Outbox) -> None:
        super().__init__(database["roles"], StaffRole, outbox)

    def unique_keys(self, entity: StaffRole) -> Mapping[str, Sequence[str]]:
        return {} if entity.deleted_at else {"name": [entity.name.lower()], "code": [entity.code]}

    async def create_indexes(self) -> None:
        await super().create_indexes()
        await _number_older_documents(self.collection)

    async def all(self) -> Sequence[StaffRole]:
        with store_failures():
            documents = await self.collection.find({}).to_list(None)
        return [role for document in documents if (role := self.load(document))]


async def _number_older_documents(collection: "AsyncIOMotorCollection[Document]") -> None:
    """Documents of the former system have no version; a save would take them for new ones."""
    with store_failures():
        await collection.update_many({"version": {"$exists": False}}, {"$set": {"version": 1}})


class MongoStaffCredentials:
    def __init__(self, database: "AsyncIOMotorDatabase[Document]") -> None:
        self._collection = database["staff_credentials"]

    async def hash_of(self, staff_id: str) -> str | None:
        with store_failures():
            found = await self._collection.find_one({"_id": object_id(staff_id)})
        return found["hash"] if found else None

    async def replace(self, staff_id: str, former: str, renewed: str) -> None:
        with store_failures():
            await self._collection.update_one({"_id": object_id(staff_id), "hash": former}, {"$set": {"hash": renewed}})

    async def store(self, staff_id: str, password_hash: str) -> None:
        with store_failures():
            await self._collection.update_one(
                {"_id": object_id(staff_id)}, {"$set": {"hash": password_hash}}, upsert=True
            )


class MongoStaffDirectory:
    """Finds active staff members by phone; cached for PHONE_CACHE_SECONDS, since every login asks."""

    def __init__(self, staff: MongoStaffRepository) -> None:
        self._staff = staff
        self._cache: dict[str, tuple[float, bool]] = {}

    async def is_active_staff_phone(self, phone: str) -> bool:
        now = time.monotonic()
        cached = self._cache.get(phone)
        if cached and cached[0] > now:
            return cached[1]
        if len(self._cache) > 10_000:
            self._cache.clear()
        found = await self._staff.find_where(_active_with(phone)) is not None
        self._cache[phone] = (now + PHONE_CACHE_SECONDS, found)
        return found

    async def is_administrator_phone(self, phone: str) -> bool:
        return await self._staff.find_where({**_active_with(phone), "isAdmin": True}) is not None


def _active_with(phone: str) -> Document:
    return {"phone": phone, "active": True, "suspended": False, "isActive": True, "leftAt": None}
