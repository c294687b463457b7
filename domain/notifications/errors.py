"""Errors of the notifications area."""

from domain.shared.errors import Conflict, InvalidRequest, NotFound
from domain.shared.text import Text


class NotificationNotFound(NotFound):
    code = "NOTIFICATION_NOT_FOUND"
    text = Text("通知不存在", "No such notification")


class TemplateNotFound(NotFound):
    code = "TEMPLATE_NOT_FOUND"
    text = Text("通知模板不存在", "No such notification template")


class TemplateUnknownVariable(InvalidRequest):
    code = "TEMPLATE_UNKNOWN_VARIABLE"
    text = Text("模板中有此类通知没有的变量", "The template has a variable that notifications of this type lack")


class TemplateMarkup(InvalidRequest):
    code = "TEMPLATE_MARKUP"
    text = Text("模板不能包含 HTML 标签或脚本", "A template must not contain HTML tags or scripts")


class TemplateVersionConflict(Conflict):
    code = "TEMPLATE_VERSION_CONFLICT"
    text = Text("模板已被他人修改，请刷新后重试", "Someone else changed this template first; reload and try again")
