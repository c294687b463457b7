"""Staff members in MongoDB: the collection `users`, and password hashes in a collection of their own."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.shared.authority import ROLE_LABELS, Role, role_of
from domain.shared.credentials import UsernameTaken
from domain.shared.errors import Conflict
from domain.shared.paging import Page, PageRequest
from domain.staff.department import Department
from domain.staff.errors import DepartmentNameTaken
from domain.staff.model import Staff, WeChatBinding
from domain.staff.ports import StaffQuery
from domain.staff.role import RoleCodeTaken, RoleNameTaken, StaffRole
from integrations.mongo.failures import store_failures
from integrations.mongo.outbox import OUTBOX, Outbox
from integrations.mongo.repository import Document, Repository, number_older_documents, object_id

PHONE_CACHE_SECONDS = 30.0
_READ_TOGETHER: Final = 50


class MongoStaffRepository(Repository[Staff]):
    duplicates: ClassVar[Mapping[str, type[Conflict]]] = {"username": UsernameTaken}
    former_indexes: ClassVar[Sequence[str]] = ("_usernameKey_1", "outbox.id_1")
    former_fields: ClassVar[Sequence[str]] = ("_usernameKey",)

    def __init__(self, database: "AsyncIOMotorDatabase[Document]", outbox: Outbox) -> None:
        super().__init__(database["users"], Staff, outbox)

    def unique_keys(self, entity: Staff) -> Mapping[str, Sequence[str]]:
        wechat = [_wechat_key(each) for each in entity.wechat_bindings]
        return {"username": [entity.username.lower()], "wechat": wechat}

    async def create_indexes(self) -> None:
        await super().create_indexes()
        with store_failures():
            await self.collection.create_index("phone")
        await number_older_documents(self.collection)

    async def find_by_username(self, username: str) -> Staff | None:
        return await self.find_by_key("username", username.lower())

    async def count_by_role(self) -> Mapping[str, int]:
        with store_failures():
            found = self.collection.find({"active": {"$ne": False}}, {"role": 1})
            return Counter([str(document.get("role")) async for document in found])

    async def count_by_department(self) -> Mapping[str, int]:
        with store_failures():
            found = self.collection.find({"active": {"$ne": False}}, {"department": 1})
            return Counter([str(document.get("department", "")) async for document in found])

    async def departments(self) -> Mapping[str, str]:
        with store_failures():
            found = self.collection.find({"department": {"$nin": [None, ""]}}, {"department": 1})
            return {str(document["_id"]): str(document["department"]) async for document in found}

    async def find_active_by_phone(self, phone: str) -> Sequence[Staff]:
        return await self.find_all_where(_active_with(phone)) if phone else ()

    async def find_by_wechat(self, identity: WeChatBinding) -> Staff | None:
        return await self.find_by_key("wechat", _wechat_key(identity))

    async def administrators(self) -> Sequence[Staff]:
        found = await self.find_all_where({**_STATUSES["active"], "role": _named(Role.ADMIN)})
        return [each for each in found if each.is_administrator]

    async def usable(self) -> Sequence[Staff]:
        """All staff who may sign in, without sessions and log-ins. Raises Unavailable."""
        with store_failures():
            found = self.collection.find(_STATUSES["active"], {"sessions": 0, "recentLogins": 0, OUTBOX: 0})
            documents = await found.to_list(None)
        members = []
        for count, document in enumerate(documents, start=1):
            members.append(self.from_document(document))
            if count % _READ_TOGETHER == 0:
                await asyncio.sleep(0)  # lets other tasks run
        return [each for each in members if each.is_usable]

    async def page(self, query: StaffQuery, paging: PageRequest) -> Page[Staff]:
        # A scan: an agency has hundreds of accounts, and an index for each way of asking would slow down every login.
        wanted, skip = _matching(query), paging.skip
        with store_failures():
            total = await self.collection.count_documents(wanted)
            found = self.collection.find(wanted).sort([("createdAt", -1), ("_id", -1)])
            documents = await found.skip(skip).limit(paging.page_size).to_list(None)
        return Page.of([self.from_document(document) for document in documents], total, paging)

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
        await number_older_documents(self.collection)

    async def all(self) -> Sequence[StaffRole]:
        return await self.find_all_where({})


class MongoDepartmentRepository(Repository[Department]):
    duplicates: ClassVar[Mapping[str, type[Conflict]]] = {"name": DepartmentNameTaken}

    def __init__(self, database: "AsyncIOMotorDatabase[Document]", outbox: Outbox) -> None:
        super().__init__(database["departments"], Department, outbox)

    def unique_keys(self, entity: Department) -> Mapping[str, Sequence[str]]:
        return {} if entity.deleted_at else {"name": [entity.name.lower()]}

    async def all(self) -> Sequence[Department]:
        return await self.find_all_where({})


def _wechat_key(identity: WeChatBinding) -> str:
    return f"{identity.app_id}:{identity.open_id}"


_SEARCHED: Final = ("username", "name", "email", "phone")
_STATUSES: Final[Mapping[str, Document]] = {
    "active": {"active": {"$ne": False}, "suspended": {"$ne": True}},
    "suspended": {"active": {"$ne": False}, "suspended": True},
    "inactive": {"active": False},
}


def _named(role: Role) -> Document:
    """The texts that stand for a system role: imported accounts store labels."""
    return {"$in": [role.value, ROLE_LABELS[role].zh, ROLE_LABELS[role].en]}


def _matching(query: StaffQuery) -> Document:
    wanted: Document = dict(_STATUSES[query.status]) if query.status else {}
    if query.role:
        role = role_of(query.role)
        wanted["role"] = _named(role) if role else query.role
    if query.department:
        wanted["department"] = query.department
    if query.search:
        part = {"$regex": re.escape(query.search), "$options": "i"}
        wanted["$or"] = [{field: part} for field in _SEARCHED]
    return wanted


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
