"""Benchmark of customer lists: 100,000 customers, of whom 3,000 belong to the reader.

`python -m tests.benchmarks.customers [--customers 100000] [--own 3000]`. One app process on the embedded stores;
filters, orders, searches and figures over HTTP, one after the other, as the salesperson and as an administrator.

Baseline: a single indexed find in the same store, and the same page found by the database driver alone (3,000 rows of
one indexed field, sorted, limit 20). Limit: p95 <= 100 ms for the salesperson. The embedded store reads all rows that
match before it sorts, so an administrator's unfiltered list is reported without a limit; a MongoDB server reads 20.
"""

import argparse
import asyncio
import itertools
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import aiohttp
from bson import ObjectId

from domain.contracts.signing.polling_schedule import PollingSchedule
from domain.customers.levels import LeadLevel
from domain.customers.model import Customer
from domain.customers.stages import LEAD_STAGES, Stage
from domain.shared.authority import Role
from integrations.mongo.customers.repository import MongoCustomerRepository, search_fields
from integrations.wiring.areas import wire_areas
from integrations.wiring.customers import customer_repository
from integrations.wiring.infrastructure import open_infrastructure
from realtime.engineio.event_loop import new_event_loop
from tests.app_process import Stores, settings_of
from tests.benchmarks.contracts import GIVEN, NETWORKS, SURNAMES, report, sorted_times
from tests.journeys.support.chaos.killable_app_process import KillableAppProcess
from tests.servers import MongoServer, RedisServer, free_port

BATCH: Final = 200
COLLEAGUES: Final = 60
SOURCES: Final = ("美团", "抖音", "快手", "小红书", "转介绍", "官网", "其他")
CATEGORIES: Final = ("月嫂", "住家育儿嫂", "保洁", "住家保姆", "小时工", "白班育儿")
PATHS: Final = (
    *("", "?page=20", "?pageSize=100", "?sortBy=updatedAt", "?sortBy=assignedAt&sortOrder=asc"),
    *(
        "?sortBy=lastActivityAt",
        "?leadSource=美团",
        "?serviceCategory=月嫂",
        "?contractStatus=匹配中",
        "?leadLevel=A类",
    ),
    *("?leadStatus=已流转", "?followUpStatus=新客未跟进", "?createdFrom=2026-11-01", "?contractStatus=流失客户"),
    *("?createdFrom=2026-06-01&sortBy=updatedAt", "?assignedFrom=2026-11-01", "?leadSource=美团&leadLevel=A类"),
    *("?search=王芳娜", "?search=wangfang", "?search=wfn", "?search=5678", "?name=李", "/statistics"),
)


def various(count: int, own: int, owner: str, rng: random.Random) -> Iterator[Customer]:
    now = datetime.now(UTC)
    colleagues = [f"{number:024x}" for number in range(1, COLLEAGUES)]
    for number in range(count):
        at = now - timedelta(minutes=rng.randrange(365 * 1440))
        stage = rng.choice(list(Stage))
        belongs_to = owner if number % (count // own) == 0 else rng.choice(colleagues)
        yield Customer(
            id=f"{0x66 << 88 | number:024x}",
            version=1,
            customer_id=f"CUS{number:011d}",
            name=rng.choice(SURNAMES) + rng.choice(GIVEN) + rng.choice(GIVEN),
            phone=f"{rng.choice(NETWORKS)}{number:08d}",
            lead_source=rng.choice(SOURCES),
            service_category=rng.choice(CATEGORIES),
            contract_status=stage,
            lead_stage=stage if stage in LEAD_STAGES else Stage.MATCHING,
            grade=rng.choice([LeadLevel.A, LeadLevel.B, LeadLevel.C]),
            transfer_count=rng.choice([0, 0, 1]),
            created_by=belongs_to,
            assigned_to=belongs_to,
            assigned_at=at,
            holding_id=f"{number:024x}",
            last_activity_at=at,
            created_at=at,
            updated_at=at,
        )


async def fill(repository: MongoCustomerRepository, customers: Iterator[Customer]) -> None:
    """Inserts documents as saves leave them: an import by the repository would take the store three times as long."""
    while batch := list(itertools.islice(customers, BATCH)):
        documents = [{"_id": ObjectId(each.id), **_plain(each), **repository.extra_fields(each)} for each in batch]
        await repository.collection.insert_many(documents, ordered=False)
        found = [{"_id": ObjectId(each.id), "version": 1, **search_fields(each)} for each in batch]
        await repository.search.collection.insert_many(found, ordered=False)


def _plain(customer: Customer) -> dict[str, Any]:
    values = customer.model_dump(by_alias=True, exclude={"id"})
    return {name: value for name, value in values.items() if value not in (None, "", ())}


async def measured(arguments: argparse.Namespace) -> bool:
    async with AsyncExitStack() as stack:
        mongo, redis = MongoServer(), RedisServer()
        for server in (mongo, redis):
            server.start()
            stack.callback(server.dispose)
        settings = settings_of(mongo.uri, redis.url, "benchmark", port=free_port())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="customers-")))
        base = await stack.enter_async_context(open_infrastructure(settings))
        await wire_areas(base, settings).prepare_stores()
        stores, repository = Stores(base), customer_repository(base)
        seller, token = await stores.hired(Role.EMPLOYEE)
        _, admin_token = await stores.hired(Role.ADMIN)
        started = time.perf_counter()
        await fill(repository, various(arguments.customers, arguments.own, seller, random.Random(7)))
        print(f"{arguments.customers} customers in {time.perf_counter() - started:.0f} s")
        process = KillableAppProcess(settings, folder / "process.log", PollingSchedule())
        await process.start()
        stack.push_async_callback(process.stop)
        http = await stack.enter_async_context(aiohttp.ClientSession())
        base_times = await baseline(repository, seller)
        within = await measure(http, process.url, token, base_times, "seller")
        await measure(http, process.url, admin_token, base_times, "admin")
        return within


async def baseline(repository: MongoCustomerRepository, seller: str) -> list[float]:
    async def single() -> None:
        await repository.collection.find_one({"_keys": "phone:13800000001"})

    async def page() -> None:
        found = repository.search.collection.find({"lists": f"person:{seller}"}, {"_id": 1}).hint("by_createdAt")
        await found.sort([("createdAt", -1), ("_id", -1)]).limit(20).to_list(20)

    times = await sorted_times(single)
    report("baseline: a single find by index", times, [], 0.95)
    report("baseline: a page of own ids by the driver", await sorted_times(page), times, 0.95)
    return times


async def measure(http: aiohttp.ClientSession, url: str, token: str, base: Sequence[float], reader: str) -> bool:
    within = True
    for path in PATHS:

        async def request(path: str = path) -> Any:
            headers = {"Authorization": f"Bearer {token}"}
            async with http.get(f"{url}/api/customers{path}", headers=headers) as answer:
                assert answer.status == 200, (path, await answer.text())
                return await answer.json()

        within &= report(f"{reader} GET /customers{path}", await sorted_times(request), list(base), 0.95)
    return within


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--own", type=int, default=3_000)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return 0 if runner.run(measured(parser.parse_args())) else 1


if __name__ == "__main__":
    sys.exit(main())
