"""Statistics rebuilt in the store are exact, and further events add to them."""

from datetime import timedelta
from typing import Any

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.shared.business_day import business_day
from domain.statistics.counters import GROUPS
from integrations.mongo.statistics.rebuild import rebuild_statistics
from tests.domain.statistics.history import BEGIN, UserHistory
from tests.integrations.mongo.statistics.statistics_setup import StatisticsSetup, busy_history

Database = AsyncIOMotorDatabase[dict[str, Any]]


async def store_users(database: "Database", history: UserHistory) -> None:
    for user in history.all_users:
        document: dict[str, Any] = {
            "_id": ObjectId(user.id),
            "createdAt": user.registered_at,
            "loginCount": user.login_count,
            "region": user.region.model_dump(by_alias=True),
            "lastActiveAt": user.active_at[-1],
        }
        if user.has_phone:
            document["phone"] = "13800138000"
        if user.deleted_at:
            document["deletedAt"] = user.deleted_at
        await database["miniprogram_users"].insert_one(document)


async def test_a_rebuild_from_all_rows_is_exact(database: "Database") -> None:
    history, setup = busy_history(), StatisticsSetup(database)
    await setup.journal().follow(history.events)
    await store_users(database, history)

    await rebuild_statistics(database)
    await rebuild_statistics(database)

    assert await setup.differences(history) == []


async def test_writers_continue_from_rebuilt_counters(database: "Database") -> None:
    history, setup = busy_history(), StatisticsSetup(database)
    await setup.journal().follow(history.events)
    await store_users(database, history)
    await rebuild_statistics(database)
    rebuilt = len(history.events)

    history.login("newcomer", BEGIN + timedelta(days=2, hours=1))
    journal = setup.journal()
    await journal.follow(history.events[rebuilt:])
    await journal.close()
    assert await setup.differences(history) == []
    await setup.maintenance.run_once()
    await setup.maintenance.run_once()

    assert await setup.differences(history) == []


async def test_users_of_an_imported_database_are_counted(database: "Database") -> None:
    history, setup = busy_history(), StatisticsSetup(database)
    await store_users(database, history)

    await rebuild_statistics(database)

    daily = await setup.store.daily_counters(business_day(BEGIN), GROUPS)
    assert daily.user_count == history.user_count()
    assert daily.total.group("regions") == {"未知/未知": history.user_count()}


async def test_an_event_that_is_still_in_an_outbox_counts_once(database: "Database") -> None:
    history, setup = busy_history(), StatisticsSetup(database)
    unrelayed = history.events[-1]
    await setup.journal().follow(history.events[:-1])
    await store_users(database, history)
    await database["miniprogram_users"].update_one(
        {"_id": ObjectId(unrelayed.user_id)}, {"$set": {"outbox": [unrelayed.to_record()]}}
    )

    await rebuild_statistics(database)
    await setup.journal().follow([unrelayed])

    assert await setup.differences(history) == []
