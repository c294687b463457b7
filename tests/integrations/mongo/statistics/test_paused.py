"""A real process that is stopped for so long that it is given up, and then goes on."""

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
from domain.statistics.tally import GROUPS
from domain.users.events import CountedUserEvent
from integrations.clock import SystemClock
from tests.domain.statistics.history import History
from tests.integrations.mongo.statistics.office import DEAD_AFTER, Office

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


async def keep(writer: Process, facts: Sequence[CountedUserEvent]) -> None:
    """Returns when all have their rows."""
    assert writer.stdin is not None
    assert writer.stdout is not None
    for fact in facts:
        writer.stdin.write(fact.to_json().encode() + b"\n")
        assert await asyncio.wait_for(writer.stdout.readline(), 30) == b"kept\n"


async def test_a_paused_process_that_was_given_up_goes_on_as_another_writer(
    database: "Database", writer: Process
) -> None:
    office, history = Office(database), History()
    office.clock.time = SystemClock().now()
    begun = datetime.now(UTC)
    for number in range(30):
        history.login(f"user {number % 20}", begun)
    await keep(writer, history.facts[:10])

    writer.send_signal(signal.SIGSTOP)
    office.clock.advance(DEAD_AFTER)
    await office.keeper.keep()
    assert await office.database["statistics_writers"].count_documents({"state": "alive"}) == 0
    writer.send_signal(signal.SIGCONT)
    await keep(writer, history.facts[10:])
    assert writer.stdin is not None
    writer.stdin.close()
    assert await asyncio.wait_for(writer.wait(), 30) == 0
    await office.keeper.keep()

    shown, wanted = await office.figures.ledger(business_day(begun), GROUPS), history.ledger()
    assert shown.total == wanted.total
    assert shown.days == wanted.days
