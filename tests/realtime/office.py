"""A whole worker's real-time side over a real Redis, with members of staff whose rights a test decides."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from aiohttp import web
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis

from domain.sessions.model import SessionEnded
from domain.sessions.tokens import AccessClaims
from domain.shared.authority import StaffAuthority
from domain.shared.errors import Unavailable
from domain.staff.events import StaffAccessChanged
from domain.users.events import UserChanged
from integrations.clock import SystemClock
from integrations.redis.bus import StreamBus, stream_reader
from integrations.redis.lease import RedisLease
from integrations.redis.presence import RedisPresenceStore
from integrations.redis.recovery import RedisRecoveryStore
from integrations.security.ids import ObjectIds
from integrations.security.tokens import JwtAccessTokens
from realtime.edge import Options, Ports, RealtimeEdge
from realtime.namespaces.base import ClientNamespace, NamespaceContext
from tests.background import feed_of, job_runner
from tests.realtime.harness import PATIENCE_SECONDS, WebSocketClient, roomy_limits

IDS = ObjectIds()
TOKENS = JwtAccessTokens(["k" * 32], "test", {"staff": timedelta(hours=1), "mp": timedelta(hours=1)})
BRIEF_TOKENS = JwtAccessTokens(["k" * 32], "test", {"staff": timedelta(seconds=2), "mp": timedelta(hours=1)})
EVERYTHING = frozenset({"*"})


def token(staff_id: str = "admin", session_id: str = "s1", tokens: JwtAccessTokens = TOKENS) -> str:
    return tokens.issue("staff", staff_id, session_id, datetime.now(UTC))[0]


class Payroll:
    """Plays `StaffAuthorities`: who may what; counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.away = False
        self.refusals: dict[str, Exception] = {}
        self.permissions: dict[str, frozenset[str]] = {}
        self.roles: dict[str, str] = {}
        self.gate: asyncio.Event | None = None
        """Set: every answer waits for it."""

    async def authority_of(self, claims: AccessClaims) -> StaffAuthority:
        self.asked += 1
        if self.gate is not None:
            await self.gate.wait()
        if self.away:
            raise Unavailable
        if (refusal := self.refusals.get(claims.subject)) is not None:
            raise refusal
        if claims.session_id == "ended":
            raise SessionEnded
        return StaffAuthority(
            id=claims.subject,
            username=claims.subject,
            name=claims.subject.title(),
            role=self.roles.get(claims.subject, "admin"),
            permissions=self.permissions.get(claims.subject, EVERYTHING),
            session_id=claims.session_id,
        )


def user_changed(version: int) -> UserChanged:
    return UserChanged(id=IDS.next_id(), at=datetime.now(UTC), user_id="a" * 24, change="updated", version=version)


def access_changed(staff_id: str, session_id: str = "") -> StaffAccessChanged:
    return StaffAccessChanged(id=IDS.next_id(), at=datetime.now(UTC), staff_id=staff_id, session_id=session_id)


@dataclass
class Office:
    edge: RealtimeEdge
    bus: StreamBus
    board: RedisPresenceStore
    payroll: Payroll
    registry: CollectorRegistry
    url: str
    http: aiohttp.ClientSession
    background: "asyncio.Task[None]"
    _desks: list["Dashboard"] = field(default_factory=list)

    async def dashboard(self, namespace: str = "/users", **auth: Any) -> "Dashboard":
        """Connected over a raw WebSocket; the answer to CONNECT has been read."""
        dashboard = await self.knock(namespace, **auth)
        assert dashboard.refused is None, dashboard.refused
        return dashboard

    async def knock(self, namespace: str = "/users", **auth: Any) -> "Dashboard":
        """As `dashboard`, but a refusal is an answer, too."""
        client = WebSocketClient(await self.http.ws_connect(f"{self.url}?EIO=4&transport=websocket"))
        dashboard = Dashboard(client, namespace)
        await client.receive()
        await dashboard.connect({"token": token(), **auth})
        return dashboard

    async def publish(self, *versions: int) -> None:
        await self.bus.publish([user_changed(version) for version in versions])

    def count(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(name, labels) or 0.0


class Dashboard:
    """What the official client remembers: its pid, and the offset of the newest must-arrive event."""

    def __init__(self, client: WebSocketClient, namespace: str) -> None:
        self.client = client
        self.namespace = namespace
        self.answer: dict[str, Any] = {}
        self.refused: dict[str, Any] | None = None
        self.offset: str | None = None

    async def connect(self, auth: dict[str, Any]) -> None:
        await self.client.send(f"40{self.namespace},{json.dumps(auth)}")
        packet = await self.client.receive()
        body = json.loads(packet.partition(",")[2])
        if packet.startswith("44"):
            self.refused = body
        else:
            assert packet.startswith(f"40{self.namespace},"), packet
            self.answer = body

    @property
    def memory(self) -> dict[str, Any]:
        return {"pid": self.answer["pid"]} | ({"offset": self.offset} if self.offset else {})

    async def event(self) -> tuple[str, Any]:
        packet = await self.client.receive()
        assert packet.startswith(f"42{self.namespace},"), packet
        name, payload, *rest = json.loads(packet.partition(",")[2])
        if rest:
            self.offset = rest[0]
        return name, payload

    async def versions(self, count: int) -> list[int]:
        return [(await self.event())[1]["version"] for _ in range(count)]

    async def ask(self, event: str, payload: Any) -> dict[str, Any]:
        await self.client.send(f"42{self.namespace},1{json.dumps([event, payload])}")
        packet = await self.client.receive()
        assert packet.startswith(f"43{self.namespace},1"), packet
        answer: dict[str, Any] = json.loads(packet.partition(",")[2][1:])[0]
        return answer

    def vanish(self) -> None:
        self.client.vanish()


@asynccontextmanager
async def office(
    redis_url: str,
    payroll: Payroll | None = None,
    worker: str = "w1",
    dead_after_seconds: int = 12,
    listener: socket.socket | None = None,
    more: Sequence[Callable[[NamespaceContext], ClientNamespace[Any, Any]]] = (),
    **options: Any,
) -> AsyncIterator[Office]:
    registry = CollectorRegistry()
    redis = Redis.from_url(redis_url, socket_timeout=5.0)
    reader = stream_reader(redis_url)
    bus = StreamBus(redis, reader, registry)
    board = RedisPresenceStore(redis, dead_after_seconds)
    payroll = payroll or Payroll()
    ports = Ports(
        stream=bus,
        publisher=bus,
        tokens=TOKENS,
        authorities=payroll,
        records=RedisRecoveryStore(redis),
        board=board,
        clock=SystemClock(),
        ids=IDS,
    )
    edge = RealtimeEdge(ports, Options(worker=worker, limits=roomy_limits(), **options), registry, more=more)
    app = web.Application()
    edge.attach(app)
    feed, feeding = feed_of(bus, edge.hub)
    background = asyncio.create_task(job_runner([feeding, *edge.background], RedisLease(redis)).run())
    await feed.until_started()
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    if listener is None:
        listener = socket.create_server(("127.0.0.1", 0))
    await web.SockSite(runner, listener, backlog=1024).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/socket.io/"
    try:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
            yield Office(edge, bus, board, payroll, registry, url, http, background)
    finally:
        await runner.cleanup()
        background.cancel()
        with suppress(asyncio.CancelledError):
            await background
        await redis.aclose()
        await reader.aclose()


async def settled(check: Any, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait for an awaited condition that must become true."""
    async with asyncio.timeout(seconds):
        while not await check():
            await asyncio.sleep(0.02)


def ids_of(connections: Sequence[Any]) -> set[str]:
    return {connection.id for connection in connections}
