"""Requests that may take long: answered at once, or by a task whose outcome its owner fetches."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from domain.shared.errors import NotFound, Unavailable
from domain.shared.events import DomainEvent
from domain.shared.model import Model
from domain.shared.ports import EventPublisher
from domain.shared.reader import Reader
from domain.tasks.errors import TaskNotFound, TooManyTasks
from domain.tasks.events import TaskFinished
from domain.tasks.model import Accepted, Progress, Task, TaskFile, TaskLimits, TaskRequest, TaskView
from domain.tasks.service import Report, Tasks
from integrations.security.sealed_results import X25519Sealer
from tests.domain.sequential_ids import SequentialIds
from tests.domain.tasks.in_memory_store import InMemoryTaskStore
from tests.integrations.clocks import SettableClock

OWNER = Reader(kind="staff", id="a" * 24, session_id="b" * 24, permissions=frozenset({"contract:edit"}))
ASKED = TaskRequest(
    owner_kind="staff", owner_id=OWNER.id, kind="contract.sign-links", subject="c1", permission="contract:edit"
)
AT_ONCE = TaskLimits(grace_seconds=0, running_per_owner=2)


class Links(Model):
    sign_url: str


LINKS = Links(sign_url="https://provider/s/secret-link")


class Publisher(EventPublisher):
    def __init__(self) -> None:
        self.events: list[DomainEvent] = []

    async def publish(self, events: Sequence[DomainEvent]) -> None:
        self.events += events


class StoreThatIsDown(InMemoryTaskStore):
    async def join_or_start(self, task: Task, recipient: str, limits: TaskLimits) -> str:
        raise Unavailable


class Provider:
    """Answers when it is told to."""

    def __init__(self) -> None:
        self.calls = 0
        self.answered = asyncio.Event()
        self.error: Exception | None = None

    async def links(self, report: Report) -> Links:
        self.calls += 1
        await self.answered.wait()
        if self.error:
            raise self.error
        return LINKS

    async def document(self, report: Report) -> TaskFile:
        report(Progress(step="receiving", received_bytes=4))
        await self.answered.wait()
        return TaskFile(name="c.pdf", content_type="application/pdf", content=b"%PDF")


class Desk:
    """Tasks of one app process, and what they reach."""

    def __init__(self, limits: TaskLimits = AT_ONCE) -> None:
        self.clock, self.ids, self.publisher, self.provider = SettableClock(), SequentialIds(), Publisher(), Provider()
        self.store = InMemoryTaskStore(self.clock)
        self.tasks = self.another_process(limits)

    def another_process(self, limits: TaskLimits = AT_ONCE) -> Tasks:
        return Tasks(self.store, X25519Sealer(), self.publisher, self.clock, self.ids, limits)

    async def accepted(self, tasks: Tasks | None = None) -> Accepted:
        answer = await (tasks or self.tasks).run(ASKED, self.provider.links)
        assert isinstance(answer, Accepted)
        return answer

    async def view(self, accepted: Accepted, reader: Reader = OWNER, subject: str = "c1") -> TaskView:
        return await self.tasks.view(reader, subject, accepted.task_id, accepted.secret)

    async def finished(self) -> TaskFinished:
        self.provider.answered.set()
        async with asyncio.timeout(5):
            while not self.publisher.events:
                await asyncio.sleep(0)
        event = self.publisher.events[-1]
        assert isinstance(event, TaskFinished)
        return event


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    desk = Desk()
    yield desk
    await desk.tasks.close()


async def test_a_quick_result_is_the_answer_and_leaves_nothing_behind() -> None:
    desk = Desk(TaskLimits(grace_seconds=5))
    desk.provider.answered.set()

    assert await desk.tasks.run(ASKED, desk.provider.links) == LINKS

    while desk.store.tasks:
        await asyncio.sleep(0)
    assert desk.publisher.events == []


async def test_a_quick_error_is_raised() -> None:
    desk = Desk(TaskLimits(grace_seconds=5))
    desk.provider.answered.set()
    desk.provider.error = NotFound()

    with pytest.raises(NotFound):
        await desk.tasks.run(ASKED, desk.provider.links)


async def test_a_slow_result_is_fetched_later_from_any_process(desk: Desk) -> None:
    accepted = await desk.accepted()
    running = await desk.view(accepted)
    event = await desk.finished()

    fetched = await desk.another_process().view(OWNER, "c1", accepted.task_id, accepted.secret)

    assert (running.status, running.outcome.result) == ("running", None)
    assert (fetched.status, fetched.outcome.result) == ("done", {"signUrl": LINKS.sign_url})
    assert (event.task_id, event.owner_id, event.subject, event.failed) == (accepted.task_id, OWNER.id, "c1", False)
    assert accepted.secret not in event.to_json()


async def test_the_store_has_neither_the_result_nor_the_secret(desk: Desk) -> None:
    accepted = await desk.accepted()
    await desk.finished()

    kept = repr(desk.store.tasks)

    assert LINKS.sign_url not in kept
    assert accepted.secret not in kept


async def test_a_second_request_joins_the_task_with_an_address_of_its_own(desk: Desk) -> None:
    first, second = await desk.accepted(), await desk.accepted(desk.another_process())
    await desk.finished()

    assert desk.provider.calls == 1
    assert first.task_id == second.task_id
    assert first.secret != second.secret
    for each in (first, second):
        assert (await desk.view(each)).outcome.result == {"signUrl": LINKS.sign_url}


async def test_a_late_error_is_kept_with_its_code(desk: Desk) -> None:
    desk.provider.error = NotFound(what="contract")
    accepted = await desk.accepted()
    event = await desk.finished()

    view = await desk.view(accepted)

    assert event.failed
    assert view.status == "failed"
    assert view.outcome.error is not None
    assert (view.outcome.error.code, view.outcome.error.details) == ("NOT_FOUND", {"what": "contract"})


async def test_an_unexpected_error_tells_nothing_about_itself(desk: Desk) -> None:
    desk.provider.error = KeyError("13800138000")
    accepted = await desk.accepted()
    await desk.finished()

    error = (await desk.view(accepted)).outcome.error

    assert error is not None
    assert (error.code, "138" in repr(error)) == ("INTERNAL_ERROR", False)


async def test_work_beyond_the_deadline_fails() -> None:
    desk = Desk(TaskLimits(grace_seconds=0, seconds=0))
    accepted = await desk.accepted()
    async with asyncio.timeout(5):
        while not desk.publisher.events:
            await asyncio.sleep(0)

    error = (await desk.view(accepted)).outcome.error

    assert error is not None
    assert error.code == "UPSTREAM_TIMED_OUT"


async def test_a_file_is_described_first_and_then_fetched(desk: Desk) -> None:
    accepted = await desk.tasks.run(ASKED, desk.provider.document)
    assert isinstance(accepted, Accepted)
    await desk.tasks.extend()
    running = await desk.view(accepted)
    await desk.finished()

    view = await desk.view(accepted)
    file = await desk.tasks.file(OWNER, "c1", accepted.task_id, accepted.secret)

    assert (running.progress.step, running.progress.received_bytes) == ("receiving", 4)
    assert view.outcome.file is not None
    assert (view.outcome.file.name, view.outcome.file.size) == ("c.pdf", 4)
    assert file.content == b"%PDF"


async def test_a_task_without_a_file_has_none_to_fetch(desk: Desk) -> None:
    accepted = await desk.accepted()
    await desk.finished()

    with pytest.raises(TaskNotFound):
        await desk.tasks.file(OWNER, "c1", accepted.task_id, accepted.secret)


@pytest.mark.parametrize(
    "change",
    [
        {"reader": OWNER.model_copy(update={"id": "c" * 24})},
        {"reader": OWNER.model_copy(update={"kind": "user"})},
        {"reader": OWNER.model_copy(update={"permissions": frozenset({"contract:view"})})},
        {"subject": "c2"},
        {"secret": X25519Sealer().new_secret()},
        {"task_id": "d" * 24},
    ],
    ids=["another person", "another kind", "permission withdrawn", "another record", "wrong secret", "unknown task"],
)
async def test_a_task_is_not_found_by(desk: Desk, change: dict[str, Any]) -> None:
    accepted = await desk.accepted()
    asked: dict[str, Any] = {"reader": OWNER, "subject": "c1", **accepted.model_dump(), **change}
    while_running = asked.copy()
    with pytest.raises(TaskNotFound):
        await desk.tasks.view(**while_running)
    await desk.finished()

    with pytest.raises(TaskNotFound):
        await desk.tasks.view(**asked)


async def test_an_outcome_expires(desk: Desk) -> None:
    accepted = await desk.accepted()
    await desk.finished()
    desk.clock.advance(AT_ONCE.kept_seconds + 1)

    with pytest.raises(TaskNotFound):
        await desk.view(accepted)


async def test_the_task_of_a_process_that_died_has_failed(desk: Desk) -> None:
    accepted = await desk.accepted()
    desk.clock.advance(AT_ONCE.lease_seconds - 1)
    await desk.tasks.extend()
    desk.clock.advance(AT_ONCE.lease_seconds - 1)
    alive = await desk.view(accepted)
    desk.clock.advance(2)  # without an extension

    dead = await desk.view(accepted)

    assert alive.status == "running"
    assert dead.outcome.error is not None
    assert (dead.status, dead.outcome.error.code) == ("failed", "TASK_INTERRUPTED")


async def test_a_process_that_stops_ends_its_tasks_at_once(desk: Desk) -> None:
    accepted = await desk.accepted()

    await desk.tasks.close()

    view = await desk.view(accepted)
    assert view.outcome.error is not None
    assert view.outcome.error.code == "TASK_INTERRUPTED"


async def test_the_work_goes_on_when_the_client_has_gone() -> None:
    desk = Desk(TaskLimits(grace_seconds=60))
    request = asyncio.ensure_future(desk.tasks.run(ASKED, desk.provider.links))
    while not desk.provider.calls:
        await asyncio.sleep(0)
    request.cancel()
    await asyncio.wait([request])

    assert not (await desk.finished()).failed


async def test_an_owner_has_a_limited_number_of_running_tasks(desk: Desk) -> None:
    for subject in ("c1", "c2"):
        await desk.tasks.run(ASKED.model_copy(update={"subject": subject}), desk.provider.links)

    with pytest.raises(TooManyTasks):
        await desk.tasks.run(ASKED.model_copy(update={"subject": "c3"}), desk.provider.links)


async def test_without_the_store_the_request_waits_for_its_result(desk: Desk) -> None:
    store = StoreThatIsDown(desk.clock)
    tasks = Tasks(store, X25519Sealer(), desk.publisher, desk.clock, desk.ids, AT_ONCE)
    waiting = asyncio.ensure_future(tasks.run(ASKED, desk.provider.links))
    while not desk.provider.calls:
        await asyncio.sleep(0)
    desk.provider.answered.set()

    assert await waiting == LINKS
