"""Background work of the real-time edge survives failures, and concurrent calls lose nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis

from domain.presence.events import ConnectionClosed, ConnectionOpened
from domain.presence.model import Connection
from domain.sessions.tokens import AccessClaims
from domain.shared.authority import StaffAuthority
from domain.shared.errors import Unavailable
from domain.shared.event_feed import EventFeed
from domain.shared.events import DomainEvent, StreamEntry, StreamState
from domain.users.events import UserChanged
from integrations.clock import SystemClock
from integrations.redis.bus import StreamBus, stream_reader
from integrations.redis.presence import RedisPresenceStore
from realtime.delivery.client_registry import Client
from realtime.delivery.fanout import Fanout
from realtime.delivery.hub import Hub
from realtime.delivery.presence import PresenceTracker
from realtime.engineio.limits import Limits, TokenBucket
from realtime.engineio.metrics import RealtimeMetrics
from realtime.engineio.options import EngineOptions
from realtime.engineio.socket import EngineSocket, SocketContext
from realtime.engineio.write_batch import WriteBatch
from realtime.socketio.client_manager import ClientManager
from realtime.socketio.delivery import Delivery
from tests.background import in_background
from tests.realtime.harness import RecordingNamespace, build_server, running_server
from tests.realtime.realtime_process import ALL_PERMISSIONS, IDS, realtime_process, token, user_changed
from tests.waiting import eventually


class FailingStream:
    """The real event stream; the first read fails after two entries with an unexpected error."""

    def __init__(self, bus: StreamBus) -> None:
        self._bus = bus
        self.state, self.history = bus.state, bus.history
        self._failed = False

    async def follow(self, after: str) -> AsyncIterator[Sequence[StreamEntry] | StreamState]:
        seen = 0
        async for found in self._bus.follow(after):
            yield found
            seen += 0 if isinstance(found, StreamState) else len(found)
            if seen >= 2 and not self._failed:
                self._failed = True
                raise IndexError("the driver lost its way")


async def test_a_feed_that_failed_continues_where_it_stopped(redis_url: str, redis: Redis) -> None:
    reader = stream_reader(redis_url)
    bus = StreamBus(redis, reader, CollectorRegistry())
    registry = CollectorRegistry()
    hub = Hub(Fanout(ClientManager(), WriteBatch(10), RealtimeMetrics(registry)), registry)
    heard: list[int] = []
    hub.listen(
        UserChanged,
        lambda entry: heard.append(entry.event.version if isinstance(entry.event, UserChanged) else -1),
    )
    feed = EventFeed(FailingStream(bus), [hub])
    following = asyncio.create_task(feed.run())
    await eventually(lambda: hub.started)

    for version in range(6):
        await bus.publish([user_changed(version)])
        await asyncio.sleep(0.01)

    await eventually(lambda: len(heard) >= 6)
    assert heard == list(range(6))
    following.cancel()
    with suppress(asyncio.CancelledError):
        await following
    await reader.aclose()


async def test_an_event_that_is_not_json_is_skipped_live_and_in_history() -> None:
    nonsense = {"n": float("nan")}
    async with running_server() as it:
        it.recorder.history = lambda room: [
            Delivery("/hall", (room,), "n", each) for each in ({"n": 1}, nonsense, {"n": 2})
        ]
        client = await it.connect()
        it.deliver("n", {"n": 3})
        it.deliver("n", nonsense)
        it.deliver("n", {"n": 4})

        assert [await client.receive() for _ in range(4)] == [f'42/hall,["n",{{"n":{n}}}]' for n in (1, 2, 3, 4)]


async def test_a_header_that_is_not_utf8_is_listed_and_does_no_harm(redis_url: str, redis: Redis) -> None:
    async with realtime_process(redis_url) as it:
        host, port = it.url.split("/")[2].split(":")
        _, writer = await asyncio.open_connection(host, int(port))
        hello = f'40/users,{{"token":"{token("ann")}"}}'.encode()
        writer.write(
            b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUser-Agent: Chrome/\xff\xfe\r\n"
            b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            + bytes((0x81, 0x80 | 126))
            + len(hello).to_bytes(2)
            + b"\0\0\0\0"
            + hello
        )

        async def listed() -> bool:
            return [each.device for each in await it.presence_store.all()] == ["Chrome"]

        await eventually(listed)
        watching = await it.connect_staff(token=token("bob"))
        await it.publish(1)
        assert await watching.versions(1) == [1]
        writer.close()


class FailingStore(RedisPresenceStore):
    """Its first heartbeat fails with an unexpected error."""

    failed = False

    async def beat(self, worker: str) -> bool:
        if not self.failed:
            self.failed = True
            raise ValueError("a bug")
        return await super().beat(worker)


class SlowPublisher:
    """Takes some time, and records the events."""

    def __init__(self) -> None:
        self.events: list[DomainEvent] = []

    async def publish(self, events: Sequence[DomainEvent]) -> None:
        await asyncio.sleep(0.01)
        self.events += events


@asynccontextmanager
async def presence_of(store: RedisPresenceStore, bus: SlowPublisher, redis: Redis) -> AsyncIterator[PresenceTracker]:
    presence = PresenceTracker(store, bus, SystemClock(), IDS, "w1")
    async with in_background(presence.background):
        yield presence


async def test_presence_continues_after_a_failure(redis: Redis) -> None:
    store = FailingStore(redis)
    async with presence_of(store, SlowPublisher(), redis):

        async def alive() -> bool:
            return store.failed and bool(await RedisPresenceStore(redis).beat("w1"))

        await eventually(alive)


class InterruptedStore(RedisPresenceStore):
    """Calls `meanwhile` during its next write."""

    meanwhile: Callable[[], None] = staticmethod(lambda: None)

    async def write(self, worker: str, put: Sequence[Connection], removed: Sequence[str], online: int) -> bool:
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        return await super().write(worker, put, removed, online)


async def test_a_client_that_leaves_during_a_write_is_removed_from_the_store(redis: Redis) -> None:
    store, bus = InterruptedStore(redis), SlowPublisher()
    presence = PresenceTracker(store, bus, SystemClock(), IDS, "w1")
    client = a_client()
    await presence.flush()

    presence.client_entered(client)
    store.meanwhile = lambda: presence.client_left(client)
    await presence.flush()

    assert await store.all() == []
    assert [type(event) for event in bus.events] == [ConnectionOpened, ConnectionClosed]


async def test_after_redis_was_unavailable_no_connection_is_published_again(redis: Redis) -> None:
    store, bus = InterruptedStore(redis), SlowPublisher()
    presence = PresenceTracker(store, bus, SystemClock(), IDS, "w1")
    one, other = a_client(), a_client()
    presence.client_entered(one)
    await presence.flush()

    def away() -> None:
        raise Unavailable

    presence.client_entered(other)
    store.meanwhile = away
    with pytest.raises(Unavailable):
        await presence.flush()
    await presence.flush()

    assert len(await store.all()) == 2
    assert len(bus.events) == 2


async def test_a_store_that_lost_this_process_gets_all_connections_again(redis: Redis) -> None:
    store, bus = RedisPresenceStore(redis), SlowPublisher()
    presence = PresenceTracker(store, bus, SystemClock(), IDS, "w1")
    clients = [a_client() for _ in range(1_200)]
    for client in clients:
        presence.client_entered(client)
    await presence.flush()
    await store.withdraw("w1")

    presence.client_left(clients[0])
    await presence.flush()
    await presence.flush()

    assert len(await store.all()) == 1_199
    assert sum(isinstance(event, ConnectionClosed) for event in bus.events) == 1


async def test_a_process_that_withdraws_publishes_each_closed_connection_once(redis: Redis) -> None:
    """Its background jobs run during the withdrawal."""
    bus = SlowPublisher()
    async with presence_of(RedisPresenceStore(redis), bus, redis) as presence:
        for _ in range(1_700):
            presence.client_entered(a_client())
        await presence.flush()
        shown = [event.connection.id for event in bus.events if isinstance(event, ConnectionOpened)]

        await asyncio.gather(presence.withdraw(), presence.flush(), presence.flush())

    closed = [event.connection_id for event in bus.events if isinstance(event, ConnectionClosed)]
    assert len(closed) == 1_700
    assert sorted(closed) == sorted(shown)


@cache
def a_context() -> SocketContext:
    server, _ = build_server(EngineOptions(), CollectorRegistry())
    return server.eio._context


def a_client() -> Client:
    """A client on a socket without a network connection."""
    return Client(
        sid=IDS.next_id(),
        namespace="/statistics",
        socket=EngineSocket(a_context(), IDS.next_id(), {}, TokenBucket(Limits().messages_per_address, 0.0)),
        visitor=StaffAuthority(
            id="s1", username="s", name="S", role="admin", permissions=ALL_PERMISSIONS, session_id="1"
        ),
        credential=AccessClaims(audience="staff", subject="s1", session_id="1", expires_at=datetime.now(UTC)),
        rooms=frozenset({"staff"}),
        record_key="",
        record_owner=IDS.next_id(),
        start_offset="0-0",
        epoch="",
    )


async def test_shutdown_does_not_wait_for_a_handler_that_never_ends() -> None:
    class Endless(RecordingNamespace):
        async def on_message(self, sid: str, *arguments: Any) -> tuple[Any, ...]:
            self.received_events.append(arguments)
            await asyncio.Event().wait()
            return ()

    endless = Endless("/endless")
    async with running_server(extra=[endless]) as it:
        client = await it.open()
        await client.receive()
        await client.send("40/endless,")
        await client.receive()
        await client.send('42/endless,["message"]')
        await eventually(lambda: len(endless.received_events) == 1)
        leaving = asyncio.create_task(client.closed())

        async with asyncio.timeout(15):
            await it.server.shutdown()

        assert await leaving == 1001
        await eventually(lambda: [reason for _, reason in endless.left] == ["server_shutdown"])
