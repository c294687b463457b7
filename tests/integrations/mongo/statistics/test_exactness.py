"""Counters equal the rows of the login log, however many writers wrote them, and whenever a writer died."""

import asyncio
import signal
import subprocess
import sys
from datetime import timedelta

from domain.shared.business_day import business_day
from domain.shared.paging import PageRequest
from domain.users.login_record import LoginRecord
from integrations.clock import SystemClock
from integrations.security.ids import ObjectIds
from tests.domain.statistics.history import BEGIN, UserHistory
from tests.integrations.mongo.statistics.statistics_setup import DEAD_AFTER, StatisticsSetup, busy_history


async def test_events_that_are_delivered_twice_count_once(setup: StatisticsSetup) -> None:
    history, journal = busy_history(), setup.journal()
    await journal.follow(history.events)
    await journal.follow(history.events)
    await asyncio.gather(journal.follow(history.events[:5]), journal.follow(history.events[3:]))
    await journal.flush()
    assert await setup.differences(history) == []


async def test_two_writers_may_receive_the_same_events_in_any_order(setup: StatisticsSetup) -> None:
    history, one, two = busy_history(), setup.journal(), setup.journal()
    events = history.events
    for start in range(0, len(events), 4):
        await asyncio.gather(one.follow(events[start : start + 3]), two.follow(events[start + 1 : start + 5]))
        await asyncio.gather(one.flush(), two.flush())
    assert await setup.differences(history) == []


async def test_summing_finished_days_changes_no_report_at_any_step(setup: StatisticsSetup) -> None:
    history = busy_history()
    journal = setup.journal()
    for event in history.events:
        if event.at > setup.clock.time:
            setup.clock.time = event.at
        await journal.follow([event])
    await journal.flush()
    assert await setup.differences(history) == []
    for _ in range(2):
        await setup.maintenance.run_once()
        assert await setup.differences(history) == []
    await journal.close()
    await setup.maintenance.run_once()
    assert await setup.differences(history) == []
    assert await setup.database["miniprogram_statistics"].count_documents({"merged": False}) == 0
    assert await setup.database["statistics_writers"].count_documents({}) == 0


async def test_a_writer_that_died_before_storing_its_counters_is_recounted(
    setup: StatisticsSetup, mongodb_uri: str
) -> None:
    history = busy_history()
    command = [
        sys.executable,
        "-m",
        "tests.integrations.mongo.statistics.dying_writer",
        mongodb_uri,
        setup.database.name,
    ]
    lines = "\n".join(event.to_json() for event in history.events).encode()
    child = await asyncio.to_thread(subprocess.run, command, input=lines, capture_output=True, check=False, timeout=60)
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()
    assert await setup.differences(history) != []

    setup.clock.time = SystemClock().now() + timedelta(seconds=DEAD_AFTER)
    await setup.maintenance.run_once()
    assert await setup.differences(history) == []
    await setup.maintenance.run_once()
    assert await setup.differences(history) == []


async def test_a_writer_that_died_without_counters_is_recounted(setup: StatisticsSetup) -> None:
    history = busy_history()
    await setup.journal().follow(history.events)
    setup.clock.advance(DEAD_AFTER)
    await setup.maintenance.run_once()
    assert await setup.differences(history) == []


async def test_a_paused_process_that_was_declared_dead_continues_as_a_new_writer(setup: StatisticsSetup) -> None:
    history, journal = busy_history(), setup.journal()
    await journal.follow(history.events[:10])
    await journal.flush()
    setup.clock.advance(DEAD_AFTER)
    await setup.maintenance.run_once()
    await journal.follow(history.events[10:20])  # it has not noticed yet
    await journal.heartbeat()
    await journal.follow(history.events[20:])
    await journal.flush()
    await setup.maintenance.run_once()
    assert await setup.differences(history) == []


async def test_interrupted_sums_are_completed_by_the_next_round(setup: StatisticsSetup) -> None:
    history, journal = busy_history(), setup.journal()
    await journal.follow(history.events[:15])
    await journal.close()
    await setup.maintenance.run_once()
    counters = setup.database["miniprogram_statistics"]
    for document in await counters.find({}).to_list(None):  # as if the round had been interrupted before its last step
        await counters.update_one({"_id": document["_id"]}, {"$set": {"merged": False}})
    await journal.follow(history.events[15:])
    await journal.flush()
    assert await setup.differences(history) == []
    await setup.maintenance.run_once()
    assert await setup.differences(history) == []


async def test_failed_log_ins_are_stored_and_listed_newest_first(setup: StatisticsSetup) -> None:
    history, journal = UserHistory(), setup.journal()
    history.login("one", BEGIN)
    await journal.follow(history.events)
    user_id, ids = history.events[0].user_id, ObjectIds()
    failures = [
        LoginRecord(
            id=ids.next_id(),
            at=BEGIN + timedelta(seconds=10 * number + 1),
            user_id=user_id,
            method="password",
            result="failed",
            reason="BAD_CREDENTIALS",
        )
        for number in range(30)
    ]
    await asyncio.gather(*(journal.record_failure(each) for each in failures))

    page = await journal.page_of(user_id, PageRequest(page=1, page_size=10))
    assert page.total == 31
    assert [each.id for each in page.list] == [each.id for each in reversed(failures)][:10]
    last = await journal.page_of(user_id, PageRequest(page=4, page_size=10))
    assert [each.result for each in last.list] == ["success"]

    await journal.flush()
    shown = await setup.store.daily_counters(business_day(BEGIN), ("counts",))
    assert shown.total["counts.failed"] == 30


async def test_counted_rows_of_refused_log_ins_are_exact_however_their_writer_ended(setup: StatisticsSetup) -> None:
    ids = ObjectIds()

    def refused(seconds: int) -> LoginRecord:
        at = BEGIN + timedelta(seconds=seconds)
        return LoginRecord(id=ids.next_id(), at=at, method="password", result="failed", reason="X", address="8.8.8.8")

    async def failed() -> int:
        return (await setup.store.daily_counters(business_day(BEGIN), ("counts",))).total["counts.failed"]

    one, two = setup.journal(), setup.journal()
    await asyncio.gather(*(each.record_failure(refused(second)) for second in range(50) for each in (one, two)))
    await one.flush()  # `two` dies without
    setup.clock.advance(DEAD_AFTER)
    await setup.maintenance.run_once()
    assert await failed() == 100
    await asyncio.gather(*(one.record_failure(refused(51)) for _ in range(25)))  # it has not noticed that it was dead
    await one.heartbeat()
    await asyncio.gather(*(one.record_failure(refused(52)) for _ in range(25)))
    await one.close()
    for _ in range(2):
        await setup.maintenance.run_once()
    assert await failed() == 150
    assert await setup.database["miniprogram_login_logs"].count_documents({}) <= 3 * 11
