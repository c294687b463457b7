"""The end of a loop turn: everything that was sent to a socket during the turn leaves in one write."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import Protocol

from realtime.engineio.frames import Message
from realtime.engineio.websocket import WebSocketConnection


class BatchedSocket(Protocol):
    staged: list[Message] | None
    """Messages that leave at the end of the turn; None: the socket is not in the batch."""
    connection: WebSocketConnection | None

    @property
    def waiting(self) -> bool:
        """Earlier messages wait for the client, so later ones have to queue behind them."""

    def queue(self, messages: list[Message]) -> None: ...


class WriteBatch:
    """Sockets with staged messages, first come first served.

    A socket is queued once however much is staged for it, so an overloaded loop joins more into each write instead of
    falling further behind. No more than `sockets_per_turn` are written to before the loop may do something else.
    """

    def __init__(self, sockets_per_turn: int) -> None:
        self._sockets_per_turn = sockets_per_turn
        self._dirty: deque[BatchedSocket] = deque()
        self._done = 0  # sockets ever taken from the queue
        self._followers: deque[tuple[int, Callable[[], None]]] = deque()
        self._scheduled = False

    def stage(self, message: Message, sockets: Iterable[BatchedSocket]) -> None:
        dirty = self._dirty
        for socket in sockets:
            staged = socket.staged
            if staged is None:
                socket.staged = [message]
                dirty.append(socket)
            else:
                staged.append(message)
        self._schedule()

    def when_written(self, follower: Callable[[], None]) -> None:
        """Call back when everything that is staged now has been written."""
        self._followers.append((self._done + len(self._dirty), follower))

    def add(self, socket: BatchedSocket) -> None:
        self._dirty.append(socket)
        self._schedule()

    def _schedule(self) -> None:
        if not self._scheduled and self._dirty:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        count = min(len(self._dirty), self._sockets_per_turn)
        self._done += count
        try:
            self._write(count)
        finally:  # whatever one socket did, the others get theirs
            self._scheduled = False
            self._schedule()
        while self._followers and self._followers[0][0] <= self._done:
            self._followers.popleft()[1]()

    def _write(self, count: int) -> None:
        dirty = self._dirty
        joined, joined_of = b"", [Message(())]  # neighbours mostly get the same messages: join them once
        for _ in range(count):
            socket = dirty.popleft()
            staged = socket.staged
            if staged is None:
                continue  # flushed or closed in the meantime
            socket.staged = None
            connection = socket.connection
            if connection is None or connection.paused or socket.waiting:
                socket.queue(staged)
            elif len(staged) == 1:
                connection.write(staged[0].wire)
            else:
                if staged != joined_of:
                    joined, joined_of = b"".join([message.wire for message in staged]), staged
                connection.write(joined)
