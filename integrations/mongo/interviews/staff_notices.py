"""Who looks after a resume, and the notices about interviews that are due."""

from typing import Final

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo.errors import DuplicateKeyError

from domain.interviews.invites.staff_notices import ResponsibleStaff, StaffInvited, StaffNoticeStore, WorkerDirectory
from integrations.mongo.failures import store_failures
from integrations.mongo.repository import Document, object_id

RESUMES: Final = "resumes"
EFFECTS: Final = "interview_effects"


class MongoWorkerDirectory(WorkerDirectory):
    """Reads the CRM's own collection; changes nothing there."""

    def __init__(self, database: "AsyncIOMotorDatabase[Document]") -> None:
        self._collection = database[RESUMES]

    async def keeper_of(self, resume_id: str) -> ResponsibleStaff | None:
        with store_failures():
            found = await self._collection.find_one(
                {"_id": object_id(resume_id)}, {"assignedTo": 1, "userId": 1, "name": 1}
            )
        keeper = (found.get("assignedTo") or found.get("userId")) if found else None
        return (
            ResponsibleStaff(staff_id=str(keeper), worker_name=str(found.get("name", ""))) if found and keeper else None
        )


class MongoStaffNoticeStore(StaffNoticeStore):
    """Each is kept once, by its key, for whoever carries it out."""

    def __init__(self, database: "AsyncIOMotorDatabase[Document]") -> None:
        self._collection = database[EFFECTS]

    async def create_indexes(self) -> None:
        with store_failures():
            await self._collection.create_index([("type", 1), ("at", 1)], name="by_type")

    async def add(self, effect: StaffInvited) -> None:
        fields = {name: value for name, value in effect.to_record().items() if name not in ("id", "key")}
        with store_failures():
            try:
                await self._collection.insert_one({"_id": effect.key, "eventId": effect.id, **fields})
            except DuplicateKeyError:
                return  # it was due before
