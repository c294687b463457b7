"""Orders to the media plane, kept until they are carried out: nobody who ends or removes waits for a provider."""

import logging
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol

from domain.interviews.events import InterviewEnded, ParticipantBanned, ParticipantRemoved
from domain.interviews.media.ports import MediaServer, MediaUserIds
from domain.shared.background import BackgroundJob, Every
from domain.shared.errors import DomainError, RateLimited
from domain.shared.events import DomainEvent
from domain.shared.model import Instant, Model
from domain.shared.ports import Clock
from domain.shared.signal import Signal
from domain.shared.tasks import stop_if_cancelled

log = logging.getLogger("error.media")

JobKind = Literal["closeRoom", "putOut"]

LEASE_SECONDS: Final = 60.0
"""Longer than any try; a job whose worker died is taken by another one then."""
FIRST_PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final[dict[JobKind, float]] = {"putOut": 10.0, "closeRoom": 60.0}
LOOK_EVERY_SECONDS: Final = 1.0
SHORT_LIFE: Final = timedelta(seconds=60)
GIVE_UP_AFTER: Final = timedelta(hours=24)
"""The tokens of those who might still be in there have been dead for long, and so are their connections."""


class MediaJob(Model):
    """`key` is that of its cause: one cause, one job, however often it is told."""

    key: str
    kind: JobKind
    room_id: str
    user_ids: tuple[str, ...] = ()
    reason: str = ""
    created_at: Instant
    next_try_at: Instant
    tries: int = 0
    until: Instant | None = None
    """After it the job is not wanted any more."""


class MediaJobStore(Protocol):
    """Every method raises Unavailable."""

    async def add(self, jobs: Sequence[MediaJob]) -> None:
        """Those that are not there yet, open or done."""

    async def claim(self, kind: JobKind, now: datetime, lease_seconds: float) -> MediaJob | None:
        """One that is due, and nobody else's for the time of the lease; its tries count this one."""

    async def done(self, key: str, now: datetime) -> None: ...

    async def postpone(self, key: str, until: datetime) -> None: ...


class MediaJobQueue:
    """Follows the facts that have to reach the media plane, durably."""

    def __init__(self, jobs: MediaJobStore, ids: MediaUserIds) -> None:
        self._jobs = jobs
        self._ids = ids
        self.waiting = Signal()
        """Set when there is something to do; the worker that learnt of it first begins at once."""

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        jobs = [job for event in events if (job := await self._job(event)) is not None]
        if jobs:
            await self._jobs.add(jobs)
            self.waiting.set()

    async def put_out(self, key: str, room_id: str, user_ids: Sequence[str], reason: str, now: datetime) -> None:
        """Whoever is in the media room without belonging there."""
        await self._jobs.add([_job(key, "putOut", room_id, now, tuple(user_ids), reason)])
        self.waiting.set()

    async def _job(self, event: DomainEvent) -> MediaJob | None:
        if isinstance(event, InterviewEnded):
            if event.media_mode == "mesh" and not await self._ids.used(event.room_id):
                return None  # calls from browser to browser end with the signaling
            return _job(event.id, "closeRoom", event.room_id, event.at, (), event.reason)
        if isinstance(event, ParticipantBanned | ParticipantRemoved):
            user_ids = await self._ids.of_participant(event.room_id, event.participant_id)
            job = _job(event.id, "putOut", event.room_id, event.at, tuple(user_ids), "kicked")
            may_return = isinstance(event, ParticipantRemoved)
            return job.model_copy(update={"until": event.at + SHORT_LIFE}) if may_return else job
        return None


class MediaJobRunner:
    """Carries out what is due, in every worker; putting somebody out never waits behind rooms that are to be closed."""

    def __init__(self, jobs: MediaJobStore, orders: MediaJobQueue, plane: MediaServer, clock: Clock) -> None:
        self._jobs = jobs
        self._orders = orders
        self._plane = plane
        self._clock = clock

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        look = Every(LOOK_EVERY_SECONDS, wake=self._orders.waiting)
        return (
            BackgroundJob("interview-media-remove", look, lambda: self._work_off("putOut")),
            BackgroundJob("interview-media-close", look, lambda: self._work_off("closeRoom")),
        )

    async def _work_off(self, kind: JobKind) -> None:
        while await self.work(kind):
            stop_if_cancelled()

    async def work(self, kind: JobKind) -> bool:
        """One job that is due; False when there is none. Raises Unavailable."""
        job = await self._jobs.claim(kind, self._clock.now(), LEASE_SECONDS)
        if job is None:
            return False
        if job.until is not None and job.until <= self._clock.now():
            await self._jobs.done(job.key, self._clock.now())
            return True
        try:
            if kind == "closeRoom":
                await self._plane.close_room(job.room_id, job.reason)
            else:
                await self._plane.put_out(job.room_id, job.user_ids, job.reason)
        except DomainError as error:
            await self._again(job, error)
        else:
            await self._jobs.done(job.key, self._clock.now())
        return True

    async def _again(self, job: MediaJob, error: DomainError) -> None:
        now = self._clock.now()
        if now - job.created_at >= GIVE_UP_AFTER:
            log.error("media %s of %s given up after %d tries: %s", job.kind, job.room_id, job.tries, error.code)
            await self._jobs.done(job.key, now)
            return
        pause = min(LONGEST_PAUSE_SECONDS[job.kind], FIRST_PAUSE_SECONDS * 2 ** min(job.tries - 1, 10))
        if isinstance(error, RateLimited):
            pause = float(error.retry_after_seconds)
        jitter = random.uniform(0.8, 1.2)  # noqa: S311  # so that what failed together does not come again together
        await self._jobs.postpone(job.key, now + timedelta(seconds=pause * jitter))


def _job(
    key: str, kind: JobKind, room_id: str, now: datetime, user_ids: tuple[str, ...] = (), reason: str = ""
) -> MediaJob:
    return MediaJob(
        key=f"{kind}:{key}",
        kind=kind,
        room_id=room_id,
        user_ids=user_ids,
        reason=reason,
        created_at=now,
        next_try_at=now,
    )
