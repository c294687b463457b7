"""Rebuilds all statistics from the users and the rows of the login log."""

from datetime import date
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo.errors import BulkWriteError

from domain.shared.events import event_from_record
from domain.statistics.counters import Counters
from domain.statistics.rebuild import StatisticsRebuild, UserRecord
from domain.users.events import CountedUserEvent
from domain.users.model import User
from integrations.mongo.failures import store_failures
from integrations.mongo.outbox_relay import MAX_BATCH
from integrations.mongo.statistics.login_rows import row_of
from integrations.mongo.statistics.store import COUNTERS, LOGIN_LOG, SUMS, TOTAL, WRITERS, Document, encode_counters
from integrations.mongo.users.users import COLLECTION as USERS

REBUILT = "rebuild"
"""The writer id of counters that are rebuilt."""

_DUPLICATE = 11000
_READ = ("createdAt", "loginCount", "phone", "region", "lastActiveAt", "deletedAt")


async def rebuild_statistics(database: "AsyncIOMotorDatabase[Document]") -> None:
    """No app process may run meanwhile. If it is interrupted, it must be repeated. Raises Unavailable."""
    await _log_unrelayed_events(database)
    rebuild = StatisticsRebuild()
    with store_failures():
        async for row in database[LOGIN_LOG].find({}, {"userId": 1, "day": 1, "effects": 1}):
            rebuild.add_row(row["userId"], date.fromisoformat(row["day"]), Counters.from_grouped(row["effects"]))
        async for document in database[USERS].find({}, dict.fromkeys(_READ, 1)):
            rebuild.add_user(_user_record(document))
        daily = rebuild.result()
        for collection in (WRITERS, COUNTERS, SUMS):
            await database[collection].delete_many({})
        sums = {str(day): encode_counters(counted) for day, counted in daily.days.items()}
        if sums:  # maintenance sums a day from its documents: this one and those that writers still add
            await database[COUNTERS].insert_many([_summed(day, figures) for day, figures in sums.items()])
        await database[SUMS].insert_many(
            [
                {"_id": key, "day": key, "figures": figures, "includes": []}
                for key, figures in (sums | {TOTAL: encode_counters(daily.total)}).items()
            ]
        )


def _summed(day: str, figures: dict[str, str]) -> Document:
    known = {"day": day, "writer": REBUILT, "figures": figures}
    return {"_id": f"{day}:{REBUILT}", **known, "merged": True, "final": True}


async def _log_unrelayed_events(database: "AsyncIOMotorDatabase[Document]") -> None:
    """Writes the rows of events that are still in outboxes.

    Their users include the change already. Without its row here, the relay would count the change a second time.
    """
    rows: list[Document] = []
    with store_failures():
        async for document in database[USERS].find({"outbox.id": {"$gt": ""}}, {"outbox": 1}):
            events = [event_from_record(record) for record in document["outbox"]]
            rows += [{**row_of(event), "writer": REBUILT} for event in events if isinstance(event, CountedUserEvent)]
        for start in range(0, len(rows), MAX_BATCH):
            try:
                await database[LOGIN_LOG].insert_many(rows[start : start + MAX_BATCH], ordered=False)
            except BulkWriteError as error:
                if any(each["code"] != _DUPLICATE for each in error.details["writeErrors"]):
                    raise


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
