"""A cache of documents and their entities as they were loaded or saved, so that a save encodes and sends only the
fields that changed.

An entry cannot become stale: a save checks the version, so a document has one content per version. Only its outbox may
have become shorter.
"""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final, Generic, NamedTuple, TypeVar

import bson
from bson import ObjectId

from domain.shared.entity import Entity

MAX_DOCUMENTS: Final = 500

Document = Mapping[str, Any]

_STORED_UNCHANGED: Final = frozenset({str, int, bool})


E = TypeVar("E", bound=Entity)


class Stored(NamedTuple, Generic[E]):
    document: Document
    entity: E


class DocumentCache(Generic[E]):
    """By id and version. The oldest entries are dropped beyond MAX_DOCUMENTS."""

    def __init__(self) -> None:
        self._stored: OrderedDict[tuple[ObjectId, int], Stored[E]] = OrderedDict()

    def put(self, document: Document, entity: E) -> None:
        self._stored[document["_id"], document.get("version", 0)] = Stored(document, entity)
        if len(self._stored) > MAX_DOCUMENTS:
            self._stored.popitem(last=False)

    def get(self, key: ObjectId, version: int) -> Stored[E] | None:
        """None when it is not, or no longer, in the cache."""
        return self._stored.get((key, version))


def replaced_fields(before: E, after: E) -> set[str]:
    """The names of the fields that `after` does not share with `before`: entities are immutable, and a changed copy
    keeps the values that it does not replace."""
    return {name for name in type(after).model_fields if getattr(after, name) is not getattr(before, name)}


def changed_fields(before: Document, after: Document) -> dict[str, Any]:
    """The fields of `after` that `before` lacks or has with another value."""
    return {name: value for name, value in after.items() if name not in before or not _is_same(before[name], value)}


def _is_same(stored: Any, value: Any) -> bool:
    if type(stored) is type(value) and (stored == value or type(value) in _STORED_UNCHANGED):
        return bool(stored == value)
    # Compared in stored form: there a tuple is an array, and an instant has no microseconds.
    return bson.encode({"": stored}) == bson.encode({"": value})
