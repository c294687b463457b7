"""All figures anew, from the users and the journal's rows alone."""

from datetime import date
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo.errors import BulkWriteError

from domain.shared.events import event_from_record
from domain.statistics.rebuild import KnownUser, Rebuild
from domain.statistics.tally import Tally
from domain.users.events import CountedUserEvent
from domain.users.model import User
from integrations.mongo.failures import store_failures
from integrations.mongo.outbox_relay import MAX_BATCH
from integrations.mongo.statistics.store import FIGURES, ROWS, SUMS, TOTAL, WRITERS, Document, packed
from integrations.mongo.users.login_rows import row_of
from integrations.mongo.users.users import COLLECTION as USERS

REBUILT = "rebuild"
"""The writer of what was not counted as it happened."""

_DUPLICATE = 11000
_READ = ("createdAt", "loginCount", "phone", "region", "lastActiveAt", "deletedAt")


async def rebuild_statistics(database: "AsyncIOMotorDatabase[Document]") -> None:
    """No worker may run meanwhile. Interrupted, it has to be done again. Raises Unavailable."""
    await _journal_what_waits(database)
    rebuilt = Rebuild()
    with store_failures():
        async for row in database[ROWS].find({}, {"userId": 1, "day": 1, "effects": 1}):
            rebuilt.row(row["userId"], date.fromisoformat(row["day"]), Tally.from_grouped(row["effects"]))
        async for document in database[USERS].find({}, dict.fromkeys(_READ, 1)):
            rebuilt.user(_known(document))
        ledger = rebuilt.ledger()
        for collection in (WRITERS, FIGURES, SUMS):
            await database[collection].delete_many({})
        sums = {str(day): packed(tally) for day, tally in ledger.days.items()}
        if sums:  # the keeper sums a day from its documents, this one with those that writers still add
            await database[FIGURES].insert_many([_summed(day, figures) for day, figures in sums.items()])
        await database[SUMS].insert_many(
            [
                {"_id": key, "day": key, "figures": figures, "includes": []}
                for key, figures in (sums | {TOTAL: packed(ledger.total)}).items()
            ]
        )


def _summed(day: str, figures: dict[str, str]) -> Document:
    known = {"day": day, "writer": REBUILT, "figures": figures}
    return {"_id": f"{day}:{REBUILT}", **known, "merged": True, "final": True}


async def _journal_what_waits(database: "AsyncIOMotorDatabase[Document]") -> None:
    """A fact that is still in an outbox is in its user already: without its row here it would be counted twice."""
    rows: list[Document] = []
    with store_failures():
        async for document in database[USERS].find({"outbox.id": {"$gt": ""}}, {"outbox": 1}):
            facts = [event_from_record(record) for record in document["outbox"]]
            rows += [{**row_of(fact), "writer": REBUILT} for fact in facts if isinstance(fact, CountedUserEvent)]
        for start in range(0, len(rows), MAX_BATCH):
            try:
                await database[ROWS].insert_many(rows[start : start + MAX_BATCH], ordered=False)
            except BulkWriteError as error:
                if any(each["code"] != _DUPLICATE for each in error.details["writeErrors"]):
                    raise


def _known(document: dict[str, Any]) -> KnownUser:
    user = User.model_validate(
        {"id": str(document["_id"]), "updatedAt": document["createdAt"]}
        | {name: document[name] for name in _READ if name in document}
        | {"version": 1}
    )
    return KnownUser(
        id=user.id,
        registered_at=user.created_at,
        login_count=user.login_count,
        has_phone=user.has_phone,
        region=user.region,
        last_active_at=user.last_active_at,
        gone=user.is_gone,
    )
