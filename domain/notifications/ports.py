"""Ports of the notifications area."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal, Protocol

from domain.notifications.audience import Visibility
from domain.notifications.model import Dispatch, Notification, Recipient, RecordOwners
from domain.notifications.templates import NotificationTemplate
from domain.shared.authority import StaffAuthority
from domain.shared.events import DomainEvent
from domain.shared.model import Instant, Model
from domain.shared.notifications import RecordRef
from domain.shared.paging import Page, PageRequest


class NotificationQuery(Model):
    """`kind`: of the record that a notification is about."""

    status: Literal["unread", "read"] | None = None
    type: str = ""
    kind: str = ""
    since: Instant | None = None


class UnreadGroup(Model):
    """Unread rows of one recipient that are visible, or hidden, together, because the same rights decide on them."""

    user_id: str
    type: str
    scope: tuple[str, ...] = ()
    count: int


class NotificationStore(Protocol):
    """Every method raises Unavailable."""

    async def add(self, dispatches: Sequence[Dispatch]) -> None:
        """Stores a row for each recipient. A row that exists stays as it is."""

    async def merge(self, dispatch: Dispatch) -> Sequence[Recipient]:
        """Adds the fact to the row of each recipient, which is unread again and reads as this fact does. A fact that
        is in the row changes nothing. Returns the recipients with the counts of their rows."""

    async def page(
        self, user_id: str, visible: Visibility, wanted: NotificationQuery, paging: PageRequest
    ) -> Page[Notification]:
        """Newest first. Raises PageTooDeep."""

    async def unread_groups(self, user_ids: Sequence[str]) -> Sequence[UnreadGroup]: ...

    async def visible_ids(self, user_id: str, visible: Visibility, ids: Sequence[str]) -> set[str]:
        """Those of the ids that are rows of this recipient and visible."""

    async def mark_read(self, user_id: str, ids: Sequence[str], at: datetime) -> None:
        """A row that was read before keeps its time."""

    async def mark_all_read(self, user_id: str, visible: Visibility, before: datetime, at: datetime) -> int:
        """The visible rows up to `before`. Returns how many were unread."""

    async def set_scope(self, about: RecordRef, scope: Sequence[str]) -> Sequence[str]:
        """Of all rows about the record that have one. Returns their recipients."""

    async def keep_owners(self, owners: RecordOwners) -> RecordOwners:
        """Keeps them for a month, unless newer ones are kept. Returns the newest."""

    async def kept_owners(self, records: Collection[RecordRef]) -> Sequence[RecordOwners]:
        """Of those records that have changed hands."""


class StaffDirectory(Protocol):
    async def active_members(self) -> Sequence[StaffAuthority]:
        """All staff who may sign in, with their present rights. Raises Unavailable."""


class ResponsiblePerson(Model):
    staff_id: str
    record_name: str = ""


class RecordDirectory(Protocol):
    async def responsible_for(self, record: RecordRef) -> ResponsiblePerson | None:
        """Raises Unavailable."""


class TemplateRepository(Protocol):
    async def all(self) -> Sequence[NotificationTemplate]:
        """Raises Unavailable."""

    async def add_missing(self, templates: Sequence[NotificationTemplate]) -> None:
        """Stores those whose type has no template yet, without events. Raises Unavailable."""

    async def save(self, entity: NotificationTemplate, events: Sequence[DomainEvent]) -> NotificationTemplate:
        """Raises Conflict, Unavailable."""
