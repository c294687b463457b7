"""A real process that is stopped until it is declared dead, and then continues."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.shared.business_day import business_day
from domain.statistics.counters import GROUPS
from domain.users.events import CountedUserEvent
from integrations.clock import SystemClock
from tests.domain.statistics.history import UserHistory
from tests.integrations.mongo.statistics.statistics_setup import DEAD_AFTER, StatisticsSetup

Database = AsyncIOMotorDatabase[dict[str, Any]]


@pytest.fixture
async def writer(mongodb_uri: str, database: "Database") -> AsyncIterator[Process]:
    module = "tests.integrations.mongo.statistics.pausable_writer"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, mongodb_uri, database.name, stdin=PIPE, stdout=PIPE
    )
    yield process
    if process.returncode is None:
        process.kill()
        await process.wait()


async def send(writer: Process, events: Sequence[CountedUserEvent]) -> None:
    """Returns when all events have their rows."""
    assert writer.stdin is not None
    assert writer.stdout is not None
    for event in events:
        writer.stdin.write(event.to_json().encode() + b"\n")
        assert await asyncio.wait_for(writer.stdout.readline(), 30) == b"stored\n"


async def test_a_paused_process_that_was_declared_dead_continues_as_a_new_writer(
    database: "Database", writer: Process
) -> None:
    setup, history = StatisticsSetup(database), UserHistory()
    setup.clock.time = SystemClock().now()
    started = datetime.now(UTC)
    for number in range(30):
        history.login(f"user {number % 20}", started)
    await send(writer, history.events[:10])

    writer.send_signal(signal.SIGSTOP)
    setup.clock.advance(DEAD_AFTER)
    await setup.maintenance.run_once()
    assert await setup.database["statistics_writers"].count_documents({"state": "alive"}) == 0
    writer.send_signal(signal.SIGCONT)
    await send(writer, history.events[10:])
    assert writer.stdin is not None
    writer.stdin.close()
    assert await asyncio.wait_for(writer.wait(), 30) == 0
    await setup.maintenance.run_once()

    shown, wanted = await setup.store.daily_counters(business_day(started), GROUPS), history.daily_counters()
    assert shown.total == wanted.total
    assert shown.days == wanted.days
