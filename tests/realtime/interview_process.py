"""An app process that serves `/interview` over real stores, and clients of that namespace."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from aiohttp import web
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis

from domain.interviews.invites.service import IssuedTicket, NewInvite
from domain.interviews.record.model import InterviewRoom
from domain.interviews.record.new_room import NewRoom, OnConflict
from domain.interviews.services import InterviewServices
from domain.shared.actor import SYSTEM
from domain.shared.authority import StaffAuthority
from domain.shared.ports import Clock
from integrations.clock import SystemClock
from integrations.mongo.interviews.rooms import MongoInterviewRoomRepository
from integrations.redis.bus import StreamBus
from integrations.redis.interviews.app_processes import RedisAppProcessRegistry
from integrations.redis.presence import RedisPresenceStore
from integrations.redis.recovery import RedisRecoveryStore
from integrations.security.tickets import HmacTicketSigner
from integrations.turn_credentials import CoturnServers
from integrations.wiring.area import background_of
from integrations.wiring.audit import wire_audit
from integrations.wiring.infrastructure import open_infrastructure
from integrations.wiring.interviews import interview_ports, wire_interviews
from realtime.edge import Options, Ports, RealtimeEdge
from realtime.engineio.limits import Limits
from realtime.engineio.wire_json import encode_json
from realtime.namespaces.base import NamespaceContext
from realtime.namespaces.connections import ConnectionsNamespace
from realtime.namespaces.interview.namespace import InterviewNamespace
from realtime.namespaces.interview.pushes import NAME
from realtime.namespaces.users import UsersNamespace
from tests.app_process import settings_of
from tests.background import feed_of, job_runner
from tests.realtime.harness import WAIT_SECONDS, WebSocketClient, relaxed_limits
from tests.realtime.realtime_process import ALL_PERMISSIONS, IDS, TOKENS, FakeStaffAuthorities, token

SIGNER = HmacTicketSigner(["a test key for the tickets of guests"])
HOST = "a" * 24


def a_host(staff_id: str = HOST) -> StaffAuthority:
    return StaffAuthority(
        id=staff_id,
        username=staff_id,
        name=staff_id.title(),
        role="admin",
        permissions=ALL_PERMISSIONS,
        session_id="s1",
    )


class AdjustableClock:
    """Real time plus an offset. Deadlines of rooms follow it; tokens and sockets do not."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def now(self) -> datetime:
        return SystemClock().now() + self.offset

    def advance(self, seconds: float) -> None:
        self.offset += timedelta(seconds=seconds)


@dataclass
class InterviewProcess:
    name: str
    edge: RealtimeEdge
    namespace: InterviewNamespace
    services: InterviewServices
    records: MongoInterviewRoomRepository
    redis: Redis
    bus: StreamBus
    authorities: FakeStaffAuthorities
    registry: CollectorRegistry
    url: str
    http: aiohttp.ClientSession
    clients: list["InterviewClient"] = field(default_factory=list)

    async def create_room(self, host: str = HOST, on_conflict: OnConflict = "supersede", **wish: Any) -> InterviewRoom:
        return await self.services.rooms.create(a_host(host), NewRoom(**wish), on_conflict, SYSTEM)

    async def create_invite(self, room_id: str, host: str = HOST, **wish: Any) -> str:
        """Returns the code of the link."""
        link = await self.services.invites.create(a_host(host), room_id, NewInvite(**wish), SYSTEM)
        return link.code

    async def issue_ticket(self, room_id: str, host: str = HOST, **wish: Any) -> IssuedTicket:
        return await self.services.invites.redeem(await self.create_invite(room_id, host, **wish), "")

    async def connect(self, **auth: Any) -> "InterviewClient":
        client = await self.try_connect(**auth)
        assert client.refused is None, client.refused
        return client

    async def try_connect(self, **auth: Any) -> "InterviewClient":
        client = InterviewClient(self.url, self.http, auth)
        await client.connect()
        self.clients.append(client)
        return client

    async def connect_host(self, room_id: str, host: str = HOST, **join: Any) -> "InterviewClient":
        """A connected host who has joined the room."""
        client = await self.connect(token=token(host))
        await client.join(room_id, **join)
        return client

    async def connect_guest(
        self, room_id: str, host: str = HOST, identity: str = "customer", **join: Any
    ) -> "InterviewClient":
        issued = await self.issue_ticket(room_id, host, identity=identity)
        client = await self.connect(ticket=issued.ticket)
        await client.join(room_id, **join)
        return client

    def count(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(name, labels) or 0.0

    async def live(self, room_id: str) -> Any:
        return await self.services.unit_of_work.peek(room_id)

    async def record(self, room_id: str) -> InterviewRoom:
        return await self.services.rooms.find(room_id)


class InterviewClient:
    """A client of `/interview` with acknowledgements and recovery: it remembers its pid and the newest offset."""

    def __init__(self, url: str, http: aiohttp.ClientSession, auth: dict[str, Any]) -> None:
        self.url = url
        self._http = http
        self.auth = auth
        self.answer: dict[str, Any] = {}
        self.refused: dict[str, Any] | None = None
        self.offset: str | None = None
        self.events: list[tuple[str, Any]] = []
        self.offsets: list[str] = []
        self.closed = asyncio.Event()
        self.disconnected_by_server = False
        self.snapshot: dict[str, Any] = {}
        self._acks: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._next_ack = 0
        self._changed = asyncio.Event()
        self._client: WebSocketClient | None = None
        self._reader: asyncio.Task[None] | None = None

    # the connection

    async def connect(self, url: str = "", **auth: Any) -> None:
        self.url = url or self.url
        socket = await self._http.ws_connect(f"{self.url}?EIO=4&transport=websocket", max_msg_size=0)
        client = self._client = WebSocketClient(socket)
        await client.receive()
        await client.send(f"40{NAME},{json.dumps({**self.auth, **auth})}")
        packet = await client.receive()
        body = json.loads(packet.partition(",")[2])
        self.refused = body if packet.startswith("44") else None
        self.disconnected_by_server = False
        self.closed = asyncio.Event()
        if self.refused is None:
            self.answer = body
            self._reader = asyncio.create_task(self._read(client))

    async def reconnect(self, url: str = "") -> bool:
        """Reconnects with the pid and the newest offset. Returns whether the connection was recovered."""
        memory = {"pid": self.answer["pid"]} | ({"offset": self.offset} if self.offset else {})
        await self.connect(url, **memory)
        return bool(self.answer.get("recovery", {}).get("recovered"))

    def drop_connection(self) -> None:
        assert self._client is not None
        self._client.vanish()

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
        if self._reader is not None:
            self._reader.cancel()

    async def _read(self, client: WebSocketClient) -> None:
        try:
            while True:
                message = await client.socket.receive()
                if message.type is not aiohttp.WSMsgType.TEXT:
                    return
                await self._packet(client, message.data)
        except (ConnectionError, RuntimeError):
            return
        finally:
            self.closed.set()
            for waiting in self._acks.values():
                if not waiting.done():
                    waiting.set_exception(ConnectionResetError("the connection is gone"))
            self._acks.clear()
            self._changed.set()

    async def _packet(self, client: WebSocketClient, packet: str) -> None:
        if packet == "2":
            with suppress(ConnectionError):
                await client.send("3")
        elif packet.startswith(f"41{NAME}"):
            self.disconnected_by_server = True
            self._changed.set()
        elif packet.startswith(f"43{NAME},"):
            number, bracket, rest = packet[len(f"43{NAME},") :].partition("[")
            waiting = self._acks.pop(int(number), None)
            if waiting is not None and not waiting.done():
                waiting.set_result(json.loads(bracket + rest)[0])
        elif packet.startswith(f"42{NAME},"):
            name, payload, *rest = json.loads(packet[len(f"42{NAME},") :])
            if rest:
                self.offset = rest[0]
                self.offsets.append(rest[0])
            self.events.append((name, payload))
            self._changed.set()

    # requests

    async def request(self, event: str, payload: dict[str, Any] | None = None) -> dict[str, Any]:
        assert self._client is not None
        self._next_ack += 1
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._acks[self._next_ack] = answer
        await self._client.send(f"42{NAME},{self._next_ack}{encode_json([event, payload or {}])}")
        return await asyncio.wait_for(answer, WAIT_SECONDS)

    async def send(self, event: str, **payload: Any) -> Any:
        """Returns the data of the acknowledgement; an error fails the test."""
        answer = await self.request(event, payload)
        assert answer["ok"], answer
        return answer["data"]

    async def error_code(self, event: str, **payload: Any) -> str:
        answer = await self.request(event, payload)
        assert not answer["ok"], answer
        return str(answer["error"]["code"])

    async def join(self, room_id: str, **more: Any) -> dict[str, Any]:
        data: dict[str, Any] = await self.send("join", roomId=room_id, **more)
        self.snapshot = data["snapshot"] or {}
        return data

    # pushes

    @property
    def id(self) -> str:
        return str(self.snapshot["you"]["participantId"])

    def event_names(self) -> list[str]:
        return [name for name, _ in self.events]

    def received(self, event: str) -> list[Any]:
        return [payload for name, payload in self.events if name == event]

    async def wait_for(self, event: str, count: int = 1, seconds: float = WAIT_SECONDS) -> Any:
        """Waits until the push was received `count` times; returns the last of them."""
        await self.wait_until(lambda: len(self.received(event)) >= count, seconds)
        return self.received(event)[count - 1]

    async def wait_until(self, condition: Callable[[], bool], seconds: float = WAIT_SECONDS) -> None:
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"timed out; received {self.event_names()}") from None

    @property
    def roster(self) -> set[str]:
        """The participants according to the snapshot and all later pushes."""
        roster = {each["participantId"] for each in self.snapshot.get("participants", ())}
        for name, payload in self.events:
            if payload.get("version", 0) <= self.snapshot.get("version", 0):
                continue
            if name == "peerJoined":
                roster.add(payload["participant"]["participantId"])
            elif name == "peerLeft":
                roster.discard(payload["participantId"])
        return roster


@asynccontextmanager
async def interview_process(
    redis_url: str,
    mongodb_uri: str,
    database_name: str,
    process_id: str = "w1",
    authorities: FakeStaffAuthorities | None = None,
    limits: Limits | None = None,
    listener: socket.socket | None = None,
    dead_after_seconds: float = 8,
    clock: Clock | None = None,
) -> AsyncIterator[InterviewProcess]:
    async with AsyncExitStack() as stack:
        settings = settings_of(mongodb_uri, redis_url, database_name)
        base = replace(
            await stack.enter_async_context(open_infrastructure(settings, clock=clock)),
            process_id=process_id,
        )
        ports = interview_ports(
            base,
            SIGNER,
            turn=CoturnServers(["stun:localhost"], [], ""),
            processes=RedisAppProcessRegistry(base.redis, dead_after_seconds),
        )
        records = ports.records
        assert isinstance(records, MongoInterviewRoomRepository)
        area = wire_interviews(base, ports)
        await area.create_indexes()
        services, areas = area.services, (wire_audit(base), area)
        authorities = authorities or FakeStaffAuthorities()
        made: list[InterviewNamespace] = []

        def interviews(context: NamespaceContext) -> InterviewNamespace:
            made.append(InterviewNamespace(context, services))
            return made[0]

        edge = RealtimeEdge(
            Ports(
                stream=base.bus,
                publisher=base.bus,
                tokens=TOKENS,
                authorities=authorities,
                records=RedisRecoveryStore(base.redis),
                presence=RedisPresenceStore(base.redis),
                clock=SystemClock(),
                ids=IDS,
            ),
            Options(process_id=process_id, limits=limits or relaxed_limits()),
            base.registry,
            [UsersNamespace, ConnectionsNamespace, interviews],
        )
        app = web.Application()
        edge.attach(app)
        feed, feeding = feed_of(base.bus, edge.hub)
        jobs = (feeding, *edge.background, *background_of(base, areas))
        running = asyncio.create_task(job_runner(jobs, base.lease).run())
        await feed.until_started()
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.SockSite(runner, listener or socket.create_server(("127.0.0.1", 0)), backlog=1024).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/socket.io/"
        http = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        process = InterviewProcess(
            process_id, edge, made[0], services, records, base.redis, base.bus, authorities, base.registry, url, http
        )
        try:
            yield process
        finally:
            for client in process.clients:
                await client.close()
            await runner.cleanup()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def now() -> datetime:
    return datetime.now(UTC)
