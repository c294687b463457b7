"""A real-time server on loopback, and clients that speak the raw protocol."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from prometheus_client import CollectorRegistry

from realtime.delivery.fanout import Fanout
from realtime.engineio.limits import Limits, Rate
from realtime.engineio.metrics import RealtimeMetrics
from realtime.engineio.options import EngineOptions
from realtime.engineio.write_batch import WriteBatch
from realtime.socketio.client_manager import ClientManager
from realtime.socketio.delivery import Delivery
from realtime.socketio.errors import Refused
from realtime.socketio.namespace import Admission, Namespace
from realtime.socketio.server import RealtimeServer

UNLIMITED_RATE = Rate(per_second=1e6, burst=1e6)
WAIT_SECONDS = 15.0


def relaxed_limits(**changes: Any) -> Limits:
    """Limits without rates, for tests that are not about rates."""
    rates = dict.fromkeys(("connects_per_address", "messages_per_socket", "messages_per_address"), UNLIMITED_RATE)
    return Limits(**(rates | changes))


class RecordingNamespace(Namespace):
    """Admits all clients to the room in `auth`, except for `{"refuse": true}`; records who entered and left."""

    def __init__(self, namespace: str = "/hall") -> None:
        super().__init__(namespace)
        self.admitted: list[str] = []
        self.left: list[tuple[str, str]] = []
        self.received_events: list[tuple[Any, ...]] = []
        self.environs: list[dict[str, Any]] = []
        self.history: Callable[[str], Sequence[Delivery]] = lambda room: ()
        self.before_decision: Callable[[dict[str, Any]], Awaitable[None]] | None = None

    async def admit(self, sid: str, environ: dict[str, Any], auth: object) -> Admission:
        wish = auth if isinstance(auth, dict) else {}
        self.environs.append(environ)
        if self.before_decision is not None:
            await self.before_decision(wish)
        if wish.get("refuse"):
            raise Refused("NOT_AUTHENTICATED", "请先登录")
        room = str(wish.get("room", "lobby"))
        return Admission(
            rooms=frozenset({room}),
            backlog=lambda: self.history(room),
            on_entered=lambda: self.admitted.append(sid),
        )

    async def client_disconnected(self, sid: str, reason: str) -> None:
        self.left.append((sid, reason))

    async def on_message(self, sid: str, *arguments: Any) -> tuple[Any, ...]:
        self.received_events.append(arguments)
        await self.emit("message-back", arguments, to=sid)
        return arguments


@dataclass
class RunningServer:
    server: RealtimeServer
    fanout: Fanout
    recorder: RecordingNamespace
    registry: CollectorRegistry
    url: str
    http: aiohttp.ClientSession
    _opened: list["WebSocketClient"] = field(default_factory=list)

    def deliver(self, event: str, payload: dict[str, Any], *, rooms: tuple[str, ...] = ("lobby",), **more: Any) -> None:
        self.fanout.deliver([Delivery(self.recorder.namespace, rooms, event, payload, **more)])

    async def open(self, query: str = "EIO=4&transport=websocket", **options: Any) -> "WebSocketClient":
        client = WebSocketClient(await self.http.ws_connect(f"{self.url}?{query}", **options))
        self._opened.append(client)
        return client

    async def connect(self, auth: dict[str, Any] | None = None, **options: Any) -> "WebSocketClient":
        """Open a WebSocket and enter `/hall`; the answer to CONNECT has been read."""
        client = await self.open(**options)
        await client.receive()
        await client.send(f"40{self.recorder.namespace}," + ("" if auth is None else json.dumps(auth)))
        answer = await client.receive()
        assert answer.startswith(f"40{self.recorder.namespace},")
        client.sid = json.loads(answer.partition(",")[2])["sid"]
        return client

    def polling(self) -> "PollingClient":
        return PollingClient(self.http, self.url)

    def count(self, name: str, **labels: str) -> float:
        self.server.eio.record_sockets()
        return self.registry.get_sample_value(name, labels) or 0.0


class WebSocketClient:
    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.sid = ""

    async def send(self, packet: str | bytes) -> None:
        await (self.socket.send_str(packet) if isinstance(packet, str) else self.socket.send_bytes(packet))

    async def receive(self) -> str:
        """The next text packet that is not a PING."""
        while True:
            packet = await self.receive_any()
            if packet != "2":
                assert isinstance(packet, str)
                return packet
            await self.send("3")

    async def receive_any(self) -> str | bytes:
        message = await self.socket.receive(WAIT_SECONDS)
        assert message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY), message
        data: str | bytes = message.data
        return data

    async def closed(self) -> int | None:
        """Read on until the server closes; its close code."""
        while not self.socket.closed:
            message = await self.socket.receive(WAIT_SECONDS)
            if message.type is aiohttp.WSMsgType.TEXT and message.data == "2":
                await self.send("3")
        return self.socket.close_code

    async def close(self) -> None:
        await self.socket.close()

    @property
    def _transport(self) -> asyncio.Transport:
        connection = self.socket._response.connection
        assert connection is not None
        transport = connection.transport
        assert isinstance(transport, asyncio.Transport)
        return transport

    def vanish(self) -> None:
        """Break the connection without a close frame."""
        self._transport.abort()

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()


class PollingClient:
    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = url
        self.sid: str | None = None
        self.handshake: dict[str, Any] = {}

    async def open(self, *packets: str) -> None:
        status, body = await self.get()
        assert status == 200
        self.handshake = json.loads(body[1:])
        self.sid = self.handshake["sid"]
        for packet in packets:
            assert await self.post(packet) == (200, "ok")

    @property
    def query(self) -> str:
        return "EIO=4&transport=polling" + (f"&sid={self.sid}" if self.sid else "")

    async def get(self) -> tuple[int, str]:
        async with self._http.get(f"{self._url}?{self.query}") as answer:
            return answer.status, await answer.text()

    async def post(self, body: str | bytes) -> tuple[int, str]:
        async with self._http.post(f"{self._url}?{self.query}", data=body) as answer:
            return answer.status, await answer.text()

    async def packets(self) -> list[str]:
        """The next payload that is more than a PING."""
        while True:
            status, body = await self.get()
            assert status == 200
            packets = [packet for packet in body.split("\x1e") if packet != "2"]
            if len(packets) < len(body.split("\x1e")):
                await self.post("3")
            if packets:
                return packets


def build_server(options: EngineOptions, registry: CollectorRegistry) -> tuple[RealtimeServer, Fanout]:
    clients, batch = ClientManager(), WriteBatch(options.limits.sockets_per_iteration)
    metrics = RealtimeMetrics(registry)
    return RealtimeServer(options, clients, batch, metrics), Fanout(clients, batch, metrics)


@asynccontextmanager
async def running_server(
    limits: Limits | None = None, extra: Sequence[Namespace] = (), **options: Any
) -> AsyncIterator[RunningServer]:
    registry = CollectorRegistry()
    server, fanout = build_server(EngineOptions(limits=limits or relaxed_limits(), **options), registry)
    recorder = RecordingNamespace()
    for namespace in (recorder, *extra):
        server.register_namespace(namespace)
    app = web.Application()
    server.attach(app)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    port = runner.addresses[0][1]
    connector = aiohttp.TCPConnector(limit=0)
    try:
        async with aiohttp.ClientSession(connector=connector) as http:
            yield RunningServer(server, fanout, recorder, registry, f"http://127.0.0.1:{port}/socket.io/", http)
    finally:
        await runner.cleanup()
