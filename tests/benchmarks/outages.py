"""The time after an outage until all dashboards show the same state.

    python -m tests.benchmarks.outages --clients 200

The product on two app processes, official clients on `/users` and `/statistics`, forty registrations a second. Measured
is the time from the recovery (the store listens, the new process is ready) until every list has all confirmed
registrations and all cards show the same numbers. Baseline of the same run: no outage. Bar: 2 s. Also printed: the time
until the numbers are exact, which after `kill -9` includes the recount of the killed process (within a minute).
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable

from tests.journeys.support.app_processes import app_process_ids, kill_app_process
from tests.journeys.support.crowd import Crowd, register_users, watching_crowd
from tests.journeys.support.running import Product, running
from tests.journeys.test_survival import PER_SECOND
from tests.servers import MongoServer, RedisServer, ServerProcess

BAR_SECONDS = 2.0
Outage = Callable[[], Awaitable[None]]


async def agreement(product: Product, crowd: Crowd, outage: Outage) -> tuple[int, float, float]:
    """The number of registrations, and the seconds after the outage until all dashboards agreed and were exact."""
    async with register_users(product, PER_SECOND) as registrations:
        registrations.earlier = await crowd.seen()
        await asyncio.sleep(1)
        await outage()
    recovered = time.perf_counter()
    while not await crowd.shows_all(registrations):
        await asyncio.sleep(0.01)
    agreed = time.perf_counter()
    while not await crowd.show(registrations.earlier + len(registrations.ids)):
        await asyncio.sleep(0.01)
    return len(registrations.ids), agreed - recovered, time.perf_counter() - recovered


def down_for(server: ServerProcess, seconds: float, times: int = 1) -> Outage:
    async def outage() -> None:
        for _ in range(times):
            await asyncio.to_thread(server.kill)
            await asyncio.sleep(seconds)
            await asyncio.to_thread(server.start)

    return outage


async def measure(clients: int) -> bool:
    mongo, redis = MongoServer(), RedisServer()
    mongo.start()
    redis.start()
    met, baseline = True, 0.0
    try:
        with running("--workers", "2", environment={"MONGODB_URI": mongo.uri, "REDIS_URL": redis.url}) as product:
            token = await product.admin_token()
            async with watching_crowd(product, token, clients) as crowd:
                outages: dict[str, Outage] = {
                    "none": lambda: asyncio.sleep(1),
                    "app process killed": lambda: kill_app_process(product, app_process_ids(product)[0]),
                    "redis killed 5 times": down_for(redis, 0.3, times=5),
                    "redis down 10 s": down_for(redis, 10),
                    "mongodb down 10 s": down_for(mongo, 10),
                }
                for name, outage in outages.items():
                    registered, seconds, exact = await agreement(product, crowd, outage)
                    baseline = baseline or seconds
                    met &= seconds <= BAR_SECONDS
                    line: dict[str, object] = {
                        "outage": name,
                        "registered": registered,
                        "agree_after_ms": round(seconds * 1000),
                    }
                    line |= {"exact_after_ms": round(exact * 1000), "ratio_to_none": round(seconds / baseline, 1)}
                    sys.stdout.write(json.dumps(line) + "\n")
                    sys.stdout.flush()
    finally:
        redis.dispose()
        mongo.dispose()
    sys.stdout.write(f"bar of {BAR_SECONDS:.0f} s {'met' if met else 'MISSED'}\n")
    return met


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=200)
    return 0 if asyncio.run(measure(parser.parse_args().clients)) else 1


if __name__ == "__main__":
    sys.exit(main())
