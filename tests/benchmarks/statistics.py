"""What a push of the figures costs after 10,000 users and after 1,000,000.

    python -m tests.benchmarks.statistics

Synthesised: no million users logs in. Their effects are those that the application computes for each fact (`tally_of`),
made by the thousand over ninety days, and written by many writers that then finish, so that documents and sums come
about as in operation. Measured is the reading that a push does, by the same code, against the embedded server; the two
databases are read in turns, so that whatever else the machine does hits both. Passes when the ratio of a push is at
most 1.2. The reports beside it grow a little with the number of cities that users come from (about 370 in all), not
with users.
"""

import asyncio
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from domain.shared.business_day import business_day
from domain.shared.provinces import CITIES_BY_PROVINCE
from domain.shared.region import Region
from domain.statistics.counters import Counters
from domain.statistics.increments import increments_of
from domain.statistics.service import StatisticsService
from domain.users.events import UserActive
from integrations.mongo.statistics.maintenance import StatisticsMaintenance
from integrations.mongo.statistics.store import StatisticsStore, WriterRegistry
from tests.integrations.clocks import SettableClock
from tests.servers import MongoServer

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
DAYS = 90
WRITERS = 4
ROUNDS = 60
MOST = 1.2
PLACES = [Region(province=province, city=city) for province, cities in CITIES_BY_PROVINCE.items() for city in cities]


class Nobody:
    async def count(self) -> int:
        return 0

    async def take(self) -> int | None:
        return 1

    async def latest(self) -> int:
        return 1

    async def acquire(self, name: str, seconds: float) -> bool:
        return True


async def populate(store: StatisticsStore, writers: WriterRegistry, users: int) -> None:
    for back in reversed(range(DAYS)):
        at = NOW - timedelta(days=back)
        for number in range(WRITERS):
            writer, counters = f"{back}-{number}", Counters()
            for user in range(users // DAYS // WRITERS):
                counters.add(registration(at, user * 7919 + number * 104_729 + back * 31))
            await writers.register(writer, NOW)
            await store.write(writer, business_day(at), counters)
            if back:
                await writers.retire(writer)


def registration(at: datetime, user: int) -> Counters:
    return increments_of(
        UserActive(
            id=f"{user:024x}",
            at=at,
            user_id=f"{user:024x}",
            registered_at=at,
            login_count=1,
            has_phone=user % 2 == 0,
            region=PLACES[user % len(PLACES)],
            method="openid",
            is_new=True,
        )
    )


async def main() -> int:
    server = MongoServer()
    server.start()
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(server.uri, tz_aware=True)
    try:
        clock, nobody = SettableClock(NOW), Nobody()
        services: dict[int, StatisticsService] = {}
        for users in (10_000, 1_000_000):
            database = client[f"bench_{users}"]
            store, writers = StatisticsStore(database), WriterRegistry(database)
            await store.create_indexes()
            await populate(store, writers, users)
            await StatisticsMaintenance(database, writers, clock).run_once()
            services[users] = StatisticsService(store, nobody, nobody, clock)
            print(f"{users:>9} users: total {(await services[users].current()).total}")
        return await compare(services)
    finally:
        client.close()
        server.dispose()


async def compare(services: dict[int, StatisticsService]) -> int:
    worst = 0.0
    for name in ("current", "trend", "activity", "regions"):
        took: dict[int, list[float]] = {users: [] for users in services}
        for _ in range(ROUNDS):
            for users, service in services.items():
                begun = time.perf_counter()
                await (
                    service.trend(30)
                    if name == "trend"
                    else service.activity(30)
                    if name == "activity"
                    else service.regions()
                    if name == "regions"
                    else service.current()
                )
                took[users].append(time.perf_counter() - begun)
        few, many = (statistics.median(times) * 1000 for times in took.values())
        print(f"{name:9} {few:7.2f} ms -> {many:7.2f} ms   ratio {many / few:.2f}")
        if name == "current":
            worst = many / few
    print(f"push: ratio {worst:.2f}, at most {MOST}: {'ok' if worst <= MOST else 'TOO SLOW'}")
    return 0 if worst <= MOST else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
