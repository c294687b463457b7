"""All templates in memory, in every app process: read from the store, then kept up to date by the event stream."""

from collections.abc import Sequence

from domain.notifications.ports import TemplateRepository
from domain.notifications.templates import NotificationTemplate, TemplateChanged
from domain.notifications.types import NotificationTypes
from domain.shared.events import StreamEntry, StreamState
from domain.shared.fresh_copy import FreshCopy


class TemplateTable:
    """Implements `EventConsumer`."""

    def __init__(self, templates: TemplateRepository, types: NotificationTypes) -> None:
        self._templates = templates
        self._types = types
        self._by_type: dict[str, NotificationTemplate] = {}
        self._copy = FreshCopy(self._read)

    async def find(self, code: str) -> NotificationTemplate:
        """The template of a declared type as it is now; the type's own until it is stored. Raises Unavailable."""
        await self._copy.ensure()
        return self._by_type.get(code) or NotificationTemplate.default_of(self._types.by_code[code])

    def put(self, template: NotificationTemplate) -> None:
        """A template that was saved or read; an older version of a known one is ignored."""
        known = self._by_type.get(template.type)
        if known is None or known.version < template.version:
            self._by_type[template.type] = template

    async def _read(self) -> None:
        for template in await self._templates.all():
            self.put(template)

    def begin(self, state: StreamState, past: Sequence[StreamEntry]) -> None:
        self.take(past)

    def take(self, entries: Sequence[StreamEntry]) -> None:
        for entry in entries:
            if isinstance(entry.event, TemplateChanged):
                self.put(entry.event.template)

    def history_lost(self, state: StreamState) -> None:
        self._copy.expire()
