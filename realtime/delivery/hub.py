"""The hub: delivers events of the stream to the sockets of this app process, in order, and keeps them for recovery."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

from prometheus_client import CollectorRegistry, Gauge, Histogram

from domain.shared.events import STREAM_START, DomainEvent, StreamEntry, StreamState, parse_offset
from realtime.delivery.fanout import Fanout
from realtime.delivery.history import History
from realtime.socketio.delivery import Delivery

log = logging.getLogger("error.hub")

Translator = Callable[[StreamEntry], Sequence[Delivery]]
"""Translates an event to deliveries. A must-arrive delivery has the offset of its entry. A socket gets at most one of
them for each entry, because the offset identifies what has arrived."""
Listener = Callable[[StreamEntry], None]

HISTORY_SECONDS = 14 * 60.0
"""Less than the event stream keeps, and more than the time within which a client can be recovered."""
HISTORY_BYTES = 64 * 1024 * 1024
_FURTHER_BYTES = 2048


class Hub:
    """A consumer of the event feed."""

    def __init__(self, fanout: Fanout, registry: CollectorRegistry, max_bytes: int = HISTORY_BYTES) -> None:
        self._fanout = fanout
        self._translators: dict[str, list[Translator]] = {}
        self._listeners: dict[str, list[tuple[Listener, bool]]] = {}
        self._on_history_lost: list[Callable[[], None]] = []
        self._waiters: list[tuple[tuple[int, int], asyncio.Future[None]]] = []
        self.history = History(max_bytes, HISTORY_SECONDS)
        self.position = STREAM_START
        """All events up to this offset have been handed to the sockets."""
        self.epoch = ""
        """Empty until the hub has started."""
        self._lag = Histogram(
            "bus_lag_seconds",
            "Time from the append of an event to the stream to its delivery in this process",
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30),
            registry=registry,
        )
        self._history_bytes = Gauge(
            "hub_history_bytes",
            "Size of the event history for clients that reconnect",
            registry=registry,
            multiprocess_mode="livemax",
        )

    def translate(self, event: type[DomainEvent], translator: Translator) -> None:
        self._translators.setdefault(event.type, []).append(translator)

    def listen(self, event: type[DomainEvent], listener: Listener, *, also_past: bool = False) -> None:
        """Calls `listener` for each event of this type; `also_past`: for those from before the start, too."""
        self._listeners.setdefault(event.type, []).append((listener, also_past))

    def on_history_lost(self, callback: Callable[[], None]) -> None:
        """Calls back when events may have been lost for good, because the event stream lost its data."""
        self._on_history_lost.append(callback)

    @property
    def started(self) -> bool:
        return bool(self.epoch)

    async def reached(self, offset: str, seconds: float) -> bool:
        """Waits until all events up to `offset` have been delivered here. False if that takes longer than `seconds`."""
        order = parse_offset(offset)
        if parse_offset(self.position) >= order:
            return True
        arrived: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append((order, arrived))
        try:
            async with asyncio.timeout(seconds):
                await arrived
        except TimeoutError:
            return False
        return True

    def begin(self, state: StreamState, past: Sequence[StreamEntry]) -> None:
        self.history.restart(state.complete_after)
        for entry in past:
            self._keep(entry, self._translated(entry))
            self._call_listeners(entry, past=True)
        self.position, self.epoch = state.head, state.epoch

    def history_lost(self, state: StreamState) -> None:
        self.epoch, self.position = state.epoch, state.head
        self.history.restart(self.position)
        for callback in self._on_history_lost:
            callback()

    def take(self, entries: Sequence[StreamEntry]) -> None:
        """Deliver entries to the sockets of this process. Entries that were delivered before are skipped."""
        done = parse_offset(self.position)
        if parse_offset(entries[0].offset) <= done:
            entries = [entry for entry in entries if parse_offset(entry.offset) > done]
        if not entries:
            return
        deliveries: list[Delivery] = []
        for entry in entries:
            translated = self._translated(entry)
            self._keep(entry, translated)
            deliveries += translated
            if entry.event.type in self._listeners:
                # A listener may remove sockets from rooms: later events must not reach them.
                self._fanout.deliver(deliveries)
                deliveries = []
                self.position = entry.offset
                self._call_listeners(entry, past=False)
        self._fanout.deliver(deliveries)
        newest = entries[-1].offset
        self.position = newest
        self._lag.observe(max(0.0, time.time() - parse_offset(newest)[0] / 1000))
        self._history_bytes.set(self.history.bytes)
        self._wake()

    def send(self, deliveries: Sequence[Delivery]) -> None:
        """Sends values that belong to no event, such as counts; nothing is kept for clients that reconnect."""
        self._fanout.deliver(deliveries)

    def _translated(self, entry: StreamEntry) -> list[Delivery]:
        found: list[Delivery] = []
        for translator in self._translators.get(entry.event.type, ()):
            try:
                found += translator(entry)
            except Exception:  # one event that cannot be translated must not stop later ones
                log.exception("hub.translation_failed", extra={"event": entry.event.type, "offset": entry.offset})
        return found

    def _call_listeners(self, entry: StreamEntry, *, past: bool) -> None:
        for listener, also_past in self._listeners.get(entry.event.type, ()):
            if past and not also_past:
                continue
            try:
                listener(entry)
            except Exception:
                log.exception("hub.listener_failed", extra={"event": entry.event.type, "offset": entry.offset})

    def _keep(self, entry: StreamEntry, deliveries: Sequence[Delivery]) -> None:
        """Deliveries of one event share its objects; each has a payload of its own, and later an encoded frame."""
        for number, delivery in enumerate(deliveries):
            self.history.add(delivery, min(entry.size * 4, _FURTHER_BYTES) if number else entry.size * 4)

    def _wake(self) -> None:
        order = parse_offset(self.position)
        waiting = self._waiters
        if waiting:
            self._waiters = [waiter for waiter in waiting if waiter[0] > order and not waiter[1].done()]
            for due, arrived in waiting:
                if due <= order and not arrived.done():
                    arrived.set_result(None)
