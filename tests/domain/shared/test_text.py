"""Texts in two languages."""

from domain.shared.text import Text


def test_a_text_of_both_languages_is_split_and_one_language_stands_for_both() -> None:
    assert Text.of("必填 / required") == Text("必填", "required")
    assert Text.of("required") == Text("required", "required")
