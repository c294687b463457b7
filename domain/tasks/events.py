"""Events of tasks. No document stores them; they are published on the bus only."""

from typing import ClassVar

from domain.shared.events import DomainEvent
from domain.shared.reader import ReaderKind


class TaskFinished(DomainEvent):
    """The outcome can be fetched. Ids only: the result is its owner's alone."""

    type: ClassVar[str] = "task.finished"

    task_id: str
    kind: str
    subject: str
    owner_kind: ReaderKind
    owner_id: str
    failed: bool
