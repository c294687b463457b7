"""One event to many: encoded once, staged for every receiver in order, written at the end of the loop turn."""

import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from realtime.engineio.frames import Message, event_message
from realtime.engineio.metrics import RealtimeMetrics
from realtime.engineio.write_batch import Turns
from realtime.socketio.client_manager import Rooms

log = logging.getLogger("error.fanout")


@dataclass(frozen=True, slots=True)
class Delivery:
    namespace: str
    rooms: tuple[str, ...]
    """Their union: a socket in several of them gets the event once."""
    event: str
    payload: Mapping[str, object]
    """Always an object: a bare string as last argument would be taken for an offset."""
    offset: str | None = None
    """Must arrive: goes out as last argument, where Socket.IO's connection state recovery looks for it."""
    latest_key: str | None = None
    """Only the newest matters: a client that lags behind skips older values of the same key."""
    at: float | None = None
    """When the fact happened, in epoch seconds."""
    _message: list[Message] = field(default_factory=list, init=False, repr=False, compare=False)

    def message(self) -> Message:
        """Encoded at the first call and kept, since history is replayed to many clients."""
        if not self._message:
            arguments: list[object] = [self.event, self.payload]
            if self.offset is not None:
                arguments.append(self.offset)
            self._message.append(event_message(self.namespace, arguments, self.latest_key))
        return self._message[0]


def encoded(deliveries: Iterable[Delivery]) -> Iterator[tuple[Delivery, Message]]:
    """One that is not JSON is a bug of whoever made it; it must not keep the others from arriving."""
    for delivery in deliveries:
        try:
            message = delivery.message()
        except (TypeError, ValueError):
            log.exception("fanout.not_json", extra={"namespace": delivery.namespace, "event": delivery.event})
        else:
            yield delivery, message


class Fanout:
    def __init__(self, rooms: Rooms, turns: Turns, metrics: RealtimeMetrics) -> None:
        self._rooms = rooms
        self._turns = turns
        self._metrics = metrics

    def deliver(self, deliveries: Sequence[Delivery]) -> None:
        """Takes the receivers now; writes at the end of this turn and, to many, during the next ones.

        Every socket gets its events in the order of calls, and in order with everything else that is sent to it.
        """
        dated: list[float] = []
        heard = (each for each in deliveries if self._rooms.has_receivers(each.namespace, each.rooms))
        for delivery, message in encoded(heard):
            receivers = self._rooms.receivers(delivery.namespace, delivery.rooms)
            self._turns.stage(message, receivers)
            self._metrics.deliveries.labels(delivery.namespace).inc(len(receivers))
            self._metrics.bytes.labels(delivery.namespace).inc(len(message.wire) * len(receivers))
            if delivery.at is not None:
                dated.append(delivery.at)
        if dated:
            self._turns.when_written(lambda: self._observe(dated))

    def _observe(self, dated: Iterable[float]) -> None:
        now = time.time()
        for at in dated:
            self._metrics.event_age.observe(max(0.0, now - at))
