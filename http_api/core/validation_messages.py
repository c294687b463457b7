"""Translates pydantic's validation errors to messages for people, in Chinese and English."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from domain.shared.errors import InvalidRequest
from domain.shared.text import Language, Text

MAX_FIELDS = 20
_MAX_NAMED_FIELDS = 3
"""In the message, which is one line on a phone; `details.fields` lists all."""
_MAX_NAME_LENGTH = 100
"""Unknown fields have names that the client chose, so they are cut."""

GIVEN_TWICE = "重复提交 / given twice"

_TEXT = "应为文本 / must be a text"
_WHOLE = "应为整数 / must be a whole number"
_NUMBER = "应为数字 / must be a number"
_YES_OR_NO = "应为 true 或 false / must be true or false"
_OBJECT = "应为 JSON 对象 / must be a JSON object"
_LIST = "应为列表 / must be a list"
_DATE = "应为日期，如 2026-01-31 / must be a date such as 2026-01-31"
_MOMENT = "应为日期时间，如 2026-01-31T08:00:00Z / must be a date and time such as 2026-01-31T08:00:00Z"
_CHOICE = "只能是 {expected} / must be one of {expected}"
_FORM = "格式不正确 / not of the expected form"
_OTHER = "填写不正确 / not valid"

MESSAGE_BY_ERROR_TYPE: Mapping[str, str] = {
    "missing": "必填 / required",
    "extra_forbidden": "不支持此参数 / not a known field",
    "json_invalid": "不是有效的 JSON / not valid JSON",
    "model_type": _OBJECT,
    "dict_type": _OBJECT,
    "string_type": _TEXT,
    "string_unicode": "包含无效字符 / contains characters that are not valid Unicode",
    "string_too_short": "至少 {min_length} 个字符 / must have at least {min_length} characters",
    "string_too_long": "最多 {max_length} 个字符 / must have at most {max_length} characters",
    "string_pattern_mismatch": _FORM,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": "数字过大 / too large a number",
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "bool_type": _YES_OR_NO,
    "bool_parsing": _YES_OR_NO,
    "greater_than": "必须大于 {gt} / must be greater than {gt}",
    "greater_than_equal": "不能小于 {ge} / must be at least {ge}",
    "less_than": "必须小于 {lt} / must be less than {lt}",
    "less_than_equal": "不能大于 {le} / must be at most {le}",
    "multiple_of": "必须是 {multiple_of} 的倍数 / must be a multiple of {multiple_of}",
    "enum": _CHOICE,
    "literal_error": _CHOICE,
    "date_type": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "datetime_type": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "timezone_aware": "必须带时区，如 2026-01-31T08:00:00Z / must name its time zone, as in 2026-01-31T08:00:00Z",
    "list_type": _LIST,
    "tuple_type": _LIST,
    "too_short": "至少 {min_length} 项 / must have at least {min_length} items",
    "too_long": "最多 {max_length} 项 / must have at most {max_length} items",
}
"""By pydantic's error type. Only limits are filled in; input is never echoed, because it may be secret or personal."""


def invalid_request_from(error: ValidationError, sent: object, where: str = "") -> InvalidRequest:
    """`sent` is what was validated. `where` names the value itself when it is not a field of a model (a path
    parameter). A field has one problem, the first."""
    problems: dict[str, str] = {}
    for each in error.errors(include_url=False, include_input=False):
        place = ".".join(filter(None, (where, *_place(each, sent))))[:_MAX_NAME_LENGTH]
        if len(problems) == MAX_FIELDS:
            break
        problems.setdefault(place, _message(each))
    return InvalidRequest(fields=[{"field": place, "problem": problem} for place, problem in problems.items()])


def _place(error: ErrorDetails, sent: object) -> list[str]:
    """The path of the error in `sent`. pydantic's own path also has names of types, where alternatives are allowed."""
    place: list[str] = []
    at: Any = sent
    for name in error["loc"]:
        is_key = isinstance(at, Mapping) and name in at
        if is_key or (isinstance(at, list | tuple) and isinstance(name, int) and name < len(at)):
            at = at[name]
            place.append(str(name))
        elif error["type"] == "missing" and name == error["loc"][-1]:
            place.append(str(name))
    return place


def _message(error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    if error["type"] == "value_error":
        message = str(context["error"])
        # Our own rules have messages in both languages; Python's own messages may quote the value.
        return message if " / " in message else _OTHER
    if "expected" in context:  # pydantic's "'a', 'b' or 'c'"
        context = {"expected": context["expected"].replace(" or ", ", ").replace("'", "")}
    return MESSAGE_BY_ERROR_TYPE.get(error["type"], _OTHER).format_map(context)


def localized_fields(fields: Sequence[Mapping[str, str]], language: Language) -> list[dict[str, str]]:
    """The fields of an InvalidRequest with their problems in one language."""
    return [{**each, "problem": Text.of(each["problem"]).in_language(language)} for each in fields]


def message_naming_fields(text: Text, fields: Sequence[Mapping[str, str]]) -> Text:
    """`text` followed by the first fields and their problems: legacy clients show only the message."""
    named = fields[:_MAX_NAMED_FIELDS]
    zh = [" ".join(filter(None, (each["field"], Text.of(each["problem"]).zh))) for each in named]
    en = [": ".join(filter(None, (each["field"], Text.of(each["problem"]).en))) for each in named]
    if more := len(fields) - len(named):
        zh.append(f"另有 {more} 处")
        en.append(f"{more} more")
    return Text(f"{text.zh}：{'；'.join(zh)}", f"{text.en}: {'; '.join(en)}")
