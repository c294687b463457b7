"""Notifications of staff in MongoDB: the collection `notifications`, a row for each recipient, and the templates."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import UpdateOne
from pymongo.errors import DuplicateKeyError

from domain.notifications.audience import Visibility
from domain.notifications.model import Dispatch, Notification, NotificationStatus, Recipient, RecordOwners
from domain.notifications.ports import NotificationQuery, NotificationStore, UnreadGroup
from domain.notifications.templates import NotificationTemplate
from domain.shared.errors import Conflict
from domain.shared.notifications import RecordRef
from domain.shared.paging import Page, PageRequest
from integrations.mongo.failures import duplicates_in, store_failures
from integrations.mongo.outbox import Outbox
from integrations.mongo.pages import page_of
from integrations.mongo.repository import Document, Repository, number_older_documents, object_id, reference

KEPT_AFTER_READING: Final = timedelta(days=180)
OWNERS_KEPT: Final = timedelta(days=30)
"""Longer than an event may wait for its followers."""
_UNREAD: Final = NotificationStatus.SENT.value
_COUNTED_AT_ONCE: Final = 8
_NEWEST: Final = [("createdAt", -1), ("_id", -1)]
_FIELDS: Final = frozenset(field.alias or name for name, field in Notification.model_fields.items())


class MongoNotifications(NotificationStore):
    """Rows of the former system are served too: they lack the English texts, the record and its scope."""

    def __init__(self, database: "AsyncIOMotorDatabase[Document]") -> None:
        self._rows = database["notifications"]
        self._owners = database["notification_owners"]

    async def create_indexes(self) -> None:
        with store_failures():
            await self._rows.create_index([("userId", 1), ("status", 1), ("createdAt", -1)], name="by_status")
            await self._rows.create_index([("about.id", 1)], name="by_record")
            # Rows that were not read have no such time, and stay.
            seconds = int(KEPT_AFTER_READING.total_seconds())
            await self._rows.create_index("readAt", name="read", expireAfterSeconds=seconds, sparse=True)
            seconds = int(OWNERS_KEPT.total_seconds())
            await self._owners.create_index("at", name="kept", expireAfterSeconds=seconds)

    async def add(self, dispatches: Sequence[Dispatch]) -> None:
        documents = [document for dispatch in dispatches for document in _documents(dispatch)]
        if not documents:
            return
        with store_failures():
            await duplicates_in(self._rows.insert_many(documents, ordered=False))  # they were stored before

    async def merge(self, dispatch: Dispatch) -> Sequence[Recipient]:
        joins = [_join(dispatch, recipient) for recipient in dispatch.to]
        ids = [ObjectId(recipient.id) for recipient in dispatch.to]
        with store_failures():
            if present := await duplicates_in(self._rows.bulk_write(joins, ordered=False)):
                # The fact is in the row already, or another process has just made the row: then this one joins it.
                again = [joins[index] for index in present]
                await duplicates_in(self._rows.bulk_write(again, ordered=False))
            found = await self._rows.find({"_id": {"$in": ids}}, {"count": 1}).to_list(len(ids))
        counts = {str(each["_id"]): each["count"] for each in found}
        return [each.model_copy(update={"count": counts.get(each.id, 1)}) for each in dispatch.to]

    async def page(
        self, user_id: str, visible: Visibility, wanted: NotificationQuery, paging: PageRequest
    ) -> Page[Notification]:
        query = {**_visible(user_id, visible), **_wanted(wanted, visible)}
        return await page_of(self._rows, query, _NEWEST, paging, _row)

    async def unread_groups(self, user_ids: Sequence[str]) -> Sequence[UnreadGroup]:
        # One small query each: the embedded store needs seconds for one with a list of people.
        slots = asyncio.Semaphore(_COUNTED_AT_ONCE)

        async def limited(user_id: str) -> Sequence[UnreadGroup]:
            async with slots:
                return await self._unread_groups_of(user_id)

        return [group for groups in await asyncio.gather(*map(limited, user_ids)) for group in groups]

    async def _unread_groups_of(self, user_id: str) -> Sequence[UnreadGroup]:
        wanted = {"userId": reference(user_id), "status": _UNREAD}
        group = {"_id": {"type": "$type", "scope": "$scope"}, "count": {"$sum": 1}}
        with store_failures():
            found = await self._rows.aggregate([{"$match": wanted}, {"$group": group}]).to_list(None)
        return [
            UnreadGroup(
                user_id=user_id,
                type=each["_id"]["type"],
                scope=tuple(each["_id"].get("scope") or ()),
                count=each["count"],
            )
            for each in found
        ]

    async def visible_ids(self, user_id: str, visible: Visibility, ids: Sequence[str]) -> set[str]:
        keys = [key for each in ids if (key := object_id(each)) is not None]
        query = {"_id": {"$in": keys}, **_visible(user_id, visible)}
        with store_failures():
            return {str(row["_id"]) async for row in self._rows.find(query, {"_id": 1})}

    async def mark_read(self, user_id: str, ids: Sequence[str], at: datetime) -> None:
        keys = [object_id(each) for each in ids]
        query = {"_id": {"$in": keys}, "userId": reference(user_id), "status": _UNREAD}
        with store_failures():
            await self._rows.update_many(query, _reading(at))

    async def mark_all_read(self, user_id: str, visible: Visibility, before: datetime, at: datetime) -> int:
        query = {**_visible(user_id, visible), "status": _UNREAD, "createdAt": {"$lte": before}}
        with store_failures():
            return (await self._rows.update_many(query, _reading(at))).modified_count

    async def set_scope(self, about: RecordRef, scope: Sequence[str]) -> Sequence[str]:
        query = {"about.id": about.id, "about.kind": about.kind, "scope": {"$exists": True}}
        with store_failures():
            await self._rows.update_many(query, {"$set": {"scope": list(scope)}})
            found = await self._rows.find(query, {"userId": 1}).to_list(None)
        return sorted({str(row["userId"]) for row in found})

    async def keep_owners(self, owners: RecordOwners) -> RecordOwners:
        key, fields = _record_key(owners.about), {"owners": list(owners.owners), "at": owners.at}
        with store_failures(), suppress(DuplicateKeyError):  # what is kept is as new, or newer
            await self._owners.update_one({"_id": key, "at": {"$lt": owners.at}}, {"$set": fields}, upsert=True)
        return next(iter(await self.kept_owners([owners.about])), owners)

    async def kept_owners(self, records: Collection[RecordRef]) -> Sequence[RecordOwners]:
        keys = {_record_key(each): each for each in records}
        with store_failures():
            found = await self._owners.find({"_id": {"$in": list(keys)}}).to_list(None)
        return [RecordOwners(about=keys[each["_id"]], owners=tuple(each["owners"]), at=each["at"]) for each in found]


class MongoNotificationTemplates(Repository[NotificationTemplate]):
    duplicates: ClassVar[Mapping[str, type[Conflict]]] = {"type": Conflict}

    def __init__(self, database: "AsyncIOMotorDatabase[Document]", outbox: Outbox) -> None:
        super().__init__(database["notification_templates"], NotificationTemplate, outbox)

    def unique_keys(self, entity: NotificationTemplate) -> Mapping[str, Sequence[str]]:
        return {"type": [entity.type]}

    async def create_indexes(self) -> None:
        await super().create_indexes()
        await number_older_documents(self.collection)

    def from_document(self, document: Document) -> NotificationTemplate:
        """Fields of the former system that this one does not have are left out."""
        return super().from_document({name: value for name, value in document.items() if name in _TEMPLATE_FIELDS})

    async def all(self) -> Sequence[NotificationTemplate]:
        return await self.find_all_where({})

    async def add_missing(self, templates: Sequence[NotificationTemplate]) -> None:
        await duplicates_in(self.import_new(templates))  # another app process may be first


_TEMPLATE_FIELDS: Final = {"_id"} | {
    field.alias or name for name, field in NotificationTemplate.model_fields.items() if name != "id"
}


def _record_key(record: RecordRef) -> str:
    return f"{record.kind}:{record.id}"


def _documents(dispatch: Dispatch) -> Iterable[Document]:
    common = {**_content(dispatch), "status": NotificationStatus.SENT.value, **_times(dispatch)}
    for recipient in dispatch.to:
        yield {**common, "_id": ObjectId(recipient.id), "userId": reference(recipient.user_id)}


def _join(dispatch: Dispatch, recipient: Recipient) -> UpdateOne:
    # A row that has the fact does not match, and the upsert then fails on the duplicate id, as intended.
    return UpdateOne(
        {"_id": ObjectId(recipient.id), "facts": {"$ne": dispatch.fact}},
        {
            "$set": {**_content(dispatch), "status": NotificationStatus.SENT.value, **_times(dispatch)},
            "$setOnInsert": {"userId": reference(recipient.user_id)},
            "$addToSet": {"facts": dispatch.fact},
            "$inc": {"count": 1},
            "$unset": {"readAt": ""},
        },
        upsert=True,
    )


def _content(dispatch: Dispatch) -> Document:
    fields = dispatch.content.model_dump(by_alias=True)
    return {name: value for name, value in fields.items() if value not in (None, "", [], (), {})}


def _times(dispatch: Dispatch) -> Document:
    return {"createdAt": dispatch.at, "updatedAt": dispatch.at}


def _reading(at: datetime) -> Document:
    return {"$set": {"status": NotificationStatus.READ.value, "readAt": at, "updatedAt": at}}


def _visible(user_id: str, visible: Visibility) -> Document:
    query: Document = {"userId": reference(user_id)}
    if visible.hidden:
        query["type"] = {"$nin": list(visible.hidden)}
    if visible.keys is not None:
        query["scope"] = {"$in": [None, *sorted(visible.keys)]}  # None: rows without a scope
    return query


def _wanted(wanted: NotificationQuery, visible: Visibility) -> Document:
    query: Document = {}
    if wanted.status:
        query["status"] = _UNREAD if wanted.status == "unread" else NotificationStatus.READ.value
    if wanted.type:
        query["type"] = {"$in": [] if wanted.type in visible.hidden else [wanted.type]}
    if wanted.kind:
        query["about.kind"] = wanted.kind
    if wanted.since:
        query["createdAt"] = {"$gte": wanted.since}
    return query


def _row(document: Document) -> Notification:
    fields: dict[str, Any] = {name: value for name, value in document.items() if name in _FIELDS and value is not None}
    return Notification.model_validate({**fields, "id": str(document["_id"]), "userId": str(document["userId"])})
