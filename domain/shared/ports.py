"""What every area needs from outside."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from domain.shared.events import DomainEvent, StreamEntry, StreamState


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant, UTC, in whole milliseconds (what storage keeps)."""


class IdGenerator(Protocol):
    def next_id(self) -> str:
        """A new 24-digit hexadecimal id, in order of creation to the second: the form of today's document ids."""

    def secret(self) -> str:
        """A new unguessable URL-safe text with 256 random bits."""


class RateLimiter(Protocol):
    async def hit(self, key: str, limit: int, window_seconds: int, cost: int = 1) -> None:
        """Count one use of `key`. Raises RateLimited when more than `limit` fell into the sliding window."""

    async def check(self, key: str, limit: int, window_seconds: int) -> None:
        """Raises RateLimited when `key` has used up its window; counts nothing."""

    async def forgive(self, key: str) -> None:
        """Forget what was counted for `key`."""


class EventPublisher(Protocol):
    async def publish(self, events: Sequence[DomainEvent]) -> None:
        """Tell all workers of facts that no document keeps (presence, statistics). Raises Unavailable."""


class DurableFollower(Protocol):
    """Someone who must be told of an event before it leaves the outbox."""

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        """Take them into account, once, however often they come. When it raises, all of them come again."""


Subscriptions = Mapping[type[DomainEvent], Sequence[DurableFollower]]
"""Event type → the followers that are told of it durably."""


class Lease(Protocol):
    async def acquire(self, name: str, seconds: float) -> bool:
        """True for one holder at a time, who keeps it by asking again; it ends by itself after `seconds`."""


class EventStream(Protocol):
    """The bus as it is read: every worker sees the same entries in the same order."""

    async def state(self) -> StreamState:
        """Raises Unavailable."""

    async def history(self, after: str, until: str) -> Sequence[StreamEntry]:
        """The entries with `after` < offset <= `until`, as far as they are still kept. Raises Unavailable."""

    def follow(self, after: str) -> AsyncIterator[Sequence[StreamEntry] | StreamState]:
        """Everything that comes after `after`, for ever, whatever happens to the store in between.

        Yields the entries in batches, and a `StreamState` at the start and whenever the epoch turned out to be another
        one: what was published before may then be missing.
        """
