"""Interview rooms in MongoDB: the collection, its indexes, and a query for each way of finding one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final

from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.interviews.errors import ActiveRoomExists, RoomIdTaken
from domain.interviews.record.listing import RoomFilter
from domain.interviews.record.model import InterviewRoom, RoomStatus
from domain.shared.paging import MAX_PAGED_ROWS, Page, PageRequest
from integrations.mongo.failures import Duplicates, store_failures
from integrations.mongo.outbox import Outbox
from integrations.mongo.repository import OUTBOX, Document, Repository, reference

COLLECTION: Final = "interview_rooms"
ONE_ACTIVE: Final = "one_active"
_NEWEST: Final = [("createdAt", -1), ("_id", -1)]
# Equality first, then the order of the list: a page is read from its index in order, whatever is filtered.
INDEXES: Final[dict[str, list[tuple[str, int]]]] = {
    "all": _NEWEST,
    "all_by_status": [("status", 1), *_NEWEST],
    "all_by_term": [("_terms", 1), *_NEWEST],
    "own": [("hostUserId", 1), *_NEWEST],
    "own_by_status": [("hostUserId", 1), ("status", 1), *_NEWEST],
    "own_by_term": [("hostUserId", 1), ("_terms", 1), *_NEWEST],
    "by_resume": [("resumeId", 1), *_NEWEST],
    "by_status_and_room": [("status", 1), ("roomId", 1)],
    "by_status_and_end": [("status", 1), ("schedule.endsAt", 1)],
}
REFERENCES: Final = {"host_user_id": "hostUserId", "resume_id": "resumeId"}
"""ObjectIds in documents, as today's readers know them."""
LONGEST_TERM: Final = 24
SHORTEST_ID_TERM: Final = 4
_UNLISTED: Final = {OUTBOX: 0, "_terms": 0, "chat": 0, "attendance": 0, "invites": 0}


class MongoInterviewRoomRepository(Repository[InterviewRoom]):
    duplicates: ClassVar[Duplicates] = {"roomId": RoomIdTaken, "hostUserId": ActiveRoomExists}

    def __init__(self, database: "AsyncIOMotorDatabase[Document]", outbox: Outbox) -> None:
        super().__init__(database[COLLECTION], InterviewRoom, outbox)

    async def create_indexes(self) -> None:
        """Safe to repeat."""
        with store_failures():
            await self.collection.create_index("roomId", name="room", unique=True)
            await self.collection.create_index(
                "hostUserId", name=ONE_ACTIVE, unique=True, partialFilterExpression={"status": RoomStatus.ACTIVE.value}
            )
            for name, keys in INDEXES.items():
                await self.collection.create_index(keys, name=name)
            await self.collection.create_index("outbox.id", name="outbox")

    def extra_fields(self, entity: InterviewRoom) -> Mapping[str, Any]:
        references = {name: reference(getattr(entity, field)) for field, name in REFERENCES.items()}
        return {**references, "_terms": terms_of(entity)}

    def from_document(self, document: Document) -> InterviewRoom:
        texts = {name: str(document[name]) for name in REFERENCES.values() if name in document}
        return super().from_document({**document, **texts})

    async def find_by_room_id(self, room_id: str) -> InterviewRoom | None:
        return await self.find_where({"roomId": room_id})

    async def active_of(self, host_user_id: str) -> InterviewRoom | None:
        return await self.find_where({"hostUserId": reference(host_user_id), "status": RoomStatus.ACTIVE.value})

    async def latest_of(self, host_user_id: str) -> InterviewRoom | None:
        with store_failures():
            found = self.collection.find({"hostUserId": reference(host_user_id)}, {OUTBOX: 0}).sort(_NEWEST).limit(1)
            documents = await found.to_list(1)
        return self.from_document(documents[0]) if documents else None

    async def page(self, wanted: RoomFilter, page: PageRequest) -> Page[InterviewRoom]:
        query, index = query_and_index(wanted)
        with store_failures():
            found = self.collection.find(query, _UNLISTED).sort(_NEWEST).hint(index)
            documents = await found.skip(page.skip).limit(page.page_size).to_list(page.page_size)
            total = await self.collection.count_documents(query, limit=MAX_PAGED_ROWS, hint=index)
        rooms = [self.from_document(document) for document in documents]
        return Page(list=rooms, total=total, page=page.page, page_size=page.page_size)

    async def scheduled_until(self, before: datetime, most: int) -> Sequence[InterviewRoom]:
        query = {"status": RoomStatus.SCHEDULED.value, "schedule.endsAt": {"$lt": before}}
        with store_failures():
            found = self.collection.find(query, {OUTBOX: 0}).sort("schedule.endsAt", 1).limit(most)
            documents = await found.to_list(most)
        return [self.from_document(document) for document in documents]

    async def active_ids(self, after: str, most: int) -> Sequence[str]:
        query = {"status": RoomStatus.ACTIVE.value, "roomId": {"$gt": after}}
        with store_failures():
            found = self.collection.find(query, {"roomId": 1}).sort("roomId", 1).limit(most)
            return [document["roomId"] for document in await found.to_list(most)]


def query_and_index(wanted: RoomFilter) -> tuple[Document, str]:
    """The filter of a list, and the name of the index that serves it in order."""
    query: Document = {}
    whose, by = "all", ""
    if wanted.host_user_id:
        query["hostUserId"], whose = reference(wanted.host_user_id), "own"
    if wanted.status:
        query["status"], by = wanted.status.value, "_by_status"
    if term := term_of(wanted.search):
        query["_terms"], by = term, "_by_term"
    return query, whose + by


def term_of(typed: str) -> str:
    """What was typed, as it is looked up: the beginning of an id, a name or a phone."""
    return "".join(typed.casefold().split())[:LONGEST_TERM]


def terms_of(room: InterviewRoom) -> list[str]:
    """Every beginning that a search can be for: looked up whole, a list in an index needs no pattern."""
    names = (room.room_name, room.host_name, room.candidate_name, room.candidate_position)
    numbers = (room.room_id, shown_number(room.room_id), room.candidate_phone)
    found = {term[:length] for term in map(term_of, names) for length in range(1, len(term) + 1)}
    found |= {term[:length] for term in map(term_of, numbers) for length in range(SHORTEST_ID_TERM, len(term) + 1)}
    return sorted(found)


def shown_number(room_id: str) -> str:
    """`AD-<instant>`, as people see the number of a room that a client of today named; else empty."""
    parts = room_id.split("_")
    return f"AD-{parts[1]}" if len(parts) > 1 and parts[0] == "room" and parts[1].isdecimal() else ""
