"""Templates (通知模板): the texts of each type of notification, as administrators have edited them."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, Self

from pydantic.alias_generators import to_camel

from domain.notifications.errors import TemplateMarkup, TemplateUnknownVariable
from domain.notifications.rendering import has_markup, render, render_address, variables_of
from domain.shared.entity import Entity, stable_id
from domain.shared.events import DomainEvent
from domain.shared.model import Instant, Model
from domain.shared.notifications import NotificationType, Priority


class RenderedTexts(Model):
    """The texts of a template, with values in place of its variables."""

    title: str
    title_en: str
    content: str
    content_en: str
    action_url: str
    action_text: str
    action_text_en: str


WORDED: Final = tuple(RenderedTexts.model_fields)
"""The fields in which variables may stand."""


class NotificationTemplate(Entity):
    """A document of `notification_templates`, one of each type."""

    type: str
    name: str = ""
    title: str
    title_en: str = ""
    content: str = ""
    content_en: str = ""
    action_url: str = ""
    action_text: str = ""
    action_text_en: str = ""
    priority: Priority = Priority.MEDIUM
    enabled: bool = True
    """A disabled type is not sent."""
    icon: str = ""
    color: str = ""
    created_at: Instant | None = None
    updated_at: Instant | None = None

    @classmethod
    def default_of(cls, kind: NotificationType[Any]) -> Self:
        """The template that the type declares. Its id is the same in every app process."""
        return cls(
            id=stable_id("", "template", kind.code),
            type=kind.code,
            name=kind.name.zh,
            title=kind.title.zh,
            title_en=kind.title.en,
            content=kind.content.zh,
            content_en=kind.content.en,
            action_url=kind.action_url,
            action_text=kind.action_text.zh,
            action_text_en=kind.action_text.en,
            priority=kind.priority,
            icon=kind.icon,
            color=kind.color,
        )

    def rendered(self, values: Mapping[str, Any]) -> RenderedTexts:
        """Without an English text, the Chinese one."""
        return RenderedTexts(
            title=render(self.title, values),
            title_en=render(self.title_en or self.title, values, "en"),
            content=render(self.content, values),
            content_en=render(self.content_en or self.content, values, "en"),
            action_url=render_address(self.action_url, values),
            action_text=render(self.action_text, values),
            action_text_en=render(self.action_text_en or self.action_text, values, "en"),
        )

    def require_valid(self, kind: NotificationType[Any]) -> None:
        """Raises TemplateUnknownVariable, TemplateMarkup."""
        for field in WORDED:
            text = getattr(self, field)
            unknown, alias = variables_of(text) - set(kind.variables), to_camel(field)
            if unknown:
                raise TemplateUnknownVariable(field=alias, variables=sorted(unknown))
            if has_markup(text):
                raise TemplateMarkup(field=alias)


class TemplateChanged(DomainEvent):
    """Carries the template as saved, so that every app process sends by it at once."""

    type: ClassVar[str] = "notifications.template_changed"

    template: NotificationTemplate
