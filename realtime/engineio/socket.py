"""One Engine.IO connection: what is sent to it, what comes from it, whether it is still there."""

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
from realtime.engineio.send_queue import Outbox, Replay
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
    """What all sockets of one engine share."""

    limits: Limits
    metrics: RealtimeMetrics
    write_batch: WriteBatch
    pings: "Deadlines[EngineSocket]"
    pongs: "Deadlines[EngineSocket]"
    listener: SocketListener
    forget: Callable[["EngineSocket", str, str], None]
    """Called once by each socket that has closed itself: the reason, and what a next poll is to be answered."""
    position: Callable[[], str]
    """Where the history stands that is being sent to the sockets; see `EngineSocket.proven`."""


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
    """Sends in the order of calls, whichever transport is in use and whatever has to wait.

    Messages are staged and written at the end of the loop turn. What the client cannot take waits in the outbox, which
    never holds more than `hard_bytes`.
    """

    __slots__ = (
        "_bucket",
        "_context",
        "_heartbeat",
        "_last_words",
        "_outbox",
        "_pinged_at",
        "_poll",
        "_shared_bucket",
        "closed",
        "connection",
        "environ",
        "lonely_since",
        "members",
        "over_rate",
        "partial",
        "posting",
        "probe",
        "proven",
        "sid",
        "staged",
        "upgrading",
        "user_session",
    )
    connected: Final = True  # the library asks; ours exist only once they are open

    def __init__(
        self,
        context: SocketContext,
        sid: str,
        environ: dict[str, Any],
        shared_bucket: TokenBucket,
        connection: WebSocketConnection | None = None,
    ) -> None:
        """`shared_bucket` pays for the messages of all sockets of this address."""
        self._context = context
        self.sid = sid
        self.environ = environ
        self.members: dict[str, Member] = {}
        """Namespaces that this connection is in or asked to enter."""
        self.staged: list[Message] | None = None
        self.connection = connection
        self.probe: WebSocketConnection | None = None
        self.upgrading = False
        self.posting = False
        self.lonely_since = asyncio.get_running_loop().time()
        """Since when it has been in no namespace."""
        self.closed = False
        self.over_rate = False
        self.partial: Any = None  # a Socket.IO packet whose attachments are still on their way
        self.user_session: dict[str, Any] | None = None
        self._outbox: Outbox | None = None  # most clients never need one
        self._poll: asyncio.Future[None] | None = None
        self._last_words = CLOSE_PACKET
        self._bucket = TokenBucket(context.limits.messages_per_socket, asyncio.get_running_loop().time())
        self._shared_bucket = shared_bucket
        self._heartbeat = Heartbeat()
        self._pinged_at = ""
        self.proven = ""
        """The engine's position when the last answered PING was sent: everything up to there has arrived."""

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
    def waiting(self) -> bool:
        return bool(self._outbox)

    @property
    def waiting_bytes(self) -> int:
        return (self._outbox.bytes if self._outbox else 0) + (self.connection.unsent_bytes if self.connection else 0)

    @property
    def status(self) -> SocketStatus:
        return SocketStatus(
            transport="websocket" if self.upgraded else "polling",
            namespaces=[namespace for namespace, member in self.members.items() if member.admitted],
            waiting_bytes=self.waiting_bytes,
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
        """History, paced by the client; everything sent later comes after it. Not counted against `hard_bytes`."""
        if self.closed or not replay:
            return
        staged, self.staged = self.staged, None
        outbox = self._box()
        for message in staged or ():
            outbox.add(message)
        outbox.add_replay(replay)
        asyncio.get_running_loop().call_soon(self._continue)

    def flush(self) -> None:
        """Write what is staged now instead of at the end of the turn."""
        staged, self.staged = self.staged, None
        if staged is None:
            return
        if self.connection is None or self.connection.paused or self.waiting:
            self.queue(staged)
        else:
            self.connection.write(b"".join([message.wire for message in staged]))

    def queue(self, messages: list[Message]) -> None:
        """The slow way, for whoever cannot be written to right now."""
        limits, metrics = self._context.limits, self._context.metrics
        outbox = self._box()
        for message in messages:
            if message.latest_key is not None and self.waiting_bytes > limits.soft_bytes:
                metrics.coalesced.inc(outbox.drop_superseded(message.latest_key))
            outbox.add(message)
        if self.waiting_bytes > limits.hard_bytes:
            metrics.coalesced.inc(outbox.keep_newest())
            if self.waiting_bytes > limits.hard_bytes:
                self.close(close_reasons.SLOW_CLIENT)
                return
        self._continue()

    def _box(self) -> Outbox:
        if self._outbox is None:
            self._outbox = Outbox()
        return self._outbox

    def _continue(self) -> None:
        """Let the outbox move on if it can: a write a turn, so that one client's history stalls nobody."""
        connection = self.connection
        if connection is None:
            self._wake()
        elif not connection.paused and self.waiting:
            connection.write(b"".join([message.wire for message in self._take()]))
            if self.waiting and not connection.paused:
                asyncio.get_running_loop().call_soon(self._continue)

    def _take(self, max_messages: int = 1_000_000) -> list[Message]:
        batch = self._box().take(self._context.limits.write_bytes, max_messages)
        if self._heartbeat.ping_waits and PING_MESSAGE in batch:
            self._context.pongs.add(self, self._heartbeat.written())
        return batch

    def writable(self) -> None:
        if not self.closed:
            self._continue()

    def blocked(self) -> None:
        if not self.closed and self.waiting_bytes > self._context.limits.hard_bytes:
            # Closing now would free the transport in the middle of its own write().
            asyncio.get_running_loop().call_soon(self.close, close_reasons.SLOW_CLIENT)

    # long-polling

    @property
    def polling(self) -> bool:
        """A request is waiting for something to send."""
        return self._poll is not None

    async def poll(self, still_there: Callable[[], bool]) -> str:
        """The next payload, as soon as there is one. Nothing is taken for a client that is not `still_there`."""
        self.flush()
        if not self.waiting and not self.closed:
            self._poll = asyncio.get_running_loop().create_future()
            try:
                await self._poll
            finally:
                self._poll = None
        if not still_there():
            self.close(close_reasons.TRANSPORT_ERROR)
        if self.closed:
            return self._last_words
        if self.upgrading or self.upgraded:
            return NOOP_PACKET
        return _payload(self._take(_POLLED_MESSAGES))

    def _wake(self) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)

    # receiving

    def spend(self, cost: float = 1.0) -> bool:
        limits, now = self._context.limits, asyncio.get_running_loop().time()
        own, shared = limits.messages_per_socket, limits.messages_per_address
        left = self._bucket.take(own, now, cost)
        left_together = self._shared_bucket.take(shared, now, cost)
        self.over_rate = left < 0 or left_together < 0
        if left_together < -shared.burst:
            self._shared_bucket.refund(cost)  # who pays with its connection leaves the neighbours no debt
        if left < -own.burst or left_together < -shared.burst:
            self.close(close_reasons.RATE_LIMITED)
        return not self.closed

    def received(self, data: str | bytes) -> None:
        """One Engine.IO packet. Anything that is not one closes this connection and nothing else."""
        if self.closed:
            return
        if isinstance(data, bytes):
            self._context.listener.received(self, data)
            return
        kind = data[:1]
        if kind == "4":
            self._context.listener.received(self, data[1:])
        elif kind == "3":
            if self._heartbeat.answered():
                self.proven = self._pinged_at
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

    def upgrade_probed(self) -> None:
        """From here on nothing more is answered to polls, they only end."""
        self.upgrading = True
        self._wake()

    def adopt(self, connection: WebSocketConnection) -> None:
        connection.listener = self
        self.connection, self.probe, self.upgrading = connection, None, False
        self._wake()
        self._continue()

    def upgrade_failed(self) -> None:
        self.probe, self.upgrading = None, False

    # alive or not

    def send_ping(self) -> None:
        if self.closed:
            return
        self.flush()
        if self.closed:
            return  # flushing found it too slow
        self._pinged_at = self._context.position()
        connection, pongs = self.connection, self._context.pongs
        if connection is not None and not connection.paused and not self.waiting:
            connection.write(PING_MESSAGE.wire)
            pongs.add(self, self._heartbeat.written())
        else:
            pongs.add(self, self._heartbeat.wait_to_write(self._progress()))
            self._box().add(PING_MESSAGE)
            self._continue()

    def pong_is_due(self, token: int) -> None:
        if self.closed or not self._heartbeat.is_due(token):
            return
        reason = self._heartbeat.verdict(self._progress(), reads_by_itself=self.upgraded)
        if reason is not None:
            self.close(reason)
        else:
            self._context.pongs.add(self, self._heartbeat.wait_to_write(self._progress()))

    def lost(self, reason: str) -> None:
        self.connection = None
        self.close(reason)

    def close(self, reason: str) -> None:
        """At once and for good; what the client can still take is sent before the goodbye."""
        if self.closed:
            return
        self.closed = True
        staged, self.staged = self.staged, None
        connection, probe, farewell = self.connection, self.probe, ""
        if connection is None:
            for message in staged or ():
                self._box().add(message)
            rest = self._take(_POLLED_MESSAGES)  # a prefix: nothing may be skipped, or the client's offset would lie
            last = NOOP_PACKET if reason == close_reasons.CLIENT_DISCONNECT else CLOSE_PACKET
            self._last_words = SEPARATOR.join(filter(None, (_payload(rest), last)))
            if self._poll is None and not self.upgrading and reason not in close_reasons.NOBODY_WAITS:
                farewell = self._last_words
            self._wake()
        else:
            if staged and not connection.paused and not self.waiting:
                connection.write(b"".join([message.wire for message in staged]))
            connection.close(close_reasons.close_code(reason), reason)
        if probe is not None:
            probe.close(close_reasons.close_code(reason), reason)
        self.connection = self.probe = self.partial = self._outbox = None
        self._context.forget(self, reason, farewell)

    def _progress(self) -> tuple[int, int]:
        return (self._outbox.taken if self._outbox else 0, self.connection.unsent_bytes if self.connection else 0)


def _payload(messages: list[Message]) -> str:
    return SEPARATOR.join(
        packet if isinstance(packet, str) else "b" + base64.b64encode(packet).decode()
        for message in messages
        for packet in message.packets
    )
