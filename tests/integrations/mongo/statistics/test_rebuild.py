"""Figures rebuilt in the store: exact at once, and a base for all that follows."""

from datetime import timedelta
from typing import Any

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.shared.business_day import business_day
from domain.statistics.tally import GROUPS
from integrations.mongo.statistics.rebuild import rebuild_statistics
from tests.domain.statistics.history import BEGIN, History
from tests.integrations.mongo.statistics.office import Office, busy

Database = AsyncIOMotorDatabase[dict[str, Any]]


async def store_users(database: "Database", history: History) -> None:
    for user in history.everyone:
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


async def test_from_all_rows_come_the_figures_that_were_kept(database: "Database") -> None:
    history, office = busy(), Office(database)
    await office.journal().follow(history.facts)
    await store_users(database, history)

    await rebuild_statistics(database)
    await rebuild_statistics(database)

    assert await office.differences(history) == []


async def test_writers_go_on_from_rebuilt_figures(database: "Database") -> None:
    history, office = busy(), Office(database)
    await office.journal().follow(history.facts)
    await store_users(database, history)
    await rebuild_statistics(database)
    told = len(history.facts)

    history.login("newcomer", BEGIN + timedelta(days=2, hours=1))
    journal = office.journal()
    await journal.follow(history.facts[told:])
    await journal.close()
    assert await office.differences(history) == []
    await office.keeper.keep()
    await office.keeper.keep()

    assert await office.differences(history) == []


async def test_a_database_that_moved_in_has_its_users_counted(database: "Database") -> None:
    history, office = busy(), Office(database)
    await store_users(database, history)

    await rebuild_statistics(database)

    ledger = await office.figures.ledger(business_day(BEGIN), GROUPS)
    assert ledger.members == history.members()
    assert ledger.total.group("regions") == {"未知/未知": history.members()}


async def test_a_fact_still_in_an_outbox_counts_once(database: "Database") -> None:
    history, office = busy(), Office(database)
    waiting = history.facts[-1]
    await office.journal().follow(history.facts[:-1])
    await store_users(database, history)
    await database["miniprogram_users"].update_one(
        {"_id": ObjectId(waiting.user_id)}, {"$set": {"outbox": [waiting.to_record()]}}
    )

    await rebuild_statistics(database)
    await office.journal().follow([waiting])

    assert await office.differences(history) == []
