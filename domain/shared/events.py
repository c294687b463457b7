"""Domain events, and the positions of the stream that carries them between app processes.

Events are stored with their entity (transactional outbox) and then relayed to followers and the bus. Delivery is at
least once: a consumer that receives an event again (same `id`) must change nothing.
"""

import json
from typing import Any, ClassVar

from domain.shared.model import Instant, Model

_TYPES: dict[str, type["DomainEvent"]] = {}


class DomainEvent(Model):
    """A past-tense statement about an entity. `type` is its stable name in storage and on the bus."""

    type: ClassVar[str]
    published: ClassVar[bool] = True
    """False for events that only durable followers read; they are not published to other app processes."""
    delivered_before_publishing: ClassVar[bool] = True
    """True if its followers must have handled it before the events saved with it are published; False when no reader
    of those events looks for it at that moment (audit rows)."""

    id: str
    at: Instant

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        name = cls.__dict__.get("type")
        if name is None:
            return  # an abstract class between DomainEvent and an event
        if name in _TYPES:
            raise TypeError(f"two events are called {name!r}")
        _TYPES[name] = cls

    def to_record(self) -> dict[str, Any]:
        """The stored form: plain values and `type`, with camelCase names."""
        return {"type": self.type, **self.model_dump(by_alias=True, exclude_none=True)}

    def to_json(self) -> str:
        """The form on the bus."""
        return f'{{"type":"{self.type}",{self.model_dump_json(by_alias=True, exclude_none=True)[1:]}'


def event_from_record(record: dict[str, Any]) -> DomainEvent:
    """The event that `to_record` stored. KeyError: a type that this version does not know."""
    fields = dict(record)
    return _TYPES[fields.pop("type")].model_validate(fields)


def event_from_json(text: bytes) -> DomainEvent:
    """The event that `to_json` wrote. KeyError: a type that this version does not know; ValueError: not an event."""
    return event_from_record(json.loads(text))


class StreamEntry(Model):
    """An event as app processes read it from the bus. `offset` increases and is the same in every process."""

    offset: str
    event: DomainEvent
    size: int = 0
    """Bytes on the bus: a measure of the memory that keeping it costs."""


class StreamState(Model):
    """The position of the bus."""

    epoch: str
    """Changes when the stream was recreated; offsets of another epoch cannot be compared."""
    head: str
    """The offset of the newest entry that was ever added."""
    complete_after: str
    """Everything after this offset is still kept."""


STREAM_START = "0-0"


def parse_offset(offset: str) -> tuple[int, int]:
    """The offset as a pair that compares in stream order. Raises ValueError for invalid text."""
    milliseconds, _, number = offset.partition("-")
    if not (milliseconds.isascii() and milliseconds.isdigit() and number.isascii() and number.isdigit()):
        raise ValueError("not an offset")
    if len(offset) > 41:
        raise ValueError("not an offset")
    return int(milliseconds), int(number)
