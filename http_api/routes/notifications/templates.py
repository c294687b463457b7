"""Routes of administrators on notification templates (通知模板), and the table of types."""

from typing import Annotated

from pydantic import Field

from domain.notifications.errors import (
    TemplateMarkup,
    TemplateNotFound,
    TemplateUnknownVariable,
    TemplateVersionConflict,
)
from domain.notifications.template_administration import Preview, TemplateChanges
from domain.notifications.templates import NotificationTemplate
from domain.shared.model import JsonBool, Model
from domain.shared.notifications import Priority
from domain.shared.plain_text import one_line, several_lines
from domain.shared.text import Text
from http_api.core.access import Staff
from http_api.core.endpoint import Endpoints, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import DONE, FETCHED, STAFF_ERRORS, ExpectedVersion
from http_api.routes.notifications.own import TAG

endpoints = Endpoints("/api", tag=TAG)

EDIT = Staff("admin:settings")
CHECKED = (TemplateNotFound, TemplateUnknownVariable, TemplateMarkup)
Code = Annotated[str, Field(max_length=64, pattern=r"^[A-Z][A-Z0-9_]*$")]
Title = Annotated[str, one_line(100, required=True)]
EnglishTitle = Annotated[str, one_line(100)]
Content = Annotated[str, several_lines(500)]
ActionText = Annotated[str, one_line(20)]
ActionUrl = Annotated[str, Field(max_length=200, pattern=r"^$|^#?/([^/\\\s]\S*)?$")]
"""A page of ours: never another site."""


class TypeAnswer(Model):
    """`variables`: what a template of this type may use. `merge_seconds`: facts of one record within such a period
    become one notification."""

    code: str
    name: str
    name_en: str
    area: str
    priority: Priority
    variables: tuple[str, ...]
    permission: str
    merge_seconds: int | None


class TypeList(Model):
    list: list[TypeAnswer]


class NotificationTemplateList(Model):
    list: list[NotificationTemplate]


class TemplateTexts(Model):
    """Absent texts keep their values; an empty English text means that the Chinese one is shown."""

    title: Title | None = None
    title_en: EnglishTitle | None = None
    content: Content | None = None
    content_en: Content | None = None
    action_url: ActionUrl | None = None
    action_text: ActionText | None = None
    action_text_en: ActionText | None = None

    def changes(self) -> TemplateChanges:
        return TemplateChanges(**self.model_dump(exclude={"version"}))


class TemplateBody(TemplateTexts):
    version: ExpectedVersion
    priority: Priority | None = None
    enabled: JsonBool | None = None


class ResetBody(Model):
    version: ExpectedVersion


@endpoints.get("/notifications/types", access=Staff(), rate_limit=RateLimit.READ, message=FETCHED, raises=STAFF_ERRORS)
async def list_types(context: RequestContext) -> TypeList:
    """通知类型 · list the types of notifications"""
    types = context.services.notifications.types
    return TypeList(
        list=[
            TypeAnswer(
                code=each.code,
                name=each.name.zh,
                name_en=each.name.en,
                area=types.area_of[each.code],
                priority=each.priority,
                variables=each.variables,
                permission=each.permission,
                merge_seconds=int(each.merge.total_seconds()) if each.merge else None,
            )
            for each in types.all
        ]
    )


@endpoints.get("/notification-templates", access=EDIT, rate_limit=RateLimit.READ, message=FETCHED, raises=STAFF_ERRORS)
async def list_templates(context: RequestContext) -> NotificationTemplateList:
    """通知模板 · list the templates, in the order of the types"""
    return NotificationTemplateList(list=[*await context.services.notifications.templates.all()])


@endpoints.patch(
    "/notification-templates/{code}",
    access=EDIT,
    rate_limit=RateLimit.WRITE,
    audit="notification-template.update",
    message=Text("模板已保存", "Template saved"),
    raises=(*STAFF_ERRORS, *CHECKED, TemplateVersionConflict),
    example={"title": "合同 {{contractNumber}} 已签署", "version": 1},
)
async def update_template(context: RequestContext, code: Code, body: TemplateBody) -> NotificationTemplate:
    """修改模板；变量必须是该类型已有的 · change a template; unknown variables and markup are refused"""
    templates = context.services.notifications.templates
    return await templates.update(code, body.changes(), body.version, context.actor)


@endpoints.post(
    "/notification-templates/{code}/preview",
    access=EDIT,
    rate_limit=RateLimit.READ,
    unaudited="a preview changes nothing",
    message=DONE,
    raises=(*STAFF_ERRORS, *CHECKED),
    example={"title": "合同 {{contractNumber}} 已签署"},
)
async def preview_template(context: RequestContext, code: Code, body: TemplateTexts) -> Preview:
    """用最近一条真实通知预览 · show how the template would read, with the newest notification that the caller sees"""
    return await context.services.notifications.templates.preview(code, body.changes(), context.staff)


@endpoints.post(
    "/notification-templates/{code}/reset",
    access=EDIT,
    rate_limit=RateLimit.WRITE,
    audit="notification-template.reset",
    message=Text("已恢复默认模板", "The default template is back"),
    raises=(*STAFF_ERRORS, TemplateNotFound, TemplateVersionConflict),
    example={"version": 2},
)
async def reset_template(context: RequestContext, code: Code, body: ResetBody) -> NotificationTemplate:
    """恢复默认模板 · go back to the default template"""
    return await context.services.notifications.templates.reset(code, body.version, context.actor)
