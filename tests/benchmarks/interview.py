"""Interviews at two app processes: latency of the signaling relay, and of a join until every client has received it.

`python -m tests.benchmarks.interview --pairs 150 --per-second 500 --seconds 10 --rooms 200`. First offers of 2 KB go
from hosts at one process to guests at the other; the baseline, measured at the same time at the same rate, is PUBLISH
to a subscriber on the same Redis. Then guests of many rooms of two to four leave and join (seeded), and each join is
timed until the last of the others has received it. Everything runs on this machine.
Limits: relay p99 <= 20 ms; join to roster p99 <= 100 ms.
"""

import argparse
import asyncio
import random
import time
import uuid
from collections.abc import Sequence
from contextlib import AsyncExitStack

from redis.asyncio import Redis

from realtime.engineio.event_loop import new_event_loop, tune_garbage_collector
from tests.realtime.interview_process import InterviewClient, InterviewProcess, interview_process
from tests.realtime.realtime_process import token
from tests.realtime.spawned_interview_processes import SpawnedInterviewProcess, spawned_interview_processes
from tests.servers import MongoServer, RedisServer

SEED = 7
RELAY_P99_SECONDS, ROSTER_P99_SECONDS = 0.020, 0.100
_SDP = "v=0\r\n" + "a=candidate:1 1 udp 2122260223 192.0.2.1 54400 typ host\r\n" * 35
_MAX_CONCURRENT_SETUPS = 20


class TimingClient(InterviewClient):
    """Measures the latency of each offer, by the time that it carries."""

    def __init__(self, url: str, studio: InterviewProcess, auth: dict[str, str]) -> None:
        super().__init__(url, studio.http, auth)
        self.latencies: list[float] = []

    async def _packet(self, client, packet: str) -> None:  # type: ignore[no-untyped-def]  # as the base has it
        now = time.perf_counter()
        await super()._packet(client, packet)
        if self.events and self.events[-1][0] == "offer":
            _, payload = self.events.pop()
            self.latencies.append(now - float(payload["connId"]))


async def a_room(
    setup: InterviewProcess, processes: Sequence[SpawnedInterviewProcess], number: int, guests: int
) -> list[TimingClient]:
    """A room with its host at one process and its guests at the other; all have joined."""
    host_id = f"{number:024x}"
    room = await setup.create_room(host=host_id)
    clients = [TimingClient(processes[number % 2].url, setup, {"token": token(host_id)})]
    for _ in range(guests):
        ticket = await setup.issue_ticket(room.room_id, host_id)
        clients.append(TimingClient(processes[(number + 1) % 2].url, setup, {"ticket": ticket.ticket}))
    for client in clients:
        await client.connect()
        await client.join(room.room_id)
    setup.clients.extend(clients)
    return clients


async def rooms(
    setup: InterviewProcess, processes: Sequence[SpawnedInterviewProcess], first: int, guests: Sequence[int]
) -> list[list[TimingClient]]:
    slots = asyncio.Semaphore(_MAX_CONCURRENT_SETUPS)

    async def opened(number: int, count: int) -> list[TimingClient]:
        async with slots:
            return await a_room(setup, processes, first + number, count)

    return list(await asyncio.gather(*(opened(number, count) for number, count in enumerate(guests))))


async def relay(pairs: Sequence[Sequence[TimingClient]], per_second: float, seconds: float) -> list[float]:
    """Sends offers within every pair in turn. Returns their latencies."""
    begun, count = time.perf_counter(), int(per_second * seconds)
    asking = set()
    for number in range(count):
        await asyncio.sleep(max(0.0, begun + number / per_second - time.perf_counter()))
        host, guest = pairs[number % len(pairs)]
        if number // len(pairs) % 2:  # both directions, to stay below the rate limit of each client
            host, guest = guest, host
        offer = {"to": guest.id, "connId": str(time.perf_counter()), "sdp": _SDP}
        task = asyncio.create_task(host.request("offer", offer))
        asking.add(task)
        task.add_done_callback(asking.discard)
    await asyncio.gather(*asking)
    await asyncio.sleep(1)
    return [latency for pair in pairs for client in pair for latency in client.latencies]


async def plain_publish(redis_url: str, per_second: float, seconds: float) -> list[float]:
    """The baseline: as many bytes at the same rate over PUBLISH alone."""
    latencies: list[float] = []
    publisher, listener = Redis.from_url(redis_url), Redis.from_url(redis_url)
    async with listener.pubsub(ignore_subscribe_messages=True) as subscription:
        await subscription.subscribe("plain")

        async def listen() -> None:
            while True:
                message = await subscription.get_message(timeout=5)
                if message is not None:
                    latencies.append(time.perf_counter() - float(message["data"][:20]))

        listening = asyncio.create_task(listen())
        begun = time.perf_counter()
        for number in range(int(per_second * seconds)):
            await asyncio.sleep(max(0.0, begun + number / per_second - time.perf_counter()))
            await publisher.publish("plain", f"{time.perf_counter():<20}{_SDP}")
        await asyncio.sleep(0.5)
        listening.cancel()
    await publisher.aclose()
    await listener.aclose()
    return latencies


async def churn(groups: Sequence[Sequence[TimingClient]], joins: int, chance: random.Random) -> list[float]:
    """Guests leave and join again, some concurrently. Returns the times from request to the last client's push."""
    latencies: list[float] = []
    slots = asyncio.Semaphore(8)
    busy: set[int] = set()

    async def rejoin(index: int) -> None:
        group = groups[index]
        client = chance.choice(group[1:])
        others = [each for each in group if each is not client]
        room_id = client.snapshot["roomId"]
        async with slots:
            await client.send("leave")
            before = [len(each.received("peerJoined")) for each in others]
            begun = time.perf_counter()
            answer = await client.request("join", {"roomId": room_id})
            assert answer["ok"], answer
            client.snapshot = answer["data"]["snapshot"]
            await asyncio.gather(
                *(each.wait_for("peerJoined", count + 1) for each, count in zip(others, before, strict=True))
            )
            latencies.append(time.perf_counter() - begun)
            for each in others:
                each.events.clear()
        busy.discard(index)

    tasks: list[asyncio.Task[None]] = []
    while len(tasks) < joins:
        index = chance.randrange(len(groups))
        if index in busy:
            await asyncio.sleep(0.002)
            continue
        busy.add(index)
        tasks.append(asyncio.create_task(rejoin(index)))
        await asyncio.sleep(0.02)  # fifty a second
    await asyncio.gather(*tasks)
    return latencies


def report(name: str, latencies: Sequence[float]) -> float:
    """Prints p50, p99 and maximum in milliseconds; returns the p99 in seconds."""
    ordered = sorted(latencies)
    p50, p99 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
    print(f"{name:28} n={len(ordered):6}  p50={p50 * 1000:7.2f} ms  p99={p99 * 1000:7.2f} ms  ", end="")
    print(f"max={ordered[-1] * 1000:7.2f} ms")
    return p99


async def main(options: argparse.Namespace) -> int:
    redis, mongo = RedisServer(), MongoServer()
    redis.start()
    mongo.start()
    try:
        async with AsyncExitStack() as stack:
            database = f"bench_{uuid.uuid4().hex[:8]}"
            processes = await stack.enter_async_context(spawned_interview_processes(redis.url, mongo.uri, database))
            setup = await stack.enter_async_context(interview_process(redis.url, mongo.uri, database, "setup"))
            pairs = await rooms(setup, processes, 1, [1] * options.pairs)
            tune_garbage_collector()  # this process measures the latencies
            before = sum(process.cpu_seconds for process in processes)
            relayed_latencies, plain_latencies = await asyncio.gather(
                relay(pairs, options.per_second, options.seconds),
                plain_publish(redis.url, options.per_second, options.seconds),
            )
            cpu = sum(process.cpu_seconds for process in processes) - before
            relayed, baseline = (
                report("relay between two processes", relayed_latencies),
                report(
                    "plain PUBLISH, same run",
                    plain_latencies,
                ),
            )
            print(f"{'':28} p99 is {relayed / baseline:.2f} times the baseline's; ", end="")
            print(f"both processes together used {cpu / len(relayed_latencies) * 1000:.2f} ms of CPU a message")
            for pair in pairs:
                for client in pair:
                    await client.close()
            chance = random.Random(SEED)
            groups = await rooms(setup, processes, 10_000, [chance.choice((1, 2, 3)) for _ in range(options.rooms)])
            joined = report(f"join to roster, {options.rooms} rooms", await churn(groups, options.joins, chance))
    finally:
        redis.dispose()
        mongo.dispose()
    within = relayed <= RELAY_P99_SECONDS and joined <= ROSTER_P99_SECONDS
    print("within the limits" if within else "NOT within the limits")
    return 0 if within else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=150)
    parser.add_argument("--per-second", type=float, default=500)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rooms", type=int, default=200)
    parser.add_argument("--joins", type=int, default=500)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        raise SystemExit(runner.run(main(parser.parse_args())))
