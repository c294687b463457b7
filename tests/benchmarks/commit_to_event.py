"""The time from the commit of a change to its event at every dashboard.

`python -m tests.benchmarks.commit_to_event --dashboards 1000 --per-second 100 --seconds 10`. Changes are saved through
the real repository (one write with its outbox), relayed at once, and read by two app processes that share the
dashboards. All processes run on one machine. Fifty evenly spread dashboards read at once and are timed; the others read
twice a second, which costs the app processes the same but the client process less. Baseline of the same run: ten
dashboards. Bars at 1,000: p50 <= 50 ms, p99 <= 250 ms.
"""

import argparse
import asyncio
import json
import resource
import sys
import time
from contextlib import suppress
from typing import Any

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorClient
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis

from domain.shared.entity import Entity
from integrations.mongo.outbox import Outbox
from integrations.mongo.outbox_relay import OutboxRelay
from integrations.mongo.repository import Repository
from integrations.redis.bus import StreamBus, stream_reader
from integrations.redis.lease import RedisLease
from realtime.engineio.event_loop import new_event_loop
from tests.background import job_runner
from tests.benchmarks.recovery import Client, enter_all
from tests.realtime.realtime_process import token, user_changed
from tests.realtime.spawned_realtime_processes import app_processes
from tests.servers import MongoServer, RedisServer, free_port

TIMED = 50
P50_SECONDS, P99_SECONDS = 0.05, 0.25
_VERSION = b'"version":'


class Thing(Entity):
    note: str = "x"


class Latencies:
    """The commit time of each version, and the delay until each dashboard received it."""

    def __init__(self) -> None:
        self.committed: dict[int, float] = {}
        self.ages: list[float] = []

    def attach(self, client: Client) -> None:
        plain = client.data_received

        def received(data: bytes) -> None:
            now = time.perf_counter()
            for part in data.split(_VERSION)[1:]:
                version = int(part[: part.index(b",")])
                if version in self.committed:
                    self.ages.append(now - self.committed[version])
            plain(data)

        client.data_received = received  # type: ignore[method-assign]  # looked up on the instance by asyncio


class SlowReader:
    """Reads the received data of many clients twice a second."""

    def __init__(self, clients: list[Client]) -> None:
        self._transports = [client.transport for client in clients if client.transport is not None]
        for client in clients:
            client.data_received = self._ignore  # type: ignore[method-assign]  # its data is ignored
        for transport in self._transports:
            transport.set_protocol(transport.get_protocol())
            transport.pause_reading()

    @staticmethod
    def _ignore(data: bytes) -> None: ...

    async def read(self) -> None:
        while True:
            for start in range(0, len(self._transports), 50):
                batch = self._transports[start : start + 50]
                for transport in batch:
                    transport.resume_reading()
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                for transport in batch:
                    transport.pause_reading()
                await asyncio.sleep(0.5 * 50 / len(self._transports))


async def change(
    repository: "Repository[Thing]", latencies: Latencies, first: int, count: int, per_second: int
) -> None:
    started = time.perf_counter()
    saving: set[asyncio.Task[None]] = set()

    async def save(version: int) -> None:
        thing = Thing(id=str(ObjectId()))
        await repository.save(thing, [user_changed(version)])
        latencies.committed[version] = time.perf_counter()

    for number in range(count):
        await asyncio.sleep(max(0.0, started + number / per_second - time.perf_counter()))
        task = asyncio.create_task(save(first + number))
        saving.add(task)
        task.add_done_callback(saving.discard)
    await asyncio.gather(*saving)


async def measure(dashboards: int, per_second: int, seconds: int) -> tuple[float, float, int]:
    mongo, redis_server, port = MongoServer(), RedisServer(), free_port()
    mongo.start()
    redis_server.start()
    try:
        async with app_processes(redis_server.url, port):
            redis, reader = Redis.from_url(redis_server.url), stream_reader(redis_server.url)
            bus = StreamBus(redis, reader, CollectorRegistry())
            database: Any = AsyncIOMotorClient(mongo.uri)["bench"]
            outbox = Outbox(database)
            relay = OutboxRelay(outbox, {}, bus, CollectorRegistry())
            relaying = asyncio.create_task(job_runner(relay.background, RedisLease(redis)).run())
            latencies = Latencies()
            clients = await enter_all(port, [token(f"staff{n}") for n in range(dashboards)], [{}] * dashboards)
            every = max(1, dashboards // TIMED)
            watched = clients[::every]
            rest = [client for number, client in enumerate(clients) if number % every]
            reading = asyncio.create_task(SlowReader(rest).read()) if rest else None
            for client in watched:
                latencies.attach(client)
                assert client.transport is not None
                client.transport.set_protocol(client)
            repository = Repository(database["things"], Thing, outbox)
            await asyncio.sleep(1.0)
            await change(repository, latencies, 1, per_second * seconds, per_second)
            expected = per_second * seconds * len(watched)
            with suppress(TimeoutError):
                async with asyncio.timeout(20):
                    while len(latencies.ages) < expected - len(watched):
                        await asyncio.sleep(0.1)
            relaying.cancel()
            if reading is not None:
                reading.cancel()
            await redis.aclose()
            await reader.aclose()
    finally:
        redis_server.dispose()
        mongo.dispose()
    ages = sorted(latencies.ages)
    return ages[len(ages) // 2], ages[int(len(ages) * 0.99)], expected - len(ages)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dashboards", type=int, default=1000)
    parser.add_argument("--per-second", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=10)
    options = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    results = {}
    for dashboards in (10, options.dashboards):
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            p50, p99, early = runner.run(measure(dashboards, options.per_second, options.seconds))
        results[dashboards] = p50, p99
        line = {"dashboards": dashboards, "p50_ms": round(p50 * 1000, 1), "p99_ms": round(p99 * 1000, 1)}
        # An event may arrive before the response of its own commit; then it is not counted.
        sys.stdout.write(json.dumps({**line, "before_the_commit_answered": early}) + "\n")
    p50, p99 = results[options.dashboards]
    sys.stdout.write(f"ratio to ten dashboards: p50 {p50 / results[10][0]:.1f}, p99 {p99 / results[10][1]:.1f}\n")
    return 0 if p50 <= P50_SECONDS and p99 <= P99_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
