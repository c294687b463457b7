"""The base of every model: camelCase on the wire and in documents, snake_case in Python."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, StrictBool
from pydantic.alias_generators import to_camel

JsonBool = StrictBool
"""A boolean in a JSON body: `"no"` and 1 are refused. For query parameters, which are text, use plain `bool`."""


class Model(BaseModel):
    """Immutable; refuses unknown fields; uses camelCase names outside Python."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        frozen=True,
        extra="forbid",
        defer_build=True,  # validators are built with their first use: no process uses all, and a start should be quick
    )


def _as_utc(value: object) -> object:
    # Some drivers return stored instants without a zone; storage is always UTC.
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value


def iso_z(value: datetime) -> str:
    """ISO-8601 with milliseconds and `Z`, the form that legacy clients parse."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Instant = Annotated[datetime, BeforeValidator(_as_utc), PlainSerializer(iso_z, return_type=str, when_used="json")]
"""A point in time: UTC in Python, ISO-8601 with `Z` in JSON."""
