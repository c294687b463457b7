"""Runs media jobs that are due, in every app process, and retries failed ones with growing pauses."""

import logging
import random
from datetime import timedelta
from typing import Final

from domain.interviews.media.job_queue import MediaJobQueue
from domain.interviews.media.jobs import JobKind, MediaJob, MediaJobStore
from domain.interviews.media.ports import MediaServer
from domain.shared.background import BackgroundJob, Every
from domain.shared.errors import DomainError, RateLimited
from domain.shared.ports import Clock
from domain.shared.tasks import stop_if_cancelled

log = logging.getLogger("error.media")

LEASE_SECONDS: Final = 60.0
"""More than a try takes. After it another process takes over the job of one that died."""
FIRST_PAUSE_SECONDS: Final = 1.0
MAX_PAUSE_SECONDS: Final[dict[JobKind, float]] = {"putOut": 10.0, "closeRoom": 60.0}
LOOK_EVERY_SECONDS: Final = 1.0
GIVE_UP_AFTER: Final = timedelta(hours=24)
"""By then every media token of the room has expired."""


class MediaJobRunner:
    """The two kinds of jobs run independently: removing users never waits for rooms to be closed."""

    def __init__(self, jobs: MediaJobStore, queue: MediaJobQueue, server: MediaServer, clock: Clock) -> None:
        self._jobs = jobs
        self._queue = queue
        self._server = server
        self._clock = clock

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        schedule = Every(LOOK_EVERY_SECONDS, wake=self._queue.job_added)
        return (
            BackgroundJob("interview-media-remove", schedule, lambda: self._run_all("putOut")),
            BackgroundJob("interview-media-close", schedule, lambda: self._run_all("closeRoom")),
        )

    async def _run_all(self, kind: JobKind) -> None:
        while await self.run_next(kind):
            stop_if_cancelled()

    async def run_next(self, kind: JobKind) -> bool:
        """Runs one job that is due; False when none is. Raises Unavailable."""
        job = await self._jobs.claim(kind, self._clock.now(), LEASE_SECONDS)
        if job is None:
            return False
        if job.until is not None and job.until <= self._clock.now():
            await self._jobs.complete(job.key, self._clock.now())
            return True
        try:
            if kind == "closeRoom":
                await self._server.close_room(job.room_id, job.reason)
            else:
                await self._server.remove_users(job.room_id, job.user_ids, job.reason)
        except DomainError as error:
            await self._retry_later(job, error)
        else:
            await self._jobs.complete(job.key, self._clock.now())
        return True

    async def _retry_later(self, job: MediaJob, error: DomainError) -> None:
        now = self._clock.now()
        if now - job.created_at >= GIVE_UP_AFTER:
            log.error("media %s of %s given up after %d tries: %s", job.kind, job.room_id, job.tries, error.code)
            await self._jobs.complete(job.key, now)
            return
        pause = min(MAX_PAUSE_SECONDS[job.kind], FIRST_PAUSE_SECONDS * 2 ** min(job.tries - 1, 10))
        if isinstance(error, RateLimited):
            pause = float(error.retry_after_seconds)
        jitter = random.uniform(0.8, 1.2)  # noqa: S311  # spreads the retries of jobs that failed together
        await self._jobs.postpone(job.key, now + timedelta(seconds=pause * jitter))
