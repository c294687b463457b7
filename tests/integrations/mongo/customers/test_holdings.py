"""The promises of the holdings, kept by the store in memory and by MongoDB."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.customers.errors import DailyClaimCapReached, HoldingCapReached
from domain.customers.ownership.limits import PoolLimits
from domain.customers.ports import Holding, Holdings, HoldingStore
from domain.shared.errors import DomainError
from integrations.mongo.customers.holdings import MongoHoldings
from tests.domain.customers.memory import MemoryHoldings

Store = AsyncIOMotorDatabase[dict[str, Any]]
DAY, NEXT_DAY = date(2026, 11, 30), date(2026, 12, 1)


@pytest.fixture(params=["memory", "mongodb"])
def holdings(request: pytest.FixtureRequest, database: Store) -> HoldingStore:
    return MemoryHoldings() if request.param == "memory" else MongoHoldings(database)


def entry(staff_id: str = "li") -> Holding:
    return Holding(id=str(ObjectId()), staff_id=staff_id, customer_id=str(ObjectId()))


async def outcome(holdings: HoldingStore, limits: PoolLimits, day: date = DAY) -> str:
    try:
        await holdings.claim(entry(), day, limits)
    except DomainError as error:
        return error.code
    return "claimed"


async def test_simultaneous_claims_stop_at_each_cap(holdings: HoldingStore) -> None:
    daily = PoolLimits(held=9, claims_per_day=4)
    first = await asyncio.gather(*(outcome(holdings, daily) for _ in range(12)))
    second = await asyncio.gather(
        *(outcome(holdings, PoolLimits(held=6, claims_per_day=9), NEXT_DAY) for _ in range(9))
    )

    assert sorted(first) == ["DAILY_CLAIM_CAP_REACHED"] * 8 + ["claimed"] * 4
    assert sorted(second) == ["HOLDING_CAP_REACHED"] * 7 + ["claimed"] * 2
    assert await holdings.of("li", NEXT_DAY) == Holdings(held=6, claimed=2)
    assert await holdings.of("wang", DAY) == Holdings(held=0, claimed=0)


async def test_what_is_given_back_frees_both_caps_and_what_ends_only_one(holdings: HoldingStore) -> None:
    limits = PoolLimits(held=1, claims_per_day=2)
    lost, kept = entry(), entry()
    await holdings.claim(lost, DAY, limits)
    await holdings.give_back(lost, DAY)
    await holdings.claim(kept, DAY, limits)
    with pytest.raises(HoldingCapReached):
        await holdings.claim(entry(), DAY, limits)

    await holdings.end("li", [kept.id])
    await holdings.end("li", [kept.id, lost.id])

    await holdings.claim(entry(), DAY, limits)
    with pytest.raises(DailyClaimCapReached):
        await holdings.claim(entry(), DAY, PoolLimits(held=9, claims_per_day=2))


async def test_reservations_ignore_the_caps_and_count_against_them(holdings: HoldingStore) -> None:
    for _ in range(3):
        await holdings.reserve(entry())

    assert await outcome(holdings, PoolLimits(held=3, claims_per_day=None)) == "HOLDING_CAP_REACHED"
    assert await outcome(holdings, PoolLimits(held=4, claims_per_day=None)) == "claimed"
    assert await holdings.of("li", DAY) == Holdings(held=4, claimed=0)


async def test_entries_that_no_customer_names_are_found_by_their_time(database: Store) -> None:
    holdings, named, orphan = MongoHoldings(database), entry(), entry()
    await holdings.reserve(named)
    await holdings.claim(orphan, DAY, PoolLimits())
    await database["customers"].insert_one({"_id": ObjectId(named.customer_id), "holdingId": named.id})
    now = datetime.now(UTC)

    assert await holdings.unmatched(now - timedelta(minutes=1), now + timedelta(minutes=1)) == {"li": [orphan.id]}
    assert await holdings.unmatched(now - timedelta(minutes=9), now - timedelta(minutes=8)) == {}
    await holdings.forget_days_before(NEXT_DAY)
    assert await holdings.of("li", DAY) == Holdings(held=2, claimed=0)
