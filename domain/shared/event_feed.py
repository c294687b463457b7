"""The event feed: one reader of the event stream in an app process; it hands every entry to all consumers in order."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Protocol

from domain.shared.errors import Unavailable
from domain.shared.events import STREAM_START, StreamEntry, StreamState, parse_offset
from domain.shared.parts import parts_of
from domain.shared.ports import EventStream
from domain.shared.tasks import stop_if_cancelled

log = logging.getLogger("error.event_feed")

_ENTRIES_PER_TURN = 50
_LONGEST_DELAY_SECONDS = 1.0
_AFTER_FAILURE_SECONDS = 0.5


class EventConsumer(Protocol):
    """A projection in memory that follows the stream. All methods are quick and synchronous: between two awaits of any
    other code, all consumers have seen the same entries."""

    def begin(self, state: StreamState, past: Sequence[StreamEntry]) -> None:
        """Called once, before `take`: the stream's state, and the entries up to its head that are still kept."""

    def take(self, entries: Sequence[StreamEntry]) -> None:
        """The next entries. After an error the same ones may come again."""

    def history_lost(self, state: StreamState) -> None:
        """The stream lost its memory: entries may be missing for good."""


class EventFeed:
    """Consumers are called in the order in which they are given."""

    def __init__(self, stream: EventStream, consumers: Sequence[EventConsumer]) -> None:
        self._stream = stream
        self._consumers = tuple(consumers)
        self._position = STREAM_START
        self._epoch = ""
        self._started = asyncio.Event()

    @property
    def started(self) -> bool:
        """All consumers have begun."""
        return self._started.is_set()

    async def until_started(self) -> None:
        await self._started.wait()

    async def run(self) -> None:
        """Read until cancelled, whatever the store does."""
        await self._start()
        while True:
            try:
                await self._follow()
            except Exception:  # no consumer would see anything any more; the feed goes on where it stopped
                log.exception("event_feed.failed", extra={"position": self._position})
                await asyncio.sleep(_AFTER_FAILURE_SECONDS)
            stop_if_cancelled()

    async def _start(self) -> None:
        delay = 0.1
        while True:
            try:
                state = await self._stream.state()
                past = await self._stream.history(STREAM_START, state.head)
                after = await self._stream.state()  # the stream may have been trimmed during the read
                break
            except Unavailable:
                log.warning("event_feed.start_retries", extra={"seconds": delay})
                await asyncio.sleep(delay)
                delay = min(delay * 2, _LONGEST_DELAY_SECONDS)
                stop_if_cancelled()
        state = state.model_copy(update={"complete_after": after.complete_after})
        for consumer in self._consumers:
            consumer.begin(state, past)
        self._position, self._epoch = state.head, state.epoch
        self._started.set()

    async def _follow(self) -> None:
        async for batch in self._stream.follow(self._position):
            if isinstance(batch, StreamState):
                self._check_epoch(batch)
                continue
            for entries in parts_of(batch, _ENTRIES_PER_TURN):
                for consumer in self._consumers:
                    consumer.take(entries)
                self._position = entries[-1].offset
                await asyncio.sleep(0)

    def _check_epoch(self, state: StreamState) -> None:
        if state.epoch == self._epoch:
            return
        log.error("event_feed.history_lost", extra={"position": self._position})
        self._epoch = state.epoch
        self._position = min(self._position, state.head, key=parse_offset)
        lost = state.model_copy(update={"head": self._position})
        for consumer in self._consumers:
            consumer.history_lost(lost)
