"""Tasks: requests that are answered before their result exists, and their state until then."""

from collections.abc import Mapping
from typing import Any, Final, Literal

from domain.shared.model import Instant, Model
from domain.shared.reader import Reader, ReaderKind
from domain.shared.text import Text

MAX_FILE_BYTES: Final = 8 * 1024 * 1024
"""The limit of a result that is a file. The reader of a larger file raises ResultTooLarge."""

TaskStatus = Literal["running", "done", "failed"]
Step = Literal["asking", "receiving"]


class TaskLimits(Model):
    grace_seconds: float = 0.3
    """A result within this time is answered at once."""
    seconds: float = 60.0
    """The deadline of the whole work."""
    lease_seconds: float = 10.0
    """A task whose app process has not reported it for so long has failed."""
    kept_seconds: float = 300.0
    """How long an outcome can be fetched."""
    running_per_owner: int = 4
    kept_per_owner: int = 6
    """Running tasks included. A new one displaces the oldest outcome."""
    recipients: int = 8
    """How many requests may wait for one task."""


class Progress(Model):
    """`asking`: the provider has not answered yet; `receiving`: its content arrives."""

    step: Step = "asking"
    received_bytes: int = 0


class TaskRequest(Model):
    """The owner, kind and subject of a task. Requests that agree in owner, kind and subject share one running task."""

    owner_kind: ReaderKind
    owner_id: str
    kind: str
    """Names the work among all areas, as `contract.sign-links`."""
    subject: str
    """The id of the record."""
    permission: str = ""
    """The permission that the owner, if a staff member, must still have when the outcome is fetched."""

    @property
    def owner(self) -> str:
        return f"{self.owner_kind}:{self.owner_id}"

    def belongs_to(self, reader: Reader) -> bool:
        return (self.owner_kind, self.owner_id) == (reader.kind, reader.id)


class Task(TaskRequest):
    id: str
    """Public: it gives no access."""
    started_at: Instant


class TaskFile(Model):
    """A result that is a file."""

    name: str
    content_type: str
    content: bytes


class FileDescription(Model):
    name: str
    content_type: str
    size: int


class TaskError(Model):
    """The error that ended a task, as the request itself would have been answered."""

    code: str
    text: Text
    details: Mapping[str, Any] = {}


class Outcome(Model):
    """The end of a task: a JSON result, a file, or an error."""

    result: Any = None
    file: FileDescription | None = None
    error: TaskError | None = None


class TaskView(Model):
    """A task as its owner sees it."""

    task: Task
    status: TaskStatus
    progress: Progress
    outcome: Outcome


class Accepted(Model):
    """A request whose task goes on: `secret` is a part of the task's address, and is nowhere else."""

    task_id: str
    secret: str
