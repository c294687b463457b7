"""A delivery: one event for the sockets of some rooms, encoded once for all of them."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from realtime.engineio.frames import Message
from realtime.socketio.packet_encoder import event_message

log = logging.getLogger("error.fanout")


@dataclass(frozen=True, slots=True)
class Delivery:
    namespace: str
    rooms: tuple[str, ...]
    """A socket in several of them receives the event once."""
    event: str
    payload: Mapping[str, object] | int
    """Never a text: a bare string as last argument would be taken for an offset."""
    offset: str | None = None
    """Marks a must-arrive event: sent as last argument, where Socket.IO's connection state recovery expects it."""
    latest_key: str | None = None
    """Marks a latest-only event: a client that lags behind skips older values of the same key."""
    at: float | None = None
    """When the event happened, in epoch seconds."""
    _message: list[Message] = field(default_factory=list, init=False, repr=False, compare=False)

    def message(self) -> Message:
        """Encoded at the first call and kept, because history is replayed to many clients."""
        if not self._message:
            arguments: list[object] = [self.event, self.payload]
            if self.offset is not None:
                arguments.append(self.offset)
            self._message.append(event_message(self.namespace, arguments, self.latest_key))
        return self._message[0]


def encode_deliveries(deliveries: Iterable[Delivery]) -> Iterator[tuple[Delivery, Message]]:
    """Skips and logs a delivery that is not JSON, so that the bug of one event does not stop the others."""
    for delivery in deliveries:
        try:
            message = delivery.message()
        except (TypeError, ValueError):
            log.exception("fanout.not_json", extra={"namespace": delivery.namespace, "event": delivery.event})
        else:
            yield delivery, message
