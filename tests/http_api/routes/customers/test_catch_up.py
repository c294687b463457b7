"""The first start beside contracts and users of the former system: killed in the middle, resumed, and run twice."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from integrations.settings import Settings
from tests.app_process import RunningProcess, running_process, settings_of
from tests.http_api.routes.customers.customer_api import bind_phone
from tests.waiting import eventually

Database = AsyncIOMotorDatabase[dict[str, Any]]
OWNER = "5" * 24
CONTRACTS = 120
PAST = datetime(2025, 3, 1, tzinfo=UTC)


def former_contract(number: int) -> dict[str, Any]:
    """Every third one is a second contract of a customer; one names a customer that never existed."""
    at = PAST + timedelta(hours=number)
    phone = number - 1 if number % 3 == 2 else number
    return {
        "_id": ObjectId.from_datetime(at),
        "contractNumber": f"CON{number:014d}",
        "customerName": f"客户{number}",
        "customerPhone": f"138{phone:08d}",
        "contractType": "月嫂",
        "contractStatus": "active" if number % 2 else "draft",
        "createdBy": ObjectId(OWNER),
        "createdAt": at,
        "updatedAt": at,
        **({"customerId": ObjectId("e" * 24)} if number == 4 else {}),
    }


async def stored(database: Database, name: str) -> list[dict[str, Any]]:
    return [each async for each in database[name].find({}, {"outbox": 0}).sort("_id", 1)]


async def caught_up(settings: Settings, database: Database) -> None:
    async with running_process(settings):

        async def done() -> bool:
            state = await database["customer_runs"].find_one({"_id": "catch-up"})
            return state is not None and bool(state["done"])

        await eventually(done, 60)


async def killed_in_the_middle(running: RunningProcess, database: Database) -> None:
    work = asyncio.ensure_future(running.services.customers.catch_up.run())

    async def some() -> bool:
        return await database["customers"].estimated_document_count() >= 30

    await eventually(some, poll_seconds=0.001)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)


async def test_a_killed_catch_up_is_resumed_and_a_second_one_changes_nothing(
    mongodb_uri: str, redis_url: str, redis: Redis, database: Database
) -> None:
    name = f"catch_up_{ObjectId()}"
    past = database.client[name]  # not prepared: its documents are converted as at a first start
    await past["contracts"].insert_many([former_contract(number) for number in range(CONTRACTS)])
    user_id = ObjectId()
    former_user = {"_id": user_id, "openid": "o-first", "createdAt": PAST, "updatedAt": PAST}
    await past["miniprogram_users"].insert_one(former_user)
    settings = settings_of(mongodb_uri, redis_url, name)
    try:
        async with running_process(settings, jobs=False) as first:
            await bind_phone(first, str(user_id), "13800000001")
            await killed_in_the_middle(first, past)
        assert len(await stored(past, "customers")) < CONTRACTS * 2 // 3
        await caught_up(settings, past)
        customers, contracts = await stored(past, "customers"), await stored(past, "contracts")

        phones = {each["customerPhone"] for each in contracts}
        assert sorted(each["phone"] for each in customers) == sorted(phones)
        by_id = {each["_id"]: each for each in customers}
        assert all(by_id[each["customerId"]]["phone"] == each["customerPhone"] for each in contracts)
        assert {each["assignedTo"] for each in customers} == {ObjectId(OWNER)}
        of_active = {each["customerPhone"] for each in contracts if each["contractStatus"] == "active"}
        assert {each["phone"] for each in customers if each["contractStatus"] == "已签约"} == of_active
        [linked] = [each for each in customers if each.get("miniUserId")]
        assert (linked["phone"], linked["openid"]) == ("13800000001", "o-first")

        await past["customer_runs"].delete_one({"_id": "catch-up"})
        async with running_process(settings, jobs=False) as second:  # its job would wait for the lease
            await second.services.customers.catch_up.run()
        assert (await stored(past, "customers"), await stored(past, "contracts")) == (customers, contracts)
        assert await stored(past, "notifications") == []
        assert (await past["customer_runs"].find_one({"_id": "catch-up"}) or {})["done"]
    finally:
        await database.client.drop_database(name)
