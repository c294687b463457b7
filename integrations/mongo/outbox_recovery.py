"""Recovers events that were left in their documents: by app processes that died, and by this one."""

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase

from domain.shared.background import BackgroundJob, Every
from domain.shared.errors import DomainError
from domain.shared.tasks import stop_if_cancelled
from integrations.mongo.failures import store_failures
from integrations.mongo.outbox import NUMBER, OUTBOX, WRITER, LeftEntry, Outbox, OutboxEntry, decode_entries
from integrations.mongo.outbox_relay import MAX_BATCH, OutboxRelay
from integrations.mongo.outbox_writers import ALIVE_SECONDS, OutboxWriters, Progress

log = logging.getLogger("error.outbox")

EVERY_SECONDS = 3.0
LEASE_SECONDS = 30.0
NEVER_STORED_AFTER_SECONDS = 60.0
"""A save whose outcome is unknown has not reached the store if its event is not in the document by then."""

Document = Mapping[str, Any]


class RecoveredRepository(Protocol):
    """The operations that the recovery needs of a repository."""

    collection: "AsyncIOMotorCollection[dict[str, Any]]"

    async def complete_saves(self, ids: Sequence[ObjectId]) -> None:
        """Does what follows the save of these documents and is not part of their write. Raises Unavailable."""


class OutboxRecovery:
    """A document shows which process saved it last: its events stay in it until the next save. So the documents of a
    dead process are found by one scan of each collection."""

    def __init__(
        self,
        outbox: Outbox,
        database: "AsyncIOMotorDatabase[dict[str, Any]]",
        repositories: Sequence[RecoveredRepository],
        relay: OutboxRelay,
    ) -> None:
        self._outbox = outbox
        self._writers = OutboxWriters(database)
        self._repositories = {repository.collection.name: repository for repository in repositories}
        self._relay = relay
        self._after_outage_at = -ALIVE_SECONDS
        """When the store was seen again after it had been away."""
        self._store_was_away = False

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        return (
            BackgroundJob(
                "outbox-recovery", Every(EVERY_SECONDS, at_start=False), self.recover_dead, lease_seconds=LEASE_SECONDS
            ),
            BackgroundJob("outbox-left", Every(EVERY_SECONDS, at_start=False), self.retry_left),
        )

    async def recover_dead(self) -> int:
        """Relays the events of dead app processes; returns their number. Raises Unavailable."""
        relayed = 0
        for writer in await self._dead_writers():
            try:
                if "recoveredAt" in writer or await self._writers.declare_dead(writer["_id"]):
                    relayed += await self._recover(writer)
            except DomainError:
                raise
            except Exception:  # the others go on
                log.exception("outbox.not_recovered", extra={"writer": writer["_id"]})
        return relayed

    async def _dead_writers(self) -> list[Document]:
        """None for a while after the store was away: living processes could give no sign of life either."""
        try:
            found = await self._writers.dead()
        except DomainError:
            self._store_was_away = True
            raise
        if self._store_was_away:
            self._store_was_away, self._after_outage_at = False, time.monotonic()
        if time.monotonic() - self._after_outage_at < ALIVE_SECONDS:
            return []
        return [writer for writer in found if not self._outbox.is_own({WRITER: writer["_id"]})]

    async def _recover(self, writer: Document) -> int:
        progress, relayed, left, last = Progress.of(writer), 0, set[int](), 0
        for name, repository in self._repositories.items():
            async for documents in self._documents_of(repository, writer["_id"]):
                await repository.complete_saves([document["_id"] for document in documents])
                found = [_unrelayed_up_to(document[OUTBOX], writer["_id"], progress) for document in documents]
                entries = [
                    decode_entries(name, document["_id"], records)
                    for document, records in zip(documents, found, strict=True)
                ]
                failed = await self._relay_in_order(entries)
                own = [record[NUMBER] for records in found for record in records if record.get(WRITER) == writer["_id"]]
                known = {entry.number for each in entries for entry in each if entry.writer == writer["_id"]}
                left |= {number for number in own if number not in known}  # of a newer version
                left |= {entry.number for entry in failed if entry.writer == writer["_id"]}
                last = max([last, *own])
                relayed += sum(map(len, entries)) - len(failed)
                stop_if_cancelled()
        await self._writers.recovered(writer, left, last)
        if relayed:
            log.warning("outbox.recovered", extra={"writer": writer["_id"], "events": relayed, "left": len(left)})
        return relayed

    async def _documents_of(self, repository: RecoveredRepository, writer: str) -> Any:
        """Batches of the documents that this writer saved last."""
        batch: list[dict[str, Any]] = []
        with store_failures():
            async for document in repository.collection.find({f"{OUTBOX}.{WRITER}": writer}, {OUTBOX: 1}):
                batch.append(document)
                if len(batch) >= MAX_BATCH:
                    yield batch
                    batch = []
        if batch:
            yield batch

    async def _relay_in_order(self, by_document: Sequence[Sequence[OutboxEntry]]) -> list[OutboxEntry]:
        """Documents are ordered by their oldest event. Within a document the stored order counts: ids of several
        processes do not tell it. Returns what could not be relayed."""
        ordered = sorted(filter(None, by_document), key=lambda entries: entries[0].event.id)
        return list(await self._relay.relay([entry for entries in ordered for entry in entries]))

    async def retry_left(self) -> int:
        """Relays events that this process had left in their documents; returns their number. Raises Unavailable."""
        batch = dict(list(self._outbox.left.items())[:MAX_BATCH])
        relayed = 0
        for name in {entry.collection for entry in batch.values()}:
            relayed += await self._retry_in(
                name, {number: entry for number, entry in batch.items() if entry.collection == name}
            )
        self._try_others_first(batch)
        return relayed

    async def _retry_in(self, name: str, left: Mapping[int, LeftEntry]) -> int:
        keys = {entry.document_id for entry in left.values()}
        repository = self._repositories[name]
        with store_failures():
            found = await repository.collection.find({"_id": {"$in": list(keys)}}, {OUTBOX: 1}).to_list(len(keys))
        stored = {
            document["_id"]: [record for record in document.get(OUTBOX, ()) if self._outbox.is_left(record)]
            for document in found
        }
        numbers = {record[NUMBER] for records in stored.values() for record in records}
        await repository.complete_saves([key for key, records in stored.items() if records])
        entries = [decode_entries(name, key, records) for key, records in stored.items()]
        failed = await self._relay_in_order(entries)
        self._give_up(number for number in left if number not in numbers)
        return sum(map(len, entries)) - len(failed)

    def _try_others_first(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            if (entry := self._outbox.left.pop(number, None)) is not None:
                self._outbox.left[number] = entry

    def _give_up(self, numbers: Iterable[int]) -> None:
        """Those of the events that have not reached the store by now never will."""
        before = time.monotonic() - NEVER_STORED_AFTER_SECONDS
        left = self._outbox.left
        self._outbox.settle_numbers([number for number in numbers if number in left and left[number].since < before])


def _unrelayed_up_to(records: Sequence[Document], writer: str, progress: Progress) -> Sequence[Document]:
    """The records up to the writer's last unrelayed one, without its relayed ones; so none overtakes an earlier one of
    another writer, which may be relayed twice."""
    unrelayed = [
        index
        for index, record in enumerate(records)
        if record.get(WRITER) == writer and not progress.includes(record[NUMBER])
    ]
    if not unrelayed:
        return ()
    relayed = {
        index
        for index, record in enumerate(records)
        if record.get(WRITER) == writer and progress.includes(record[NUMBER])
    }
    return [record for index, record in enumerate(records[: unrelayed[-1] + 1]) if index not in relayed]
