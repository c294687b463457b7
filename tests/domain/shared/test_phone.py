"""Phone numbers in the forms that people type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from domain.shared.phone import Phone, normalise_phone

numbers = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)


@pytest.mark.parametrize(
    "typed",
    [
        "13800138000",
        " 138 0013 8000 ",
        "+8613800138000",
        "+86 138 0013 8000",
        "8613800138000",
        "１３８００１３８０００",
        "＋８６１３８００１３８０００",
        "138\u30000013\u00a08000",
        "\u202d13800138000\u202c",
    ],
)
def test_every_usual_form_of_a_number_is_normalised(typed: str) -> None:
    assert normalise_phone(typed) == "13800138000"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "1380013800",
        "138001380001",
        "12800138000",
        "23800138000",
        "+85298765432",
        "868613800138000",
        "1380013800a",
        "١٣٨٠٠١٣٨٠٠٠",
        "13800138000;",
        "①③⑧⓪⓪①③⑧⓪⓪⓪",
    ],
)
def test_other_text_than_a_mainland_mobile_number_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="手机号格式不正确"):
        normalise_phone(typed)


@given(numbers)
def test_a_normalised_number_is_unchanged(number: str) -> None:
    assert normalise_phone(normalise_phone("+86 " + number)) == number


def test_a_model_field_holds_the_normalised_number() -> None:
    assert TypeAdapter(Phone).validate_python("+86 138 0013 8000") == "13800138000"


@pytest.mark.parametrize("sent", [{"$ne": None}, 13800138000, None, "1" * 41, "12345"])
def test_a_model_field_refuses_everything_else(sent: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Phone).validate_python(sent)
