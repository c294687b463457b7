"""Single flight: one run per key at a time, and no request is lost."""

import asyncio
from collections import Counter

import pytest

from domain.shared.single_flight import RecentResult, SingleFlight


class Work:
    """Counts its runs; each waits until `may_finish` is set, and raises the next of `failures`."""

    def __init__(self) -> None:
        self.started: Counter[str] = Counter()
        self.running: Counter[str] = Counter()
        self.max_running = 0
        self.may_finish = asyncio.Event()
        self.failures: list[Exception] = []

    async def __call__(self, key: str) -> None:
        self.started[key] += 1
        self.running[key] += 1
        assert self.running[key] == 1
        self.max_running = max(self.max_running, self.running.total())
        try:
            await self.may_finish.wait()
            if self.failures:
                raise self.failures.pop()
        finally:
            self.running[key] -= 1


async def test_a_hundred_requests_during_a_run_lead_to_one_more_run() -> None:
    work = Work()
    flights = SingleFlight(work, max_concurrent=4)
    first = flights.request("a")
    await asyncio.sleep(0)
    later = [flights.request("a") for _ in range(100)]

    work.may_finish.set()
    await asyncio.gather(first, *later)

    assert work.started == {"a": 2}
    assert not first.cancelled()


async def test_keys_run_concurrently_up_to_the_limit() -> None:
    work = Work()
    flights = SingleFlight(work, max_concurrent=3)
    requested = [flights.request(f"{number}") for number in range(10)]
    for _ in range(20):
        await asyncio.sleep(0)

    work.may_finish.set()
    await asyncio.gather(*requested)

    assert work.max_running == 3
    assert work.started.total() == 10


async def test_a_failed_run_fails_its_request_and_the_next_run_starts() -> None:
    work = Work()
    flights = SingleFlight(work, max_concurrent=1)
    work.failures = [KeyError("a")]
    work.may_finish.set()
    first = flights.request("a")

    with pytest.raises(KeyError):
        await first
    await flights.request("a")

    assert work.started == {"a": 2}


async def test_a_failure_that_is_not_awaited_affects_no_other_key() -> None:
    work = Work()
    flights = SingleFlight(work, max_concurrent=1)
    work.failures = [KeyError("a")]
    work.may_finish.set()

    flights.request("a")

    await flights.request("b")
    assert work.started == {"a": 1, "b": 1}


async def test_stopping_cancels_runs_in_progress_and_drops_requested_ones() -> None:
    work = Work()
    flights = SingleFlight(work, max_concurrent=1)
    requested = [flights.request(key) for key in ("a", "a", "b")]
    await asyncio.sleep(0)
    requested.append(flights.request("a"))

    await flights.stop()

    assert all(each.cancelled() for each in requested)
    assert work.started == {"a": 1}
    assert work.running.total() == 0


async def test_callers_share_a_recent_result_and_a_later_one_gets_a_new_one() -> None:
    runs = 0

    async def work() -> int:
        nonlocal runs
        runs += 1
        await asyncio.sleep(0)
        return runs

    recent, at_once = RecentResult(work, 60), RecentResult(work, 0)

    assert await asyncio.gather(*(recent.get() for _ in range(10))) == [1] * 10
    assert await recent.get() == 1
    assert [await at_once.get(), await at_once.get()] == [2, 3]


async def test_callers_share_a_failure_and_one_that_is_cancelled_does_not_end_it_for_the_others() -> None:
    release = asyncio.Event()

    async def work() -> None:
        await release.wait()
        raise ValueError("no result")

    recent = RecentResult(work, 60)
    first, second = asyncio.create_task(recent.get()), asyncio.create_task(recent.get())
    await asyncio.sleep(0)
    first.cancel()
    release.set()

    results = await asyncio.gather(first, second, return_exceptions=True)
    assert [type(each) for each in results] == [asyncio.CancelledError, ValueError]
