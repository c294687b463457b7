"""Facts about entities. They are stored with the entity (outbox), then relayed to those who follow them.

Delivery is at least once: whoever consumes an event twice must change nothing the second time; `id` tells.
"""

import json
from typing import Any, ClassVar

from domain.shared.model import Instant, Model

_TYPES: dict[str, type["DomainEvent"]] = {}


class DomainEvent(Model):
    """A fact in the past tense. `type` is its stable name in storage and on the bus."""

    type: ClassVar[str]
    on_bus: ClassVar[bool] = True
    """Whether other workers are told; False for facts that only durable followers read."""
    before_bus: ClassVar[bool] = True
    """Whether its followers have done with it before what was saved with it goes on the bus; False for what nobody
    looks for at that moment."""

    id: str
    at: Instant

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        name = cls.__dict__.get("type")
        if name is None:
            return  # an abstract stage between DomainEvent and a fact
        if name in _TYPES:
            raise TypeError(f"two events are called {name!r}")
        _TYPES[name] = cls

    def to_record(self) -> dict[str, Any]:
        """The stored form: plain values and `type`, camelCase."""
        return {"type": self.type, **self.model_dump(by_alias=True, exclude_none=True)}

    def to_json(self) -> str:
        """The form on the bus."""
        return f'{{"type":"{self.type}",{self.model_dump_json(by_alias=True, exclude_none=True)[1:]}'


def event_from_record(record: dict[str, Any]) -> DomainEvent:
    """The event that `to_record` stored. KeyError: a type this version does not know."""
    fields = dict(record)
    return _TYPES[fields.pop("type")].model_validate(fields)


def event_from_json(text: bytes) -> DomainEvent:
    """The event that `to_json` wrote. KeyError: a type this version does not know; ValueError: nonsense."""
    return event_from_record(json.loads(text))


class StreamEntry(Model):
    """An event as every worker reads it from the bus. `offset` grows with time and is the same for all workers."""

    offset: str
    event: DomainEvent
    size: int = 0
    """Bytes on the bus: a measure of what remembering it costs."""


class StreamState(Model):
    """Where the bus stands."""

    epoch: str
    """Another one means another history: offsets from before it prove nothing."""
    head: str
    """The offset of the newest entry that there ever was."""
    complete_after: str
    """Everything after this offset is still kept."""


START = "0-0"


def offset_order(offset: str) -> tuple[int, int]:
    """Compares offsets. Raises ValueError for what is none."""
    milliseconds, _, number = offset.partition("-")
    if not (milliseconds.isascii() and milliseconds.isdigit() and number.isascii() and number.isdigit()):
        raise ValueError("not an offset")
    if len(offset) > 41:
        raise ValueError("not an offset")
    return int(milliseconds), int(number)
