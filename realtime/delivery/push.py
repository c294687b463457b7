"""Pushes: the events that namespaces send, with payload and delivery guarantee, for sending and documentation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel

from domain.shared.events import StreamEntry
from domain.shared.text import Text
from realtime.socketio.delivery import Delivery

P = TypeVar("P", bound=BaseModel)


@dataclass(frozen=True)
class Push(Generic[P]):
    event: str
    payload: type[P]
    about: Text
    must_arrive: bool = False
    """Has an offset as last argument and is sent again to a client that reconnects."""
    latest_only: bool = False
    """A client that lags behind skips older values."""

    def delivery(self, namespace: str, rooms: Sequence[str], payload: P, entry: StreamEntry | None = None) -> Delivery:
        """`entry`: of the event that the push translates; without it, the push shows a state."""
        return Delivery(
            namespace,
            tuple(rooms),
            self.event,
            payload.model_dump(mode="json", by_alias=True),
            offset=entry.offset if entry is not None and self.must_arrive else None,
            latest_key=self.event if self.latest_only else None,
            at=None if entry is None else entry.event.at.timestamp(),
        )
