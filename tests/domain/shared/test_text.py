"""Texts in two languages, and characters that are not plain."""

import pytest

from domain.shared.text import Text, is_plain


def test_a_text_of_both_languages_is_split_and_one_language_stands_for_both() -> None:
    assert Text.of("必填 / required") == Text("必填", "required")
    assert Text.of("required") == Text("required", "required")


@pytest.mark.parametrize(
    "text",
    ["", "王芳", "Ann-Marie O'Neil", "🙂", "👩\u200d👩\u200d👧", "مريم", "שרה", "e\u0301", "张 三", "王\u3000芳"],
)
def test_names_in_any_script_are_plain(text: str) -> None:
    assert is_plain(text)


@pytest.mark.parametrize("code", [0x00, 0x0A, 0x1B, 0x7F, 0x85, 0xD800, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
def test_control_characters_and_direction_marks_are_not_plain(code: int) -> None:
    assert not is_plain(f"王{chr(code)}芳")
