"""The body of a contract: which fields belong to the template, and which texts are refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from http_api.core.validation_messages import invalid_request_from, localized_fields
from http_api.routes.contracts.bodies import CreateBody, template_fields_in


def test_fields_with_names_that_are_not_ascii_belong_to_the_template() -> None:
    sent = {"服务内容": "做饭", "服务内容_index": "3", "customerName": "王芳", "多选1": ["a"], "工资": 1}

    assert set(template_fields_in(sent)) == {"服务内容", "多选1", "工资"}


def problems_of(sent: dict[str, Any]) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    with pytest.raises(ValidationError) as error:
        CreateBody.model_validate(sent)
    fields = invalid_request_from(error.value, sent).fields
    return localized_fields(fields, "zh"), localized_fields(fields, "en")


@pytest.mark.parametrize(
    ("sent", "field", "zh", "en"),
    [
        (
            {"customerName": "王\x00芳"},
            "customerName",
            "第 2 个字符 U+0000 是控制字符，请删除",
            "character 2 (U+0000) is a control character; remove it",
        ),
        (
            {"customerAddress": "海淀区\n1 号"},
            "customerAddress",
            "只能有一行，第 4 个字符是换行",
            "must be one line; character 4 is a line break",
        ),
        (
            {"remarks": "一\n二\u2066"},
            "remarks",
            "第 2 行第 2 个字符 U+2066 会改变文字方向，请删除",
            "character 2 of line 2 (U+2066) changes the direction of text; remove it",
        ),
        (
            {"intendedCourses": ["月嫂", "育\u200b婴"]},
            "intendedCourses.1",
            "第 2 个字符 U+200B 不可见，请删除",
            "character 2 (U+200B) is invisible; remove it",
        ),
        (
            {"templateParams": {"服务备注": "休\u202e"}},
            "templateParams.服务备注",
            "第 2 个字符 U+202E 会改变文字方向，请删除",
            "character 2 (U+202E) changes the direction of text; remove it",
        ),
        (
            {"templateParams": {"多选": ["a", 7]}},
            "templateParams.多选",
            "应为文本或文本列表",
            "must be a text or a list of texts",
        ),
        (
            {"多选": ["a"] * 51},
            "多选",
            "最多 50 项",
            "must have at most 50 items",
        ),
        (
            {"服务备注": "长" * 2001},
            "服务备注",
            "最多 2000 个字符",
            "must have at most 2000 characters",
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_refused_text_is_named_by_its_field_and_character(sent: dict[str, Any], field: str, zh: str, en: str) -> None:
    assert problems_of(sent) == ([{"field": field, "problem": zh}], [{"field": field, "problem": en}])


def test_texts_are_stored_trimmed_with_lines_where_they_belong() -> None:
    body = CreateBody.model_validate(
        {"customerName": " 阿卜杜拉·买买提 ", "remarks": "一\r\n二\n", "服务备注": ["a ", "b"], "工资": 8000}
    )

    assert (body.customer_name, body.remarks) == ("阿卜杜拉·买买提", "一\n二")
    assert body.template_params == {"服务备注": ("a", "b"), "工资": "8000"}


@pytest.mark.parametrize("key", ["服务\u200b", "服\u202e务", "服务\x00", "服务.内容", "长" * 61])
def test_a_field_of_the_template_has_no_hidden_characters_in_its_name(key: str) -> None:
    with pytest.raises(ValidationError):
        CreateBody.model_validate({"templateParams": {key: "x"}})
