"""Ports of tasks: the store that all app processes share, and the sealing of results."""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal, Protocol

from domain.shared.model import Model
from domain.tasks.model import Progress, Task, TaskLimits, TaskStatus


class Sealed(Model):
    """Encrypted parts, and for each recipient the key to them, encrypted for that recipient."""

    parts: tuple[bytes, ...]
    keys: Mapping[str, bytes]


class ResultSealer(Protocol):
    """Seals results, so that a secret opens them and nothing that the store has."""

    def new_secret(self) -> str: ...

    def recipient_of(self, secret: str) -> str:
        """The public counterpart of a secret, from which the secret cannot be computed."""

    def seal(self, parts: Sequence[bytes], recipients: Collection[str], context: str) -> Sealed:
        """`context` is needed again to open it."""

    def open(self, part: bytes, number: int, key: bytes, secret: str, context: str) -> bytes:
        """The part with this number. `key`: the one for the secret's recipient. Raises ValueError."""


class StoredTask(Model):
    task: Task
    status: TaskStatus
    """`failed` without an outcome: its lease has run out."""
    progress: Progress
    outcome: bytes = b""
    key: bytes = b""


Finish = Literal["stored", "joined", "lapsed"]


class TaskStore(Protocol):
    """Each method is one atomic step. Raises Unavailable."""

    async def join_or_start(self, task: Task, recipient: str, limits: TaskLimits) -> str:
        """The id of a running task for the same request, which `recipient` has joined, else that of `task`, which is
        now running. Raises TooManyTasks."""

    async def extend(self, progress: Mapping[str, Progress], limits: TaskLimits) -> None:
        """Extends the leases of running tasks and stores their progress. A lease that has run out stays so."""

    async def recipients(self, task_id: str) -> frozenset[str]: ...

    async def finish(self, task: Task, status: TaskStatus, sealed: Sealed, limits: TaskLimits) -> Finish:
        """`joined`: nothing is stored, because there are other recipients than those that `sealed` has keys for.
        `lapsed`: nothing is stored, because the lease has run out."""

    async def withdraw(self, task: Task) -> bool:
        """Forgets a running task. False, and nothing is forgotten, when a second recipient has joined it."""

    async def abandon(self, task_ids: Collection[str]) -> None:
        """Ends the leases of running tasks."""

    async def find(self, task_id: str, recipient: str) -> StoredTask | None:
        """None when it is unknown or expired, or when `recipient` is none of its recipients."""

    async def file(self, task_id: str) -> bytes | None:
        """The second part of the sealed outcome."""
