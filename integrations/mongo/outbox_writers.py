"""The progress of outbox writers: which of the events that each app process has stored are relayed.

A relayed event stays in its document until the next save of that document, because removing it would cost as much as
the save did. What is relayed is told by one small document for each writer, which is replaced a few times a second.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from motor.motor_asyncio import AsyncIOMotorDatabase

from integrations.mongo.failures import store_failures

COLLECTION: Final = "outbox_writers"
ALIVE_SECONDS: Final = 10.0
"""A writer without a heartbeat for so long counts as dead, and its events are recovered."""
HEARTBEAT_SECONDS: Final = 3.0
RECOVERED_TWICE_AFTER_SECONDS: Final = 60.0
"""A write that was under way when its process was paused may arrive after the first recovery."""
LEFT_RETRIED_AFTER_SECONDS: Final = 600.0
"""Events of a dead writer that could not be relayed: each try scans the collections."""
MAX_EXCEPTIONS: Final = 1_000

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Progress:
    """Relayed are all numbers up to `relayed`, without `exceptions`."""

    relayed: int
    exceptions: frozenset[int] = frozenset()

    def includes(self, number: int) -> bool:
        return number <= self.relayed and number not in self.exceptions

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Progress":
        return cls(document["relayed"], frozenset(document.get("exceptions", ())))

    def to_fields(self) -> Document:
        return {"relayed": self.relayed, "exceptions": sorted(self.exceptions)}


EVERYTHING = Progress(2**62)
"""The progress of a writer without a document: its events are relayed, or were recovered after its death."""


@dataclass
class OutboxWriter:
    """One writer: an app process, until it ends or is declared dead. Its events are numbered from 1 in the order of
    saving."""

    id: str = field(default_factory=lambda: secrets.token_hex(8))
    last_number: int = 0
    waiting: dict[int, bool] = field(default_factory=dict)
    """Numbers of events that are being stored or relayed, in ascending order; True when the relay has the event."""
    exceptions: set[int] = field(default_factory=set)
    """Numbers of events that are left in their documents, to be tried again."""

    def next_number(self) -> int:
        self.last_number += 1
        self.waiting[self.last_number] = False
        return self.last_number

    def settle(self, number: int) -> None:
        """The event is relayed, or is certain never to be stored."""
        self.waiting.pop(number, None)
        self.exceptions.discard(number)

    def leave(self, number: int) -> None:
        self.waiting.pop(number, None)
        self.exceptions.add(number)

    def queue(self, number: int) -> bool:
        """Marks the event as queued for the relay; False if it is queued or relayed already."""
        if number in self.waiting:
            queued, self.waiting[number] = self.waiting[number], True
            return not queued
        return number in self.exceptions

    def has_relayed(self, number: int) -> bool:
        return number not in self.waiting and number not in self.exceptions

    @property
    def is_done(self) -> bool:
        return not self.waiting and not self.exceptions

    @property
    def progress(self) -> Progress:
        """The progress to store; with very many exceptions it says less than what is relayed."""
        relayed = next(iter(self.waiting), self.last_number + 1) - 1
        if len(self.exceptions) <= MAX_EXCEPTIONS:
            return Progress(relayed, frozenset(number for number in self.exceptions if number <= relayed))
        return Progress(min(relayed, min(self.exceptions) - 1))


class OutboxWriters:
    """The documents of all writers."""

    def __init__(self, database: "AsyncIOMotorDatabase[Document]") -> None:
        self._writers = database[COLLECTION]

    async def register(self, writer: str) -> None:
        """Call it before the writer's first event is stored. Raises Unavailable."""
        with store_failures():
            await self._writers.insert_one({"_id": writer, "relayed": 0, "aliveUntil": _alive_until()})

    async def adopt(self, writer: str) -> None:
        """Lets the events of this writer be recovered, as of one that has died. Idempotent. Raises Unavailable."""
        fields = {"relayed": 0, "aliveUntil": datetime.now(UTC)}
        with store_failures():
            await self._writers.update_one({"_id": writer}, {"$setOnInsert": fields}, upsert=True)

    async def store(self, writer: OutboxWriter) -> bool:
        """Stores the progress of a writer that is alive; False if it was declared dead. Raises Unavailable."""
        change = {**writer.progress.to_fields(), "aliveUntil": _alive_until()}
        with store_failures():
            stored = await self._writers.update_one({"_id": writer.id, "recoveredAt": None}, {"$set": change})
        return bool(stored.matched_count)

    async def hand_over(self, writer: OutboxWriter) -> None:
        """The writer has ended before its events. Raises Unavailable."""
        change = {**writer.progress.to_fields(), "aliveUntil": datetime.now(UTC)}
        with store_failures():
            await self._writers.update_one({"_id": writer.id, "recoveredAt": None}, {"$set": change})

    async def retire(self, writer: str) -> None:
        """The writer has ended, and all of its events are relayed. Raises Unavailable."""
        with store_failures():
            await self._writers.delete_one({"_id": writer})

    async def all(self) -> dict[str, Progress]:
        """Raises Unavailable."""
        with store_failures():
            return {each["_id"]: Progress.of(each) async for each in self._writers.find({})}

    async def dead(self) -> list[Document]:
        """Writers whose events must be recovered, now or a second time. Raises Unavailable."""
        now = datetime.now(UTC)
        with store_failures():
            found = [each async for each in self._writers.find({})]
        return [each for each in found if each.get("recoverAt", each["aliveUntil"]) < now]

    async def declare_dead(self, writer: str) -> bool:
        """False if the writer has given a sign of life meanwhile. Raises Unavailable."""
        now = datetime.now(UTC)
        with store_failures():
            declared = await self._writers.update_one(
                {"_id": writer, "aliveUntil": {"$lt": now}}, {"$set": {"recoveredAt": now}}
            )
        return bool(declared.matched_count)

    async def recovered(self, writer: Mapping[str, Any], left: Iterable[int], last_number: int) -> None:
        """`left`: events that could not be relayed and stay in their documents. Raises Unavailable.

        The first recovery changes no progress: a write that was under way may have a lower number than those found.
        """
        exceptions = frozenset(left)
        if "recoverAt" not in writer:
            change: Document = {"recoverAt": _in(RECOVERED_TWICE_AFTER_SECONDS)}
        elif exceptions:
            progress = Progress(max(last_number, writer["relayed"]), exceptions)
            change = {**progress.to_fields(), "recoverAt": _in(LEFT_RETRIED_AFTER_SECONDS)}
        else:
            await self.retire(writer["_id"])
            return
        with store_failures():
            await self._writers.update_one({"_id": writer["_id"]}, {"$set": change})


def _alive_until() -> datetime:
    return _in(ALIVE_SECONDS)


def _in(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)
