"""Notifications of staff: the content of a fact, its recipients, and the stored row of one recipient."""

from enum import StrEnum
from typing import Any

from pydantic import Field, computed_field

from domain.shared.entity import stable_id
from domain.shared.model import Instant, Model
from domain.shared.notifications import Priority, RecordRef


class NotificationStatus(StrEnum):
    """A row is SENT until it is READ; the others occur neither here nor in the former system."""

    PENDING = "PENDING"
    SENT = "SENT"
    READ = "READ"
    FAILED = "FAILED"


class NotificationContent(Model):
    """The content of a notification, the same for all recipients of a fact."""

    type: str
    title: str
    content: str = ""
    title_en: str = ""
    content_en: str = ""
    priority: Priority = Priority.MEDIUM
    icon: str = ""
    color: str = ""
    action_url: str = ""
    action_text: str = ""
    action_text_en: str = ""
    data: dict[str, Any] = Field(default_factory=dict)
    """The values of the template."""
    about: RecordRef | None = None
    scope: tuple[str, ...] = ()
    """The keys of the data scope (`scope_keys`)."""
    sent_at: Instant | None = None


class Notification(NotificationContent):
    """The row of one recipient, as stored and as sent to clients."""

    id: str
    user_id: str
    status: NotificationStatus
    count: int = 1
    """The number of facts that were merged into it."""
    read_at: Instant | None = None
    created_at: Instant
    """Of the newest fact."""
    updated_at: Instant | None = None

    @computed_field(alias="_id")  # type: ignore[prop-decorator]  # pydantic's documented form
    @property
    def document_id(self) -> str:
        """The name of the id that legacy clients read."""
        return self.id


class Recipient(Model):
    """`id`: of the recipient's row."""

    id: str
    user_id: str
    count: int = 1


class Dispatch(Model):
    """One fact on its way to its recipients. `merges`: it joins the rows that exist."""

    content: NotificationContent
    fact: str
    to: tuple[Recipient, ...]
    at: Instant
    merges: bool = False


class RecordOwners(Model):
    """The people whom a record belongs to since `at`, after it has changed hands."""

    about: RecordRef
    owners: tuple[str, ...]
    at: Instant


def row_id(user_id: str, kind: str, fact: str) -> str:
    """The id of the row: the same for the same recipient, type and fact, so that no fact is stored twice."""
    return stable_id(user_id, kind, fact)
