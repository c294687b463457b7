"""Records of people that contracts need, read from the collections of other areas."""

import time
from collections.abc import Sequence
from typing import Any, Final

from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.contracts.ports import PartyRecord
from domain.staff.role import roles_by_code
from integrations.mongo.failures import store_failures
from integrations.mongo.repository import Document, object_id
from integrations.mongo.staff import MongoRoleRepository, MongoStaffRepository
from integrations.mongo.users.users import MongoUserRepository

NAME_CACHE_SECONDS: Final = 60.0
_MAX_CACHED: Final = 5_000


class MongoPartyRecords:
    """`PartyRecords` from the collections of customers, résumés and the blacklist."""

    def __init__(self, database: "AsyncIOMotorDatabase[Document]") -> None:
        self._customers = database["customers"]
        self._resumes = database["resumes"]
        self._blacklist = database["aunt_blacklists"]

    async def customer(self, customer_id: str) -> PartyRecord | None:
        with store_failures():
            found = await self._customers.find_one({"_id": object_id(customer_id), "deletedAt": None})
        if found is None:
            return None
        people = (str(found.get("assignedTo", "")), str(found.get("createdBy", "")))
        return _party(customer_id, found, "idCardNumber", "address").model_copy(update={"people": people})

    async def worker(self, worker_id: str) -> PartyRecord | None:
        with store_failures():
            found = await self._resumes.find_one({"_id": object_id(worker_id)})
        return _party(worker_id, found, "idNumber", "currentAddress") if found else None

    async def is_blacklisted(self, phone: str, id_card: str) -> bool:
        # Two queries: each uses an index, while the embedded server answers an $or with a scan.
        for field, value in (("phone", phone), ("idCard", id_card)):
            if value:
                with store_failures():
                    if await self._blacklist.find_one({field: value, "status": "active"}, {"_id": 1}):
                        return True
        return False

    async def is_released_for(self, worker_id: str, staff_id: str) -> bool:
        with store_failures():
            found = await self._resumes.find_one({"_id": object_id(worker_id)}, {"releasedForContract": 1, "userId": 1})
        return found is None or bool(found.get("releasedForContract")) or str(found.get("userId", "")) == staff_id


class MongoStaffDirectory:
    """`StaffDirectory` with a short-lived cache of names, which every list requests."""

    def __init__(self, staff: MongoStaffRepository, roles: MongoRoleRepository) -> None:
        self._staff = staff
        self._roles = roles
        self._names: dict[str, tuple[float, str]] = {}

    async def name_of(self, staff_id: str) -> str:
        now = time.monotonic()
        known = self._names.get(staff_id)
        if known and known[0] > now:
            return known[1]
        found = await self._staff.find(staff_id)
        if len(self._names) > _MAX_CACHED:
            self._names.clear()
        self._names[staff_id] = (now + NAME_CACHE_SECONDS, found.name if found else "")
        return self._names[staff_id][1]

    async def is_active(self, staff_id: str) -> bool:
        found = await self._staff.find(staff_id)
        return found is not None and found.active and found.is_active and not found.suspended and found.left_at is None

    async def assignable(self) -> Sequence[tuple[str, str, str]]:
        working: dict[str, Any] = {"active": True, "suspended": False, "isActive": True, "leftAt": None}
        with store_failures():
            documents = await self._staff.collection.find(working, {"outbox": 0}).sort("name", 1).to_list(500)
        members = [self._staff.from_document(document) for document in documents]
        roles = roles_by_code(await self._roles.all())
        return [
            (member.id, member.name, member.role_key)
            for member in members
            if member.authority(roles.get(member.role_key)).may("contract:view")
        ]


class MongoVerifiedPhones:
    """`VerifiedPhones` from the user repository."""

    def __init__(self, users: MongoUserRepository) -> None:
        self._users = users

    async def phone_of(self, user_id: str) -> str:
        user = await self._users.find(user_id)
        return user.phone if user is not None and user.phone_verified_at and not user.is_gone else ""


def _party(party_id: str, document: Document, id_card: str, address: str) -> PartyRecord:
    def text(name: str) -> str:
        return str(document.get(name) or "").strip()

    return PartyRecord(
        id=party_id, name=text("name"), phone=text("phone"), id_card=text(id_card), address=text(address)
    )
