"""One Engine.IO connection: messages sent to it, packets received from it, and its heartbeat."""

import asyncio
import base64
import binascii
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from realtime.engineio import close_reasons
from realtime.engineio.frames import CLOSE_PACKET, NOOP_PACKET, PING_MESSAGE, SEPARATOR, Message
from realtime.engineio.heartbeat import Heartbeat
from realtime.engineio.limits import Limits, TokenBucket
from realtime.engineio.metrics import RealtimeMetrics, SocketStatus
from realtime.engineio.send_queue import Replay, SendQueue
from realtime.engineio.timers import Deadlines
from realtime.engineio.websocket import WebSocketConnection
from realtime.engineio.write_batch import WriteBatch

_POLLED_MESSAGES: Final = 15  # Python's client refuses a payload of more than 16 packets


class SocketListener(Protocol):
    """The layer that speaks Socket.IO over the engine's sockets. All calls are synchronous."""

    def opened(self, socket: "EngineSocket") -> None: ...

    def received(self, socket: "EngineSocket", data: str | bytes) -> None: ...

    def closed(self, socket: "EngineSocket", reason: str) -> None: ...


@dataclass(frozen=True, slots=True)
class SocketContext:
    """Dependencies that all sockets of one engine share."""

    limits: Limits
    metrics: RealtimeMetrics
    write_batch: WriteBatch
    pings: "Deadlines[EngineSocket]"
    pongs: "Deadlines[EngineSocket]"
    listener: SocketListener
    on_closed: Callable[["EngineSocket", str, str], None]
    """Called once by each socket that has closed itself, with the reason and the payload for the next poll."""
    position: Callable[[], str]
    """The position in the event stream up to which events have been sent; see `EngineSocket.confirmed_position`."""


class Member:
    """One client of one namespace, from its CONNECT on."""

    __slots__ = ("admitted", "namespace", "pending", "rooms", "sid", "socket")

    def __init__(self, sid: str, namespace: str, socket: "EngineSocket") -> None:
        self.sid = sid
        self.namespace = namespace
        self.socket = socket
        self.rooms: set[str] = set()
        self.admitted = False
        self.pending: deque[tuple[int | None, list[Any]]] | None = None
        """Events that wait for the handler of an earlier one."""


class EngineSocket:
    """Sends in the order of calls, on either transport and whatever is queued.

    Messages are staged and written at the end of the loop iteration. Messages that the client cannot take yet are kept
    in a send queue, which never holds more than `hard_bytes`.
    """

    __slots__ = (
        "_bucket",
        "_context",
        "_final_payload",
        "_heartbeat",
        "_ping_position",
        "_poll",
        "_send_queue",
        "_shared_bucket",
        "closed",
        "confirmed_position",
        "connection",
        "environ",
        "members",
        "over_rate",
        "partial_packet",
        "posting",
        "probe",
        "sid",
        "staged",
        "upgrading",
        "user_session",
        "without_namespace_since",
    )
    connected: Final = True  # the library reads it; sockets of this class exist only while they are open

    def __init__(
        self,
        context: SocketContext,
        sid: str,
        environ: dict[str, Any],
        shared_bucket: TokenBucket,
        connection: WebSocketConnection | None = None,
    ) -> None:
        """`shared_bucket` is charged for the messages of all sockets of this address."""
        self._context = context
        self.sid = sid
        self.environ = environ
        self.members: dict[str, Member] = {}
        """Namespaces that this connection has entered or asked to enter."""
        self.staged: list[Message] | None = None
        self.connection = connection
        self.probe: WebSocketConnection | None = None
        self.upgrading = False
        self.posting = False
        self.without_namespace_since = asyncio.get_running_loop().time()
        self.closed = False
        self.over_rate = False
        self.partial_packet: Any = None
        """A Socket.IO packet whose attachments have not all arrived."""
        self.user_session: dict[str, Any] | None = None
        self._send_queue: SendQueue | None = None  # most clients never need one
        self._poll: asyncio.Future[None] | None = None
        self._final_payload = CLOSE_PACKET
        self._bucket = TokenBucket(context.limits.messages_per_socket, asyncio.get_running_loop().time())
        self._shared_bucket = shared_bucket
        self._heartbeat = Heartbeat()
        self._ping_position = ""
        self.confirmed_position = ""
        """The stream position when the last answered PING was sent: all events up to it have arrived."""

    @property
    def upgraded(self) -> bool:
        return self.connection is not None

    @property
    def session(self) -> dict[str, Any]:
        if self.user_session is None:
            self.user_session = {}
        return self.user_session

    @session.setter
    def session(self, value: dict[str, Any]) -> None:
        self.user_session = value

    @property
    def has_queue(self) -> bool:
        return bool(self._send_queue)

    @property
    def queued_bytes(self) -> int:
        """Bytes in the send queue and in the transport."""
        queued = self._send_queue.bytes if self._send_queue else 0
        return queued + (self.connection.unsent_bytes if self.connection else 0)

    @property
    def status(self) -> SocketStatus:
        return SocketStatus(
            transport="websocket" if self.upgraded else "polling",
            namespaces=[namespace for namespace, member in self.members.items() if member.admitted],
            queued_bytes=self.queued_bytes,
        )

    # sending

    def send(self, message: Message) -> None:
        if self.closed:
            return
        if self.staged is None:
            self.staged = [message]
            self._context.write_batch.add(self)
        else:
            self.staged.append(message)

    def send_replay(self, replay: Replay) -> None:
        """Sends history as fast as the client reads it; everything sent later follows it. Not counted in
        `hard_bytes`."""
        if self.closed or not replay:
            return
        staged, self.staged = self.staged, None
        queue = self._ensure_queue()
        for message in staged or ():
            queue.add(message)
        queue.add_replay(replay)
        asyncio.get_running_loop().call_soon(self._write_queued)

    def flush(self) -> None:
        """Writes the staged messages now instead of at the end of the loop iteration."""
        staged, self.staged = self.staged, None
        if staged is None:
            return
        if self.connection is None or self.connection.paused or self.has_queue:
            self.enqueue(staged)
        else:
            self.connection.write(b"".join([message.wire for message in staged]))

    def enqueue(self, messages: list[Message]) -> None:
        """The slow path, for a client that cannot be written to right now."""
        limits, metrics = self._context.limits, self._context.metrics
        queue = self._ensure_queue()
        for message in messages:
            if message.latest_key is not None and self.queued_bytes > limits.soft_bytes:
                metrics.coalesced.inc(queue.drop_superseded(message.latest_key))
            queue.add(message)
        if self.queued_bytes > limits.hard_bytes:
            metrics.coalesced.inc(queue.keep_newest())
            if self.queued_bytes > limits.hard_bytes:
                self.close(close_reasons.SLOW_CLIENT)
                return
        self._write_queued()

    def _ensure_queue(self) -> SendQueue:
        if self._send_queue is None:
            self._send_queue = SendQueue()
        return self._send_queue

    def _write_queued(self) -> None:
        """Writes a part of the queue, if possible: one write an iteration, so that no history blocks other clients."""
        connection = self.connection
        if connection is None:
            self._wake()
        elif not connection.paused and self.has_queue:
            connection.write(b"".join([message.wire for message in self._take_queued()]))
            if self.has_queue and not connection.paused:
                asyncio.get_running_loop().call_soon(self._write_queued)

    def _take_queued(self, max_messages: int = 1_000_000) -> list[Message]:
        batch = self._ensure_queue().take(self._context.limits.write_bytes, max_messages)
        if self._heartbeat.has_queued_ping and PING_MESSAGE in batch:
            self._context.pongs.add(self, self._heartbeat.ping_written())
        return batch

    def writable(self) -> None:
        if not self.closed:
            self._write_queued()

    def blocked(self) -> None:
        if not self.closed and self.queued_bytes > self._context.limits.hard_bytes:
            # Closing now would free the transport in the middle of its own write().
            asyncio.get_running_loop().call_soon(self.close, close_reasons.SLOW_CLIENT)

    # long-polling

    @property
    def polling(self) -> bool:
        """A GET request waits for a message."""
        return self._poll is not None

    async def poll(self, is_connected: Callable[[], bool]) -> str:
        """The next payload, as soon as there is one. No message is taken for a client that has disconnected."""
        self.flush()
        if not self.has_queue and not self.closed:
            self._poll = asyncio.get_running_loop().create_future()
            try:
                await self._poll
            finally:
                self._poll = None
        if not is_connected():
            self.close(close_reasons.TRANSPORT_ERROR)
        if self.closed:
            return self._final_payload
        if self.upgrading or self.upgraded:
            return NOOP_PACKET
        return _payload(self._take_queued(_POLLED_MESSAGES))

    def _wake(self) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)

    # receiving

    def charge(self, cost: float = 1.0) -> bool:
        """Takes `cost` tokens for a packet of the client. False if it is so far over its rate that it was closed."""
        limits, now = self._context.limits, asyncio.get_running_loop().time()
        own, shared = limits.messages_per_socket, limits.messages_per_address
        left = self._bucket.take(own, now, cost)
        shared_left = self._shared_bucket.take(shared, now, cost)
        self.over_rate = left < 0 or shared_left < 0
        if shared_left < -shared.burst:
            self._shared_bucket.refund(cost)  # a socket that is closed for it leaves no debt to its neighbours
        if left < -own.burst or shared_left < -shared.burst:
            self.close(close_reasons.RATE_LIMITED)
        return not self.closed

    def received(self, data: str | bytes) -> None:
        """Handles one Engine.IO packet. A malformed packet closes this connection and affects no other."""
        if self.closed:
            return
        if isinstance(data, bytes):
            self._context.listener.received(self, data)
            return
        kind = data[:1]
        if kind == "4":
            self._context.listener.received(self, data[1:])
        elif kind == "3":
            if self._heartbeat.pong_received():
                self.confirmed_position = self._ping_position
                self._context.pings.add(self)
        elif kind == "1":
            self.close(close_reasons.CLIENT_DISCONNECT)
        elif kind == "b":
            try:
                self._context.listener.received(self, base64.b64decode(data[1:], validate=True))
            except (binascii.Error, ValueError):
                self.close(close_reasons.MALFORMED)
        elif kind != "6":
            self.close(close_reasons.MALFORMED)

    # upgrading

    def start_probe(self, connection: WebSocketConnection) -> None:
        self.probe = connection

    def begin_upgrade(self) -> None:
        """From now on polls are answered with NOOP only; messages wait for the new transport."""
        self.upgrading = True
        self._wake()

    def complete_upgrade(self, connection: WebSocketConnection) -> None:
        connection.set_listener(self)
        self.connection, self.probe, self.upgrading = connection, None, False
        self._wake()
        self._write_queued()

    def cancel_upgrade(self) -> None:
        self.probe, self.upgrading = None, False

    # heartbeat and end

    def send_ping(self) -> None:
        if self.closed:
            return
        self.flush()
        if self.closed:
            return  # flushing found it too slow
        self._ping_position = self._context.position()
        connection, pongs = self.connection, self._context.pongs
        if connection is not None and not connection.paused and not self.has_queue:
            connection.write(PING_MESSAGE.wire)
            pongs.add(self, self._heartbeat.ping_written())
        else:
            pongs.add(self, self._heartbeat.ping_queued(self._progress()))
            self._ensure_queue().add(PING_MESSAGE)
            self._write_queued()

    def check_pong(self, token: int) -> None:
        """Called at the deadline of a PONG."""
        if self.closed or not self._heartbeat.is_due(token):
            return
        reason = self._heartbeat.overdue_reason(self._progress(), is_websocket=self.upgraded)
        if reason is not None:
            self.close(reason)
        else:
            self._context.pongs.add(self, self._heartbeat.ping_queued(self._progress()))

    def lost(self, reason: str) -> None:
        self.connection = None
        self.close(reason)

    def close(self, reason: str) -> None:
        """Closes at once and for good; messages that the client can still take are sent before the close frame."""
        if self.closed:
            return
        self.closed = True
        staged, self.staged = self.staged, None
        connection, probe, next_payload = self.connection, self.probe, ""
        if connection is None:
            for message in staged or ():
                self._ensure_queue().add(message)
            # A prefix of the queue: no message may be skipped, or the client's offset would be wrong.
            rest = self._take_queued(_POLLED_MESSAGES)
            last = NOOP_PACKET if reason == close_reasons.CLIENT_DISCONNECT else CLOSE_PACKET
            self._final_payload = SEPARATOR.join(filter(None, (_payload(rest), last)))
            if self._poll is None and not self.upgrading and reason not in close_reasons.WITHOUT_FINAL_PAYLOAD:
                next_payload = self._final_payload
            self._wake()
        else:
            if staged and not connection.paused and not self.has_queue:
                connection.write(b"".join([message.wire for message in staged]))
            connection.close(close_reasons.close_code(reason), reason)
        if probe is not None:
            probe.close(close_reasons.close_code(reason), reason)
        self.connection = self.probe = self.partial_packet = self._send_queue = None
        self._context.on_closed(self, reason, next_payload)

    def _progress(self) -> tuple[int, int]:
        return (
            self._send_queue.taken_count if self._send_queue else 0,
            self.connection.unsent_bytes if self.connection else 0,
        )


def _payload(messages: list[Message]) -> str:
    return SEPARATOR.join(
        packet if isinstance(packet, str) else "b" + base64.b64encode(packet).decode()
        for message in messages
        for packet in message.packets
    )
