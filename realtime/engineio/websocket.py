"""The WebSocket transport: one asyncio protocol a connection, without a task, a queue or a request of aiohttp.

aiohttp accepts the HTTP request; once the answer "101" is written, the connection is taken away from aiohttp (see
`websocket_handshake`). The transport, the frame parser and the socket stay in memory, and a lost connection is cleaned
up in the callback that reports it.
"""

import asyncio
import os
import socket
from collections.abc import Callable
from typing import Protocol, cast

from realtime.engineio import close_reasons
from realtime.engineio.frame_parser import FrameParser, ProtocolViolated
from realtime.engineio.frames import CLOSE, PING, PONG, close_frame, frame


class ConnectionListener(Protocol):
    """Receives the events of a connection: an engine socket, or an upgrade that is being probed."""

    def charge(self) -> bool:
        """Counts one frame of the client; False when the client is over its rate and was closed."""

    def received(self, data: str | bytes) -> None: ...

    def writable(self) -> None:
        """The kernel has taken all bytes that were waiting in the transport."""

    def blocked(self) -> None:
        """The client does not keep up: bytes wait in the transport."""

    def lost(self, reason: str) -> None:
        """The connection has ended; called once."""


class WebSocketConnection(asyncio.Protocol):
    __slots__ = (
        "_closing",
        "_descriptor",
        "_parser",
        "_pong",
        "_started_closing",
        "_transport",
        "ended",
        "listener",
        "paused",
        "write",
    )

    def __init__(self, max_message_bytes: int, started_closing: "Callable[[WebSocketConnection], None]") -> None:
        """`started_closing` is called when this side has sent its close frame and waits for the answer."""
        self._parser = FrameParser(max_message_bytes)
        self._started_closing = started_closing
        self._closing = False
        self._pong: bytes | None = None
        self._transport: asyncio.Transport | None = None
        self.listener: ConnectionListener | None = None
        self.ended: asyncio.Future[None] | None = None
        """Exists once this side has started closing; done when the transport is closed."""
        self.paused = False
        self.write: Callable[[bytes], None] = _discard
        """Only for a connection that is not `paused`."""
        self._descriptor = -1

    def attach(self, transport: asyncio.Transport, listener: ConnectionListener, kernel_bytes: int) -> None:
        self._transport = transport
        self.listener = listener
        tcp = transport.get_extra_info("socket")
        if tcp is not None:
            tcp.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, kernel_bytes // 2)  # Linux doubles it
        self.write = transport.write
        if tcp is not None and os.name == "posix" and transport.get_extra_info("sslcontext") is None:
            self._descriptor = tcp.fileno()
            self.write = self._write_directly
        transport.set_protocol(self)
        # "Paused" must mean "bytes wait", so that nothing is ever handed to a transport that is behind.
        transport.set_write_buffer_limits(high=0)
        if not transport.is_reading():
            transport.resume_reading()

    @property
    def unsent_bytes(self) -> int:
        return self._transport.get_write_buffer_size() if self.paused and self._transport is not None else 0

    # callbacks of asyncio

    def data_received(self, data: bytes) -> None:
        try:
            for opcode, payload in self._parser.feed(data):
                self._handle(opcode, payload)
                if self._transport is None or (self._closing and opcode != CLOSE):
                    return
        except ProtocolViolated as violation:
            reason = close_reasons.MESSAGE_TOO_BIG if violation.code == 1009 else close_reasons.MALFORMED
            self._report_lost(reason)
            self.close(violation.code, reason)

    def pause_writing(self) -> None:
        self.paused = True
        if self.listener is not None:
            self.listener.blocked()

    def resume_writing(self) -> None:
        self.paused = False
        pong, self._pong = self._pong, None
        if pong is not None:
            self.write(pong)
        if self.listener is not None and not self.paused:
            self.listener.writable()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self.write = _discard
        if self.ended is not None and not self.ended.done():
            self.ended.set_result(None)
        self._report_lost(close_reasons.TRANSPORT_CLOSE if exc is None else close_reasons.TRANSPORT_ERROR)

    def _write_directly(self, data: bytes) -> None:
        """Bypasses the transport, which would be a tenth of the cost of a delivery, while no bytes wait in it.

        The descriptor stays open until `connection_lost`: the transport closes it only after that call. Bytes that
        the kernel does not take, and errors, are left to the transport.
        """
        try:
            sent = os.write(self._descriptor, data)
        except OSError:
            sent = 0
        if sent < len(data) and self._transport is not None:
            self._transport.write(data[sent:])

    # methods for the engine

    def set_listener(self, listener: ConnectionListener) -> None:
        """From now on, `listener` receives the events."""
        self.listener = listener

    def close(self, code: int, reason: str) -> None:
        """Sends a close frame and waits a little for the answer; a client that does not read is aborted at once."""
        self.listener = None
        transport = self._transport
        if transport is None or self._closing:
            return
        self._closing = True
        if self.paused:
            transport.abort()
            return
        transport.write(close_frame(code, reason))
        self.write = _discard
        self.ended = asyncio.get_running_loop().create_future()
        self._started_closing(self)

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _handle(self, opcode: int, payload: str | bytes) -> None:
        if opcode == CLOSE:
            self._answer_close(cast(bytes, payload))
            return
        listener = self.listener
        if listener is None or not listener.charge() or opcode == PONG:
            return
        if opcode == PING:
            self._answer_ping(cast(bytes, payload))
        else:
            listener.received(payload)

    def _answer_ping(self, payload: bytes) -> None:
        answer = frame(PONG, payload)
        if self.paused:
            self._pong = answer  # only the newest ping needs an answer
        else:
            self.write(answer)

    def _answer_close(self, payload: bytes) -> None:
        transport = self._transport
        if transport is None:
            return
        if not self._closing:
            self._closing = True
            self._report_lost(close_reasons.TRANSPORT_CLOSE)
            if not self.paused:
                transport.write(frame(CLOSE, payload[:2]))
        if self.paused:
            transport.abort()  # after its close frame a client reads no more
        else:
            transport.close()

    def _report_lost(self, reason: str) -> None:
        listener, self.listener = self.listener, None
        if listener is not None:
            listener.lost(reason)


def _discard(data: bytes) -> None: ...
