"""The Engine.IO server: opens sessions, routes requests to them, runs their timers, and closes them."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import engineio
from aiohttp import web

from domain.shared.ip_addresses import rate_limit_key
from realtime.engineio import close_reasons
from realtime.engineio.frames import Message
from realtime.engineio.limits import AddressBuckets
from realtime.engineio.metrics import RealtimeMetrics
from realtime.engineio.options import EngineOptions
from realtime.engineio.origin_policy import OriginPolicy
from realtime.engineio.polling import BadRequest, BodyTooBig, accept_post, answer_poll
from realtime.engineio.socket import EngineSocket, SocketContext, SocketListener
from realtime.engineio.timers import Deadlines
from realtime.engineio.upgrade import Upgrade
from realtime.engineio.websocket import ConnectionListener, WebSocketConnection
from realtime.engineio.websocket_handshake import BadHandshake, accept_key, take_over
from realtime.engineio.wire_json import encode_json
from realtime.engineio.write_batch import WriteBatch

logger = logging.getLogger(__name__)

# Refusals: HTTP status, then the {code, message} that Engine.IO clients understand.
_UNKNOWN_TRANSPORT = (400, 0, "Transport unknown")
_UNKNOWN_SESSION = (400, 1, "Session ID unknown")
_BAD_METHOD = (400, 2, "Bad handshake method")
_BAD_REQUEST = (400, 3, "Bad request")
_TOO_BIG = (413, 3, "Payload too large")
_FORBIDDEN = (403, 4, "Origin not allowed")
_BAD_VERSION = (400, 5, "Unsupported protocol version")
_TOO_MANY = (429, 3, "Too many connections")
_DRAINING = (503, 3, "Server is shutting down")

_HEADERS_KEPT = ("Authorization", "User-Agent", "Origin", "Accept-Language", "Host", "X-Request-Id")


class EngineServer(engineio.AsyncServer):  # type: ignore[misc]  # the library has no type information
    """Replaces the library's sockets, sending and requests; ids, handlers and user sessions stay the library's."""

    def __init__(
        self,
        options: EngineOptions,
        listener: SocketListener,
        write_batch: WriteBatch,
        metrics: RealtimeMetrics,
        position: Callable[[], str],
    ) -> None:
        """`position` returns the position in the event stream up to which events have been sent to the sockets."""
        limits = options.limits
        super().__init__(
            async_mode="aiohttp",
            ping_interval=options.ping_interval,
            ping_timeout=options.ping_timeout,
            max_http_buffer_size=limits.max_message_bytes,
            transports=list(options.transports),
            cors_allowed_origins=[],  # `OriginPolicy` decides
            monitor_clients=False,  # deadlines replace the sweep over all sockets
            logger=logger,
        )
        self.limits = limits
        self.sockets: dict[str, EngineSocket] = {}
        self._metrics = metrics
        self._listener = listener
        self._sid_prefix = options.sid_prefix
        per_iteration = limits.sockets_per_iteration
        self._pings = Deadlines[EngineSocket](
            options.ping_interval, lambda socket, _: socket.send_ping(), per_iteration
        )
        self._pongs = Deadlines[EngineSocket](options.ping_timeout, EngineSocket.check_pong, per_iteration)
        self._context = SocketContext(
            limits=limits,
            metrics=metrics,
            write_batch=write_batch,
            pings=self._pings,
            pongs=self._pongs,
            listener=listener,
            on_closed=self._socket_closed,
            position=position,
        )
        self._upgrade_deadlines = Deadlines[Upgrade](
            limits.upgrade_seconds, lambda upgrade, _: upgrade.expired(), per_iteration
        )
        self._close_deadlines = Deadlines[WebSocketConnection](limits.close_seconds, self._abort, per_iteration)
        self._closing: set[WebSocketConnection] = set()
        self._final_payloads: dict[str, str] = {}
        """Answers to the next poll of sessions that were closed between two polls, by session id."""
        self._final_payload_deadlines = Deadlines[str](limits.close_seconds, self._drop_final_payload, per_iteration)
        self._origins = OriginPolicy(options.trusted_proxies, options.allowed_origins)
        self._connect_rates = AddressBuckets(limits.connects_per_address, limits.max_addresses)
        self._message_rates = AddressBuckets(limits.messages_per_address, limits.max_addresses)
        self._draining = False

    def generate_id(self) -> str:
        random = str(super().generate_id())
        return f"{self._sid_prefix}.{random}" if self._sid_prefix else random

    def record_sockets(self) -> None:
        """Sets the gauges of connections; to be called every few seconds."""
        self._metrics.record_sockets([socket.status for socket in self.sockets.values()])

    # requests

    def attach(self, app: web.Application, engineio_path: str = "socket.io") -> None:
        app.router.add_route("*", f"/{engineio_path.strip('/')}/", self.handle_request)

    async def handle_request(self, request: web.Request) -> web.StreamResponse:
        if not self._origins.allows(request):
            return self._refuse(request, _FORBIDDEN)
        if request.method == "OPTIONS":
            return web.Response(status=204, headers=self._cors(request))
        transport = request.query.get("transport", "")
        if transport not in self.transports:
            return self._refuse(request, _UNKNOWN_TRANSPORT)
        sid = request.query.get("sid")
        if sid is None:
            return self._open(request, transport)
        socket = self.sockets.get(sid)
        if socket is None:
            is_poll = request.method == "GET" and transport == "polling"
            payload = self._final_payloads.pop(sid, None) if is_poll else None
            return self._refuse(request, _UNKNOWN_SESSION) if payload is None else self._text(request, payload)
        if transport == "websocket":
            return self._probe(request, socket)
        return await self._poll_or_post(request, socket)

    def _open(self, request: web.Request, transport: str) -> web.Response:
        if request.method != "GET":
            return self._refuse(request, _BAD_METHOD)
        if request.query.get("EIO") != "4":
            return self._refuse(request, _BAD_VERSION)
        if self._draining:
            return self._refuse(request, _DRAINING)
        address = self._origins.client_address(request)
        now = asyncio.get_running_loop().time()
        if len(self.sockets) >= self.limits.max_sockets or not self._connect_rates.allows(rate_limit_key(address), now):
            return self._refuse(request, _TOO_MANY)
        if transport == "websocket":
            return self._open_websocket(request, address)
        socket = self._new_socket(request, address)
        upgrades = ["websocket"] if "websocket" in self.transports else []
        return self._text(request, self._open_packet(socket, upgrades))

    def _open_websocket(self, request: web.Request, address: str) -> web.Response:
        try:
            accept = accept_key(request)
        except BadHandshake:
            return self._refuse(request, _BAD_REQUEST)
        connection = WebSocketConnection(self.limits.max_message_bytes, self._await_close)
        socket = self._new_socket(request, address, connection)
        socket.send(Message((self._open_packet(socket, []),)))
        return self._take_over(request, accept, connection, socket)

    def _probe(self, request: web.Request, socket: EngineSocket) -> web.Response:
        if socket.upgraded or socket.probe is not None:
            return self._refuse(request, _BAD_REQUEST)
        try:
            accept = accept_key(request)
        except BadHandshake:
            return self._refuse(request, _BAD_REQUEST)
        connection = WebSocketConnection(self.limits.max_message_bytes, self._await_close)
        upgrade = Upgrade(socket, connection)
        self._upgrade_deadlines.add(upgrade)
        return self._take_over(request, accept, connection, upgrade)

    def _take_over(
        self, request: web.Request, accept: str, connection: WebSocketConnection, listener: ConnectionListener
    ) -> web.Response:
        try:
            return take_over(request, accept, connection, listener, self.limits.kernel_bytes)
        except ConnectionResetError:
            listener.lost(close_reasons.TRANSPORT_CLOSE)
            return web.Response(status=400)  # for the access log; the client has disconnected

    async def _poll_or_post(self, request: web.Request, socket: EngineSocket) -> web.Response:
        if socket.upgraded:
            return self._refuse(request, _BAD_REQUEST)
        try:
            if request.method == "GET":
                return self._text(request, await answer_poll(request, socket))
            if request.method == "POST":
                await accept_post(request, socket, self.limits)
                return self._text(request, "ok")
        except BadRequest:
            return self._refuse(request, _BAD_REQUEST)
        except BodyTooBig:
            return self._refuse(request, _TOO_BIG)
        return self._refuse(request, _BAD_METHOD)

    def _new_socket(
        self, request: web.Request, address: str, connection: WebSocketConnection | None = None
    ) -> EngineSocket:
        environ: dict[str, Any] = {"REMOTE_ADDR": address, "QUERY_STRING": request.query_string}
        for name in _HEADERS_KEPT:
            if name in request.headers:
                # aiohttp decodes a byte that is not UTF-8 to a lone surrogate, which cannot be encoded again.
                value = request.headers[name].encode(errors="replace").decode()
                environ["HTTP_" + name.upper().replace("-", "_")] = value
        shared = self._message_rates.bucket_of(rate_limit_key(address), asyncio.get_running_loop().time())
        socket = EngineSocket(self._context, self.generate_id(), environ, shared, connection)
        self.sockets[socket.sid] = socket
        self._pings.add(socket)
        self._listener.opened(socket)
        return socket

    def _open_packet(self, socket: EngineSocket, upgrades: list[str]) -> str:
        return "0" + encode_json(
            {
                "sid": socket.sid,
                "upgrades": upgrades,
                "pingInterval": round(self.ping_interval * 1000),
                "pingTimeout": round(self.ping_timeout * 1000),
                "maxPayload": self.limits.max_message_bytes,
            }
        )

    # answers

    def _text(self, request: web.Request, text: str) -> web.Response:
        return web.Response(text=text, headers=self._cors(request) | {"Cache-Control": "no-store"})

    def _refuse(self, request: web.Request, refusal: tuple[int, int, str]) -> web.Response:
        status, code, message = refusal
        self._metrics.refused.labels(message.upper().replace(" ", "_")).inc()
        headers = {"Retry-After": "5"} if status in (429, 503) else {}
        if refusal is not _FORBIDDEN:
            headers |= self._cors(request)
        text = encode_json({"code": code, "message": message})
        return web.Response(status=status, text=text, content_type="application/json", headers=headers)

    def _cors(self, request: web.Request) -> dict[str, str]:
        """Only for origins that the `OriginPolicy` allows."""
        origin = request.headers.get("Origin")
        if origin is None:
            return {}
        headers = {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Credentials": "true",
            "Vary": "Origin",
        }
        if request.method == "OPTIONS":
            headers["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
            headers["Access-Control-Allow-Headers"] = "Content-Type, Authorization"
            headers["Access-Control-Max-Age"] = "600"
        return headers

    # called by other parts of the library

    async def send(self, sid: str, data: str | bytes) -> None:
        if (socket := self.sockets.get(sid)) is not None:
            socket.send(Message(("4" + data if isinstance(data, str) else data,)))

    async def send_packet(self, sid: str, pkt: engineio.packet.Packet) -> None:
        if (socket := self.sockets.get(sid)) is not None:
            socket.send(Message((pkt.encode(),)))

    async def disconnect(self, sid: str | None = None) -> None:
        for socket in [self.sockets.get(sid)] if sid is not None else list(self.sockets.values()):
            if socket is not None:
                socket.close(close_reasons.SERVER_DISCONNECT)

    # closing

    def _socket_closed(self, socket: EngineSocket, reason: str, next_payload: str) -> None:
        """`next_payload`: the answer to the next poll, if no poll was waiting for the final payload."""
        del self.sockets[socket.sid]
        if next_payload:
            self._final_payloads[socket.sid] = next_payload
            self._final_payload_deadlines.add(socket.sid)
        self._metrics.closes.labels(reason).inc()
        self._listener.closed(socket, reason)

    def stop_accepting(self) -> None:
        self._draining = True

    async def shutdown(self) -> None:
        """Closes all sockets and returns when the last connection has ended, after `close_seconds` at the latest."""
        self.stop_accepting()
        for count, socket in enumerate(list(self.sockets.values())):
            socket.close(close_reasons.SERVER_SHUTDOWN)
            if count % self.limits.sockets_per_iteration == 0:
                await asyncio.sleep(0)
        ended = [connection.ended for connection in self._closing if connection.ended is not None]
        if ended:
            await asyncio.wait(ended, timeout=self.limits.close_seconds)
        for connection in list(self._closing):
            connection.abort()
        self._pings.stop()
        self._pongs.stop()
        self._upgrade_deadlines.stop()
        self._close_deadlines.stop()
        self._final_payload_deadlines.stop()

    def _drop_final_payload(self, sid: str, _: int) -> None:
        self._final_payloads.pop(sid, None)

    def _await_close(self, connection: WebSocketConnection) -> None:
        self._closing.add(connection)
        self._close_deadlines.add(connection)

    def _abort(self, connection: WebSocketConnection, _: int) -> None:
        self._closing.discard(connection)
        connection.abort()
