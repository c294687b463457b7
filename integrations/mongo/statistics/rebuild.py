"""Rebuilds the statistics from the users and the rows of the login log."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import ReplaceOne

from domain.shared.parts import parts_of
from domain.statistics.counters import GROUPS, Counters
from domain.statistics.daily_counters import DailyCounters
from domain.statistics.rebuild import StatisticsRebuild, UserRecord
from domain.statistics.retention import CompleteRows
from domain.users.events import CountedUserEvent
from domain.users.model import User
from integrations.mongo.failures import duplicates_in, store_failures
from integrations.mongo.outbox import OUTBOX, Outbox, decode_entries
from integrations.mongo.outbox_relay import MAX_BATCH
from integrations.mongo.statistics.login_rows import row_of
from integrations.mongo.statistics.retention import read_complete_rows
from integrations.mongo.statistics.store import (
    COUNTERS,
    LOGIN_LOG,
    SUMS,
    TOTAL,
    WRITERS,
    Document,
    StatisticsStore,
    counters_id,
    encode_counters,
)
from integrations.mongo.users.users import COLLECTION as USERS

REBUILT = "rebuild"
"""The writer id of counters that are rebuilt."""

_READ = ("createdAt", "loginCount", "phone", "region", "lastActiveAt", "deletedAt")


async def rebuild_statistics(database: "AsyncIOMotorDatabase[Document]") -> CompleteRows:
    """Rebuilds the days of which the login log is complete, and returns them; earlier days keep their counters.

    No app process may run meanwhile. If it is interrupted, it must be repeated. Raises Unavailable.
    """
    await _log_unrelayed_events(database)
    complete = await read_complete_rows(database)
    stored = await StatisticsStore(database).daily_counters(date.min, GROUPS)
    rebuild = StatisticsRebuild(complete, stored.days)
    with store_failures():
        async for row in database[LOGIN_LOG].find({}, {"userId": 1, "day": 1, "effects": 1}):
            rebuild.add_row(row["userId"], date.fromisoformat(row["day"]), Counters.from_grouped(row["effects"]))
        async for document in database[USERS].find({}, dict.fromkeys(_READ, 1)):
            rebuild.add_user(_user_record(document))
        await _replace_counters(database, rebuild.result())
    return complete


async def _replace_counters(database: "AsyncIOMotorDatabase[Document]", daily: DailyCounters) -> None:
    """The sums first, each in one write: a repeated rebuild reads kept days from them, wherever this one ended."""
    figures = {str(day): encode_counters(counted) for day, counted in daily.days.items()}
    sums = figures | {TOTAL: encode_counters(daily.total)}
    includes = [each["_id"] async for each in database[COUNTERS].find({"merged": False}, {"_id": 1})]
    await _replace_all(
        database[SUMS], [{"_id": key, "day": key, "figures": its, "includes": includes} for key, its in sums.items()]
    )
    # Maintenance sums a day from its documents: this one and those that writers still add.
    await _replace_all(database[COUNTERS], [_summed(day, its) for day, its in figures.items()])
    await database[WRITERS].delete_many({})


async def _replace_all(collection: "AsyncIOMotorCollection[Document]", documents: Sequence[Document]) -> None:
    """Makes these the only documents of the collection. Writes them before it removes others."""
    for batch in parts_of(documents, MAX_BATCH):
        await collection.bulk_write([ReplaceOne({"_id": each["_id"]}, each, upsert=True) for each in batch])
    await collection.delete_many({"_id": {"$nin": [each["_id"] for each in documents]}})


def _summed(day: str, figures: dict[str, str]) -> Document:
    known = {"day": day, "writer": REBUILT, "figures": figures}
    return {"_id": counters_id(day, REBUILT), **known, "merged": True, "final": True}


async def _log_unrelayed_events(database: "AsyncIOMotorDatabase[Document]") -> None:
    """Writes the rows of events that are still in outboxes.

    Their users include the change already. Without its row here, the relay would count the change a second time.
    """
    rows: list[Document] = []
    outbox = Outbox(database)
    with store_failures():
        async for document in database[USERS].find({"outbox.id": {"$gt": ""}}, {OUTBOX: 1}):
            entries = decode_entries(USERS, document["_id"], await outbox.unrelayed(document[OUTBOX]))
            events = [entry.event for entry in entries]
            rows += [{**row_of(event), "writer": REBUILT} for event in events if isinstance(event, CountedUserEvent)]
        for part in parts_of(rows, MAX_BATCH):
            await duplicates_in(database[LOGIN_LOG].insert_many(part, ordered=False))


def _user_record(document: dict[str, Any]) -> UserRecord:
    user = User.model_validate(
        {"id": str(document["_id"]), "updatedAt": document["createdAt"]}
        | {name: document[name] for name in _READ if name in document}
        | {"version": 1}
    )
    return UserRecord(
        id=user.id,
        registered_at=user.created_at,
        login_count=user.login_count,
        has_phone=user.has_phone,
        region=user.region,
        last_active_at=user.last_active_at,
        is_gone=user.is_gone,
    )
