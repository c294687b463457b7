"""The inbox of mini-program users in MongoDB."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo.errors import DuplicateKeyError

from domain.notifications.inbox.model import InboxRow
from domain.notifications.inbox.ports import InboxAccount, InboxAccounts, InboxStore
from domain.shared.paging import MAX_PAGED_ROWS, Page, PageRequest
from integrations.mongo.failures import store_failures
from integrations.mongo.pages import page_of
from integrations.mongo.repository import Document, object_id, reference
from integrations.mongo.users.users import MongoUserRepository

COLLECTION: Final = "miniprogram_notifications"
KEPT_AFTER_READING: Final = timedelta(days=180)
_NEWEST: Final = [("createdAt", -1), ("_id", -1)]
INDEXES: Final[dict[str, list[tuple[str, int]]]] = {
    "by_account": [("userId", 1), *_NEWEST],
    "by_account_and_read": [("userId", 1), ("isRead", 1), *_NEWEST],
    "by_phone": [("phone", 1), ("userId", 1)],
}
_REFERENCES: Final = ("userId", "contractId")
_PLAIN: Final = (str, int, float, bool)
_FIELDS: Final = frozenset(field.alias or name for name, field in InboxRow.model_fields.items())


class MongoInbox(InboxStore):
    """Rows of the former system have no `userId`: they wait for the account of their phone."""

    def __init__(self, database: "AsyncIOMotorDatabase[Document]") -> None:
        self._rows = database[COLLECTION]

    async def create_indexes(self) -> None:
        with store_failures():
            for name, keys in INDEXES.items():
                await self._rows.create_index(keys, name=name)
            seconds = int(KEPT_AFTER_READING.total_seconds())
            await self._rows.create_index("readAt", name="read", expireAfterSeconds=seconds)  # unread ones have none

    async def add(self, row: InboxRow) -> None:
        fields = row.model_dump(by_alias=True, exclude={"id"})
        fields |= {name: reference(fields[name]) for name in _REFERENCES}
        present = {name: value for name, value in fields.items() if value not in ("", None)}
        with store_failures():
            try:
                await self._rows.insert_one({"_id": ObjectId(row.id), **present})
            except DuplicateKeyError:
                return

    async def adopt(self, phone: str, user_id: str, now: datetime) -> bool:
        waiting = {"phone": phone, "userId": None}
        with store_failures():
            adopted = await self._rows.update_many(waiting, {"$set": {"userId": reference(user_id)}})
            if not adopted.modified_count:
                return False
            # The former system does not note when a row was read.
            await self._rows.update_many({**_all(user_id), "isRead": True, "readAt": None}, _read(now))
        return True

    async def move(self, user_id: str, to: str) -> None:
        with store_failures():
            await self._rows.update_many({"userId": reference(user_id)}, {"$set": {"userId": reference(to)}})

    async def remove(self, user_id: str) -> None:
        with store_failures():
            await self._rows.delete_many({"userId": reference(user_id)})

    async def page(self, user_id: str, unread_only: bool, paging: PageRequest) -> Page[InboxRow]:
        query = _unread(user_id) if unread_only else _all(user_id)
        return await page_of(self._rows, query, _NEWEST, paging, _row)

    async def unread(self, user_id: str) -> int:
        with store_failures():
            return await self._rows.count_documents(_unread(user_id), limit=MAX_PAGED_ROWS)

    async def mark_read(self, user_id: str, row_id: str, now: datetime) -> bool:
        wanted = {"_id": object_id(row_id), **_all(user_id)}
        with store_failures():
            changed = await self._rows.update_one({**wanted, "isRead": False}, _read(now))
            return changed.matched_count > 0 or await self._rows.count_documents(wanted, limit=1) > 0

    async def mark_all_read(self, user_id: str, now: datetime) -> int:
        with store_failures():
            changed = await self._rows.update_many(_unread(user_id), _read(now))
        return int(changed.modified_count)


class MongoInboxAccounts(InboxAccounts):
    def __init__(self, users: MongoUserRepository) -> None:
        self._users = users

    async def surviving(self, user_id: str) -> InboxAccount | None:
        user = await self._users.find_surviving(user_id)
        if user is None:
            return None
        return InboxAccount(id=user.id, phone=user.phone if user.phone_verified_at else "")

    async def with_phone(self, phone: str) -> str:
        user = await self._users.find_by_phone(phone)
        return user.id if user is not None and user.phone_verified_at else ""


def _all(user_id: str) -> Document:
    return {"userId": reference(user_id)}


def _unread(user_id: str) -> Document:
    return {"userId": reference(user_id), "isRead": False}


def _read(now: datetime) -> Document:
    return {"$set": {"isRead": True, "readAt": now}}


def _row(document: Mapping[str, Any]) -> InboxRow:
    texts = {name: str(document[name]) for name in _REFERENCES if document.get(name)}
    fields = {name: value for name, value in document.items() if name in _FIELDS and value is not None}
    extra = {str(name): value if isinstance(value, _PLAIN) else str(value) for name, value in _extra(document)}
    return InboxRow.model_validate({**fields, **texts, "extra": extra, "id": str(document["_id"])})


def _extra(document: Mapping[str, Any]) -> Iterable[tuple[object, object]]:
    extra = document.get("extra")
    return extra.items() if isinstance(extra, Mapping) else ()
