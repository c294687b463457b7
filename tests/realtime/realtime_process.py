"""The real-time part of an app process over a real Redis; the test decides the permissions of the staff."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
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
from domain.shared.event_feed import EventConsumer
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
from realtime.namespaces.base import NamespaceFactory
from realtime.namespaces.connections import ConnectionsNamespace
from realtime.namespaces.users import UsersNamespace
from tests.background import feed_of, job_runner
from tests.realtime.harness import WebSocketClient, relaxed_limits

IDS = ObjectIds()
TOKENS = JwtAccessTokens(["k" * 32], "test", {"staff": timedelta(hours=1), "mp": timedelta(hours=1)})
BRIEF_TOKENS = JwtAccessTokens(["k" * 32], "test", {"staff": timedelta(seconds=2), "mp": timedelta(hours=1)})
ALL_PERMISSIONS = frozenset({"*"})


def token(staff_id: str = "admin", session_id: str = "s1", tokens: JwtAccessTokens = TOKENS) -> str:
    return tokens.issue("staff", staff_id, session_id, datetime.now(UTC))[0]


class FakeStaffAuthorities:
    """Permissions as the test sets them; counts its queries."""

    def __init__(self) -> None:
        self.queries = 0
        self.unavailable = False
        self.refusals: dict[str, Exception] = {}
        self.permissions: dict[str, frozenset[str]] = {}
        self.roles: dict[str, str] = {}
        self.answer_gate: asyncio.Event | None = None
        """If there is one, every answer waits for it."""

    async def authority_of(self, claims: AccessClaims) -> StaffAuthority:
        self.queries += 1
        if self.answer_gate is not None:
            await self.answer_gate.wait()
        if self.unavailable:
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
            permissions=self.permissions.get(claims.subject, ALL_PERMISSIONS),
            session_id=claims.session_id,
        )


def user_changed(version: int) -> UserChanged:
    return UserChanged(id=IDS.next_id(), at=datetime.now(UTC), user_id="a" * 24, change="updated", version=version)


def access_changed(staff_id: str, session_id: str = "") -> StaffAccessChanged:
    return StaffAccessChanged(id=IDS.next_id(), at=datetime.now(UTC), staff_id=staff_id, session_id=session_id)


@dataclass
class RealtimeProcess:
    edge: RealtimeEdge
    bus: StreamBus
    presence_store: RedisPresenceStore
    authorities: FakeStaffAuthorities
    registry: CollectorRegistry
    url: str
    http: aiohttp.ClientSession
    background: "asyncio.Task[None]"

    async def connect_staff(self, namespace: str = "/users", **auth: Any) -> "StaffClient":
        """A client that has entered the namespace over a raw WebSocket. Fails if it was refused."""
        client = await self.try_connect(namespace, **auth)
        assert client.refused is None, client.refused
        return client

    async def try_connect(self, namespace: str = "/users", **auth: Any) -> "StaffClient":
        """The same; a refusal is in `StaffClient.refused`."""
        socket = WebSocketClient(await self.http.ws_connect(f"{self.url}?EIO=4&transport=websocket"))
        client = StaffClient(socket, namespace)
        await socket.receive()
        await client.connect({"token": token(), **auth})
        return client

    async def publish(self, *versions: int) -> None:
        await self.bus.publish([user_changed(version) for version in versions])

    def count(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(name, labels) or 0.0


class StaffClient:
    """A staff client; like the official client it keeps its pid and the offset of the newest must-arrive event."""

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
    def recovery_auth(self) -> dict[str, Any]:
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
async def realtime_process(
    redis_url: str,
    authorities: FakeStaffAuthorities | None = None,
    process_id: str = "w1",
    dead_after_seconds: int = 12,
    listener: socket.socket | None = None,
    more: Sequence[NamespaceFactory] = (),
    projections: Sequence[EventConsumer] = (),
    **options: Any,
) -> AsyncIterator[RealtimeProcess]:
    """Serves `/users`, `/connections` and the namespaces of `more`, which may read `projections`."""
    registry = CollectorRegistry()
    redis = Redis.from_url(redis_url, socket_timeout=5.0)
    reader = stream_reader(redis_url)
    bus = StreamBus(redis, reader, registry)
    presence_store = RedisPresenceStore(redis, dead_after_seconds)
    authorities = authorities or FakeStaffAuthorities()
    ports = Ports(
        stream=bus,
        publisher=bus,
        tokens=TOKENS,
        authorities=authorities,
        records=RedisRecoveryStore(redis),
        presence=presence_store,
        clock=SystemClock(),
        ids=IDS,
    )
    namespaces: list[NamespaceFactory] = [UsersNamespace, ConnectionsNamespace, *more]
    edge = RealtimeEdge(ports, Options(process_id=process_id, limits=relaxed_limits(), **options), registry, namespaces)
    app = web.Application()
    edge.attach(app)
    feed, feeding = feed_of(bus, *projections, edge.hub)
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
            yield RealtimeProcess(edge, bus, presence_store, authorities, registry, url, http, background)
    finally:
        await runner.cleanup()
        background.cancel()
        with suppress(asyncio.CancelledError):
            await background
        await redis.aclose()
        await reader.aclose()


def ids_of(connections: Sequence[Any]) -> set[str]:
    return {connection.id for connection in connections}
