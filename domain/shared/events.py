"""Facts about entities. They are stored with the entity (outbox), then relayed to those who follow them.

Delivery is at least once: whoever consumes an event twice must change nothing the second time; `id` tells.
"""

from typing import Any, ClassVar

from domain.shared.model import Instant, Model

_TYPES: dict[str, type["DomainEvent"]] = {}


class DomainEvent(Model):
    """A fact in the past tense. `type` is its stable name in storage and on the bus."""

    type: ClassVar[str]
    on_bus: ClassVar[bool] = True
    """Whether other workers are told; False for facts that only durable followers read."""

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


def event_from_record(record: dict[str, Any]) -> DomainEvent:
    """The event that `to_record` stored. KeyError: a type this version does not know."""
    fields = dict(record)
    return _TYPES[fields.pop("type")].model_validate(fields)


class StreamEntry(Model):
    """An event as every worker reads it from the bus. `offset` grows with time and is the same for all workers."""

    offset: str
    event: DomainEvent
