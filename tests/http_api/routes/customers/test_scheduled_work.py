"""The hourly and the daily job over app processes: done once, also when the process that began dies at once."""

from datetime import UTC, datetime, timedelta
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from domain.customers.recycling.model import PoolRule, PoolRules
from domain.customers.transfer.model import TransferRule, TriggerConditions, quota_users
from domain.services import Services
from domain.shared.authority import Role
from domain.shared.business_day import BUSINESS_ZONE
from integrations.mongo.customers.pool_rules import MongoPoolRules
from integrations.mongo.customers.repository import MongoCustomerRepository
from integrations.mongo.customers.transfers import MongoTransferRules
from tests.app_process import RunningProcess, running_process, settings_of
from tests.domain.customers.builders import a_customer
from tests.integrations.clocks import SettableClock
from tests.waiting import eventually

TEN = datetime(2026, 5, 8, 10, 0, tzinfo=BUSINESS_ZONE).astimezone(UTC)
LONG_AGO = TEN - timedelta(days=20)
Store = AsyncIOMotorDatabase[dict[str, Any]]


async def agency(process: RunningProcess) -> tuple[str, str]:
    """Two people; four leads of the first one that are to be transferred, and two that are to fall."""
    stores = process.stores
    people = [(await stores.hired(Role.EMPLOYEE))[0] for _ in range(2)]
    source, target = people
    rule = TransferRule(
        id=stores.ids.next_id(),
        rule_name="48 小时未跟进",
        enabled=True,
        trigger_conditions=TriggerConditions(lead_sources=("美团",)),
        user_quotas=quota_users((source,), (target,)),
        created_at=LONG_AGO,
        updated_at=LONG_AGO,
    )
    await MongoTransferRules(stores.database, stores.outbox).save(rule, [])
    falls = (PoolRule(lead_source="抖音", days=7),)
    pool = PoolRules(id=stores.ids.next_id(), enabled=True, rules=falls, updated_at=LONG_AGO)
    await MongoPoolRules(stores.database, stores.outbox).save(pool, [])
    customers = MongoCustomerRepository(stores.database, stores.outbox)
    for source_of_lead in ("美团", "美团", "美团", "美团", "抖音", "抖音"):
        lead = a_customer(id=stores.ids.next_id(), created_by=source, lead_source=source_of_lead, created_at=LONG_AGO)
        await customers.save(lead.assigned(source, source, "", LONG_AGO), [])
    return source, target


async def run_due(services: Services) -> None:
    await services.customers.transfer_runs.run_due()
    await services.customers.recycling.run_due()


async def test_what_a_killed_process_began_is_done_once_by_the_others(
    mongodb_uri: str, redis_url: str, redis: Redis, database: Store
) -> None:
    clock = SettableClock(TEN + timedelta(seconds=15))

    def process(**more: Any) -> Any:
        settings = settings_of(mongodb_uri, redis_url, database.name)
        return running_process(settings, clock=clock, realtime=False, **more)

    async def places() -> tuple[int, int]:
        customers = database["customers"]
        moved = await customers.count_documents({"transferCount": 1})
        return moved, await customers.count_documents({"inPublicPool": True})

    async def told() -> list[tuple[str, int]]:
        rows = database["notifications"].find({}, {"type": 1, "count": 1})
        return sorted([(row["type"], row.get("count", 1)) async for row in rows])

    async def recorded() -> int:
        return await database["lead_transfer_records"].count_documents({"status": "success"})

    expected = [
        *[("CUSTOMER_RECLAIMED", 1)] * 2,
        ("LEAD_AUTO_TRANSFER_IN", 4),
        ("LEAD_AUTO_TRANSFER_OUT", 4),
    ]
    async with process(jobs=False) as killed:
        await agency(killed)
        await run_due(killed.process.services)  # its events are not relayed: it dies
        await killed.die()
    async with process() as one, process() as two:
        await run_due(one.process.services)
        await run_due(two.process.services)
        await eventually(lambda: _equal(told, expected))
        await eventually(lambda: _equal(recorded, 4))
        assert await places() == (4, 2)
        clock.advance(3_600)
        await run_due(two.process.services)
        assert await places() == (4, 2)
    assert (await told(), await recorded()) == (expected, 4)


async def _equal(read: Any, expected: object) -> bool:
    return bool(await read() == expected)
