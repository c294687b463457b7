"""The job runner: schedules, leases, failures, and the end."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from domain.shared.background import BackgroundJob, Continuous, Cron, Every, JobRunner, OnSignal
from domain.shared.errors import Unavailable
from domain.shared.ports import Clock, Lease
from domain.shared.signal import Signal
from tests.background import ALWAYS_LEASED, in_background, job_runner
from tests.waiting import eventually


class Rounds:
    """Counts its rounds; `failures` are raised first."""

    def __init__(self, *failures: Exception) -> None:
        self.count = 0
        self._failures = list(failures)
        self._counted = asyncio.Condition()

    async def __call__(self) -> None:
        async with self._counted:
            self.count += 1
            self._counted.notify_all()
        if self._failures:
            raise self._failures.pop(0)

    async def reach(self, count: int) -> None:
        async with asyncio.timeout(5), self._counted:
            await self._counted.wait_for(lambda: self.count >= count)


class Held(Lease):
    def __init__(self, held: bool) -> None:
        self.held = held
        self.asked: list[str] = []

    async def acquire(self, name: str, seconds: float) -> bool:
        self.asked.append(name)
        return self.held


class Leaping(Clock):
    """Jumps to the next day each time it is asked after `leap`."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_every_runs_at_the_start_and_then_after_each_interval() -> None:
    rounds = Rounds()
    async with in_background([BackgroundJob("job", Every(0.001), rounds)]):
        await rounds.reach(3)


async def test_every_can_wait_one_interval_first() -> None:
    rounds = Rounds()
    async with in_background([BackgroundJob("job", Every(60, at_start=False), rounds)]):
        await turns()

    assert rounds.count == 0


async def test_a_signal_cuts_the_interval_short() -> None:
    rounds, wake = Rounds(), Signal()
    async with in_background([BackgroundJob("job", Every(60, wake=wake), rounds)]):
        await rounds.reach(1)
        wake.set()
        await rounds.reach(2)


async def test_one_signal_wakes_every_job_that_waits_for_it() -> None:
    first, second, wake = Rounds(), Rounds(), Signal()
    jobs = [BackgroundJob("first", OnSignal(wake), first), BackgroundJob("second", OnSignal(wake), second)]
    async with in_background(jobs):
        wake.set()
        await first.reach(1)
        await second.reach(1)


async def test_a_signal_during_a_round_leads_to_another_round() -> None:
    signal = Signal()
    rounds = 0

    async def run() -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            signal.set()

    async with in_background([BackgroundJob("job", OnSignal(signal), run)]):
        signal.set()
        await eventually(lambda: rounds == 2)
        await turns()

    assert rounds == 2


def test_slow_rounds_have_longer_pauses() -> None:
    schedule = OnSignal(Signal(), pause_seconds=0.05, share=0.25)

    assert schedule.pause_after(0.01) == 0.05
    assert schedule.pause_after(0.1) == pytest.approx(0.3)


@pytest.mark.parametrize("failure", [Unavailable(), RuntimeError("a bug")])
async def test_a_failed_round_is_repeated_without_another_signal(failure: Exception) -> None:
    rounds, signal = Rounds(failure), Signal()
    runner = job_runner([BackgroundJob("job", OnSignal(signal), rounds)])
    running = asyncio.create_task(runner.run())
    signal.set()

    await rounds.reach(2)
    await turns()

    assert runner.results["job"].outcome == "done"
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_failure_of_one_job_stops_no_other_and_is_its_last_result() -> None:
    bad, good = Rounds(*(RuntimeError("a bug") for _ in range(99))), Rounds()
    runner = job_runner([BackgroundJob("bad", Every(60), bad), BackgroundJob("good", Every(0.001), good)])
    running = asyncio.create_task(runner.run())

    await bad.reach(1)
    await good.reach(5)

    assert (runner.results["bad"].outcome, runner.results["bad"].code) == ("failed", "RuntimeError")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize("held", [True, False])
async def test_a_leased_job_runs_only_where_the_lease_is_held(held: bool) -> None:
    rounds, lease = Rounds(), Held(held)
    async with in_background([BackgroundJob("sweep", Every(0.001), rounds, lease_seconds=5)], lease):
        await eventually(lambda: len(lease.asked) >= 3)

    assert set(lease.asked) == {"sweep"}
    assert (rounds.count > 0) is held


async def test_a_calendar_job_runs_at_midnight_in_shanghai() -> None:
    clock = Leaping(datetime(2026, 5, 1, 15, 59, 59, 999_000, UTC))
    rounds = Rounds()
    runner = JobRunner([BackgroundJob("midnight", Cron("0 0 * * *"), rounds)], ALWAYS_LEASED, clock)
    running = asyncio.create_task(runner.run())
    await turns()
    before = rounds.count

    clock.at += timedelta(seconds=1)
    await rounds.reach(1)

    assert (before, rounds.count) == (0, 1)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def _returns() -> None:
    return


async def _raises() -> None:
    raise ValueError("lost")


@pytest.mark.parametrize("run", [_returns, _raises])
async def test_a_continuous_job_that_ends_ends_the_runner(run: Callable[[], Awaitable[None]]) -> None:
    with pytest.raises(ExceptionGroup):
        await job_runner([BackgroundJob("loop", Continuous(), run)]).run()


async def test_jobs_have_names_of_their_own() -> None:
    twice = [BackgroundJob("job", Every(1), _returns), BackgroundJob("job", Every(2), _returns)]
    with pytest.raises(ValueError, match="one name"):
        job_runner(twice)
