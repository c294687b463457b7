"""The last minutes of must-arrive events, kept in memory so that a client that comes back gets what it missed."""

import time
from bisect import bisect_right
from collections import deque
from collections.abc import Sequence, Set
from dataclasses import dataclass, field

from domain.shared.events import STREAM_START, parse_offset
from realtime.socketio.delivery import Delivery

Order = tuple[int, int]

_COMPACT_AFTER = 1024


@dataclass(slots=True)
class _Shelf:
    """The events of one namespace in order. What was dropped stays in front until enough of it came together."""

    orders: list[Order] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    start: int = 0

    def drop_oldest(self) -> None:
        self.start += 1
        if self.start > _COMPACT_AFTER and self.start * 2 > len(self.orders):
            del self.orders[: self.start]
            del self.deliveries[: self.start]
            self.start = 0


class History:
    """Bounded by bytes and by age; whoever asks for what went before learns that it is not there."""

    def __init__(self, max_bytes: int, seconds: float) -> None:
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._shelves: dict[str, _Shelf] = {}
        self._kept: deque[tuple[Order, str, str, int]] = deque()
        self.bytes = 0
        self.complete_after = STREAM_START
        """Every event after this offset is here."""

    def add(self, delivery: Delivery, size: int) -> None:
        """Offsets must not go down; deliveries without one are nobody's to miss."""
        if delivery.offset is None:
            return
        order = parse_offset(delivery.offset)
        shelf = self._shelves.setdefault(delivery.namespace, _Shelf())
        shelf.orders.append(order)
        shelf.deliveries.append(delivery)
        self._kept.append((order, delivery.offset, delivery.namespace, size))
        self.bytes += size
        self.trim()

    def trim(self) -> None:
        oldest = (time.time() - self._seconds) * 1000
        while self._kept and (self.bytes > self._max_bytes or self._kept[0][0][0] < oldest):
            _, offset, namespace, size = self._kept.popleft()
            self.bytes -= size
            self._shelves[namespace].drop_oldest()
            self.complete_after = offset

    def restart(self, complete_after: str) -> None:
        self._shelves.clear()
        self._kept.clear()
        self.bytes = 0
        self.complete_after = complete_after

    def covers(self, after: str) -> bool:
        return parse_offset(after) >= parse_offset(self.complete_after)

    def missed(self, namespace: str, rooms: Set[str], after: str) -> Sequence[Delivery]:
        """What went to these rooms after that offset, oldest first."""
        shelf = self._shelves.get(namespace)
        if shelf is None:
            return ()
        first = bisect_right(shelf.orders, parse_offset(after), lo=shelf.start)
        return [
            shelf.deliveries[index]
            for index in range(first, len(shelf.orders))
            if not rooms.isdisjoint(shelf.deliveries[index].rooms)
        ]
