"""Tasks in memory, with the promises of the store in Redis."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from domain.shared.ports import Clock
from domain.tasks.errors import TooManyTasks
from domain.tasks.model import Progress, Task, TaskLimits, TaskStatus
from domain.tasks.ports import Finish, Sealed, StoredTask, TaskStore


@dataclass(frozen=True)
class Kept:
    task: Task
    lease_until: datetime
    kept_until: datetime
    keys: Mapping[str, bytes]
    status: TaskStatus = "running"
    progress: Progress = field(default_factory=Progress)
    parts: tuple[bytes, ...] = ()


class InMemoryTaskStore(TaskStore):
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.tasks: dict[str, Kept] = {}

    async def join_or_start(self, task: Task, recipient: str, limits: TaskLimits) -> str:
        now = self._clock.now()
        self.tasks = {name: kept for name, kept in self.tasks.items() if kept.kept_until > now}
        owned = [kept for kept in self.tasks.values() if kept.task.owner == task.owner]
        running = [kept for kept in owned if kept.lease_until > now]
        for kept in running:
            if (kept.task.kind, kept.task.subject) == (task.kind, task.subject):
                if len(kept.keys) >= limits.recipients:
                    raise TooManyTasks(3)
                self.tasks[kept.task.id] = replace(kept, keys={**kept.keys, recipient: b""})
                return kept.task.id
        if len(running) >= limits.running_per_owner:
            raise TooManyTasks(3)
        ended = [kept for kept in owned if kept.lease_until <= now]
        for kept in ended[: max(0, len(owned) + 1 - limits.kept_per_owner)]:
            del self.tasks[kept.task.id]
        kept_until = now + timedelta(seconds=limits.seconds + limits.kept_seconds)
        self.tasks[task.id] = Kept(task, now + timedelta(seconds=limits.lease_seconds), kept_until, {recipient: b""})
        return task.id

    async def extend(self, progress: Mapping[str, Progress], limits: TaskLimits) -> None:
        now = self._clock.now()
        for task_id, reported in progress.items():
            kept = self.tasks.get(task_id)
            if kept is not None and kept.lease_until > now:
                lease_until = now + timedelta(seconds=limits.lease_seconds)
                self.tasks[task_id] = replace(kept, progress=reported, lease_until=lease_until)

    async def recipients(self, task_id: str) -> frozenset[str]:
        return frozenset(self.tasks[task_id].keys)

    async def finish(self, task: Task, status: TaskStatus, sealed: Sealed, limits: TaskLimits) -> Finish:
        now = self._clock.now()
        kept = self.tasks.get(task.id)
        if kept is None or kept.lease_until <= now:
            return "lapsed"
        if len(kept.keys) != len(sealed.keys):
            return "joined"
        kept_until = now + timedelta(seconds=limits.kept_seconds)
        self.tasks[task.id] = replace(
            kept, status=status, keys=sealed.keys, parts=sealed.parts, lease_until=now, kept_until=kept_until
        )
        return "stored"

    async def withdraw(self, task: Task) -> bool:
        if len(self.tasks[task.id].keys) > 1:
            return False
        del self.tasks[task.id]
        return True

    async def abandon(self, task_ids: Collection[str]) -> None:
        for task_id in task_ids:
            self.tasks[task_id] = replace(self.tasks[task_id], lease_until=self._clock.now())

    async def find(self, task_id: str, recipient: str) -> StoredTask | None:
        now = self._clock.now()
        kept = self.tasks.get(task_id)
        if kept is None or kept.kept_until <= now or recipient not in kept.keys:
            return None
        lapsed = kept.status == "running" and kept.lease_until <= now
        return StoredTask(
            task=kept.task,
            status="failed" if lapsed else kept.status,
            progress=kept.progress,
            outcome=kept.parts[0] if kept.parts else b"",
            key=kept.keys[recipient],
        )

    async def file(self, task_id: str) -> bytes | None:
        kept = self.tasks.get(task_id)
        return kept.parts[1] if kept and len(kept.parts) > 1 else None
