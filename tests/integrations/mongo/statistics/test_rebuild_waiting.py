"""A rebuild takes in what still waits in outboxes, and counts it once when it is relayed all the same."""

from bson import ObjectId

from integrations.mongo.statistics.rebuild import rebuild_statistics
from tests.domain.statistics.history import History
from tests.integrations.mongo.statistics.office import Office, busy


async def store_users(office: Office, history: History, waiting: int) -> None:
    """The accounts as they are after the history, with its last facts still in their outboxes."""
    for user in history.everyone:
        facts = [fact.to_record() for fact in history.facts[-waiting:] if fact.user_id == user.id]
        document = {
            "_id": ObjectId(user.id),
            "createdAt": user.registered_at,
            "loginCount": user.login_count,
            "region": user.region.model_dump(),
            "lastActiveAt": user.active_at[-1],
            "outbox": facts,
        }
        if user.deleted_at:
            document["deletedAt"] = user.deleted_at
        elif user.has_phone:
            document["phone"] = "13800000000"
        await office.database["miniprogram_users"].insert_one(document)


async def test_rebuilt_figures_are_the_same_and_grow_on(office: Office) -> None:
    history, journal = busy(), office.journal()
    await journal.follow(history.facts[:-6])
    await journal.flush()
    await store_users(office, history, waiting=6)

    await rebuild_statistics(office.database)
    assert await office.differences(history) == []

    later = office.journal()
    await later.follow(history.facts[-6:])  # what waited in the outboxes is relayed all the same
    await later.flush()
    await office.keeper.keep()
    assert await office.differences(history) == []
