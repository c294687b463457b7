"""Filling in a template: values from the terms, options by whole labels, and all mismatches at once."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.contracts.drafting.template_filling import TemplateValues, fill_template, values_from_terms
from domain.contracts.drafting.templates import FieldKind, Template, TemplateField
from domain.contracts.errors import TemplateMismatch
from domain.contracts.terms import ContractTerms, validated_terms
from tests.domain.contracts.builders import terms, training_terms

K = FieldKind
CARE = ("照顾老人", "辅助照顾老人", "照顾婴儿", "辅助照顾婴儿")


def template(*controls: TemplateField) -> Template:
    return Template(template_no="TN", fields=controls)


def fill(control: TemplateField, value: Any, **more: Any) -> TemplateValues:
    return fill_template(template(control), some_terms(template_params={control.key: value}, **more))


def some_terms(**fields: Any) -> ContractTerms:
    return validated_terms(terms(**fields))


def choices(kind: FieldKind = K.CHOICES, *, required: bool = False) -> TemplateField:
    return TemplateField(key="服务内容", kind=kind, options=CARE, required=required)


@pytest.mark.parametrize(
    ("value", "places"),
    [
        ("照顾老人", (0,)),
        ("辅助照顾老人", (1,)),
        ("照顾老人；照顾婴儿", (0, 2)),
        (("照顾婴儿", "照顾老人", "照顾老人"), (0, 2)),
        ("1；3", (1, 3)),
        (" 照 顾 老人 ", (0,)),
    ],
)
def test_an_option_is_ticked_by_its_whole_label_or_its_index(value: Any, places: tuple[int, ...]) -> None:
    assert fill(choices(), value).choices == {"服务内容": places}


@pytest.mark.parametrize("value", ["老人", "照顾", "照顾老人等", "4", "-1", "照顾老人,照顾婴儿", ("照顾老人", "做饭")])
def test_a_partial_label_is_refused(value: Any) -> None:
    with pytest.raises(TemplateMismatch) as refused:
        fill(choices(), value)

    assert refused.value.details == {"missing": [], "invalid": ["服务内容"], "unknown": []}


@settings(deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=6), min_size=1, max_size=8), st.data())
def test_only_the_option_with_the_given_label_is_ticked(labels: list[str], data: Any) -> None:
    chosen = data.draw(st.integers(0, len(labels) - 1))
    control = TemplateField(key="选项", kind=K.CHOICES, options=tuple(labels))

    try:
        ticked = fill(control, (labels[chosen],)).choices.get("选项", ())
    except TemplateMismatch:
        ticked = ()

    same = {"".join(label.split()).replace("圆", "元") for label in (labels[index] for index in ticked)}
    assert same <= {"".join(labels[chosen].split()).replace("圆", "元")} or labels[chosen].strip().isdecimal()


@pytest.mark.parametrize("kind", [K.CHOICE, K.DROPDOWN])
def test_a_single_choice_refuses_two_options(kind: FieldKind) -> None:
    assert fill(choices(kind), "照顾婴儿").choices == {"服务内容": (2,)}
    with pytest.raises(TemplateMismatch):
        fill(choices(kind), "照顾老人；照顾婴儿")


def test_both_spellings_of_yuan_match() -> None:
    control = TemplateField(key="押金", kind=K.DROPDOWN, options=("壹佰圆", "贰佰元"))

    assert fill(control, "壹佰元").choices == {"押金": (0,)}
    assert fill(control, "贰佰圆").choices == {"押金": (1,)}


@pytest.mark.parametrize(
    ("value", "ticked"), [("是", True), ("Yes", True), ("√", True), ("否", False), ("off", False), ("0", False)]
)
def test_a_check_box_is_ticked_or_not_and_never_sent_as_text(value: str, ticked: bool) -> None:
    filling = fill(TemplateField(key="同意保险条款", kind=K.CHECK), value)

    assert filling.checks == {"同意保险条款": ticked}
    assert filling.texts == {}


@pytest.mark.parametrize("value", ["也许", "是；否", "on off"])
def test_an_unclear_check_box_value_is_refused(value: str) -> None:
    with pytest.raises(TemplateMismatch):
        fill(TemplateField(key="同意", kind=K.CHECK), value)


def test_only_a_paragraph_keeps_line_breaks() -> None:
    text = " 带 宠物\n\n每周  两次 "

    paragraph = fill(TemplateField(key="备注", kind=K.PARAGRAPH), text).texts["备注"]
    line = fill(TemplateField(key="备注", kind=K.TEXT), text).texts["备注"]

    assert paragraph == "带 宠物\n\n每周  两次"
    assert line == "带 宠物 每周 两次"
    assert fill(TemplateField(key="备注", kind=K.PARAGRAPH), ("一", "二")).texts["备注"] == "一\n二"
    assert fill(TemplateField(key="备注", kind=K.TEXT), ("一", "二")).texts["备注"] == "一；二"


def test_all_mismatches_are_reported_together() -> None:
    controls = (
        TemplateField(key="必填", kind=K.TEXT, required=True),
        TemplateField(key="空格", kind=K.PARAGRAPH, required=True),
        choices(required=True),
    )
    params = {"空格": " \n", "服务内容": "老人", "没有的": "x", "也没有": ("y",)}

    with pytest.raises(TemplateMismatch) as refused:
        fill_template(template(*controls), some_terms(template_params=params))

    assert refused.value.details == {
        "missing": ["必填", "空格"],
        "invalid": ["服务内容"],
        "unknown": ["也没有", "没有的"],
    }


def test_signer_fields_are_not_filled_and_equal_keys_are_one_field() -> None:
    controls = (
        TemplateField(key="甲方", kind=K.SIGNATURE, required=True),
        TemplateField(key="照片", kind=K.OTHER, required=True),
        TemplateField(key="收件人", kind=K.TEXT, required=True, by_sender=False),
        TemplateField(key="备注", kind=K.TEXT),
        TemplateField(key="备注", kind=K.TEXT, page=2),
    )

    filling = fill_template(template(*controls), some_terms(template_params={"备注": "一次"}))

    assert filling.texts == {"备注": "一次"}
    assert list(filling.fields) == ["备注"]


def test_terms_override_template_params() -> None:
    controls = [
        TemplateField(key=key, kind=K.TEXT) for key in ("客户姓名", "阿姨工资", "阿姨工资大写", "服务费大写", "定金")
    ]
    typed = {"客户姓名": "李四", "阿姨工资": "1", "阿姨工资大写": "壹元整", "服务费大写": "壹元整", "定金": "500"}

    texts = fill_template(template(*controls), some_terms(template_params=typed, worker_salary_fen=10_000_000)).texts

    assert texts == {
        "客户姓名": "王芳",
        "阿姨工资": "100000",
        "阿姨工资大写": "壹拾万元整",
        "服务费大写": "叁仟元整",
        "定金": "500",  # the terms have no deposit
    }


def test_dates_fill_whole_and_split_fields() -> None:
    found = values_from_terms(some_terms(start_date=date(2026, 5, 1), end_date=date(2026, 10, 31)))

    assert (found["合同开始时间"], found["合同结束时间"]) == ("2026年5月1日", "2026年10月31日")
    assert [found[key] for key in ("开始年", "开始月", "开始日", "结束年", "结束月", "结束日")] == [
        *("2026", "5", "1", "2026", "10", "31")
    ]


def test_student_fields_are_filled_for_training_only() -> None:
    training, home = values_from_terms(validated_terms(training_terms())), values_from_terms(some_terms())

    assert (training["学员姓名"], training["培训费大写"]) == ("孙丽", "陆仟捌佰元整")
    assert "学员姓名" not in home
    assert "阿姨姓名" not in training


@pytest.mark.parametrize("key", ["", "$where", "服务.内容", "服务\x00", "长" * 61])
def test_a_key_that_mongodb_does_not_accept_is_refused(key: str) -> None:
    with pytest.raises(ValidationError):
        validated_terms(terms(template_params={key: "x"}))
