"""Validation messages in both languages, for each error type that pydantic really reports."""

import contextlib
import json
import re
from datetime import date, datetime
from enum import StrEnum
from ipaddress import ip_address
from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, ValidationError

from domain.interviews.room_settings import RoomSettings
from domain.shared.errors import InvalidRequest
from domain.shared.model import Model
from domain.shared.phone import Phone
from domain.shared.text import Text
from http_api.all_routes import ENDPOINTS
from http_api.core.validation_messages import (
    MAX_FIELDS,
    MESSAGE_BY_ERROR_TYPE,
    invalid_request_from,
    localized_fields,
    message_naming_fields,
)
from http_api.legacy.zego import ControlBody
from http_api.routes.contracts.bodies import CreateBody
from http_api.routes.users.profile import BindPhoneBody


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Inner(Model):
    name: str = ""


class Needy(Model):
    needed: int


class Sent(Model):
    needed: int
    words: Annotated[str, Field(min_length=2, max_length=4, pattern="^[a-z]+$")] = "abc"
    whole: Annotated[int, Field(ge=1, le=9)] = 1
    strict: Annotated[int, Field(strict=True)] = 1
    between: Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)] = 0.5
    fives: Annotated[int, Field(multiple_of=5)] = 5
    flag: bool = False
    colour: Colour = Colour.RED
    side: Literal["left", "right"] = "left"
    day: date | None = None
    at: datetime | None = None
    exactly: AwareDatetime | None = None
    several: Annotated[list[str], Field(min_length=1, max_length=2)] = Field(default_factory=lambda: ["a"])
    pair: tuple[int, int] = (1, 2)
    inner: Inner | None = None
    table: dict[str, str] = Field(default_factory=dict)
    phone: Phone | None = None


SECRET = "hush-8417"
CASES: list[tuple[str, str, Any, str, str]] = [
    ("missing", "needed", ..., "必填", "required"),
    ("extra_forbidden", "role", SECRET, "不支持此参数", "not a known field"),
    ("string_type", "words", 8417, "应为文本", "must be a text"),
    ("string_unicode", "words", "\ud800", "包含无效字符", "contains characters that are not valid Unicode"),
    ("string_too_short", "words", "a", "至少 2 个字符", "must have at least 2 characters"),
    ("string_too_long", "words", SECRET, "最多 4 个字符", "must have at most 4 characters"),
    ("string_pattern_mismatch", "words", "8417", "格式不正确", "not of the expected form"),
    ("int_type", "strict", "8417", "应为整数", "must be a whole number"),
    ("int_parsing", "whole", SECRET, "应为整数", "must be a whole number"),
    ("int_parsing_size", "whole", "9" * 5000, "数字过大", "too large a number"),
    ("int_from_float", "whole", 8417.5, "应为整数", "must be a whole number"),
    ("float_type", "between", [8417], "应为数字", "must be a number"),
    ("float_parsing", "between", SECRET, "应为数字", "must be a number"),
    ("finite_number", "between", "inf", "应为数字", "must be a number"),
    ("bool_type", "flag", [8417], "应为 true 或 false", "must be true or false"),
    ("bool_parsing", "flag", SECRET, "应为 true 或 false", "must be true or false"),
    ("greater_than", "between", 0, "必须大于 0.0", "must be greater than 0.0"),
    ("greater_than_equal", "whole", -8417, "不能小于 1", "must be at least 1"),
    ("less_than", "between", 8417, "必须小于 1.0", "must be less than 1.0"),
    ("less_than_equal", "whole", 8417, "不能大于 9", "must be at most 9"),
    ("multiple_of", "fives", 8417, "必须是 5 的倍数", "must be a multiple of 5"),
    ("enum", "colour", SECRET, "只能是 red, green", "must be one of red, green"),
    ("literal_error", "side", SECRET, "只能是 left, right", "must be one of left, right"),
    ("date_type", "day", [8417], "应为日期，如 2026-01-31", "must be a date such as 2026-01-31"),
    ("date_from_datetime_parsing", "day", SECRET, "应为日期，如 2026-01-31", "must be a date such as 2026-01-31"),
    ("date_from_datetime_inexact", "day", "2026-01-31T08:41:07", "应为日期", "must be a date"),
    ("datetime_type", "at", [8417], "应为日期时间", "must be a date and time"),
    ("datetime_from_date_parsing", "at", SECRET, "应为日期时间", "must be a date and time"),
    ("datetime_parsing", "at", 8417e300, "应为日期时间", "must be a date and time"),
    ("timezone_aware", "exactly", "2026-01-31T08:41:07", "必须带时区", "must name its time zone"),
    ("list_type", "several", SECRET, "应为列表", "must be a list"),
    ("tuple_type", "pair", SECRET, "应为列表", "must be a list"),
    ("too_short", "several", [], "至少 1 项", "must have at least 1 items"),
    ("too_long", "several", [SECRET] * 3, "最多 2 项", "must have at most 2 items"),
    ("model_type", "inner", SECRET, "应为 JSON 对象", "must be a JSON object"),
    ("dict_type", "table", SECRET, "应为 JSON 对象", "must be a JSON object"),
    ("value_error", "phone", SECRET, "手机号格式不正确", "not a mainland mobile number"),
]
"""Error type, field, sent value (... for none), and the beginning of the message in both languages."""


def error_of(model: type[BaseModel], sent: object) -> ValidationError:
    with pytest.raises(ValidationError) as refused:
        model.model_validate(sent)
    return refused.value


def refusal_of(model: type[BaseModel], sent: object, where: str = "") -> InvalidRequest:
    return invalid_request_from(error_of(model, sent), sent, where)


def all_texts(refused: InvalidRequest) -> str:
    return str(
        [
            localized_fields(refused.fields, "zh"),
            localized_fields(refused.fields, "en"),
            message_naming_fields(Text("", ""), refused.fields),
        ]
    )


@pytest.mark.parametrize(("kind", "field", "sent", "zh", "en"), CASES, ids=[case[0] for case in CASES])
def test_each_error_type_has_a_message_in_both_languages(kind: str, field: str, sent: Any, zh: str, en: str) -> None:
    whole = {} if sent is ... else {"needed": 1, field: sent}
    error = error_of(Sent, whole)

    refused = invalid_request_from(error, whole)

    assert [each["type"] for each in error.errors()] == [kind]
    [chinese], [english] = localized_fields(refused.fields, "zh"), localized_fields(refused.fields, "en")
    assert (chinese["field"], english["field"]) == (field, field)
    assert chinese["problem"].startswith(zh)
    assert english["problem"].startswith(en)
    assert "8417" not in all_texts(refused)
    assert "8:41" not in all_texts(refused)


def test_every_message_belongs_to_an_error_type_that_occurs() -> None:
    assert MESSAGE_BY_ERROR_TYPE.keys() == {kind for kind, *_ in CASES} - {"value_error"} | {"json_invalid"}


def test_invalid_json_is_reported_without_a_field() -> None:
    with pytest.raises(ValidationError) as error:
        Sent.model_validate_json(b'{"needed": hush')

    refused = invalid_request_from(error.value, None)

    assert localized_fields(refused.fields, "zh") == [{"field": "", "problem": "不是有效的 JSON"}]
    assert message_naming_fields(Text("错", "Wrong"), refused.fields) == Text(
        "错：不是有效的 JSON", "Wrong: not valid JSON"
    )


def test_an_unknown_error_type_has_a_general_message() -> None:
    class Odd(Model):
        pattern: type[int]

    error = error_of(Odd, {"pattern": SECRET})

    assert error.errors()[0]["type"] not in MESSAGE_BY_ERROR_TYPE
    assert localized_fields(refusal_of(Odd, {"pattern": SECRET}).fields, "zh") == [
        {"field": "pattern", "problem": "填写不正确"}
    ]


def test_messages_of_python_itself_are_not_passed_on() -> None:
    class Address(Model):
        host: Annotated[str, AfterValidator(lambda text: str(ip_address(text)))]

    error = error_of(Address, {"host": SECRET})

    assert SECRET in error.errors()[0]["msg"]
    assert localized_fields(refusal_of(Address, {"host": SECRET}).fields, "zh") == [
        {"field": "host", "problem": "填写不正确"}
    ]


def test_a_path_parameter_has_its_name_and_an_inner_field_its_path() -> None:
    sent = {"needed": 1, "inner": {"name": 8417}}

    assert refusal_of(Sent, sent).fields[0]["field"] == "inner.name"
    assert refusal_of(Sent, sent, "room").fields[0]["field"] == "room.inner.name"


class Choices(Model):
    phone: Phone | Annotated[str, Field(max_length=0)] = ""
    inner: Inner | Literal["none"] = "none"
    several: dict[str, str | Annotated[tuple[int, ...], Field(max_length=2)]] = Field(default_factory=dict)
    strict: Needy | list[Needy] | None = None


@pytest.mark.parametrize(
    ("sent", "place", "problem"),
    [
        ({"phone": "8417"}, "phone", "手机号格式不正确"),
        ({"inner": {"name": 8417}}, "inner.name", "应为文本"),
        ({"several": {"头": [1, "x"]}}, "several.头.1", "应为整数"),
        ({"strict": {}}, "strict.needed", "必填"),
        ({"strict": [{"needed": 1}, {}]}, "strict.1.needed", "必填"),
        ({"strict": {"needed": 1, "str": 2}}, "strict.str", "不支持此参数"),
    ],
)
def test_a_field_with_alternatives_is_named_as_it_was_sent(sent: dict[str, Any], place: str, problem: str) -> None:
    fields = localized_fields(refusal_of(Choices, sent).fields, "zh")

    assert {"field": place, "problem": problem} in fields
    assert len({each["field"] for each in fields}) == len(fields)
    assert not [each for each in fields if re.search(r"[\[(]|Inner|Needy|literal|constrained", each["field"])]


BODIES = sorted({each.body for each in ENDPOINTS if each.body is not None}, key=lambda each: each.__name__)


@pytest.mark.parametrize("body", BODIES, ids=lambda each: each.__name__)
@pytest.mark.parametrize(
    "wrong", [8417.5, "\ud800", "x" * 5000, [[]], {"name": {}}, True], ids=lambda each: str(each)[:9]
)
def test_no_refusal_of_a_body_names_a_type(body: type[BaseModel], wrong: object) -> None:
    sent = {field.alias or name: wrong for name, field in body.model_fields.items()}

    with contextlib.suppress(ValidationError):  # some bodies accept anything
        body.model_validate(sent)
        return
    refused = refusal_of(body, sent)

    fields = [each["field"] for each in refused.fields]
    assert {each.split(".")[0] for each in fields} <= {*sent, ""}
    assert not [each for each in fields if re.search(r"[\[(]", each)]


def test_the_message_names_three_fields_and_counts_the_others() -> None:
    refused = refusal_of(Sent, {"words": 1, "flag": "x", "fives": 1, "phone": "1"})

    message = message_naming_fields(InvalidRequest.text, refused.fields)

    assert message.zh == "请求参数不正确：needed 必填；words 应为文本；fives 必须是 5 的倍数；另有 2 处"
    assert message.en.startswith("The request is not valid: needed: required; words: must be a text; fives: must be")
    assert message.en.endswith("; 2 more")


def test_many_long_names_of_unknown_fields_are_cut() -> None:
    refused = refusal_of(Sent, {"needed": 1, **{f"{number}{'x' * 5000}": 1 for number in range(100)}})

    assert len(refused.fields) == MAX_FIELDS
    assert {len(each["field"]) for each in refused.fields} == {100}


@pytest.mark.parametrize("sent", ["yes", "true", "false", "1", 1, 0, []], ids=repr)
@pytest.mark.parametrize(
    ("body", "field"),
    [
        (BindPhoneBody, "confirmRebind"),
        (CreateBody, "paymentEnabled"),
        (CreateBody, "forceCreateNew"),
        (ControlBody, "enabled"),
        (RoomSettings, "locked"),
        (RoomSettings, "lobbyEnabled"),
        (RoomSettings, "chatEnabled"),
        (RoomSettings, "guestScreenShare"),
    ],
)
def test_only_true_and_false_are_booleans_in_a_body(body: type[Model], field: str, sent: object) -> None:
    def wrong(value: object) -> list[object]:
        try:
            body.model_validate_json(json.dumps({field: value}))
        except ValidationError as error:
            return [each["type"] for each in error.errors() if each["loc"] == (field,)]
        return []

    assert wrong(sent) == ["bool_type"]
    assert wrong(True) == wrong(False) == []
