"""Stores of notifications in memory; `tests/integrations/mongo/test_notifications.py` compares them with MongoDB."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime

from domain.notifications.audience import Visibility
from domain.notifications.model import Dispatch, Notification, NotificationStatus, Recipient, RecordOwners
from domain.notifications.ports import (
    NotificationQuery,
    NotificationStore,
    RecordDirectory,
    ResponsiblePerson,
    StaffDirectory,
    TemplateRepository,
    UnreadGroup,
)
from domain.notifications.templates import NotificationTemplate
from domain.shared.authority import StaffAuthority
from domain.shared.errors import Conflict
from domain.shared.events import DomainEvent
from domain.shared.notifications import RecordRef
from domain.shared.paging import Page, PageRequest
from domain.shared.ports import EventPublisher


class MemoryNotifications(NotificationStore):
    def __init__(self) -> None:
        self.rows: dict[str, Notification] = {}
        self.facts: dict[str, set[str]] = {}
        self.owners: dict[RecordRef, RecordOwners] = {}

    async def add(self, dispatches: Sequence[Dispatch]) -> None:
        for dispatch in dispatches:
            for recipient in dispatch.to:
                self.rows.setdefault(recipient.id, _row(dispatch, recipient))

    async def merge(self, dispatch: Dispatch) -> Sequence[Recipient]:
        for recipient in dispatch.to:
            facts = self.facts.setdefault(recipient.id, set())
            if dispatch.fact not in facts:
                facts.add(dispatch.fact)
                self.rows[recipient.id] = _row(dispatch, recipient.model_copy(update={"count": len(facts)}))
        return [each.model_copy(update={"count": len(self.facts[each.id])}) for each in dispatch.to]

    async def page(
        self, user_id: str, visible: Visibility, wanted: NotificationQuery, paging: PageRequest
    ) -> Page[Notification]:
        found = [row for row in self._visible(user_id, visible) if _fits(row, wanted)]
        return Page.of(found[paging.skip : paging.skip + paging.page_size], len(found), paging)

    async def unread_groups(self, user_ids: Sequence[str]) -> Sequence[UnreadGroup]:
        groups = Counter(
            (row.user_id, row.type, row.scope)
            for row in self.rows.values()
            if row.user_id in user_ids and row.status == NotificationStatus.SENT
        )
        return [UnreadGroup(user_id=key[0], type=key[1], scope=key[2], count=count) for key, count in groups.items()]

    async def visible_ids(self, user_id: str, visible: Visibility, ids: Sequence[str]) -> set[str]:
        return {row.id for row in self._visible(user_id, visible) if row.id in ids}

    async def mark_read(self, user_id: str, ids: Sequence[str], at: datetime) -> None:
        for row in self._unread_of(user_id):
            if row.id in ids:
                self._read(row, at)

    async def mark_all_read(self, user_id: str, visible: Visibility, before: datetime, at: datetime) -> int:
        found = [
            row
            for row in self._visible(user_id, visible)
            if row.status == NotificationStatus.SENT and row.created_at <= before
        ]
        for row in found:
            self._read(row, at)
        return len(found)

    async def set_scope(self, about: RecordRef, scope: Sequence[str]) -> Sequence[str]:
        concerned = [row for row in self.rows.values() if row.about == about and row.scope]
        for row in concerned:
            self.rows[row.id] = row.model_copy(update={"scope": tuple(scope)})
        return sorted({row.user_id for row in concerned})

    async def keep_owners(self, owners: RecordOwners) -> RecordOwners:
        self.owners[owners.about] = max(owners, self.owners.get(owners.about, owners), key=lambda each: each.at)
        return self.owners[owners.about]

    async def kept_owners(self, records: Collection[RecordRef]) -> Sequence[RecordOwners]:
        return [self.owners[each] for each in set(records) if each in self.owners]

    def _visible(self, user_id: str, visible: Visibility) -> list[Notification]:
        found = (row for row in self.rows.values() if row.user_id == user_id and visible.shows(row.type, row.scope))
        return sorted(found, key=lambda row: (row.created_at, row.id), reverse=True)

    def _unread_of(self, user_id: str) -> list[Notification]:
        return [row for row in self.rows.values() if row.user_id == user_id and row.status == NotificationStatus.SENT]

    def _read(self, row: Notification, at: datetime) -> None:
        update = {"status": NotificationStatus.READ, "read_at": at, "updated_at": at}
        self.rows[row.id] = row.model_copy(update=update)


class MemoryTemplates(TemplateRepository):
    def __init__(self) -> None:
        self.stored: dict[str, NotificationTemplate] = {}
        self.events: list[DomainEvent] = []

    async def all(self) -> Sequence[NotificationTemplate]:
        return list(self.stored.values())

    async def add_missing(self, templates: Sequence[NotificationTemplate]) -> None:
        for template in templates:
            self.stored.setdefault(template.type, template)

    async def save(self, entity: NotificationTemplate, events: Sequence[DomainEvent]) -> NotificationTemplate:
        if self.stored[entity.type].version != entity.version:
            raise Conflict
        saved = entity.model_copy(update={"version": entity.next_version})
        self.stored[entity.type] = saved
        self.events += events
        return saved


class MemoryStaff(StaffDirectory):
    def __init__(self) -> None:
        self.members: dict[str, StaffAuthority] = {}

    async def active_members(self) -> Sequence[StaffAuthority]:
        return list(self.members.values())


class MemoryRecords(RecordDirectory):
    def __init__(self) -> None:
        self.responsible: dict[RecordRef, ResponsiblePerson] = {}

    async def responsible_for(self, record: RecordRef) -> ResponsiblePerson | None:
        return self.responsible.get(record)


class RecordingPublisher(EventPublisher):
    def __init__(self) -> None:
        self.events: list[DomainEvent] = []
        self.failure: Exception | None = None
        """Raised by the next publication, which then does not take place."""

    async def publish(self, events: Sequence[DomainEvent]) -> None:
        if self.failure is not None:
            failure, self.failure = self.failure, None
            raise failure
        self.events += events


def _row(dispatch: Dispatch, recipient: Recipient) -> Notification:
    return Notification(
        **dict(dispatch.content),
        id=recipient.id,
        user_id=recipient.user_id,
        status=NotificationStatus.SENT,
        count=recipient.count,
        created_at=dispatch.at,
        updated_at=dispatch.at,
    )


def _fits(row: Notification, wanted: NotificationQuery) -> bool:
    unread = row.status == NotificationStatus.SENT
    return (
        wanted.status in (None, "unread" if unread else "read")
        and wanted.type in ("", row.type)
        and (not wanted.kind or (row.about is not None and row.about.kind == wanted.kind))
        and (wanted.since is None or row.created_at >= wanted.since)
    )
