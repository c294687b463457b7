"""Events that were still in a document's outbox when the document was loaded.

Another app process saved them and has not relayed them yet, or has died. The process that saves the document next
relays these events before its own, so that consumers see the changes of a document in order. No event can have been
added in between, because a save checks the document's version.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from bson import ObjectId

MAX_DOCUMENTS: Final = 20_000

Records = Sequence[Mapping[str, Any]]


class UnrelayedEvents:
    """Stored events by document and version. The oldest entries are dropped beyond MAX_DOCUMENTS."""

    def __init__(self) -> None:
        self._records: OrderedDict[tuple[ObjectId, int], Records] = OrderedDict()

    def remember(self, document: Mapping[str, Any]) -> None:
        """Most documents have an empty outbox, and most are not saved after they were loaded."""
        if not document.get("outbox"):
            return
        self._records[document["_id"], document.get("version", 0)] = document["outbox"]
        if len(self._records) > MAX_DOCUMENTS:
            self._records.popitem(last=False)

    def take(self, key: ObjectId, version: int) -> Records:
        """Removes and returns the events of this version; empty when there are none."""
        return self._records.pop((key, version), ())
