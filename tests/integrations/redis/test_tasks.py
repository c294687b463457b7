"""The promises of the store of tasks, in memory and in Redis."""

import pytest
from redis.asyncio import Redis

from domain.tasks.errors import TooManyTasks
from domain.tasks.model import Progress, Task, TaskLimits
from domain.tasks.ports import Sealed, TaskStore
from integrations.clock import SystemClock
from integrations.redis.tasks import RedisTaskStore
from tests.domain.sequential_ids import SequentialIds
from tests.domain.tasks.in_memory_store import InMemoryTaskStore
from tests.waiting import eventually

LIMITS = TaskLimits(recipients=2, running_per_owner=2, kept_per_owner=3)
BRIEF_LEASE = LIMITS.model_copy(update={"lease_seconds": 0.1})
BRIEFLY_KEPT = LIMITS.model_copy(update={"kept_seconds": 0.1})
IDS = SequentialIds()


def a_task(subject: str = "c1", owner: str = "s1") -> Task:
    return Task(
        id=IDS.next_id(),
        owner_kind="staff",
        owner_id=owner,
        kind="contract.preview",
        subject=subject,
        started_at=SystemClock().now(),
    )


def sealed(*recipients: str) -> Sealed:
    return Sealed(parts=(b"outcome", b"\xff file"), keys={each: f"key of {each}".encode() for each in recipients})


@pytest.fixture(params=["memory", "redis"])
def store(request: pytest.FixtureRequest, redis: Redis) -> TaskStore:
    return InMemoryTaskStore(SystemClock()) if request.param == "memory" else RedisTaskStore(redis)


async def started(store: TaskStore, task: Task, recipient: str = "r1", limits: TaskLimits = LIMITS) -> Task:
    assert await store.join_or_start(task, recipient, limits) == task.id
    return task


async def test_a_running_task_is_found_by_its_recipient_only(store: TaskStore) -> None:
    task = await started(store, a_task())

    found = await store.find(task.id, "r1")

    assert found is not None
    assert (found.task, found.status, found.progress, found.outcome) == (task, "running", Progress(), b"")
    assert await store.find(task.id, "r2") is None
    assert await store.find(IDS.next_id(), "r1") is None


async def test_the_same_request_joins_the_running_task(store: TaskStore) -> None:
    task = await started(store, a_task())

    joined = await store.join_or_start(a_task(), "r2", LIMITS)

    assert joined == task.id
    assert await store.recipients(task.id) == {"r1", "r2"}
    assert await store.find(task.id, "r2") is not None
    with pytest.raises(TooManyTasks):
        await store.join_or_start(a_task(), "r3", LIMITS)
    await started(store, a_task(owner="s2"), "r4")


async def test_an_outcome_is_kept_with_a_key_for_each_recipient(store: TaskStore) -> None:
    task = await started(store, a_task())
    await store.join_or_start(a_task(), "r2", LIMITS)

    assert await store.finish(task, "done", sealed("r1"), LIMITS) == "joined"
    assert await store.finish(task, "done", sealed("r1", "r2"), LIMITS) == "stored"

    found = await store.find(task.id, "r2")
    assert found is not None
    assert (found.status, found.outcome, found.key) == ("done", b"outcome", b"key of r2")
    assert await store.file(task.id) == b"\xff file"
    await started(store, a_task(), "r3")  # what is finished is not joined


async def test_a_lease_that_has_run_out_ends_the_task_for_good(store: TaskStore) -> None:
    task = await started(store, a_task(), limits=BRIEF_LEASE)

    async def failed() -> bool:
        found = await store.find(task.id, "r1")
        return found is not None and found.status == "failed"

    await eventually(failed)
    await store.extend({task.id: Progress(step="receiving")}, LIMITS)

    assert await failed()
    assert await store.finish(task, "done", sealed("r1"), LIMITS) == "lapsed"
    await started(store, a_task(), "r2")


async def test_an_extension_keeps_the_task_running_and_its_progress(store: TaskStore) -> None:
    task = await started(store, a_task(), limits=BRIEF_LEASE)

    await store.extend({task.id: Progress(step="receiving", received_bytes=7)}, LIMITS)

    other = await started(store, a_task("c2"), limits=BRIEF_LEASE)

    async def other_has_failed() -> bool:
        found = await store.find(other.id, "r1")
        return found is not None and found.status == "failed"

    await eventually(other_has_failed)
    found = await store.find(task.id, "r1")
    assert found is not None
    assert (found.status, found.progress.received_bytes) == ("running", 7)


async def test_an_abandoned_task_has_failed_at_once(store: TaskStore) -> None:
    task = await started(store, a_task())

    await store.abandon([task.id])

    found = await store.find(task.id, "r1")
    assert found is not None
    assert (found.status, found.outcome) == ("failed", b"")


async def test_a_task_is_withdrawn_unless_another_waits_for_it(store: TaskStore) -> None:
    alone, shared = await started(store, a_task("c1")), await started(store, a_task("c2"))
    await store.join_or_start(a_task("c2"), "r2", LIMITS)

    assert await store.withdraw(alone)
    assert not await store.withdraw(shared)

    assert await store.find(alone.id, "r1") is None
    assert await store.find(shared.id, "r1") is not None
    await started(store, a_task("c1"), "r3")


async def test_an_owner_has_a_limited_number_of_tasks(store: TaskStore) -> None:
    first, second = await started(store, a_task("c1")), await started(store, a_task("c2"))
    with pytest.raises(TooManyTasks):
        await store.join_or_start(a_task("c3"), "r1", LIMITS)
    await started(store, a_task("c3", owner="s2"))

    for task in (first, second):
        await store.finish(task, "done", sealed("r1"), LIMITS)
    third, fourth = await started(store, a_task("c3")), await started(store, a_task("c4"))

    kept = [await store.find(task.id, "r1") is not None for task in (first, second, third, fourth)]
    assert kept == [False, True, True, True]


async def test_an_outcome_expires(store: TaskStore) -> None:
    task = await started(store, a_task())
    await store.finish(task, "done", sealed("r1"), BRIEFLY_KEPT)

    async def gone() -> bool:
        return await store.find(task.id, "r1") is None

    await eventually(gone)
