"""Declared background jobs, run for as long as a test needs them."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from domain.shared.background import BackgroundJob, Continuous, JobRunner
from domain.shared.event_feed import EventConsumer, EventFeed
from domain.shared.ports import Clock, EventStream, Lease
from integrations.clock import SystemClock


class AlwaysLeased(Lease):
    """This process holds every lease."""

    async def acquire(self, name: str, seconds: float) -> bool:
        return True


ALWAYS_LEASED = AlwaysLeased()


def job_runner(jobs: Iterable[BackgroundJob], lease: Lease = ALWAYS_LEASED, clock: Clock | None = None) -> JobRunner:
    return JobRunner(tuple(jobs), lease, clock or SystemClock())


@asynccontextmanager
async def in_background(
    jobs: Iterable[BackgroundJob], lease: Lease = ALWAYS_LEASED, clock: Clock | None = None
) -> AsyncIterator[None]:
    running = asyncio.create_task(job_runner(jobs, lease, clock).run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def feed_of(stream: EventStream, *consumers: EventConsumer) -> tuple[EventFeed, BackgroundJob]:
    """The event feed of an app process, and the job that runs it."""
    feed = EventFeed(stream, consumers)
    return feed, BackgroundJob("event-feed", Continuous(), feed.run)
