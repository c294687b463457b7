"""Notifications (通知) as areas declare them: which event gives whom which notice, and how it reads.

An area declares a row for each type (`NotificationType`); the notifications area sends, stores and shows them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar

from domain.shared.events import DomainEvent
from domain.shared.model import Model
from domain.shared.scope import Resource
from domain.shared.text import Text

E = TypeVar("E", bound=DomainEvent)

VIEW_DETAILS: Final = Text("查看详情", "View details")


class Priority(StrEnum):
    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"


class RecordRef(Model):
    """The record that a notification is about."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class ResponsibleFor:
    """The staff member who is responsible for a record of another area, such as a worker's."""

    record: RecordRef
    name_value: str = ""
    """The template's variable that gets the record's name."""


@dataclass(frozen=True, slots=True)
class Recipients:
    """Together: each person gets one notification, and only those who may see the record."""

    staff: tuple[str, ...] = ()
    overseers: bool = False
    """Every administrator, manager and operator."""
    responsible: ResponsibleFor | None = None
    without: tuple[str, ...] = ()
    """Staff members who know already, such as the actor."""
    role: str = ""
    """The code of a role: every member of staff who has it."""


@dataclass(frozen=True, slots=True)
class Notice:
    """The notification that one event causes: its recipients, record and values."""

    fact: str
    """A key that is the same each time the fact is repeated: a recipient gets one notification of it."""
    to: Recipients
    about: RecordRef
    values: Model
    owners: tuple[str, ...] = ()
    """The people whom the record belongs to, for the data scope; empty: all staff with the permission see it."""


@dataclass(frozen=True)
class NotificationType(Generic[E]):
    """A row of the table of types. `title` and `content` are the default template, with variables as `{{name}}`."""

    code: str
    name: Text
    priority: Priority
    cause: type[E]
    notice: Callable[[E], Notice | None]
    """Pure. None: this event is no such fact."""
    values: type[Model]
    """The variables of the template: its fields, by their names on the wire. `Text` values are shown by language."""
    title: Text
    content: Text
    action_url: str = ""
    action_text: Text = VIEW_DETAILS
    icon: str = "bell"
    color: str = ""
    permission: str = ""
    """Staff members without it get and see none; empty: every staff member may."""
    resource: Resource | None = None
    """The resource whose data scope limits it, by the owners of the record; None: no data scope does."""
    merge: timedelta | None = None
    """Facts of one record for one recipient within such a period become one notification with a count."""

    @property
    def variables(self) -> tuple[str, ...]:
        return tuple(field.alias or name for name, field in self.values.model_fields.items())


@dataclass(frozen=True, slots=True)
class OwnersChanged:
    """The record belongs to other people now."""

    about: RecordRef
    resource: Resource
    owners: tuple[str, ...]


@dataclass(frozen=True)
class OwnershipRule(Generic[E]):
    """The event by which a record changes its owner: its notifications follow."""

    cause: type[E]
    change: Callable[[E], OwnersChanged | None]


@dataclass(frozen=True)
class Notifications:
    """The declarations of an area about its notifications."""

    types: tuple[NotificationType[Any], ...] = ()
    ownership: tuple[OwnershipRule[Any], ...] = ()


NO_NOTIFICATIONS: Final = Notifications()
