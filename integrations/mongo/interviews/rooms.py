"""Interview rooms in MongoDB: the collection, its indexes and its queries."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final

from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.interviews.errors import ActiveRoomExists, RoomIdTaken
from domain.interviews.record.listing import RoomFilter
from domain.interviews.record.model import InterviewRoom, RoomStatus
from domain.shared.errors import Conflict
from domain.shared.paging import Page, PageRequest
from integrations.mongo.failures import store_failures
from integrations.mongo.outbox import OUTBOX, Outbox
from integrations.mongo.pages import page_of
from integrations.mongo.repository import Document, Repository, reference
from integrations.mongo.write_gate import OPEN_GATE, WriteGate

COLLECTION: Final = "interview_rooms"
_NEWEST: Final = [("createdAt", -1), ("_id", -1)]
_SOONEST: Final = [("schedule.startsAt", 1), ("_id", 1)]
"""For scheduled rooms alone, which are few at any time: rooms that are never opened are cancelled. Sorted in memory."""
# Equality fields first, then the sort order: every filtered page is read from an index in order.
INDEXES: Final[dict[str, list[tuple[str, int]]]] = {
    "all": _NEWEST,
    "all_by_status": [("status", 1), *_NEWEST],
    "all_by_term": [("_terms", 1), *_NEWEST],
    "own": [("hostUserId", 1), *_NEWEST],
    "own_by_status": [("hostUserId", 1), ("status", 1), *_NEWEST],
    "own_by_term": [("hostUserId", 1), ("_terms", 1), *_NEWEST],
    "by_resume": [("resumeId", 1), *_NEWEST],
    "by_customer": [("customerId", 1), *_NEWEST],
    "by_status_and_room": [("status", 1), ("roomId", 1)],
    "by_status_and_start": [("status", 1), ("schedule.startsAt", 1)],
}
_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "by_customer": {"partialFilterExpression": {"customerId": {"$exists": True}}}
}
"""Most interviews name no customer."""
REFERENCES: Final = {"host_user_id": "hostUserId", "worker_id": "resumeId", "customer_id": "customerId"}
"""Fields that are ObjectIds in documents, as legacy readers expect."""
MAX_TERM_LENGTH: Final = 24
MIN_ID_TERM_LENGTH: Final = 4
_UNLISTED: Final = {OUTBOX: 0, "_terms": 0, "chat": 0, "attendance": 0, "invites": 0}


class MongoInterviewRoomRepository(Repository[InterviewRoom]):
    duplicates: ClassVar[Mapping[str, type[Conflict]]] = {"room": RoomIdTaken, "active-host": ActiveRoomExists}
    layout: ClassVar[int] = 5
    """5: scheduled rooms are found by their start."""
    former_indexes: ClassVar[Sequence[str]] = ("room", "one_active", "outbox", "by_status_and_end")

    def __init__(self, database: "AsyncIOMotorDatabase[Document]", outbox: Outbox, gate: WriteGate = OPEN_GATE) -> None:
        super().__init__(database[COLLECTION], InterviewRoom, outbox, gate)

    async def create_indexes(self) -> None:
        await super().create_indexes()
        with store_failures():
            for name, keys in INDEXES.items():
                await self.collection.create_index(keys, name=name, **_OPTIONS.get(name, {}))

    def unique_keys(self, entity: InterviewRoom) -> Mapping[str, Sequence[str]]:
        hosts = [entity.host_user_id] if entity.status is RoomStatus.ACTIVE else []
        return {"room": [entity.room_id], "active-host": hosts}

    def extra_fields(self, entity: InterviewRoom) -> Mapping[str, Any]:
        references = {name: reference(getattr(entity, field)) for field, name in REFERENCES.items()}
        return {**references, "_terms": terms_of(entity)}

    def from_document(self, document: Document) -> InterviewRoom:
        texts = {name: str(document[name]) for name in REFERENCES.values() if name in document}
        return super().from_document({**document, **texts})

    async def find_by_room_id(self, room_id: str) -> InterviewRoom | None:
        return await self.find_by_key("room", room_id)

    async def active_of(self, host_user_id: str) -> InterviewRoom | None:
        return await self.find_by_key("active-host", host_user_id)

    async def latest_of(self, host_user_id: str) -> InterviewRoom | None:
        with store_failures():
            found = self.collection.find({"hostUserId": reference(host_user_id)}, {OUTBOX: 0}).sort(_NEWEST).limit(1)
            documents = await found.to_list(1)
        return self.from_document(documents[0]) if documents else None

    async def page(self, room_filter: RoomFilter, page: PageRequest) -> Page[InterviewRoom]:
        query, index = query_and_index(room_filter)
        order = _SOONEST if room_filter.status is RoomStatus.SCHEDULED else _NEWEST
        return await page_of(self.collection, query, order, page, self.from_document, fields=_UNLISTED, index=index)

    async def scheduled_until(self, before: datetime, limit: int) -> Sequence[InterviewRoom]:
        ended = {"schedule.startsAt": {"$lt": before}, "schedule.endsAt": {"$lt": before}}
        return await self._scheduled(ended, limit)

    async def due_for_reminder(self, starting_until: datetime, limit: int) -> Sequence[InterviewRoom]:
        return await self._scheduled({"schedule.startsAt": {"$lte": starting_until}, "remindedAt": None}, limit)

    async def _scheduled(self, query: Document, limit: int) -> list[InterviewRoom]:
        with store_failures():
            found = self.collection.find({"status": RoomStatus.SCHEDULED.value, **query}, {OUTBOX: 0})
            documents = await found.sort("schedule.startsAt", 1).hint("by_status_and_start").limit(limit).to_list(limit)
        return [self.from_document(document) for document in documents]

    async def active_ids(self, after: str, limit: int) -> Sequence[str]:
        query = {"status": RoomStatus.ACTIVE.value, "roomId": {"$gt": after}}
        with store_failures():
            found = self.collection.find(query, {"roomId": 1}).sort("roomId", 1).limit(limit)
            return [document["roomId"] for document in await found.to_list(limit)]


def query_and_index(room_filter: RoomFilter) -> tuple[Document, str]:
    """The query of a list, and the name of the index that serves it in order."""
    query: Document = {}
    scope, suffix = "all", ""
    if room_filter.host_user_id:
        query["hostUserId"], scope = reference(room_filter.host_user_id), "own"
    elif room_filter.scope.people is not None:
        query["hostUserId"], scope = {"$in": [reference(host) for host in sorted(room_filter.scope.people)]}, "own"
    if room_filter.status:
        query["status"], suffix = room_filter.status.value, "_by_status"
    if term := term_of(room_filter.search):
        query["_terms"], suffix = term, "_by_term"
    if room_filter.customer_id:
        # The second condition is that of the index.
        return {**query, "customerId": {"$eq": reference(room_filter.customer_id), "$exists": True}}, "by_customer"
    return query, scope + suffix


def term_of(search: str) -> str:
    """The normalized search term: the beginning of an id, a name or a phone number."""
    return "".join(search.casefold().split())[:MAX_TERM_LENGTH]


def terms_of(room: InterviewRoom) -> list[str]:
    """Every prefix that a search may match. Stored as a list in an index, so that no query needs a pattern."""
    names = (room.room_name, room.host_name, room.candidate_name, room.candidate_position)
    numbers = (room.room_id, display_number(room.room_id), room.candidate_phone)
    found = {term[:length] for term in map(term_of, names) for length in range(1, len(term) + 1)}
    found |= {term[:length] for term in map(term_of, numbers) for length in range(MIN_ID_TERM_LENGTH, len(term) + 1)}
    return sorted(found)


def display_number(room_id: str) -> str:
    """`AD-<instant>`, the number that users see of a room whose id a legacy client has chosen; else empty."""
    parts = room_id.split("_")
    return f"AD-{parts[1]}" if len(parts) > 1 and parts[0] == "room" and parts[1].isdecimal() else ""
