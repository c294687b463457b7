"""A rebuild counts events that are still in outboxes, and they count once when they are relayed later."""

from bson import ObjectId

from integrations.mongo.statistics.rebuild import rebuild_statistics
from tests.domain.statistics.history import UserHistory
from tests.integrations.mongo.statistics.statistics_setup import StatisticsSetup, busy_history


async def store_users(setup: StatisticsSetup, history: UserHistory, unrelayed: int) -> None:
    """Stores the users after the history, with its last events still in their outboxes."""
    for user in history.all_users:
        events = [event.to_record() for event in history.events[-unrelayed:] if event.user_id == user.id]
        document = {
            "_id": ObjectId(user.id),
            "createdAt": user.registered_at,
            "loginCount": user.login_count,
            "region": user.region.model_dump(),
            "lastActiveAt": user.active_at[-1],
            "outbox": events,
        }
        if user.deleted_at:
            document["deletedAt"] = user.deleted_at
        elif user.has_phone:
            document["phone"] = "13800000000"
        await setup.database["miniprogram_users"].insert_one(document)


async def test_rebuilt_counters_are_exact_and_continue(setup: StatisticsSetup) -> None:
    history, journal = busy_history(), setup.journal()
    await journal.follow(history.events[:-6])
    await journal.flush()
    await store_users(setup, history, unrelayed=6)

    await rebuild_statistics(setup.database)
    assert await setup.differences(history) == []

    later = setup.journal()
    await later.follow(history.events[-6:])  # the events in the outboxes are relayed later
    await later.flush()
    await setup.maintenance.run_once()
    assert await setup.differences(history) == []
