"""Reads and writes of recycling and automatic transfer: candidates by an index, records written once."""

from datetime import timedelta
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from domain.customers.change_events import card_of
from domain.customers.events import CustomerTransferred
from domain.customers.model import Customer
from domain.customers.runs import ScheduledRun
from domain.customers.transfer.model import RuleUsage
from domain.customers.transfer.ports import RecordFilter, TransferRecord
from domain.shared.actor import SYSTEM
from domain.shared.paging import PageRequest
from domain.shared.scope import EVERYTHING, Scope
from integrations.mongo.customers.listing import MongoCustomerList
from integrations.mongo.customers.repository import FALL_INDEX, MongoCustomerRepository
from integrations.mongo.customers.runs import MongoRunLog
from integrations.mongo.customers.transfers import MongoTransferRecords
from integrations.mongo.outbox import Outbox
from tests.domain.customers.builders import NOW, a_customer

Store = AsyncIOMotorDatabase[dict[str, Any]]
DAY = timedelta(days=1)
LI, WANG, RULE = "6" * 24, "7" * 24, "8" * 24
FIRST = PageRequest(page=1, page_size=50)


@pytest.fixture
async def customers(database: Store, redis: Redis) -> MongoCustomerRepository:
    customers = MongoCustomerRepository(database, Outbox(database))
    await customers.create_indexes()
    return customers


async def test_candidates_are_found_by_owner_and_by_the_start_of_their_clock(
    customers: MongoCustomerRepository,
) -> None:
    async def saved(days: int, **fields: Any) -> Customer:
        at = NOW - days * DAY
        values = {"assigned_to": LI, "assigned_at": at, "last_activity_at": at, **fields}
        return await customers.save(a_customer(**values), [])

    old, older, fresh = await saved(5), await saved(9), await saved(1)
    followed, frozen = await saved(5, last_follow_up_time=NOW), await saved(9, is_frozen=True)
    other = await saved(9, assigned_to=WANG, created_by=LI)
    pooled = await customers.save((await saved(9)).released(LI, "", NOW), [])
    listing = MongoCustomerList(customers)

    idle = [each.id async for each in listing.idle(LI, NOW - 4 * DAY)]
    falling = [each.id async for each in listing.falling(NOW - 4 * DAY)]

    assert set(idle) == {old.id, older.id, followed.id, frozen.id}
    assert (set(falling[:2]), falling[2:]) == ({older.id, other.id}, [old.id])
    assert {fresh.id, pooled.id}.isdisjoint({*idle, *falling})
    found = customers.search.collection.find({"fallClock": {"$lte": NOW}}).sort("fallClock", 1).hint(FALL_INDEX)
    assert "COLLSCAN" not in str((await found.explain())["queryPlanner"]["winningPlan"])


def transferred(number: int) -> CustomerTransferred:
    customer = a_customer(assigned_to=WANG)
    return CustomerTransferred(
        id=f"{number:024x}",
        at=NOW,
        card=card_of(customer, 2),
        actor=SYSTEM.ref(),
        rule_id=RULE,
        rule_name="48 小时",
        former_owner_id=LI,
        inactive_since=NOW - 2 * DAY,
        customer_created_at=NOW - 9 * DAY,
    )


async def test_an_event_that_comes_again_adds_no_record_and_failures_do_not_count(database: Store) -> None:
    records = MongoTransferRecords(database)
    await records.create_indexes()
    events = [transferred(1), transferred(2)]
    await records.follow(events[:1])
    await records.follow(events)
    failed = TransferRecord(
        id="9" * 24,
        rule_id=RULE,
        customer_id="a" * 24,
        from_user_id=WANG,
        to_user_id=LI,
        status="failed",
        error_message="线索在流转前已有变化",
        transferred_at=NOW + DAY,
    )
    await records.add(failed)

    assert await records.usage(RULE) == {LI: RuleUsage(transferred_out=2), WANG: RuleUsage(transferred_in=2)}
    page = await records.page(RecordFilter(scope=Scope.of(LI)), FIRST)
    assert (page.total, page.list[0]) == (3, failed)
    assert page.list[1].snapshot.inactive_hours == 48
    assert (await records.page(RecordFilter(scope=Scope.of("5" * 24)), FIRST)).total == 0
    narrow = RecordFilter(scope=EVERYTHING, rule_id=RULE, user_id=LI, status="success", until=NOW + DAY)
    assert (await records.page(narrow, FIRST)).total == 2
    figures = await records.figures(RecordFilter(scope=EVERYTHING))
    assert (figures.total, figures.success, figures.failed) == (3, 2, 1)


async def test_the_log_of_runs_keeps_the_last_slot(database: Store) -> None:
    runs = MongoRunLog(database)
    assert await runs.last("work") is None

    await runs.finished("work", ScheduledRun(slot=NOW, at=NOW, moved=2))
    await runs.finished("work", ScheduledRun(at=NOW + DAY, failed=1))

    assert await runs.last("work") == ScheduledRun(slot=NOW, at=NOW + DAY, moved=0, failed=1)
