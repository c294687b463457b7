"""The figures are those of the journal's rows, whoever wrote them, however often, and whenever it died."""

import asyncio
import signal
import subprocess
import sys
from datetime import timedelta

from domain.shared.business_day import business_day
from domain.shared.paging import PageRequest
from domain.users.login.record import LoginRecord
from integrations.clock import SystemClock
from integrations.security.ids import ObjectIds
from tests.domain.statistics.history import BEGIN, History
from tests.integrations.mongo.statistics.office import DEAD_AFTER, Office, busy


async def test_facts_that_come_twice_count_once(office: Office) -> None:
    history, journal = busy(), office.journal()
    await journal.follow(history.facts)
    await journal.follow(history.facts)
    await asyncio.gather(journal.follow(history.facts[:5]), journal.follow(history.facts[3:]))
    await journal.flush()
    assert await office.differences(history) == []


async def test_two_writers_that_share_facts_in_any_order(office: Office) -> None:
    history, one, two = busy(), office.journal(), office.journal()
    facts = history.facts
    for start in range(0, len(facts), 4):
        await asyncio.gather(one.follow(facts[start : start + 3]), two.follow(facts[start + 1 : start + 5]))
        await asyncio.gather(one.flush(), two.flush())
    assert await office.differences(history) == []


async def test_summing_up_finished_days_changes_nothing_at_any_step(office: Office) -> None:
    history = busy()
    journal = office.journal()
    for fact in history.facts:
        if fact.at > office.clock.time:
            office.clock.time = fact.at
        await journal.follow([fact])
    await journal.flush()
    assert await office.differences(history) == []
    for _ in range(2):
        await office.keeper.keep()
        assert await office.differences(history) == []
    await journal.close()
    await office.keeper.keep()
    assert await office.differences(history) == []
    assert await office.database["miniprogram_statistics"].count_documents({"merged": False}) == 0
    assert await office.database["statistics_writers"].count_documents({}) == 0


async def test_a_writer_that_died_before_writing_its_figures(office: Office, mongodb_uri: str) -> None:
    history = busy()
    command = [
        sys.executable,
        "-m",
        "tests.integrations.mongo.statistics.dying_writer",
        mongodb_uri,
        office.database.name,
    ]
    lines = "\n".join(fact.to_json() for fact in history.facts).encode()
    child = await asyncio.to_thread(subprocess.run, command, input=lines, capture_output=True, check=False, timeout=60)
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()
    assert await office.differences(history) != []

    office.clock.time = SystemClock().now() + timedelta(seconds=DEAD_AFTER)
    await office.keeper.keep()
    assert await office.differences(history) == []
    await office.keeper.keep()
    assert await office.differences(history) == []


async def test_a_writer_that_died_before_any_figures(office: Office) -> None:
    history = busy()
    await office.journal().follow(history.facts)
    office.clock.advance(DEAD_AFTER)
    await office.keeper.keep()
    assert await office.differences(history) == []


async def test_a_writer_that_was_declared_dead_while_it_slept_goes_on_as_another(office: Office) -> None:
    history, journal = busy(), office.journal()
    await journal.follow(history.facts[:10])
    await journal.flush()
    office.clock.advance(DEAD_AFTER)
    await office.keeper.keep()
    await journal.follow(history.facts[10:20])  # it does not know yet
    await journal.beat()
    await journal.follow(history.facts[20:])
    await journal.flush()
    await office.keeper.keep()
    assert await office.differences(history) == []


async def test_interrupted_sums_are_completed_next_time(office: Office) -> None:
    history, journal = busy(), office.journal()
    await journal.follow(history.facts[:15])
    await journal.close()
    await office.keeper.keep()
    figures = office.database["miniprogram_statistics"]
    for document in await figures.find({}).to_list(None):  # as if the last step had not been reached
        await figures.update_one({"_id": document["_id"]}, {"$set": {"merged": False}})
    await journal.follow(history.facts[15:])
    await journal.flush()
    assert await office.differences(history) == []
    await office.keeper.keep()
    assert await office.differences(history) == []


async def test_refusals_are_durable_when_told_and_shown_newest_first(office: Office) -> None:
    history, journal = History(), office.journal()
    history.login("one", BEGIN)
    await journal.follow(history.facts)
    user_id, ids = history.facts[0].user_id, ObjectIds()
    refusals = [
        LoginRecord(
            id=ids.next_id(),
            at=BEGIN + timedelta(seconds=number + 1),
            user_id=user_id,
            method="password",
            result="failed",
            reason="BAD_CREDENTIALS",
        )
        for number in range(30)
    ]
    await asyncio.gather(*(journal.record_failure(each) for each in refusals))

    page = await journal.page_of(user_id, PageRequest(page=1, page_size=10))
    assert page.total == 31
    assert [each.id for each in page.list] == [each.id for each in reversed(refusals)][:10]
    last = await journal.page_of(user_id, PageRequest(page=4, page_size=10))
    assert [each.result for each in last.list] == ["success"]

    await journal.flush()
    shown = await office.figures.ledger(business_day(BEGIN), ("counts",))
    assert shown.total["counts.failed"] == 30
