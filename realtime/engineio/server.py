"""The Engine.IO server: sessions opened, requests led to the session they belong to, timers, the end."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import engineio
from aiohttp import web

from realtime.engineio import close_reasons
from realtime.engineio.client_address import Callers, rate_limit_key
from realtime.engineio.frames import Message
from realtime.engineio.limits import AddressBuckets
from realtime.engineio.metrics import RealtimeMetrics
from realtime.engineio.options import EngineOptions
from realtime.engineio.polling import BadRequest, BodyTooBig, accept_post, answer_poll
from realtime.engineio.socket import EngineSocket, SocketContext, SocketListener
from realtime.engineio.timers import Deadlines
from realtime.engineio.upgrade import Upgrade
from realtime.engineio.websocket import WebSocketConnection
from realtime.engineio.websocket_handshake import BadHandshake, accept_key, take_over
from realtime.engineio.wire_json import encode_json
from realtime.engineio.write_batch import WriteBatch

logger = logging.getLogger(__name__)

# The error body that Engine.IO clients know: {code, message}.
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
    """Takes sockets, sending and requests over from the library; ids, handlers and sessions stay the library's."""

    def __init__(
        self,
        options: EngineOptions,
        listener: SocketListener,
        write_batch: WriteBatch,
        metrics: RealtimeMetrics,
        position: Callable[[], str],
    ) -> None:
        """`position` tells where the history stands that is being sent to the sockets."""
        limits = options.limits
        super().__init__(
            async_mode="aiohttp",
            ping_interval=options.ping_interval,
            ping_timeout=options.ping_timeout,
            max_http_buffer_size=limits.max_message_bytes,
            transports=list(options.transports),
            cors_allowed_origins=[],  # `Callers` decides
            monitor_clients=False,  # deadlines instead of a sweep over everybody
            logger=logger,
        )
        self.limits = limits
        self.sockets: dict[str, EngineSocket] = {}
        self._metrics = metrics
        self._listener = listener
        self._sid_prefix = options.sid_prefix
        per_turn = limits.sockets_per_turn
        self._pings = Deadlines[EngineSocket](options.ping_interval, lambda socket, _: socket.send_ping(), per_turn)
        self._pongs = Deadlines[EngineSocket](options.ping_timeout, EngineSocket.pong_is_due, per_turn)
        self._context = SocketContext(
            limits=limits,
            metrics=metrics,
            write_batch=write_batch,
            pings=self._pings,
            pongs=self._pongs,
            listener=listener,
            forget=self._forget,
            position=position,
        )
        self._upgrades_due = Deadlines[Upgrade](limits.upgrade_seconds, lambda upgrade, _: upgrade.expired(), per_turn)
        self._goodbyes_due = Deadlines[WebSocketConnection](limits.close_seconds, self._cut_off, per_turn)
        self._goodbyes: set[WebSocketConnection] = set()
        self._farewells: dict[str, str] = {}
        """What the next poll of a session is answered that was closed between two polls."""
        self._farewells_due = Deadlines[str](limits.close_seconds, self._forget_farewell, per_turn)
        self._callers = Callers(options.trusted_proxies, options.allowed_origins)
        self._connects = AddressBuckets(limits.connects_per_address, limits.max_addresses)
        self._messages = AddressBuckets(limits.messages_per_address, limits.max_addresses)
        self._draining = False

    def generate_id(self) -> str:
        random = str(super().generate_id())
        return f"{self._sid_prefix}.{random}" if self._sid_prefix else random

    def record_sockets(self) -> None:
        """Write down how many sockets there are; to be done every few seconds."""
        self._metrics.record_sockets([socket.status for socket in self.sockets.values()])

    # requests

    def attach(self, app: web.Application, engineio_path: str = "socket.io") -> None:
        app.router.add_route("*", f"/{engineio_path.strip('/')}/", self.handle_request)

    async def handle_request(self, request: web.Request) -> web.StreamResponse:
        if not self._callers.may_connect_from(request):
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
            farewell = self._farewells.pop(sid, None) if request.method == "GET" and transport == "polling" else None
            return self._refuse(request, _UNKNOWN_SESSION) if farewell is None else self._text(request, farewell)
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
        address = self._callers.address(request)
        now = asyncio.get_running_loop().time()
        if len(self.sockets) >= self.limits.max_sockets or not self._connects.allows(rate_limit_key(address), now):
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
        connection = WebSocketConnection(self.limits.max_message_bytes, self._linger)
        socket = self._new_socket(request, address, connection)
        connection.listener = socket
        socket.send(Message((self._open_packet(socket, []),)))
        return self._taken_over(request, accept, connection)

    def _probe(self, request: web.Request, socket: EngineSocket) -> web.Response:
        if socket.upgraded or socket.probe is not None:
            return self._refuse(request, _BAD_REQUEST)
        try:
            accept = accept_key(request)
        except BadHandshake:
            return self._refuse(request, _BAD_REQUEST)
        connection = WebSocketConnection(self.limits.max_message_bytes, self._linger)
        upgrade = Upgrade(socket, connection)
        connection.listener = upgrade
        self._upgrades_due.add(upgrade)
        return self._taken_over(request, accept, connection)

    def _taken_over(self, request: web.Request, accept: str, connection: WebSocketConnection) -> web.Response:
        try:
            return take_over(request, accept, connection, self.limits.kernel_bytes)
        except ConnectionResetError:
            connection.connection_lost(None)
            return web.Response(status=400)  # nobody is left to read it

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
                # A byte that is not UTF-8 came in as half a character, which nothing that writes it down could encode.
                value = request.headers[name].encode(errors="replace").decode()
                environ["HTTP_" + name.upper().replace("-", "_")] = value
        shared = self._messages.of(rate_limit_key(address), asyncio.get_running_loop().time())
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
        """Only for origins that `Callers` let in."""
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

    # what the library's other parts call

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

    # the end

    def _forget(self, socket: EngineSocket, reason: str, farewell: str) -> None:
        """A socket has closed itself. `farewell`: what it could not tell, since no poll was there to be answered."""
        del self.sockets[socket.sid]
        if farewell:
            self._farewells[socket.sid] = farewell
            self._farewells_due.add(socket.sid)
        self._metrics.closes.labels(reason).inc()
        self._listener.closed(socket, reason)

    def refuse_newcomers(self) -> None:
        self._draining = True

    async def shutdown(self) -> None:
        """Close everybody and return when the last connection is gone, after `close_seconds` at the latest."""
        self.refuse_newcomers()
        for count, socket in enumerate(list(self.sockets.values())):
            socket.close(close_reasons.SERVER_SHUTDOWN)
            if count % self.limits.sockets_per_turn == 0:
                await asyncio.sleep(0)
        ended = [connection.ended for connection in self._goodbyes if connection.ended is not None]
        if ended:
            await asyncio.wait(ended, timeout=self.limits.close_seconds)
        for connection in list(self._goodbyes):
            connection.abort()
        for deadlines in (self._pings, self._pongs, self._upgrades_due, self._goodbyes_due, self._farewells_due):
            deadlines.stop()

    def _forget_farewell(self, sid: str, _: int) -> None:
        self._farewells.pop(sid, None)

    def _linger(self, connection: WebSocketConnection) -> None:
        self._goodbyes.add(connection)
        self._goodbyes_due.add(connection)

    def _cut_off(self, connection: WebSocketConnection, _: int) -> None:
        self._goodbyes.discard(connection)
        connection.abort()
