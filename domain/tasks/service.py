"""Runs the work of requests that may take long: returns a quick result at once, and continues slow work as a task."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from domain.shared.background import BackgroundJob, Every
from domain.shared.errors import INTERNAL_ERROR, DomainError, Unavailable, UpstreamTimedOut
from domain.shared.model import Model
from domain.shared.ports import Clock, EventPublisher, IdGenerator
from domain.shared.reader import Reader
from domain.shared.tasks import TaskSet, mark_retrieved
from domain.tasks.errors import TaskInterrupted, TaskNotFound
from domain.tasks.events import TaskFinished
from domain.tasks.model import (
    Accepted,
    FileDescription,
    Outcome,
    Progress,
    Task,
    TaskError,
    TaskFile,
    TaskLimits,
    TaskRequest,
    TaskView,
)
from domain.tasks.ports import ResultSealer, StoredTask, TaskStore

log = logging.getLogger("error.tasks")

EXTENSION_SECONDS = 2.0
"""Several extensions fit into a lease, so that a slow store ends none."""

T = TypeVar("T", bound=Model)
Report = Callable[[Progress], None]
Work = Callable[[Report], Awaitable[T]]
"""The work of a request; it may report its progress. It goes on when the request has been answered."""


@dataclass(eq=False)
class _Run(Generic[T]):
    """A task that this app process carries out."""

    task: Task
    result: "asyncio.Future[T]"
    progress: Progress = field(default_factory=Progress)
    is_detached: bool = False
    """The request has been answered, or its client has gone."""

    def report(self, progress: Progress) -> None:
        self.progress = progress


class Tasks:
    def __init__(
        self,
        store: TaskStore,
        sealer: ResultSealer,
        publisher: EventPublisher,
        clock: Clock,
        ids: IdGenerator,
        limits: TaskLimits | None = None,
    ) -> None:
        self._store = store
        self._sealer = sealer
        self._publisher = publisher
        self._clock = clock
        self._ids = ids
        self._limits = limits or TaskLimits()
        self._runs: dict[str, _Run[Model]] = {}
        self._work = TaskSet()

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        return (BackgroundJob("tasks-extend", Every(EXTENSION_SECONDS), self.extend),)

    async def run(self, asked: TaskRequest, work: Work[T]) -> T | Accepted:
        """The result of `work` when it comes within the grace; else the work goes on, and its outcome is kept.

        Joins the running task of the same request instead of working twice. Raises TooManyTasks, and within the grace
        the errors of `work`.
        """
        secret = self._sealer.new_secret()
        task = Task(**dict(asked), id=self._ids.next_id(), started_at=self._clock.now())
        try:
            task_id = await self._store.join_or_start(task, self._sealer.recipient_of(secret), self._limits)
        except Unavailable:
            return await work(unreported)  # answering early is a wish of the caller, the result is not
        if task_id == task.id:
            run = _Run[T](task, asyncio.get_running_loop().create_future())
            run.result.add_done_callback(mark_retrieved)
            self._runs[task.id] = run  # type: ignore[assignment]  # T is a Model
            self._work.spawn(self._carry_out(run, work))
            try:
                await asyncio.wait({run.result}, timeout=self._limits.grace_seconds)
            finally:
                run.is_detached = not run.result.done()
            if run.result.done():
                return run.result.result()
        return Accepted(task_id=task_id, secret=secret)

    async def view(self, reader: Reader, subject: str, task_id: str, secret: str) -> TaskView:
        """Raises TaskNotFound, also for another reader, subject or secret, and when the permission was withdrawn."""
        stored = await self._find(reader, subject, task_id, secret)
        outcome = self._outcome(stored, secret)
        return TaskView(task=stored.task, status=stored.status, progress=stored.progress, outcome=outcome)

    async def file(self, reader: Reader, subject: str, task_id: str, secret: str) -> TaskFile:
        """The file that a task has fetched. Raises TaskNotFound as `view` does, and when there is no file."""
        stored = await self._find(reader, subject, task_id, secret)
        about = self._outcome(stored, secret).file
        sealed = await self._store.file(task_id) if about else None
        if about is None or sealed is None:
            raise TaskNotFound
        content = self._opened(stored, sealed, 1, secret)
        return TaskFile(name=about.name, content_type=about.content_type, content=content)

    async def extend(self) -> None:
        """Tells the store that the tasks of this app process go on. Raises Unavailable."""
        if self._runs:
            await self._store.extend({run.task.id: run.progress for run in self._runs.values()}, self._limits)

    async def close(self) -> None:
        """Cancels running tasks. Their readers learn at once that they were interrupted."""
        unfinished = list(self._runs)
        await self._work.close()
        if unfinished:
            with suppress(Unavailable):  # the leases run out by themselves
                await self._store.abandon(unfinished)

    async def _carry_out(self, run: _Run[T], work: Work[T]) -> None:
        try:
            await self._work_until_deadline(run, work)
            if run.is_detached or not await self._store.withdraw(run.task):
                await self._keep(run.task, _outcome_of(run.result))
        except Unavailable as error:  # its lease runs out
            log.warning("tasks.outcome_lost", extra={"kind": run.task.kind, "code": error.code})
        finally:
            if not run.result.done():
                run.result.set_exception(TaskInterrupted())
            del self._runs[run.task.id]

    async def _work_until_deadline(self, run: _Run[T], work: Work[T]) -> None:
        try:
            async with asyncio.timeout(self._limits.seconds):
                result = await work(run.report)
        except TimeoutError:
            run.result.set_exception(UpstreamTimedOut())
        except Exception as error:
            if not isinstance(error, DomainError) and run.is_detached:
                log.exception("tasks.failed", extra={"kind": run.task.kind})
            run.result.set_exception(error)
        else:
            run.result.set_result(result)

    async def _keep(self, task: Task, kept: tuple[Outcome, bytes]) -> None:
        outcome, file = kept
        parts = [outcome.model_dump_json().encode(), *([file] if file else [])]
        finish = "joined"
        while finish == "joined":  # until no further recipient has come meanwhile; their number is limited
            sealed = self._sealer.seal(parts, await self._store.recipients(task.id), task.id)
            finish = await self._store.finish(task, "failed" if outcome.error else "done", sealed, self._limits)
        if finish == "stored":
            event = TaskFinished(
                id=self._ids.next_id(),
                at=self._clock.now(),
                task_id=task.id,
                **task.model_dump(include={"kind", "subject", "owner_kind", "owner_id"}),
                failed=outcome.error is not None,
            )
            await self._publisher.publish([event])

    async def _find(self, reader: Reader, subject: str, task_id: str, secret: str) -> StoredTask:
        stored = await self._store.find(task_id, self._sealer.recipient_of(secret))
        if stored is None or not stored.task.belongs_to(reader) or stored.task.subject != subject:
            raise TaskNotFound
        if stored.task.permission and not reader.may(stored.task.permission):
            raise TaskNotFound
        return stored

    def _outcome(self, stored: StoredTask, secret: str) -> Outcome:
        if stored.outcome:
            return Outcome.model_validate_json(self._opened(stored, stored.outcome, 0, secret))
        return Outcome() if stored.status == "running" else Outcome(error=_error_of(TaskInterrupted()))

    def _opened(self, stored: StoredTask, part: bytes, number: int, secret: str) -> bytes:
        try:
            return self._sealer.open(part, number, stored.key, secret, stored.task.id)
        except ValueError:
            raise TaskNotFound from None


def _outcome_of(result: "asyncio.Future[T]") -> tuple[Outcome, bytes]:
    """The outcome, and the content of its file."""
    if error := result.exception():
        return Outcome(error=_error_of(error)), b""
    value = result.result()
    if not isinstance(value, TaskFile):
        return Outcome(result=value.model_dump(mode="json", by_alias=True)), b""
    about = FileDescription(name=value.name, content_type=value.content_type, size=len(value.content))
    return Outcome(file=about), value.content


def _error_of(error: BaseException) -> TaskError:
    if isinstance(error, DomainError):
        return TaskError(code=error.code, text=error.shown_text, details=error.shown_details)
    code, text = INTERNAL_ERROR
    return TaskError(code=code, text=text)


def unreported(progress: Progress) -> None:
    """For work whose caller waits."""
