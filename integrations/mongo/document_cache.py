"""Documents as they were loaded or saved, for a while: a save then sends only what has changed.

What was there at a version is what is stored at that version, since every save checks it. Only the outbox may have
become shorter.
"""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

import bson
from bson import ObjectId

MOST_REMEMBERED: Final = 500

Document = Mapping[str, Any]

_STORED_AS_THEY_ARE: Final = frozenset({str, int, bool})


class Loaded:
    def __init__(self) -> None:
        self._documents: OrderedDict[tuple[ObjectId, int], Document] = OrderedDict()

    def seen(self, document: Document) -> None:
        self._documents[document["_id"], document.get("version", 0)] = document
        if len(self._documents) > MOST_REMEMBERED:
            self._documents.popitem(last=False)

    def of(self, key: ObjectId, version: int) -> Document | None:
        """None when that is too long ago."""
        return self._documents.get((key, version))


def changed(before: Document, after: Document) -> dict[str, Any]:
    """The fields of `after` that the document has not got like this."""
    return {name: value for name, value in after.items() if name not in before or not _same(before[name], value)}


def _same(stored: Any, value: Any) -> bool:
    if type(stored) is type(value) and (stored == value or type(value) in _STORED_AS_THEY_ARE):
        return bool(stored == value)
    # Compared as they are stored: there a tuple is an array, and an instant has no microseconds.
    return bson.encode({"": stored}) == bson.encode({"": value})
