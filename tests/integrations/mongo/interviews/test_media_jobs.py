"""Orders to the media plane: kept once, carried out by one worker, again until they are done."""

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


class Plane(MediaServer):
    """Remembers what it was told; fails as often as `failures` says."""

    def __init__(self) -> None:
        self.told: list[tuple[str, ...]] = []
        self.failures: list[Exception] = []

    async def close_room(self, room_id: str, reason: str) -> None:
        self._hear("close", room_id)

    async def remove_users(self, room_id: str, media_user_ids: Sequence[str], reason: str) -> None:
        self._hear("out", room_id, *media_user_ids)

    async def users(self, room_id: str) -> Sequence[str]:
        return ()

    def _hear(self, *words: str) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.told.append(words)


@pytest.fixture
async def jobs(database: Store) -> MongoMediaJobStore:
    jobs = MongoMediaJobStore(database)
    await jobs.create_indexes()
    return jobs


@pytest.fixture
def ids(redis: Redis) -> RedisMediaUserIds:
    return RedisMediaUserIds(redis)


@pytest.fixture
def orders(jobs: MongoMediaJobStore, ids: RedisMediaUserIds) -> MediaJobQueue:
    return MediaJobQueue(jobs, ids)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOW)


@pytest.fixture
def plane() -> Plane:
    return Plane()


@pytest.fixture
def worker(jobs: MongoMediaJobStore, orders: MediaJobQueue, plane: Plane, clock: SettableClock) -> MediaJobRunner:
    return MediaJobRunner(jobs, orders, plane, clock)


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


async def test_an_end_told_three_times_closes_the_room_once(
    orders: MediaJobQueue, worker: MediaJobRunner, plane: Plane
) -> None:
    event = ended()
    await orders.follow([event, event])
    assert await worker.run_next("closeRoom")
    await orders.follow([event])

    assert not await worker.run_next("closeRoom")
    assert plane.told == [("close", "room_a")]


async def test_a_ban_puts_out_every_id_that_the_person_brought(
    orders: MediaJobQueue, worker: MediaJobRunner, plane: Plane, ids: RedisMediaUserIds
) -> None:
    assert await ids.claim("room_a", "guest_1777_x", GUEST)
    assert await ids.claim("room_a", "guest_1777_y", OTHER)

    await orders.follow([banned()])
    await worker.run_next("putOut")

    assert plane.told == [("out", "room_a", GUEST, "guest_1777_x")]


async def test_what_fails_is_tried_again_later_and_later_until_it_is_done(
    orders: MediaJobQueue, worker: MediaJobRunner, plane: Plane, clock: SettableClock, jobs: MongoMediaJobStore
) -> None:
    plane.failures = [UpstreamTimedOut() for _ in range(5)]
    await orders.follow([banned()])
    waits = []
    while not plane.told:
        assert await worker.run_next("putOut")
        for job in await jobs.open_jobs():
            waits.append((job.next_try_at - clock.now()).total_seconds())
            clock.time = job.next_try_at

    assert not await worker.run_next("putOut")
    assert len(waits) == 5
    assert 0.7 < waits[0] < 1.3
    assert 7 < waits[4] < 13


async def test_a_provider_that_asks_for_patience_gets_it(
    orders: MediaJobQueue, worker: MediaJobRunner, plane: Plane, clock: SettableClock, jobs: MongoMediaJobStore
) -> None:
    plane.failures = [RateLimited(30)]
    await orders.follow([ended()])

    await worker.run_next("closeRoom")

    (job,) = await jobs.open_jobs()
    assert 24 <= (job.next_try_at - clock.now()).total_seconds() <= 36


async def test_one_worker_has_a_job_and_another_takes_it_when_that_one_died(
    orders: MediaJobQueue, jobs: MongoMediaJobStore, plane: Plane, clock: SettableClock
) -> None:
    await orders.follow([ended()])
    claims = await asyncio.gather(*(jobs.claim("closeRoom", clock.now(), LEASE_SECONDS) for _ in range(5)))
    assert sum(claim is not None for claim in claims) == 1

    clock.advance(LEASE_SECONDS)
    survivor = MediaJobRunner(jobs, orders, plane, clock)

    assert await survivor.run_next("closeRoom")
    assert plane.told == [("close", "room_a")]


async def test_who_was_put_out_without_a_ban_is_not_put_out_again_after_a_minute(
    orders: MediaJobQueue, worker: MediaJobRunner, plane: Plane, clock: SettableClock, jobs: MongoMediaJobStore
) -> None:
    removed = ParticipantRemoved(id=IDS.next_id(), at=NOW, room_id="room_a", participant_id=GUEST)
    plane.failures = [UpstreamTimedOut()]
    await orders.follow([removed])
    await worker.run_next("putOut")

    clock.advance(60)

    assert await worker.run_next("putOut")
    assert plane.told == []
    assert await jobs.open_jobs() == []


async def test_a_day_later_it_is_given_up_and_said(
    orders: MediaJobQueue,
    worker: MediaJobRunner,
    plane: Plane,
    clock: SettableClock,
    jobs: MongoMediaJobStore,
    caplog: pytest.LogCaptureFixture,
) -> None:
    plane.failures = [UpstreamTimedOut()]
    await orders.follow([ended()])
    clock.time += GIVE_UP_AFTER

    await worker.run_next("closeRoom")

    assert await jobs.open_jobs() == []
    assert "given up" in caplog.text


async def test_who_waits_for_work_begins_at_once(orders: MediaJobQueue, worker: MediaJobRunner, plane: Plane) -> None:
    async with in_background(worker.background):
        await asyncio.sleep(0.05)
        await orders.follow([ended(), banned()])
        async with asyncio.timeout(5):
            while len(plane.told) < 2:
                await asyncio.sleep(0.01)

    assert sorted(plane.told) == [("close", "room_a"), ("out", "room_a", GUEST)]


async def test_an_id_belongs_to_who_brought_it_first_and_nobody_brings_one_of_ours(ids: RedisMediaUserIds) -> None:
    assert await ids.claim("room_a", "user_1777", GUEST)
    assert await ids.claim("room_a", "user_1777", GUEST)
    assert not await ids.claim("room_a", "user_1777", OTHER)
    assert await ids.claim("room_b", "user_1777", OTHER)
    assert not await ids.claim("room_a", OTHER, GUEST)
    assert await ids.claim("room_a", GUEST, GUEST)

    assert await ids.owner_of("room_a", "user_1777") == GUEST
    assert await ids.owner_of("room_a", GUEST) == GUEST


def test_a_job_waits_no_longer_than_a_token_lives() -> None:
    assert timedelta(seconds=7200) < GIVE_UP_AFTER
