"""The sender: turns events into stored notifications, one for each recipient, type and fact, and announces them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Self

from domain.notifications.audience import scope_keys
from domain.notifications.events import NotificationsSent
from domain.notifications.model import Dispatch, NotificationContent, Recipient, RecordOwners, row_id
from domain.notifications.ports import NotificationStore
from domain.notifications.recipients import RecipientResolver
from domain.notifications.rendering import values_of
from domain.notifications.template_table import TemplateTable
from domain.notifications.templates import NotificationTemplate
from domain.notifications.types import NotificationTypes
from domain.shared.events import DomainEvent
from domain.shared.notifications import Notice, NotificationType
from domain.shared.parts import parts_of
from domain.shared.ports import Clock, EventPublisher, IdGenerator

ANNOUNCED_TOGETHER: Final = 100
"""Recipients in one event."""


@dataclass(frozen=True, slots=True)
class _Told:
    """The notice that one type makes of an event."""

    kind: NotificationType[Any]
    notice: Notice
    at: datetime

    @property
    def is_scoped(self) -> bool:
        return bool(self.kind.resource and self.notice.owners)

    def belonging_to(self, kept: RecordOwners | None) -> Self:
        if kept is None or kept.at < self.at or not self.is_scoped:
            return self
        return replace(self, notice=replace(self.notice, owners=kept.owners))


class NotificationSender:
    """Follows the causes of all types durably. An event that comes again stores nothing and is announced again, because
    the first announcement may have failed; clients ignore rows that they have."""

    def __init__(
        self,
        types: NotificationTypes,
        templates: TemplateTable,
        recipients: RecipientResolver,
        store: NotificationStore,
        publisher: EventPublisher,
        clock: Clock,
        ids: IdGenerator,
    ) -> None:
        self._types = types
        self._templates = templates
        self._recipients = recipients
        self._store = store
        self._publisher = publisher
        self._clock = clock
        self._ids = ids

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        told = await self._with_present_owners([*self._told(events)])
        dispatches = [dispatch for each in told if (dispatch := await self._dispatch(each))]
        if dispatches:
            announced = await self._stored(dispatches)
            await self._follow_owners(told)
            await self._publisher.publish(announced)

    def _told(self, events: Sequence[DomainEvent]) -> Iterator[_Told]:
        for event in events:
            for kind in self._types.caused_by(event):
                notice = kind.notice(event)
                if notice is not None:
                    yield _Told(kind, notice, event.at)

    async def _with_present_owners(self, told: Sequence[_Told]) -> Sequence[_Told]:
        """A record may have changed hands since the event: its followers run at the same time, and may be late."""
        records = [each.notice.about for each in told if each.is_scoped]
        kept = {each.about: each for each in await self._store.kept_owners(records)} if records else {}
        return [each.belonging_to(kept.get(each.notice.about)) for each in told]

    async def _follow_owners(self, told: Sequence[_Told]) -> None:
        """The rows of a record that has changed hands while they were being stored."""
        for former, now in zip(told, await self._with_present_owners(told), strict=True):
            if former.notice.owners != now.notice.owners:
                await self._store.set_scope(now.notice.about, scope_keys(now.kind.resource, now.notice.owners))

    async def _dispatch(self, told: _Told) -> Dispatch | None:
        """None: the type is disabled, or no recipient may see it."""
        kind, notice = told.kind, told.notice
        template = await self._templates.find(kind.code)
        if not template.enabled:
            return None
        staff_ids, responsible = await self._recipients.resolve(kind, notice)
        if not staff_ids:
            return None
        values = values_of(notice.values)
        if responsible is not None and notice.to.responsible and notice.to.responsible.name_value:
            values[notice.to.responsible.name_value] = responsible.record_name
        now = self._clock.now()
        row = _merged_fact(notice, told.at, kind.merge) if kind.merge else notice.fact
        return Dispatch(
            content=_content(template, kind, notice, values, now),
            fact=notice.fact,
            to=tuple(Recipient(id=row_id(each, kind.code, row), user_id=each) for each in staff_ids),
            at=now,
            merges=kind.merge is not None,
        )

    async def _stored(self, dispatches: Sequence[Dispatch]) -> Sequence[NotificationsSent]:
        """Stores the rows. Returns their announcements."""
        await self._store.add([each for each in dispatches if not each.merges])
        sent = []
        for each in dispatches:
            to = await self._store.merge(each) if each.merges else each.to
            sent += [self._announcement(each, part) for part in parts_of(to, ANNOUNCED_TOGETHER)]
        return sent

    def _announcement(self, dispatch: Dispatch, to: Sequence[Recipient]) -> NotificationsSent:
        return NotificationsSent(id=self._ids.next_id(), at=dispatch.at, content=dispatch.content, to=tuple(to))


def _content(
    template: NotificationTemplate,
    kind: NotificationType[Any],
    notice: Notice,
    values: dict[str, Any],
    now: datetime,
) -> NotificationContent:
    """Renders the notice by this template."""
    return NotificationContent(
        **dict(template.rendered(values)),
        type=template.type,
        priority=template.priority,
        icon=template.icon,
        color=template.color,
        data=values,
        about=notice.about,
        scope=scope_keys(kind.resource, notice.owners),
        sent_at=now,
    )


def _merged_fact(notice: Notice, at: datetime, period: timedelta) -> str:
    """The key that facts of one merged row share: the record and the period."""
    return f"{notice.about.kind}:{notice.about.id}:{int(at.timestamp() // period.total_seconds())}"
