"""The cost of a statistics push with 10,000 users and with 1,000,000.

    python -m tests.benchmarks.statistics

The users are synthetic: the increments of their registrations (`increments_of`) are written over ninety days by many
writers that then finish, so that documents and sums arise as in operation. Measured is the read that a push makes, with
the application's code against the embedded server. The two databases are read alternately, so that other load on the
machine affects both. Passes when the ratio of a push is at most 1.2. The reports grow slightly with the number of
cities (about 370), not with the number of users.
"""

import asyncio
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from domain.shared.business_day import business_day
from domain.shared.places.provinces import CITIES_BY_PROVINCE
from domain.shared.places.region import Region
from domain.statistics.counters import Counters
from domain.statistics.increments import increments_of
from domain.statistics.ports import PushSlot
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
MAX_RATIO = 1.2
PLACES = [Region(province=province, city=city) for province, cities in CITIES_BY_PROVINCE.items() for city in cities]


class EmptyCluster:
    """Ports of a cluster without connections, where slots and leases are always free."""

    async def count(self) -> int:
        return 0

    async def take(self) -> PushSlot:
        return PushSlot(1)

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
        clock, cluster = SettableClock(NOW), EmptyCluster()
        services: dict[int, StatisticsService] = {}
        for users in (10_000, 1_000_000):
            database = client[f"bench_{users}"]
            store, writers = StatisticsStore(database), WriterRegistry(database)
            await store.create_indexes()
            await populate(store, writers, users)
            await StatisticsMaintenance(database, writers, clock).run_once()
            services[users] = StatisticsService(store, cluster, cluster, clock)
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
                started = time.perf_counter()
                await (
                    service.trend(30)
                    if name == "trend"
                    else service.activity(30)
                    if name == "activity"
                    else service.regions()
                    if name == "regions"
                    else service.current()
                )
                took[users].append(time.perf_counter() - started)
        few, many = (statistics.median(times) * 1000 for times in took.values())
        print(f"{name:9} {few:7.2f} ms -> {many:7.2f} ms   ratio {many / few:.2f}")
        if name == "current":
            worst = many / few
    print(f"push: ratio {worst:.2f}, at most {MAX_RATIO}: {'ok' if worst <= MAX_RATIO else 'TOO SLOW'}")
    return 0 if worst <= MAX_RATIO else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
