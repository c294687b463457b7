"""Ports that every area uses: clock, ids, rate limits, events, leases."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from domain.shared.events import DomainEvent, StreamEntry, StreamState


class Clock(Protocol):
    def now(self) -> datetime:
        """The current instant, in UTC and whole milliseconds, as storage keeps it."""


class IdGenerator(Protocol):
    def next_id(self) -> str:
        """A new id of 24 hexadecimal digits (a MongoDB ObjectId). Ids of different seconds sort by creation."""

    def secret(self) -> str:
        """A new random URL-safe text with 256 bits."""


class RateLimiter(Protocol):
    async def hit(self, key: str, limit: int, window_seconds: int, cost: int = 1) -> None:
        """Counts `cost` uses of `key`. Raises RateLimited when the sliding window would exceed `limit`."""


class EventPublisher(Protocol):
    async def publish(self, events: Sequence[DomainEvent]) -> None:
        """Publishes events to all app processes, without storing them in a document. Raises Unavailable."""


class DurableFollower(Protocol):
    """A follower to which an event must be delivered before it leaves the outbox."""

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        """Handles the events idempotently: they may be delivered again. After an error all of them are."""


Subscriptions = Mapping[type[DomainEvent], Sequence[DurableFollower]]
"""Event type → its durable followers."""


class Lease(Protocol):
    async def acquire(self, name: str, seconds: float) -> bool:
        """True for one holder at a time. The holder extends the lease by calling again; it expires after `seconds`."""


class EventStream(Protocol):
    """The bus as consumers read it: every app process sees the same entries in the same order."""

    async def state(self) -> StreamState:
        """Raises Unavailable."""

    async def history(self, after: str, until: str) -> Sequence[StreamEntry]:
        """The entries with `after` < offset <= `until` that are still kept. Raises Unavailable."""

    def follow(self, after: str) -> AsyncIterator[Sequence[StreamEntry] | StreamState]:
        """All entries after `after`, without end; continues after outages of the store.

        Yields entries in batches, and a `StreamState` at the start and whenever the epoch has changed: earlier entries
        may then be missing.
        """
