"""The MongoDB store of callbacks of the e-sign provider."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.contracts.ports import Callback
from integrations.mongo.contracts.signing_callbacks import MongoSigningCallbacks
from tests.domain.contracts.builders import NOW

Store = AsyncIOMotorDatabase[dict[str, Any]]


@pytest.fixture
async def callbacks(database: Store) -> MongoSigningCallbacks:
    stored = MongoSigningCallbacks(database)
    await stored.create_indexes()
    return stored


def a_callback(key: str = "k1", **fields: Any) -> Callback:
    return Callback(key=key, contract_no="CON1-1", action="signCompleted", status="2", received_at=NOW, **fields)


async def test_a_repeated_callback_is_stored_once(callbacks: MongoSigningCallbacks, database: Store) -> None:
    stored = await asyncio.gather(*(callbacks.store(a_callback()) for _ in range(10)))

    assert sorted(stored) == [False] * 9 + [True]
    assert await database["esign_events"].count_documents({}) == 1


async def test_a_new_callback_is_due_after_ten_seconds(callbacks: MongoSigningCallbacks) -> None:
    await callbacks.store(a_callback(says_failed=True))

    at_once = await callbacks.due(NOW + timedelta(seconds=9), 10)
    later = await callbacks.due(NOW + timedelta(seconds=10), 10)

    assert list(at_once) == []
    assert list(later) == [a_callback(says_failed=True)]


async def test_a_processed_callback_is_not_due_and_stays_known(callbacks: MongoSigningCallbacks) -> None:
    await callbacks.store(a_callback())

    await callbacks.mark_processed(["k1"], NOW)

    assert list(await callbacks.due(NOW + timedelta(days=1), 10)) == []
    assert not await callbacks.store(a_callback())
    assert list(await callbacks.due(NOW + timedelta(days=1), 10)) == []


async def test_postponed_callbacks_become_due_longest_waiting_first(callbacks: MongoSigningCallbacks) -> None:
    for key in ("k1", "k2", "k3"):
        await callbacks.store(a_callback(key))
    await callbacks.postpone("k1", NOW + timedelta(seconds=60))
    await callbacks.postpone("k2", NOW + timedelta(seconds=5))

    due = await callbacks.due(NOW + timedelta(seconds=60), 10)

    assert [callback.key for callback in due] == ["k2", "k3", "k1"]
    assert len(await callbacks.due(NOW + timedelta(seconds=60), 2)) == 2


async def test_due_callbacks_have_an_index_and_processed_ones_expire_after_ninety_days(
    callbacks: MongoSigningCallbacks, database: Store
) -> None:
    await callbacks.store(a_callback())

    plan = await database["esign_events"].find({"nextTryAt": {"$lte": NOW}}).sort("nextTryAt", 1).explain()
    indexes = await database["esign_events"].index_information()

    assert "waiting" in str(plan["queryPlanner"]["winningPlan"])
    assert indexes["settled"]["expireAfterSeconds"] == 90 * 86_400
