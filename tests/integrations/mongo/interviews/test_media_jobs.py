"""Media jobs in a real store: stored once, run by one process, retried until they succeed."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from domain.interviews.events import InterviewEnded, ParticipantBanned, ParticipantRemoved
from domain.interviews.media.job_queue import MediaJobQueue
from domain.interviews.media.job_runner import GIVE_UP_AFTER, LEASE_SECONDS, MediaJobRunner
from domain.interviews.media.ports import MediaServer
from domain.interviews.record.model import EndReason
from domain.shared.errors import RateLimited, UpstreamTimedOut
from integrations.mongo.interviews.media_jobs import MongoMediaJobStore
from integrations.redis.interviews.media_user_ids import RedisMediaUserIds
from tests.background import in_background
from tests.integrations.clocks import SettableClock
from tests.integrations.mongo.interviews.builders import IDS, NOW

Store = AsyncIOMotorDatabase[dict[str, Any]]
GUEST = "p0123456789abcdef0123"
OTHER = "pfedcba9876543210fedc"


class FakeMediaServer(MediaServer):
    """Records its calls; raises the `failures` first."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, ...]] = []
        self.failures: list[Exception] = []

    async def close_room(self, room_id: str, reason: str) -> None:
        self._call("close", room_id)

    async def remove_users(self, room_id: str, media_user_ids: Sequence[str], reason: str) -> None:
        self._call("out", room_id, *media_user_ids)

    async def users(self, room_id: str) -> Sequence[str]:
        return ()

    def _call(self, *call: str) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.calls.append(call)


@pytest.fixture
async def jobs(database: Store) -> MongoMediaJobStore:
    jobs = MongoMediaJobStore(database)
    await jobs.create_indexes()
    return jobs


@pytest.fixture
def ids(redis: Redis) -> RedisMediaUserIds:
    return RedisMediaUserIds(redis)


@pytest.fixture
def queue(jobs: MongoMediaJobStore, ids: RedisMediaUserIds) -> MediaJobQueue:
    return MediaJobQueue(jobs, ids)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOW)


@pytest.fixture
def server() -> FakeMediaServer:
    return FakeMediaServer()


@pytest.fixture
def runner(
    jobs: MongoMediaJobStore, queue: MediaJobQueue, server: FakeMediaServer, clock: SettableClock
) -> MediaJobRunner:
    return MediaJobRunner(jobs, queue, server, clock)


def ended(room_id: str = "room_a") -> InterviewEnded:
    return InterviewEnded(
        id=IDS.next_id(),
        at=NOW,
        room_id=room_id,
        host_user_id="h",
        reason=EndReason.HOST_ENDED,
        ended_by="李",
        duration=60,
    )


def banned(participant_id: str = GUEST) -> ParticipantBanned:
    return ParticipantBanned(id=IDS.next_id(), at=NOW, room_id="room_a", participant_id=participant_id)


async def test_a_repeated_end_event_closes_the_media_room_once(
    queue: MediaJobQueue, runner: MediaJobRunner, server: FakeMediaServer
) -> None:
    event = ended()
    await queue.follow([event, event])
    assert await runner.run_next("closeRoom")
    await queue.follow([event])

    assert not await runner.run_next("closeRoom")
    assert server.calls == [("close", "room_a")]


async def test_a_ban_removes_every_media_user_id_of_the_participant(
    queue: MediaJobQueue, runner: MediaJobRunner, server: FakeMediaServer, ids: RedisMediaUserIds
) -> None:
    assert await ids.claim("room_a", "guest_1777_x", GUEST)
    assert await ids.claim("room_a", "guest_1777_y", OTHER)

    await queue.follow([banned()])
    await runner.run_next("putOut")

    assert server.calls == [("out", "room_a", GUEST, "guest_1777_x")]


async def test_a_failed_job_is_retried_with_growing_pauses_until_it_succeeds(
    queue: MediaJobQueue,
    runner: MediaJobRunner,
    server: FakeMediaServer,
    clock: SettableClock,
    jobs: MongoMediaJobStore,
) -> None:
    server.failures = [UpstreamTimedOut() for _ in range(5)]
    await queue.follow([banned()])
    waits = []
    while not server.calls:
        assert await runner.run_next("putOut")
        for job in await jobs.open_jobs():
            waits.append((job.next_try_at - clock.now()).total_seconds())
            clock.time = job.next_try_at

    assert not await runner.run_next("putOut")
    assert len(waits) == 5
    assert 0.7 < waits[0] < 1.3
    assert 7 < waits[4] < 13


async def test_a_rate_limited_job_waits_as_long_as_the_provider_demands(
    queue: MediaJobQueue,
    runner: MediaJobRunner,
    server: FakeMediaServer,
    clock: SettableClock,
    jobs: MongoMediaJobStore,
) -> None:
    server.failures = [RateLimited(30)]
    await queue.follow([ended()])

    await runner.run_next("closeRoom")

    (job,) = await jobs.open_jobs()
    assert 24 <= (job.next_try_at - clock.now()).total_seconds() <= 36


async def test_one_process_claims_a_job_and_another_takes_over_after_the_lease(
    queue: MediaJobQueue, jobs: MongoMediaJobStore, server: FakeMediaServer, clock: SettableClock
) -> None:
    await queue.follow([ended()])
    claims = await asyncio.gather(*(jobs.claim("closeRoom", clock.now(), LEASE_SECONDS) for _ in range(5)))
    assert sum(claim is not None for claim in claims) == 1

    clock.advance(LEASE_SECONDS)
    survivor = MediaJobRunner(jobs, queue, server, clock)

    assert await survivor.run_next("closeRoom")
    assert server.calls == [("close", "room_a")]


async def test_a_removal_without_a_ban_expires_after_a_minute(
    queue: MediaJobQueue,
    runner: MediaJobRunner,
    server: FakeMediaServer,
    clock: SettableClock,
    jobs: MongoMediaJobStore,
) -> None:
    removed = ParticipantRemoved(id=IDS.next_id(), at=NOW, room_id="room_a", participant_id=GUEST)
    server.failures = [UpstreamTimedOut()]
    await queue.follow([removed])
    await runner.run_next("putOut")

    clock.advance(60)

    assert await runner.run_next("putOut")
    assert server.calls == []
    assert await jobs.open_jobs() == []


async def test_a_job_is_given_up_and_logged_after_a_day(
    queue: MediaJobQueue,
    runner: MediaJobRunner,
    server: FakeMediaServer,
    clock: SettableClock,
    jobs: MongoMediaJobStore,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server.failures = [UpstreamTimedOut()]
    await queue.follow([ended()])
    clock.time += GIVE_UP_AFTER

    await runner.run_next("closeRoom")

    assert await jobs.open_jobs() == []
    assert "given up" in caplog.text


async def test_a_new_job_wakes_the_runner_at_once(
    queue: MediaJobQueue, runner: MediaJobRunner, server: FakeMediaServer
) -> None:
    async with in_background(runner.background):
        await asyncio.sleep(0.05)
        await queue.follow([ended(), banned()])
        async with asyncio.timeout(5):
            while len(server.calls) < 2:
                await asyncio.sleep(0.01)

    assert sorted(server.calls) == [("close", "room_a"), ("out", "room_a", GUEST)]


def test_jobs_are_retried_longer_than_media_tokens_live() -> None:
    assert timedelta(seconds=7200) < GIVE_UP_AFTER
