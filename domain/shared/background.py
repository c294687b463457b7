"""Background work as areas declare it: what runs, on which schedule, in one app process at a time or in every one.

A declaration is data. `JobRunner` runs all of them: one task set, one rule for cancellation, one place for errors.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from cronsim import CronSim

from domain.shared.business_day import BUSINESS_ZONE
from domain.shared.errors import DomainError
from domain.shared.ports import Clock, Lease
from domain.shared.signal import Signal
from domain.shared.tasks import stop_if_cancelled

log = logging.getLogger("error.background")

FIRST_RETRY_SECONDS = 0.05
RETRY_SECONDS = 0.5
LONGEST_RETRY_SECONDS = 2.0
LONGEST_SLEEP_SECONDS = 30.0
"""A machine that slept, or whose clock was set, still keeps a calendar schedule within this time."""

Outcome = Literal["done", "not_leased", "unavailable", "failed"]


@dataclass(frozen=True)
class Every:
    """A round, then a pause of `seconds`; `wake` cuts a pause short. `at_start`: without a pause before the first."""

    seconds: float
    wake: Signal | None = None
    at_start: bool = True


@dataclass(frozen=True)
class OnSignal:
    """A round whenever `signal` was set since the last one began; at least `pause_seconds` between two rounds, and more
    when they become slow: they take at most the part `share` of the time."""

    signal: Signal
    pause_seconds: float = 0.0
    share: float = 1.0

    def pause_after(self, round_seconds: float) -> float:
        return max(self.pause_seconds, round_seconds * (1 / self.share - 1))


@dataclass(frozen=True)
class Cron:
    """At calendar times of the business time zone (Asia/Shanghai): a cron expression of five fields."""

    expression: str


@dataclass(frozen=True)
class Continuous:
    """`run` goes on until it is cancelled. The app process ends if it returns or raises before."""


Schedule = Every | OnSignal | Cron | Continuous


@dataclass(frozen=True)
class BackgroundJob:
    """`name` is unique among all jobs: it labels logs and metrics, and names the lease."""

    name: str
    schedule: Schedule
    run: Callable[[], Awaitable[object]]
    """One round, or with `Continuous` the whole life. A round may be repeated and may be cancelled at any await."""
    lease_seconds: float | None = None
    """None: in every app process. Else in the one that holds the lease; more than a round may take."""


@dataclass(frozen=True)
class JobResult:
    """The last round of a job in this app process."""

    finished_at: datetime
    seconds: float
    outcome: Outcome
    code: str = ""
    """The error's code, if it failed."""


class JobObserver(Protocol):
    def finished(self, job: str, result: JobResult) -> None: ...


class _Silent:
    def finished(self, job: str, result: JobResult) -> None:
        return


class JobRunner:
    """Runs the declared jobs of one app process. Raises ValueError for two jobs of one name."""

    def __init__(
        self, jobs: Sequence[BackgroundJob], lease: Lease, clock: Clock, observer: JobObserver | None = None
    ) -> None:
        self.jobs = tuple(jobs)
        names = [job.name for job in self.jobs]
        if len(set(names)) < len(names):
            raise ValueError(f"two background jobs have one name: {sorted(names)}")
        self._lease = lease
        self._clock = clock
        self._observer = observer or _Silent()
        self._results: dict[str, JobResult] = {}

    @property
    def results(self) -> Mapping[str, JobResult]:
        """The last result of each job that has finished a round, by name."""
        return self._results

    async def run(self) -> None:
        """Until cancelled. Raises what a `Continuous` job raises, and RuntimeError if one returns."""
        async with asyncio.TaskGroup() as tasks:
            for job in self.jobs:
                tasks.create_task(self._run(job), name=job.name)

    async def _run(self, job: BackgroundJob) -> None:
        match job.schedule:
            case Every() as every:
                await self._run_every(job, every)
            case OnSignal() as on_signal:
                await self._run_on_signal(job, on_signal)
            case Cron() as cron:
                await self._run_by_calendar(job, cron)
            case Continuous():
                await job.run()
                raise RuntimeError(f"{job.name} has ended")

    async def _run_every(self, job: BackgroundJob, every: Every) -> None:
        wake = every.wake or Signal()
        seen = wake.count
        if not every.at_start:
            await _pause(every.seconds, wake, seen)
        while True:
            seen = wake.count
            outcome = await self._round(job)
            stop_if_cancelled()
            failed = outcome in ("unavailable", "failed")
            await _pause(_retry_seconds(every.seconds) if failed else every.seconds, wake, seen)

    async def _run_on_signal(self, job: BackgroundJob, on_signal: OnSignal) -> None:
        seen, failures = 0, 0
        while True:
            await on_signal.signal.newer_than(seen)
            counted = on_signal.signal.count
            outcome = await self._round(job)
            stop_if_cancelled()
            if outcome == "done":
                seen, failures = counted, 0
                await asyncio.sleep(on_signal.pause_after(self._results[job.name].seconds))
            else:
                retry_seconds = min(FIRST_RETRY_SECONDS * 2**failures, RETRY_SECONDS)
                failures += 1
                await asyncio.sleep(max(on_signal.pause_seconds, retry_seconds))

    async def _run_by_calendar(self, job: BackgroundJob, cron: Cron) -> None:
        while True:
            due = next(CronSim(cron.expression, self._clock.now().astimezone(BUSINESS_ZONE)))
            await self._sleep_until(due)
            while await self._round(job) in ("unavailable", "failed"):
                stop_if_cancelled()
                await asyncio.sleep(RETRY_SECONDS)
            stop_if_cancelled()

    async def _sleep_until(self, due: datetime) -> None:
        while True:
            remaining = (due - self._clock.now()).total_seconds()
            if remaining <= 0:
                return
            await asyncio.sleep(min(remaining, LONGEST_SLEEP_SECONDS))

    async def _round(self, job: BackgroundJob) -> Outcome:
        begun = asyncio.get_running_loop().time()
        code = ""
        outcome: Outcome = "done"
        try:
            if job.lease_seconds is not None and not await self._lease.acquire(job.name, job.lease_seconds):
                outcome = "not_leased"
            else:
                await job.run()
        except DomainError as error:
            outcome, code = "unavailable", error.code
            log.warning("background.unavailable", extra={"job": job.name, "code": error.code})
        except Exception as error:
            outcome, code = "failed", type(error).__name__
            log.exception("background.failed", extra={"job": job.name})
        seconds = asyncio.get_running_loop().time() - begun
        result = JobResult(self._clock.now(), seconds, outcome, code)
        self._results[job.name] = result
        self._observer.finished(job.name, result)
        return outcome


def _retry_seconds(interval_seconds: float) -> float:
    return max(RETRY_SECONDS, min(interval_seconds, LONGEST_RETRY_SECONDS))


async def _pause(seconds: float, wake: Signal, seen: int) -> None:
    try:
        async with asyncio.timeout(seconds):
            await wake.newer_than(seen)
    except TimeoutError:
        return
