"""Notices to staff in MongoDB, and the directory of domestic workers that says who receives them."""

from typing import Final

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo.errors import DuplicateKeyError

from domain.interviews.invites.staff_notices import ResponsibleStaff, StaffInvited, StaffNoticeStore, WorkerDirectory
from integrations.mongo.failures import store_failures
from integrations.mongo.repository import Document, object_id

WORKERS: Final = "resumes"
NOTICES: Final = "interview_effects"


class MongoWorkerDirectory(WorkerDirectory):
    """Reads the collection `resumes`, which belongs to the CRM; never writes to it."""

    def __init__(self, database: "AsyncIOMotorDatabase[Document]") -> None:
        self._collection = database[WORKERS]

    async def responsible_staff(self, worker_id: str) -> ResponsibleStaff | None:
        with store_failures():
            found = await self._collection.find_one(
                {"_id": object_id(worker_id)}, {"assignedTo": 1, "userId": 1, "name": 1}
            )
        staff_id = (found.get("assignedTo") or found.get("userId")) if found else None
        if found is None or not staff_id:
            return None
        return ResponsibleStaff(staff_id=str(staff_id), worker_name=str(found.get("name", "")))


class MongoStaffNoticeStore(StaffNoticeStore):
    """Stores each notice once, by its key, until it is delivered."""

    def __init__(self, database: "AsyncIOMotorDatabase[Document]") -> None:
        self._collection = database[NOTICES]

    async def create_indexes(self) -> None:
        with store_failures():
            await self._collection.create_index([("type", 1), ("at", 1)], name="by_type")

    async def add(self, notice: StaffInvited) -> None:
        fields = {name: value for name, value in notice.to_record().items() if name not in ("id", "key")}
        with store_failures():
            try:
                await self._collection.insert_one({"_id": notice.key, "eventId": notice.id, **fields})
            except DuplicateKeyError:
                return  # stored before
