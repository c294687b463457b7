"""An event on its way to the sockets of some rooms, encoded once for all of them."""

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
