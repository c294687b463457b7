"""History: the must-arrive events of the last minutes, in memory, for clients that reconnect."""

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
class _NamespaceEvents:
    """The events of one namespace in order. Dropped ones stay at the front until there are enough to compact."""

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
    """Bounded by bytes and by age. `covers` tells whether all events after an offset are still here."""

    def __init__(self, max_bytes: int, seconds: float) -> None:
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._by_namespace: dict[str, _NamespaceEvents] = {}
        self._kept: deque[tuple[Order, str, str, int]] = deque()
        self.bytes = 0
        self.complete_after = STREAM_START
        """Every event after this offset is here."""

    def add(self, delivery: Delivery, size: int) -> None:
        """Offsets must not decrease. Deliveries without an offset are ignored."""
        if delivery.offset is None:
            return
        order = parse_offset(delivery.offset)
        events = self._by_namespace.setdefault(delivery.namespace, _NamespaceEvents())
        events.orders.append(order)
        events.deliveries.append(delivery)
        self._kept.append((order, delivery.offset, delivery.namespace, size))
        self.bytes += size
        self.trim()

    def trim(self) -> None:
        oldest = (time.time() - self._seconds) * 1000
        while self._kept and (self.bytes > self._max_bytes or self._kept[0][0][0] < oldest):
            _, offset, namespace, size = self._kept.popleft()
            self.bytes -= size
            self._by_namespace[namespace].drop_oldest()
            self.complete_after = offset

    def restart(self, complete_after: str) -> None:
        self._by_namespace.clear()
        self._kept.clear()
        self.bytes = 0
        self.complete_after = complete_after

    def covers(self, after: str) -> bool:
        return parse_offset(after) >= parse_offset(self.complete_after)

    def missed(self, namespace: str, rooms: Set[str], after: str) -> Sequence[Delivery]:
        """The deliveries to these rooms after the offset, oldest first."""
        events = self._by_namespace.get(namespace)
        if events is None:
            return ()
        first = bisect_right(events.orders, parse_offset(after), lo=events.start)
        return [
            events.deliveries[index]
            for index in range(first, len(events.orders))
            if not rooms.isdisjoint(events.deliveries[index].rooms)
        ]
