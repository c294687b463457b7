"""What waits for one client, counted in bytes."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from realtime.engineio.frames import Message

_OVERHEAD: Final = 64  # what Python keeps for a waiting message beside its bytes


class Replay:
    """History that is encoded only as fast as its client reads it: waiting, it costs next to nothing."""

    __slots__ = ("_next", "_rest")

    def __init__(self, messages: Iterable[Message]) -> None:
        self._rest: Iterator[Message] = iter(messages)
        self._next: Message | None = next(self._rest, None)

    def __bool__(self) -> bool:
        return self._next is not None

    def pop(self) -> Message:
        """Raises LookupError when nothing is left."""
        message = self._next
        if message is None:
            raise LookupError
        self._next = next(self._rest, None)
        return message


class Outbox:
    """Messages in the order in which they were sent."""

    __slots__ = ("_items", "bytes", "taken")

    def __init__(self) -> None:
        self._items: deque[Message | Replay] = deque()
        self.bytes = 0
        self.taken = 0
        """Counts up with every message that left: the sign of a client that still reads."""

    def __bool__(self) -> bool:
        return bool(self._items)

    def add(self, message: Message) -> None:
        self._items.append(message)
        self.bytes += len(message.wire) + _OVERHEAD

    def add_replay(self, replay: Replay) -> None:
        if replay:
            self._items.append(replay)

    def take(self, max_bytes: int, max_messages: int = 1_000_000) -> list[Message]:
        """The oldest messages, at least one if there is any, up to about `max_bytes`."""
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
        self.taken += len(batch)
        return batch

    def drop_superseded(self, key: str) -> int:
        """Forget every waiting value of `key`, a newer one is about to be added. Returns how many went."""
        return self._keep(lambda message: message.latest_key != key)

    def keep_newest(self) -> int:
        """Of each latest-only key keep only the newest value. Returns how many went."""
        newest = {item.latest_key: item for item in self._items if isinstance(item, Message) and item.latest_key}
        return self._keep(lambda message: message.latest_key is None or newest[message.latest_key] is message)

    def _keep(self, wanted: Callable[[Message], bool]) -> int:
        before = len(self._items)
        self._items = deque(item for item in self._items if isinstance(item, Replay) or wanted(item))
        self.bytes = sum(len(item.wire) + _OVERHEAD for item in self._items if isinstance(item, Message))
        return before - len(self._items)
