"""The send queue of one socket: messages that its client cannot take yet, counted in bytes."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from realtime.engineio.frames import Message

_OVERHEAD: Final = 64  # memory that Python needs for a queued message beside its bytes


class Replay:
    """History that is encoded only as fast as its client reads it, so that it needs almost no memory in the queue."""

    __slots__ = ("_next", "_remaining")

    def __init__(self, messages: Iterable[Message]) -> None:
        self._remaining: Iterator[Message] = iter(messages)
        self._next: Message | None = next(self._remaining, None)

    def __bool__(self) -> bool:
        return self._next is not None

    def pop(self) -> Message:
        """Raises LookupError when nothing is left."""
        message = self._next
        if message is None:
            raise LookupError
        self._next = next(self._remaining, None)
        return message


class SendQueue:
    """Messages in the order in which they were sent."""

    __slots__ = ("_items", "bytes", "taken_count")

    def __init__(self) -> None:
        self._items: deque[Message | Replay] = deque()
        self.bytes = 0
        self.taken_count = 0
        """Messages taken so far: it grows as long as the client reads."""

    def __bool__(self) -> bool:
        return bool(self._items)

    def add(self, message: Message) -> None:
        self._items.append(message)
        self.bytes += len(message.wire) + _OVERHEAD

    def add_replay(self, replay: Replay) -> None:
        if replay:
            self._items.append(replay)

    def take(self, max_bytes: int, max_messages: int = 1_000_000) -> list[Message]:
        """Removes and returns the oldest messages, at least one if there is any, up to about `max_bytes`."""
        batch: list[Message] = []
        size = 0
        while self._items and size < max_bytes and len(batch) < max_messages:
            first = self._items[0]
            if isinstance(first, Replay):
                message = first.pop()
                if not first:
                    self._items.popleft()
            else:
                message = first
                self._items.popleft()
                self.bytes -= len(message.wire) + _OVERHEAD
            batch.append(message)
            size += len(message.wire)
        self.taken_count += len(batch)
        return batch

    def drop_superseded(self, key: str) -> int:
        """Drops all queued values of the latest-only `key` before a newer one is added. Returns their number."""
        return self._keep(lambda message: message.latest_key != key)

    def keep_newest(self) -> int:
        """Drops all but the newest value of each latest-only key. Returns the number of dropped messages."""
        newest = {item.latest_key: item for item in self._items if isinstance(item, Message) and item.latest_key}
        return self._keep(lambda message: message.latest_key is None or newest[message.latest_key] is message)

    def _keep(self, wanted: Callable[[Message], bool]) -> int:
        before = len(self._items)
        self._items = deque(item for item in self._items if isinstance(item, Replay) or wanted(item))
        self.bytes = sum(len(item.wire) + _OVERHEAD for item in self._items if isinstance(item, Message))
        return before - len(self._items)
