"""What was still in a document's outbox when it was loaded.

Another worker saved it and has not relayed that yet, or died. Whoever saves the document next relays those events
before their own: nobody hears of the second change before the first. Nothing can have joined them by then, since the
save checks the version.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from bson import ObjectId

MOST_REMEMBERED: Final = 20_000

Records = Sequence[Mapping[str, Any]]


class Unrelayed:
    def __init__(self) -> None:
        self._left: OrderedDict[tuple[ObjectId, int], Records] = OrderedDict()

    def seen(self, document: Mapping[str, Any]) -> None:
        """Most documents are read without being saved afterwards, and most outboxes are empty."""
        if not document.get("outbox"):
            return
        self._left[document["_id"], document.get("version", 0)] = document["outbox"]
        if len(self._left) > MOST_REMEMBERED:
            self._left.popitem(last=False)

    def taken(self, key: ObjectId, version: int) -> Records:
        return self._left.pop((key, version), ())
