"""The relay: takes stored events to those who follow them, then removes them from their document's outbox."""

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
from integrations.mongo.outbox import Outbox, Pending, stored_events

log = logging.getLogger("error.outbox")

LARGEST_BATCH = 500
REMOVE_EVERY_SECONDS = 0.2
LARGEST_REMOVAL = 50
"""Documents: what was relayed meanwhile is taken out of them together, one command for many costs the store less."""
SWEEP_EVERY_SECONDS = 3.0
LEFT_BEHIND_SECONDS = 5
"""An entry that is older was left by a worker that died."""


class OutboxRelay:
    """At once for what this worker saved, in batches that grow with load; a leased sweep for what a dead one left.

    Durable followers are told first, then the bus, and only then the entry is removed: at least once, and in the order
    of saving within one worker. Of one document in the order of its saves, whoever saved: what is still in its outbox
    is offered again before what is new, and whoever hears it twice knows it.
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
        """`collections` are those whose documents have outboxes: the sweep looks into them."""
        self._outbox = outbox
        self._database = database
        self._collections = collections
        self._subscriptions = subscriptions
        self._bus = bus
        self._later: list[Pending] = []
        """Those that nobody looks for at once: told together, before they are removed."""
        self._told_all: list[Pending] = []
        """Relayed, and still to be taken out of their documents; nobody waits for that."""
        self._heard: set[str] = set()
        """Ids of events that durable followers know already, and the bus does not."""
        self._removable = Signal()
        self._age = Gauge(
            "outbox_oldest_seconds",
            "Age of the oldest event that waits to be relayed",
            registry=registry,
            multiprocess_mode="livemax",
        )
        self._size = Gauge(
            "outbox_waiting", "Events that wait to be relayed", registry=registry, multiprocess_mode="livesum"
        )

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        return (
            BackgroundJob("outbox-relay", OnSignal(self._outbox.arrived), self._relay_waiting),
            BackgroundJob("outbox-remove", OnSignal(self._removable), self._remove_relayed),
            BackgroundJob(
                "outbox-sweep",
                Every(SWEEP_EVERY_SECONDS, at_start=False),
                self.sweep,
                lease_seconds=SWEEP_EVERY_SECONDS * 3,
            ),
        )

    async def _relay_waiting(self) -> None:
        """Raises DomainError when a store is down: the entries are safe in their documents, and are tried again."""
        try:
            while self._outbox.waiting:
                await self._relay_batch(self._outbox.waiting[:LARGEST_BATCH])
                stop_if_cancelled()
        finally:
            self._observe()

    async def _relay_batch(self, batch: Sequence[Pending]) -> None:
        now = [pending for pending in batch if not _can_wait(pending[2])]
        told = await self._tell_what_can_be_told(now) if now else []
        del self._outbox.waiting[: len(batch)]
        self._told_all += told
        self._later += [pending for pending in batch if _can_wait(pending[2])]
        self._forget_untold(now, told)
        self._removable.set()

    async def _remove_relayed(self) -> None:
        """Beside the relaying, since a removal costs the store as much as the save did. What cannot be removed is
        found by the sweep, and told again to followers that know it."""
        await asyncio.sleep(REMOVE_EVERY_SECONDS)  # many in one command
        told_later = await self._tell_later()
        batch, self._told_all = [*self._told_all, *told_later], []
        try:
            await self._remove(batch)
        except DomainError as error:
            log.warning("outbox.left_to_sweep", extra={"code": error.code, "entries": len(batch)})
        except Exception:
            log.exception("outbox.not_removed", extra={"entries": len(batch)})
        self._outbox.forget(batch)

    async def _tell_later(self) -> Sequence[Pending]:
        """Rows of the audit log, say: many in one command, and no event on the bus waits behind them."""
        later, self._later = self._later, []
        try:
            told = await self._tell_what_can_be_told(later) if later else []
        except DomainError as error:
            log.warning("outbox.retry", extra={"code": error.code, "waiting": len(later)})
            self._later = [*later, *self._later]
            self._removable.set()
            return []
        self._forget_untold(later, told)
        return told

    def _forget_untold(self, batch: Sequence[Pending], told: Sequence[Pending]) -> None:
        if len(told) < len(batch):
            kept = {event.id for _, _, event in told}
            self._outbox.forget(pending for pending in batch if pending[2].id not in kept)

    def _observe(self) -> None:
        waiting = self._outbox.waiting
        self._size.set(len(waiting) + len(self._later))
        self._age.set(time.time() - waiting[0][2].at.timestamp() if waiting else 0)

    async def _tell_what_can_be_told(self, batch: Sequence[Pending]) -> Sequence[Pending]:
        """All of it, unless an entry is such that a follower fails over it: that one stays in its document, and holds
        nobody else up. Raises DomainError when a store is down; nothing is told for certain then."""
        try:
            await self._tell(batch)
        except DomainError:
            raise
        except Exception:
            if len(batch) == 1:
                log.exception("outbox.cannot_be_told", extra={"event": batch[0][2].id, "type": batch[0][2].type})
                return []
            return [pending for single in batch for pending in await self._tell_what_can_be_told([single])]
        return batch

    async def _tell(self, batch: Sequence[Pending]) -> None:
        """The bus waits for the followers that come before it; rows of the audit log, say, are written meanwhile."""
        events = [event for _, _, event in batch]
        # While the bus is away the same batch comes again and again: its followers have heard it.
        told = list(self._told([event for event in events if event.id not in self._heard]).values())
        before = [each for each in told if any(event.delivered_before_publishing for event in each[1])]
        beside = [each for each in told if not any(event.delivered_before_publishing for event in each[1])]
        all_before_heard = False

        async def tell_and_publish() -> None:
            nonlocal all_before_heard
            for follower, followed in before:
                await follower.follow(followed)
            all_before_heard = True
            on_bus = [event for event in events if event.published]
            if on_bus:
                await self._bus.publish(on_bus)

        others = (follower.follow(followed) for follower, followed in beside)
        outcomes = await asyncio.gather(tell_and_publish(), *others, return_exceptions=True)
        failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        ids = {event.id for event in events}
        if not failures:
            self._heard -= ids
            return
        if all_before_heard and failures == outcomes[:1]:  # the bus, and nobody else
            self._heard |= ids
        # A store that is down comes first: then nothing is told for certain, and all of it is tried again.
        raise next((failure for failure in failures if isinstance(failure, DomainError)), failures[0])

    def _told(self, events: Sequence[DomainEvent]) -> dict[int, tuple[DurableFollower, list[DomainEvent]]]:
        told: dict[int, tuple[DurableFollower, list[DomainEvent]]] = {}
        for event in events:
            for follower in self._subscriptions.get(type(event), ()):
                told.setdefault(id(follower), (follower, []))[1].append(event)
        return told

    async def _remove(self, batch: Sequence[Pending]) -> None:
        """Whatever is taken out of one document goes together: each time costs a write of all that is in it."""
        told: dict[str, dict[ObjectId, list[str]]] = {}
        for collection, document_id, event in batch:
            told.setdefault(collection, {}).setdefault(document_id, []).append(event.id)
        for collection, documents in told.items():
            keys = list(documents)
            for start in range(0, len(keys), LARGEST_REMOVAL):
                some = keys[start : start + LARGEST_REMOVAL]
                await self._remove_from(collection, {key: documents[key] for key in some})

    async def _remove_from(self, collection: str, told: Mapping[ObjectId, Sequence[str]]) -> None:
        entries = {"id": {"$in": [event_id for ids in told.values() for event_id in ids]}}
        with store_failures():
            await self._database[collection].update_many({"_id": {"$in": list(told)}}, {"$pull": {"outbox": entries}})

    async def sweep(self) -> int:
        """Relay what dead workers left behind; how many entries that were."""
        before = time.time() - LEFT_BEHIND_SECONDS
        left: list[list[Pending]] = []
        for collection in self._collections:
            with store_failures():
                # An empty array has no entry in this index, so only documents with waiting events are touched.
                found = self._database[collection].find({"outbox.id": {"$gt": ""}}, {"outbox": 1}).limit(LARGEST_BATCH)
                async for document in found:
                    events = stored_events(_left_behind(document["outbox"], before))
                    left.append([(collection, document["_id"], event) for event in events])
        # Documents by their oldest entry; within one as it was saved, which ids made by several workers do not tell.
        documents = sorted(filter(None, left), key=lambda entries: entries[0][2].id)
        batch = [pending for entries in documents for pending in entries]
        told = await self._tell_what_can_be_told(batch) if batch else []
        if told:
            await self._remove(told)
        return len(told)


def _can_wait(event: DomainEvent) -> bool:
    return not event.published and not event.delivered_before_publishing


def _left_behind(records: Sequence[Mapping[str, Any]], before: float) -> Sequence[Mapping[str, Any]]:
    """Up to the last old one: what was saved before it must not come after it."""
    old = [index for index, record in enumerate(records) if int(record["id"][:8], 16) < before]
    return records[: old[-1] + 1] if old else ()
