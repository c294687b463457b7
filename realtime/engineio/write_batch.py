"""The write batch: messages sent to a socket during one iteration of the event loop leave in one write at its end."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import Protocol

from realtime.engineio.frames import Message
from realtime.engineio.websocket import WebSocketConnection


class BatchedSocket(Protocol):
    staged: list[Message] | None
    """Messages for the next write; None while the socket is not in the batch."""
    connection: WebSocketConnection | None

    @property
    def has_queue(self) -> bool:
        """Earlier messages are queued for the client, so later ones must queue behind them."""

    def enqueue(self, messages: list[Message]) -> None: ...


class WriteBatch:
    """Sockets with staged messages, first come, first served.

    A socket is in the batch once, however many messages are staged for it, so an overloaded loop joins more messages
    into each write instead of falling further behind. At most `sockets_per_iteration` sockets are written to before
    the loop does other work.
    """

    def __init__(self, sockets_per_iteration: int) -> None:
        self._sockets_per_iteration = sockets_per_iteration
        self._sockets: deque[BatchedSocket] = deque()
        self._done = 0  # sockets taken from the batch so far
        self._callbacks: deque[tuple[int, Callable[[], None]]] = deque()
        self._scheduled = False

    def stage(self, message: Message, sockets: Iterable[BatchedSocket]) -> None:
        batch = self._sockets
        for socket in sockets:
            staged = socket.staged
            if staged is None:
                socket.staged = [message]
                batch.append(socket)
            else:
                staged.append(message)
        self._schedule()

    def when_written(self, callback: Callable[[], None]) -> None:
        """Calls back when everything that is staged now has been written."""
        self._callbacks.append((self._done + len(self._sockets), callback))

    def add(self, socket: BatchedSocket) -> None:
        """For a socket that has staged its first message itself."""
        self._sockets.append(socket)
        self._schedule()

    def _schedule(self) -> None:
        if not self._scheduled and self._sockets:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        count = min(len(self._sockets), self._sockets_per_iteration)
        self._done += count
        try:
            self._write(count)
        finally:  # a socket that fails must not keep the others from being written to
            self._scheduled = False
            self._schedule()
        while self._callbacks and self._callbacks[0][0] <= self._done:
            self._callbacks.popleft()[1]()

    def _write(self, count: int) -> None:
        batch = self._sockets
        joined, joined_messages = b"", [Message(())]  # neighbours mostly have the same messages: join them once
        for _ in range(count):
            socket = batch.popleft()
            staged = socket.staged
            if staged is None:
                continue  # flushed or closed in the meantime
            socket.staged = None
            connection = socket.connection
            if connection is None or connection.paused or socket.has_queue:
                socket.enqueue(staged)
            elif len(staged) == 1:
                connection.write(staged[0].wire)
            else:
                if staged != joined_messages:
                    joined, joined_messages = b"".join([message.wire for message in staged]), staged
                connection.write(joined)
