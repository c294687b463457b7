"""Administration of templates: edited by administrators, checked when saved, audited, with a preview on real data."""

from collections.abc import Sequence
from typing import Any, Literal

from domain.audit.model import audit_of
from domain.notifications.audience import visible_to
from domain.notifications.errors import TemplateNotFound, TemplateVersionConflict
from domain.notifications.ports import NotificationQuery, NotificationStore, TemplateRepository
from domain.notifications.rendering import sample_values
from domain.notifications.template_table import TemplateTable
from domain.notifications.templates import NotificationTemplate, RenderedTexts, TemplateChanged
from domain.notifications.types import NotificationTypes
from domain.shared.actor import Actor
from domain.shared.authority import StaffAuthority
from domain.shared.errors import Conflict
from domain.shared.model import Model
from domain.shared.notifications import NotificationType, Priority
from domain.shared.paging import PageRequest
from domain.shared.ports import Clock, IdGenerator


class TemplateChanges(Model):
    """An edit; None leaves the value as it is."""

    title: str | None = None
    title_en: str | None = None
    content: str | None = None
    content_en: str | None = None
    action_url: str | None = None
    action_text: str | None = None
    action_text_en: str | None = None
    priority: Priority | None = None
    enabled: bool | None = None


class Preview(RenderedTexts):
    """How a notification would read. `basis`: the values of a real notification, or examples."""

    basis: Literal["notification", "sample"]
    notification_id: str | None = None


class TemplateAdministration:
    """Each method raises Unavailable."""

    def __init__(
        self,
        templates: TemplateRepository,
        table: TemplateTable,
        types: NotificationTypes,
        store: NotificationStore,
        clock: Clock,
        ids: IdGenerator,
    ) -> None:
        self._templates = templates
        self._table = table
        self._types = types
        self._store = store
        self._clock = clock
        self._ids = ids

    async def seed(self) -> None:
        """Stores the templates of types that have none. A stored one stays as it is."""
        stored, now = {template.type for template in await self._templates.all()}, self._clock.now()
        first = {"version": 1, "created_at": now, "updated_at": now}
        missing = [kind for kind in self._types.all if kind.code not in stored]
        if missing:
            await self._templates.add_missing(
                [NotificationTemplate.default_of(kind).model_copy(update=first) for kind in missing]
            )

    async def all(self) -> Sequence[NotificationTemplate]:
        """Of the declared types, in their order."""
        return [await self._table.find(kind.code) for kind in self._types.all]

    async def update(self, code: str, changes: TemplateChanges, version: int, actor: Actor) -> NotificationTemplate:
        """Raises TemplateNotFound, TemplateVersionConflict, TemplateUnknownVariable, TemplateMarkup."""
        return await self._change(code, changes.model_dump(exclude_none=True), version, actor)

    async def reset(self, code: str, version: int, actor: Actor) -> NotificationTemplate:
        """Restores the template that the type declares. Raises TemplateNotFound, TemplateVersionConflict."""
        declared = NotificationTemplate.default_of(self._kind(code))
        return await self._change(code, dict(declared.model_copy(update={"enabled": True})), version, actor)

    async def preview(self, code: str, changes: TemplateChanges, reader: StaffAuthority) -> Preview:
        """With the newest notification of this type that the reader sees; else with examples.

        Raises TemplateNotFound, TemplateUnknownVariable, TemplateMarkup.
        """
        kind = self._kind(code)
        stored = await self._table.find(code)
        template = stored.model_copy(update=changes.model_dump(exclude_none=True))
        template.require_valid(kind)
        wanted, visible = NotificationQuery(type=code), visible_to(reader, self._types)
        found = await self._store.page(reader.id, visible, wanted, PageRequest(page_size=1))
        newest = found.list[0] if found.list else None
        values = sample_values(kind.values) | (newest.data if newest else {})
        return Preview(
            **dict(template.rendered(values)),
            basis="notification" if newest else "sample",
            notification_id=newest.id if newest else None,
        )

    def _kind(self, code: str) -> NotificationType[Any]:
        kind = self._types.by_code.get(code)
        if kind is None:
            raise TemplateNotFound
        return kind

    async def _change(self, code: str, fields: dict[str, Any], version: int, actor: Actor) -> NotificationTemplate:
        kind = self._kind(code)
        before = next((each for each in await self._templates.all() if each.type == code), None)
        if before is None or before.version != version:
            raise TemplateVersionConflict
        kept = {"id": before.id, "version": before.version, "created_at": before.created_at}
        after = before.model_copy(update={**fields, **kept, "updated_at": before.updated_at})
        after.require_valid(kind)
        if after == before:
            return before
        try:
            return await self._save(after, _shown(before), actor)
        except Conflict as error:
            raise TemplateVersionConflict from error

    async def _save(self, template: NotificationTemplate, before: dict[str, Any], actor: Actor) -> NotificationTemplate:
        now = self._clock.now()
        changed = template.model_copy(update={"created_at": template.created_at or now, "updated_at": now})
        target = ("notification-template", template.type)
        row = audit_of(self._ids.next_id(), now, actor, target, before, _shown(changed))
        stored = changed.model_copy(update={"version": changed.next_version})
        told = TemplateChanged(id=self._ids.next_id(), at=now, template=stored)
        saved = await self._templates.save(changed, [row, told])
        self._table.put(saved)
        return saved


def _shown(template: NotificationTemplate) -> dict[str, Any]:
    return template.model_dump(
        mode="json", by_alias=True, exclude={"id", "version", "type", "created_at", "updated_at"}
    )
