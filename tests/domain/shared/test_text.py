"""Texts: two languages in one, and characters that do not belong into what others read."""

import pytest

from domain.shared.text import Text, is_plain


def test_a_text_of_both_languages_is_taken_apart_and_one_language_stands_for_both() -> None:
    assert Text.of("必填 / required") == Text("必填", "required")
    assert Text.of("required") == Text("required", "required")


@pytest.mark.parametrize(
    "text",
    ["", "王芳", "Ann-Marie O'Neil", "🙂", "👩\u200d👩\u200d👧", "مريم", "שרה", "e\u0301", "张 三", "王\u3000芳"],
)
def test_names_of_all_the_world_are_plain(text: str) -> None:
    assert is_plain(text)


@pytest.mark.parametrize("code", [0x00, 0x0A, 0x1B, 0x7F, 0x85, 0xD800, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
def test_what_controls_or_turns_a_text_is_not_plain(code: int) -> None:
    assert not is_plain(f"王{chr(code)}芳")
