"""Relays stored events to followers and the bus, then removes them from the outbox arrays of their documents."""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase
from prometheus_client import CollectorRegistry, Gauge

from domain.shared.background import BackgroundJob, Every, OnSignal
from domain.shared.errors import DomainError
from domain.shared.events import DomainEvent
from domain.shared.ports import DurableFollower, EventPublisher, Subscriptions
from domain.shared.signal import Signal
from domain.shared.tasks import stop_if_cancelled
from integrations.mongo.failures import store_failures
from integrations.mongo.outbox import Outbox, OutboxEntry, decode_events

log = logging.getLogger("error.outbox")

MAX_BATCH = 500
REMOVE_EVERY_SECONDS = 0.2
MAX_DOCUMENTS_PER_REMOVAL = 50
"""Entries are removed from many documents with one command, which costs the store less than one command each."""
SWEEP_EVERY_SECONDS = 3.0
ABANDONED_AFTER_SECONDS = 5
"""An older entry was left by an app process that died."""


class OutboxRelay:
    """Relays the entries of this app process at once, in batches that grow with load; sweeps up those of dead ones.

    An event is delivered to its durable followers, then published, and only then removed: at least once, and in the
    order of saving within one app process. Events of one document are relayed in the order of its saves, whichever
    process saved: events still in the loaded outbox are enqueued again before the new ones, and consumers ignore
    repetitions.
    """

    def __init__(
        self,
        outbox: Outbox,
        database: "AsyncIOMotorDatabase[dict[str, Any]]",
        collections: Sequence[str],
        subscriptions: Subscriptions,
        bus: EventPublisher,
        registry: CollectorRegistry,
    ) -> None:
        """The sweep searches `collections`, those whose documents have outboxes."""
        self._outbox = outbox
        self._database = database
        self._collections = collections
        self._subscriptions = subscriptions
        self._bus = bus
        self._deferred: list[OutboxEntry] = []
        """Entries that no reader looks for at once (audit rows): relayed together before the next removal."""
        self._relayed: list[OutboxEntry] = []
        """Relayed, and not removed from their documents yet."""
        self._delivered: set[str] = set()
        """Ids of events that are delivered to their followers but not published."""
        self._removable = Signal()
        self._age = Gauge(
            "outbox_oldest_seconds",
            "Age of the oldest event that is not relayed yet",
            registry=registry,
            multiprocess_mode="livemax",
        )
        self._size = Gauge(
            "outbox_waiting", "Events that are not relayed yet", registry=registry, multiprocess_mode="livesum"
        )

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        return (
            BackgroundJob("outbox-relay", OnSignal(self._outbox.arrived), self._relay_pending),
            BackgroundJob("outbox-remove", OnSignal(self._removable), self._remove_relayed),
            BackgroundJob(
                "outbox-sweep",
                Every(SWEEP_EVERY_SECONDS, at_start=False),
                self.sweep,
                lease_seconds=SWEEP_EVERY_SECONDS * 3,
            ),
        )

    async def _relay_pending(self) -> None:
        """Raises DomainError when a store is down: entries stay in their documents, and the job tries again."""
        try:
            while self._outbox.pending:
                await self._relay_batch(self._outbox.pending[:MAX_BATCH])
                stop_if_cancelled()
        finally:
            self._observe()

    async def _relay_batch(self, batch: Sequence[OutboxEntry]) -> None:
        urgent = [entry for entry in batch if not _is_deferrable(entry.event)]
        relayed = await self._relay(urgent) if urgent else []
        del self._outbox.pending[: len(batch)]
        self._relayed += relayed
        self._deferred += [entry for entry in batch if _is_deferrable(entry.event)]
        self._acknowledge_undeliverable(urgent, relayed)
        self._removable.set()

    async def _remove_relayed(self) -> None:
        """Runs beside the relaying, because a removal costs the store as much as the save did.

        Entries that cannot be removed are relayed again by the sweep; their followers ignore the repetition.
        """
        await asyncio.sleep(REMOVE_EVERY_SECONDS)  # collects many removals for one command
        relayed_now = await self._relay_deferred()
        batch, self._relayed = [*self._relayed, *relayed_now], []
        try:
            await self._remove(batch)
        except DomainError as error:
            log.warning("outbox.left_to_sweep", extra={"code": error.code, "entries": len(batch)})
        except Exception:
            log.exception("outbox.not_removed", extra={"entries": len(batch)})
        self._outbox.acknowledge(batch)

    async def _relay_deferred(self) -> Sequence[OutboxEntry]:
        """Many deferred entries need one command of their follower, and no published event waits for them."""
        deferred, self._deferred = self._deferred, []
        try:
            relayed = await self._relay(deferred) if deferred else []
        except DomainError as error:
            log.warning("outbox.retry", extra={"code": error.code, "waiting": len(deferred)})
            self._deferred = [*deferred, *self._deferred]
            self._removable.set()
            return []
        self._acknowledge_undeliverable(deferred, relayed)
        return relayed

    def _acknowledge_undeliverable(self, batch: Sequence[OutboxEntry], relayed: Sequence[OutboxEntry]) -> None:
        if len(relayed) < len(batch):
            relayed_ids = {entry.event.id for entry in relayed}
            self._outbox.acknowledge(entry for entry in batch if entry.event.id not in relayed_ids)

    def _observe(self) -> None:
        pending = self._outbox.pending
        self._size.set(len(pending) + len(self._deferred))
        self._age.set(time.time() - pending[0].event.at.timestamp() if pending else 0)

    async def _relay(self, batch: Sequence[OutboxEntry]) -> Sequence[OutboxEntry]:
        """Relays the batch and returns the relayed entries.

        An entry that makes a follower fail stays in its document and does not delay the others. Raises DomainError when
        a store is down; then none of the batch counts as relayed.
        """
        try:
            await self._deliver_and_publish([entry.event for entry in batch])
        except DomainError:
            raise
        except Exception:
            if len(batch) == 1:
                event = batch[0].event
                log.exception("outbox.cannot_be_told", extra={"event": event.id, "type": event.type})
                return []
            return [entry for single in batch for entry in await self._relay([single])]
        return batch

    async def _deliver_and_publish(self, events: Sequence[DomainEvent]) -> None:
        """Publishes after the followers that must come first; the others are served at the same time."""
        # While the bus is down the same batch is repeated, and its followers have handled it already.
        deliveries = self._deliveries([event for event in events if event.id not in self._delivered])
        first = [each for each in deliveries if any(event.delivered_before_publishing for event in each[1])]
        others = [each for each in deliveries if not any(event.delivered_before_publishing for event in each[1])]
        first_delivered = False

        async def deliver_then_publish() -> None:
            nonlocal first_delivered
            for follower, followed in first:
                await follower.follow(followed)
            first_delivered = True
            published = [event for event in events if event.published]
            if published:
                await self._bus.publish(published)

        beside = (follower.follow(followed) for follower, followed in others)
        outcomes = await asyncio.gather(deliver_then_publish(), *beside, return_exceptions=True)
        failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        ids = {event.id for event in events}
        if not failures:
            self._delivered -= ids
            return
        if first_delivered and failures == outcomes[:1]:  # only the bus failed
            self._delivered |= ids
        # A store that is down takes precedence: then the whole batch is tried again.
        raise next((failure for failure in failures if isinstance(failure, DomainError)), failures[0])

    def _deliveries(self, events: Sequence[DomainEvent]) -> list[tuple[DurableFollower, list[DomainEvent]]]:
        """Each follower with its events."""
        deliveries: dict[int, tuple[DurableFollower, list[DomainEvent]]] = {}
        for event in events:
            for follower in self._subscriptions.get(type(event), ()):
                deliveries.setdefault(id(follower), (follower, []))[1].append(event)
        return list(deliveries.values())

    async def _remove(self, batch: Sequence[OutboxEntry]) -> None:
        """Removes all entries of one document together, because each removal rewrites the whole document."""
        event_ids: dict[str, dict[ObjectId, list[str]]] = {}
        for collection, document_id, event in batch:
            event_ids.setdefault(collection, {}).setdefault(document_id, []).append(event.id)
        for collection, by_document in event_ids.items():
            keys = list(by_document)
            for start in range(0, len(keys), MAX_DOCUMENTS_PER_REMOVAL):
                some = keys[start : start + MAX_DOCUMENTS_PER_REMOVAL]
                await self._remove_from(collection, {key: by_document[key] for key in some})

    async def _remove_from(self, collection: str, event_ids: Mapping[ObjectId, Sequence[str]]) -> None:
        entries = {"id": {"$in": [event_id for ids in event_ids.values() for event_id in ids]}}
        with store_failures():
            await self._database[collection].update_many(
                {"_id": {"$in": list(event_ids)}}, {"$pull": {"outbox": entries}}
            )

    async def sweep(self) -> int:
        """Relays the entries that dead app processes left behind; returns their number."""
        before = time.time() - ABANDONED_AFTER_SECONDS
        found: list[list[OutboxEntry]] = []
        for collection in self._collections:
            with store_failures():
                # An empty array has no entry in this index, so only documents with events are read.
                documents = self._database[collection].find({"outbox.id": {"$gt": ""}}, {"outbox": 1}).limit(MAX_BATCH)
                async for document in documents:
                    events = decode_events(_abandoned(document["outbox"], before))
                    found.append([OutboxEntry(collection, document["_id"], event) for event in events])
        # Documents are ordered by their oldest event. Within a document the stored order counts: ids of several
        # processes do not tell it.
        by_document = sorted(filter(None, found), key=lambda entries: entries[0].event.id)
        batch = [entry for entries in by_document for entry in entries]
        relayed = await self._relay(batch) if batch else []
        if relayed:
            await self._remove(relayed)
        return len(relayed)


def _is_deferrable(event: DomainEvent) -> bool:
    return not event.published and not event.delivered_before_publishing


def _abandoned(records: Sequence[Mapping[str, Any]], before: float) -> Sequence[Mapping[str, Any]]:
    """The records up to the last one that is older than `before`, so that no record overtakes an earlier one."""
    old = [index for index, record in enumerate(records) if int(record["id"][:8], 16) < before]
    return records[: old[-1] + 1] if old else ()
