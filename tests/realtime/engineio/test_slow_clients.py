"""Slow clients: their queues are bounded, they are closed with their own reason, and other clients are not affected."""

import asyncio
import gc
import tracemalloc

from realtime.engineio.limits import Limits
from tests.realtime.harness import RunningServer, WebSocketClient, relaxed_limits, running_server
from tests.waiting import eventually

STALLED_CLIENTS = 100
BOUND_BYTES = 256 * 1024


async def _stalled_client(it: RunningServer) -> WebSocketClient:
    client = await it.connect()
    client.pause_reading()
    return client


async def _send_pongs(client: WebSocketClient) -> None:
    """Send pongs to pings that were never read."""
    try:
        while True:
            await client.send("3")
            await asyncio.sleep(0.05)
    except (ConnectionError, RuntimeError):
        return


def _queued_bytes(it: RunningServer) -> int:
    return max((socket.queued_bytes for socket in it.server.eio.sockets.values()), default=0)


async def test_clients_that_never_read_are_bounded_and_closed_while_others_receive_everything() -> None:
    events = 600
    async with running_server(limits=relaxed_limits(hard_bytes=Limits().hard_bytes)) as it:
        healthy = await it.connect({"room": "healthy"})
        stalled = [await _stalled_client(it) for _ in range(STALLED_CLIENTS)]
        ponging = [asyncio.create_task(_send_pongs(client)) for client in stalled]
        tracemalloc.start()
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        received: list[str] = []
        for number in range(events):
            it.deliver("big", {"n": number, "pad": "x" * 20_000}, rooms=("lobby", "healthy"), offset=f"{number}-0")
            received.append((await healthy.receive())[:30])
            assert _queued_bytes(it) <= it.server.limits.hard_bytes
        peak = tracemalloc.get_traced_memory()[1] - before
        tracemalloc.stop()

        assert len(set(received)) == events
        assert peak <= STALLED_CLIENTS * BOUND_BYTES
        await eventually(lambda: it.count("realtime_closes_total", reason="slow_client") == STALLED_CLIENTS)
        await eventually(lambda: [reason for _, reason in it.recorder.left] == ["slow_client"] * STALLED_CLIENTS)
        for task in ponging:
            task.cancel()


async def test_a_client_that_never_reads_latest_only_events_has_a_small_queue_and_is_closed_by_its_ping() -> None:
    async with running_server(ping_interval=0.2, ping_timeout=0.2) as it:
        stalled = await _stalled_client(it)
        ponging = asyncio.create_task(_send_pongs(stalled))
        limits = it.server.limits

        async with asyncio.timeout(30):
            while it.server.eio.sockets:
                it.deliver("statistics", {"pad": "x" * 20_000}, latest_key="statistics")
                assert _queued_bytes(it) <= limits.soft_bytes + 2 * 20_100
                await asyncio.sleep(0)

        await eventually(lambda: [reason for _, reason in it.recorder.left] == ["slow_client"])
        await ponging


async def test_a_polling_client_that_does_not_poll_is_bounded_too() -> None:
    async with running_server() as it:
        client = it.polling()
        await client.open("40/hall,")

        while it.server.eio.sockets:
            it.deliver("big", {"pad": "x" * 20_000})
            await asyncio.sleep(0)
            assert _queued_bytes(it) <= it.server.limits.hard_bytes

        assert it.count("realtime_closes_total", reason="slow_client") == 1
        assert (await client.get())[0] == 400


async def test_one_message_larger_than_the_hard_bound_does_not_exceed_it_in_memory() -> None:
    async with running_server() as it:
        await _stalled_client(it)

        for _ in range(20):
            it.deliver("huge", {"pad": "x" * 1_000_000})
            await asyncio.sleep(0)

        await eventually(lambda: it.count("realtime_closes_total", reason="slow_client") == 1)


async def test_a_flood_of_websocket_pings_from_a_stalled_client_queues_nothing() -> None:
    async with running_server() as it:
        stalled = await _stalled_client(it)
        while _queued_bytes(it) == 0:
            it.deliver("fill", {"pad": "x" * 50_000})
            await asyncio.sleep(0)
        before = _queued_bytes(it)

        for _ in range(500):
            await stalled.socket.ping(b"x" * 125)
        await asyncio.sleep(0.05)  # nothing is queued

        assert _queued_bytes(it) == before


async def test_a_client_that_reads_slowly_but_steadily_is_kept() -> None:
    limits = relaxed_limits(hard_bytes=50_000_000)
    async with running_server(limits=limits, ping_interval=0.1, ping_timeout=0.3) as it:
        client = await it.connect()
        client.pause_reading()
        sent = 0
        while _queued_bytes(it) < 2_000_000:
            it.deliver("n", {"n": sent, "pad": "x" * 20_000})
            sent += 1
            await asyncio.sleep(0)

        received = 0
        while received < sent:
            client.resume_reading()
            await client.receive()
            received += 1
            client.pause_reading()
            await asyncio.sleep(0.002)

        assert it.recorder.left == []
