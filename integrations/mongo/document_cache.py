"""A cache of documents as they were loaded or saved, so that a save sends only the fields that changed.

An entry cannot become stale: a save checks the version, so a document has one content per version. Only its outbox may
have become shorter.
"""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

import bson
from bson import ObjectId

MAX_DOCUMENTS: Final = 500

Document = Mapping[str, Any]

_STORED_UNCHANGED: Final = frozenset({str, int, bool})


class DocumentCache:
    """Documents by id and version. The oldest entries are dropped beyond MAX_DOCUMENTS."""

    def __init__(self) -> None:
        self._documents: OrderedDict[tuple[ObjectId, int], Document] = OrderedDict()

    def put(self, document: Document) -> None:
        self._documents[document["_id"], document.get("version", 0)] = document
        if len(self._documents) > MAX_DOCUMENTS:
            self._documents.popitem(last=False)

    def get(self, key: ObjectId, version: int) -> Document | None:
        """None when the document is not, or no longer, in the cache."""
        return self._documents.get((key, version))


def changed_fields(before: Document, after: Document) -> dict[str, Any]:
    """The fields of `after` that `before` lacks or has with another value."""
    return {name: value for name, value in after.items() if name not in before or not _is_same(before[name], value)}


def _is_same(stored: Any, value: Any) -> bool:
    if type(stored) is type(value) and (stored == value or type(value) in _STORED_UNCHANGED):
        return bool(stored == value)
    # Compared in stored form: there a tuple is an array, and an instant has no microseconds.
    return bson.encode({"": stored}) == bson.encode({"": value})
