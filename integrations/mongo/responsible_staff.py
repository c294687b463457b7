"""The staff responsible for records that belong to the CRM: read from its collections, never written."""

from typing import Final

from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.notifications.ports import RecordDirectory, ResponsiblePerson
from domain.shared.notifications import RecordRef
from integrations.mongo.failures import store_failures
from integrations.mongo.repository import Document, object_id

_COLLECTIONS: Final = {"resume": "resumes"}


class MongoRecordDirectory(RecordDirectory):
    def __init__(self, database: "AsyncIOMotorDatabase[Document]") -> None:
        self._database = database

    async def responsible_for(self, record: RecordRef) -> ResponsiblePerson | None:
        """The person whom the record is assigned to, else the one who created it."""
        collection = self._database[_COLLECTIONS[record.kind]]
        with store_failures():
            found = await collection.find_one({"_id": object_id(record.id)}, {"assignedTo": 1, "userId": 1, "name": 1})
        staff_id = (found.get("assignedTo") or found.get("userId")) if found else None
        if found is None or not staff_id:
            return None
        return ResponsiblePerson(staff_id=str(staff_id), record_name=str(found.get("name", "")))
