"""Rows of the login log are deleted after their retention, and no figure changes by it."""

from datetime import timedelta
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.shared.business_day import business_day
from domain.statistics.counters import FAILED, GROUPS
from domain.statistics.daily_counters import DailyCounters
from domain.statistics.retention import CompleteRows
from domain.users.login_record import LoginRecord
from integrations.mongo.statistics.rebuild import rebuild_statistics
from integrations.mongo.statistics.retention import LoginLogRetention
from integrations.security.ids import ObjectIds
from tests.domain.statistics.history import BEGIN, UserHistory
from tests.integrations.mongo.statistics.statistics_setup import StatisticsSetup, plain
from tests.integrations.mongo.statistics.test_rebuild import store_users

DAYS = 100
IDS = ObjectIds()


def long_history() -> UserHistory:
    """Users of nine months: some come back, change, and leave."""
    history = UserHistory()
    for month in range(9):
        at = BEGIN + timedelta(days=30 * month)
        history.login(f"p{month}", at)
        history.login(f"p{month // 2}", at + timedelta(days=1), method="refresh")
        history.toggle_phone(f"p{month // 3}", at + timedelta(days=2))
        if month % 4 == 3:
            history.delete(f"p{month - 2}", at + timedelta(days=3))
    return history


def refusal(days: int) -> LoginRecord:
    at = BEGIN + timedelta(days=days)
    return LoginRecord(id=IDS.next_id(), at=at, method="password", result="failed", reason="X", address="8.8.8.8")


class Scene:
    """Nine months of log-ins and of one refusal each ten days, all counted."""

    def __init__(self, setup: StatisticsSetup) -> None:
        self.setup, self.history = setup, long_history()
        self.rows = setup.database["miniprogram_login_logs"]
        self.now = self.history.events[-1].at
        self.complete = CompleteRows.after_retention(business_day(self.now), DAYS)

    async def record(self) -> None:
        journal = self.setup.journal()
        for event in self.history.events:
            await journal.follow([event])
        for days in range(0, 250, 10):
            await journal.record_failure(refusal(days))
        await journal.close()
        await self.setup.maintenance.run_once()
        await store_users(self.setup.database, self.history)
        self.setup.clock.time = self.now

    async def expire(self) -> None:
        retention = LoginLogRetention(self.setup.database, self.setup.writers, self.setup.clock, DAYS)
        await retention.create_indexes()
        await retention.run_once()

    async def counters(self) -> dict[str, dict[str, int]]:
        return shown(await self.setup.store.daily_counters(business_day(BEGIN), GROUPS))

    async def days_of(self, result: str | None) -> set[str]:
        return {row["day"] async for row in self.rows.find({"result": result})}


def shown(daily: DailyCounters) -> dict[str, dict[str, int]]:
    days = {str(day): plain(counted) for day, counted in daily.days.items()}
    return {"total": plain(daily.total), **{day: counted for day, counted in days.items() if counted}}


@pytest.fixture
async def scene(setup: StatisticsSetup) -> Scene:
    scene = Scene(setup)
    await scene.record()
    return scene


async def test_old_rows_are_deleted_and_no_figure_changes(scene: Scene) -> None:
    before = await scene.counters()
    first_days = [min(await scene.days_of(result)) for result in ("success", "failed", None)]

    await scene.expire()

    kept = [min(await scene.days_of(result)) for result in ("success", "failed", None)]
    since, refused_since = str(scene.complete.since), str(scene.complete.refused_since)
    assert all(day < since for day in first_days)
    assert [kept[0] >= since, kept[1] >= refused_since, kept[2] >= since] == [True] * 3
    assert await scene.counters() == before
    assert before["total"][FAILED] == 25


async def test_a_rebuild_says_since_when_rows_are_complete_and_keeps_the_figures_before(scene: Scene) -> None:
    before = await scene.counters()
    await scene.expire()

    for _ in range(2):
        assert await rebuild_statistics(scene.setup.database) == scene.complete
        assert await scene.counters() == before


async def test_a_rebuild_corrects_the_days_whose_rows_are_complete(scene: Scene) -> None:
    before = await scene.counters()
    await scene.expire()
    sums = scene.setup.database["miniprogram_statistics_sums"]
    await sums.update_many({"_id": {"$gte": str(scene.complete.refused_since)}}, {"$set": {"figures": {}}})
    assert await scene.counters() != before

    await rebuild_statistics(scene.setup.database)

    assert await scene.counters() == before


async def test_a_rebuild_that_was_interrupted_loses_no_kept_figure(scene: Scene) -> None:
    """As if it had ended after its first step, with counters that are not summed yet."""
    database, journal = scene.setup.database, scene.setup.journal()
    await journal.record_failure(refusal(5))  # came late
    await journal.record_failure(refusal(165))
    await journal.flush()
    await scene.expire()
    before = await scene.counters()
    untouched = ("miniprogram_statistics", "statistics_writers")
    copies = {name: await database[name].find({}).to_list(None) for name in untouched}
    await rebuild_statistics(database)
    assert await scene.counters() == before
    await _restore(database, copies)

    await rebuild_statistics(database)

    assert await scene.counters() == before


async def test_rows_of_a_writer_that_may_be_recounted_stay(scene: Scene) -> None:
    journal = scene.setup.journal()
    late = refusal(3)
    await journal.record_failure(late)

    await scene.expire()
    assert await scene.rows.count_documents({"_id": late.id}) == 1
    await journal.close()
    await scene.setup.maintenance.run_once()
    await scene.expire()
    assert await scene.rows.count_documents({"_id": late.id}) == 0


async def test_a_longer_retention_does_not_claim_rows_that_are_gone(scene: Scene) -> None:
    await scene.expire()

    longer = LoginLogRetention(scene.setup.database, scene.setup.writers, scene.setup.clock, DAYS + 200)
    await longer.run_once()

    assert await rebuild_statistics(scene.setup.database) == scene.complete


async def _restore(database: "AsyncIOMotorDatabase[dict[str, Any]]", copies: dict[str, list[dict[str, Any]]]) -> None:
    for name, documents in copies.items():
        await database[name].delete_many({})
        if documents:
            await database[name].insert_many(documents)
