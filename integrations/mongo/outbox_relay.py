"""Relays stored events to their followers and the bus, and records which are relayed."""

import asyncio
import logging
import time
from collections.abc import Iterable, Sequence

from prometheus_client import CollectorRegistry, Gauge

from domain.shared.background import BackgroundJob, Every, OnSignal
from domain.shared.errors import DomainError
from domain.shared.events import DomainEvent
from domain.shared.ports import DurableFollower, EventPublisher, Subscriptions
from domain.shared.signal import Signal
from domain.shared.tasks import stop_if_cancelled
from integrations.mongo.outbox import Outbox, OutboxEntry
from integrations.mongo.outbox_writers import HEARTBEAT_SECONDS

log = logging.getLogger("error.outbox")

MAX_BATCH = 500
PROGRESS_EVERY_SECONDS = 0.2


class OutboxRelay:
    """Relays the entries of this app process at once, in batches that grow with load.

    An event is delivered to its durable followers, then published, and only then counted as relayed: at least once, and
    in the order of saving within one app process. Events of one document are relayed in the order of its saves,
    whichever process saved: unrelayed events of the loaded document are enqueued again before the new ones, and
    consumers ignore repetitions.
    """

    def __init__(
        self, outbox: Outbox, subscriptions: Subscriptions, bus: EventPublisher, registry: CollectorRegistry
    ) -> None:
        self._outbox = outbox
        self._subscriptions = subscriptions
        self._bus = bus
        self._deferred: list[OutboxEntry] = []
        """Entries that no reader looks for at once (audit rows): relayed together, a few times a second."""
        self._deferring = Signal()
        self._delivered: set[str] = set()
        """Ids of events that are delivered to their followers but not published."""
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
            BackgroundJob("outbox-deferred", OnSignal(self._deferring), self._relay_deferred),
            BackgroundJob(
                "outbox-progress",
                OnSignal(self._outbox.progressed, pause_seconds=PROGRESS_EVERY_SECONDS),
                self._outbox.store_progress,
            ),
            BackgroundJob("outbox-heartbeat", Every(HEARTBEAT_SECONDS, at_start=False), self._outbox.heartbeat),
        )

    async def _relay_pending(self) -> None:
        """Relays what is pending now; entries that arrive meanwhile have a round of their own.

        Raises DomainError when a store is down: entries stay in their documents, and the job tries again.
        """
        remaining = len(self._outbox.pending)
        try:
            while remaining > 0:
                batch = self._outbox.pending[: min(remaining, MAX_BATCH)]
                await self._relay_batch(batch)
                remaining -= len(batch)
                stop_if_cancelled()
        finally:
            self._observe()

    async def _relay_batch(self, batch: Sequence[OutboxEntry]) -> None:
        await self.relay([entry for entry in batch if not _is_deferrable(entry.event)])
        del self._outbox.pending[: len(batch)]
        deferred = [entry for entry in batch if _is_deferrable(entry.event)]
        if deferred:
            self._deferred += deferred
            self._deferring.set_within(PROGRESS_EVERY_SECONDS)

    async def _relay_deferred(self) -> None:
        """Many deferred entries need one command of their follower, and no published event waits for them."""
        deferred = self._deferred[:]
        await self.relay(deferred)
        del self._deferred[: len(deferred)]

    def _observe(self) -> None:
        pending = self._outbox.pending
        self._size.set(len(pending) + len(self._deferred))
        self._age.set(time.time() - pending[0].event.at.timestamp() if pending else 0)

    async def relay(self, batch: Sequence[OutboxEntry]) -> Iterable[OutboxEntry]:
        """Relays the batch; returns the entries that could not be relayed, and are left in their documents.

        An entry that makes a follower fail does not delay the others. Raises DomainError when a store is down; then
        none of the batch counts as relayed.
        """
        relayed = await self._relay(batch) if batch else []
        self._outbox.settle(relayed)
        if len(relayed) == len(batch):
            return ()
        ids = {entry.event.id for entry in relayed}
        failed = [entry for entry in batch if entry.event.id not in ids]
        self._outbox.leave(failed)
        return failed

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


def _is_deferrable(event: DomainEvent) -> bool:
    return not event.published and not event.delivered_before_publishing
