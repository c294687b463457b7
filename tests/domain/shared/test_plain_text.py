"""Texts of one line and of several: what is refused, what is cleaned, and what names and emoji keep."""

import unicodedata
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter, ValidationError

from domain.shared.plain_text import (
    MAX_COMBINING_MARKS,
    PRINTABLE_ASCII,
    clean_line,
    clean_lines,
    cleaned_line,
    one_line,
    require_line,
    require_lines,
    several_lines,
)
from domain.shared.text import Text

NAMES = [
    *("王芳", "阿卜杜拉·买买提", "Ann-Marie O'Neil", "Nguyễn Thị Ánh", "مريم", "שרה", "ཚེ་རིང་", "ᠪᠠᠶᠠᠷ", "ณัฐพงษ์"),
    *(
        "张 三",
        "王\u3000芳",
        "𠮷田",
        "㐱䶮",
        "葛\U000e0100城",
        "\ue5e5",
        "می\u200cخواهم",
        "ශ්\u200dරී",
        "क्\u200dष",
        "ᠠ\u180bᠨᠠ",
    ),
]
EMOJI = [
    *("🙂", "❤️", "👩\u200d👩\u200d👧", "🏳️\u200d🌈", "👩🏽\u200d🚀", "❤️\u200d🔥", "🙂\u200d↔️", "1️⃣", "©️"),
    *("🇨🇳", "⛓️\u200d💥"),
]
WALES = "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"

HIDDEN = [
    *(0x00, 0x07, 0x1B, 0x7F, 0x80, 0x9B, 0xAD, 0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x180E, *range(0x200B, 0x2010)),
    *(*range(0x202A, 0x202F), *range(0x2060, 0x2070), 0x2800, 0x3164, 0xFE0E, 0xFE0F, 0xFEFF, 0xFFA0, 0xFFF9, 0xFFFF),
    *(0xD800, 0xDFFF, 0xFDD0, 0x1BCA0, 0x1D173, 0xE0001, 0xE0041, 0xE007F, 0xE0100 + 0xEF + 1),
]
LINE_BREAKS = ["\n", "\r", "\r\n", "\v", "\f", "\x85", "\u2028", "\u2029"]


@pytest.mark.parametrize("text", [*NAMES, *EMOJI, WALES, f"王芳{WALES}", "".join(EMOJI)])
def test_real_names_and_emoji_are_accepted_unchanged(text: str) -> None:
    normal = unicodedata.normalize("NFC", text)

    assert require_line(text) == require_lines(text) == clean_line(text) == clean_lines(text) == normal


@pytest.mark.parametrize("code", HIDDEN, ids=lambda code: f"U+{code:04X}")
def test_a_hidden_character_is_refused_by_its_code_and_cleaned_away(code: int) -> None:
    text = f"王{chr(code)}芳"

    for require in (require_line, require_lines):
        with pytest.raises(ValueError, match=f"U\\+{code:04X}") as refused:
            require(text)
        assert Text.of(str(refused.value)).zh.startswith("第 2 个字符")
    assert clean_line(text) == clean_lines(text) == "王芳"


@pytest.mark.parametrize("line_break", LINE_BREAKS)
def test_a_line_break_is_refused_in_one_line_and_becomes_lf_in_several(line_break: str) -> None:
    text = f"甲{line_break}乙"

    with pytest.raises(ValueError, match="只能有一行，第 2 个字符是换行 / must be one line; character 2"):
        require_line(text)
    assert clean_line(text) == "甲 乙"
    assert require_lines(text) == clean_lines(text) == "甲\n乙"


def test_a_tab_is_refused_in_one_line_only() -> None:
    with pytest.raises(ValueError, match="制表符"):
        require_line("a\tb")
    assert require_lines("a\tb") == clean_lines("a\tb") == "a\tb"
    assert clean_line("a\tb") == "a b"


def test_a_text_is_trimmed_and_composed() -> None:
    assert require_line(" \u3000Jose\u0301\u00a0 ") == clean_line("\tJose\u0301\n") == "José"
    assert require_lines("\n\n 一\n\n二 \r\n") == clean_lines("\n\n 一\n\n二 \r\n") == "一\n\n二"


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        (
            "王\u202e芳",
            "第 2 个字符 U+202E 会改变文字方向，请删除",
            "character 2 (U+202E) changes the direction of text; remove it",
        ),
        ("王芳\x00", "第 3 个字符 U+0000 是控制字符，请删除", "character 3 (U+0000) is a control character; remove it"),
        ("\u200b王芳", "第 1 个字符 U+200B 不可见，请删除", "character 1 (U+200B) is invisible; remove it"),
        (
            "好\n好\u200b",
            "第 2 行第 2 个字符 U+200B 不可见，请删除",
            "character 2 of line 2 (U+200B) is invisible; remove it",
        ),
        ("z" + "\u0301" * 11, "第 2 个字符起附加符号过多", "too many combining marks from character 2 on"),
    ],
)
def test_the_message_says_which_character_and_where(text: str, zh: str, en: str) -> None:
    with pytest.raises(ValueError, match="/") as refused:
        require_lines(text)

    assert Text.of(str(refused.value)) == Text(zh, en)


@pytest.mark.parametrize("text", ["王️芳", "a\u200db", "👩\u200d", "\u200d👧", "a\U000e0067\U000e007f", "王\u180b"])
def test_what_emoji_and_names_need_is_hidden_anywhere_else(text: str) -> None:
    with pytest.raises(ValueError, match="不可见"):
        require_line(text)


def test_a_tower_of_marks_is_cut_down() -> None:
    tower = "e" + "\u0316\u0301" * 10_000

    with pytest.raises(ValueError, match="附加符号过多"):
        require_line(tower)
    assert len(unicodedata.normalize("NFD", clean_line(tower))) == 1 + MAX_COMBINING_MARKS


@given(st.text())
def test_a_cleaned_text_is_never_refused_and_does_not_change_again(text: str) -> None:
    line, lines = clean_line(text), clean_lines(text)

    assert require_line(line) == clean_line(line) == line
    assert require_lines(lines) == clean_lines(lines) == lines


@given(
    st.text(
        st.sampled_from(
            [*"a王é\n\t 1#🏴👩", "\u0301", "\u200d", "\ufe0f", "\u180b", "\u200c", "\U000e0067", "\U000e007f"]
        )
    )
)
def test_cleaning_holds_for_texts_full_of_joiners(text: str) -> None:
    assert require_line(clean_line(text)) == clean_line(text)
    assert require_lines(clean_lines(text)) == clean_lines(text)


def problem_of(rule: object, sent: Any) -> str:
    adapter: TypeAdapter[str] = TypeAdapter(Annotated[str, rule])
    with pytest.raises(ValidationError) as refused:
        adapter.validate_python(sent)
    [error] = refused.value.errors()
    assert error["loc"] == ()
    return error["type"]


def test_lengths_count_after_trimming_and_normalising() -> None:
    five: TypeAdapter[str] = TypeAdapter(Annotated[str, one_line(5)])

    assert five.validate_python("  abcde ") == "abcde"
    assert problem_of(one_line(5), "abcdef") == "string_too_long"
    assert problem_of(one_line(5), "\u0958" * 5) == "value_error"  # its normal form has two characters each
    assert problem_of(several_lines(5), 17) == "string_type"


@pytest.mark.parametrize("text", ["", " ", "\u3000", "\n \t"])
def test_a_required_text_has_a_visible_character(text: str) -> None:
    assert problem_of(one_line(5, required=True), text) == "string_too_short"
    assert problem_of(several_lines(5, required=True), text) == "string_too_short"


@pytest.mark.parametrize("text", ["\x1c", "\x1f", " \x1d", "\U0001d159", "\U00013430"])
def test_a_required_text_of_control_characters_is_refused(text: str) -> None:
    assert problem_of(one_line(5, required=True), text) == "value_error"
    assert problem_of(several_lines(5, required=True), text) == "value_error"


def test_a_control_character_at_the_end_is_refused() -> None:
    assert problem_of(one_line(5), "王\x1f") == "value_error"


def test_a_cleaned_text_is_measured_when_it_is_clean() -> None:
    five: TypeAdapter[str] = TypeAdapter(Annotated[str, cleaned_line(5)])

    assert five.validate_python("王\u200b" * 5) == "王" * 5
    assert problem_of(cleaned_line(5), "王" * 6) == "value_error"
    assert TypeAdapter(Annotated[str, cleaned_line()]).validate_python("王" * 500) == "王" * 500


def test_the_documentation_shows_length_and_rule() -> None:
    line = TypeAdapter(Annotated[str, one_line(50, required=True)]).json_schema()
    lines = TypeAdapter(Annotated[str, several_lines(2000)]).json_schema()
    cleaned = TypeAdapter(Annotated[str, cleaned_line()]).json_schema()

    assert (line["type"], line["minLength"], line["maxLength"]) == ("string", 1, 50)
    assert (
        line["description"] == "一行文字，不含控制字符和不可见字符 · one line, without control or invisible characters"
    )
    assert lines["maxLength"] == 2000
    assert "换行" in lines["description"]
    assert "are removed" in cleaned["description"]
    assert "maxLength" not in cleaned


@pytest.mark.parametrize(
    ("text", "fits"), [("a-Z_0.~", True), ("", True), ("a b", True), ("a\n", False), ("密", False)]
)
def test_codes_and_ids_are_printable_ascii(text: str, fits: bool) -> None:
    adapter: TypeAdapter[str] = TypeAdapter(Annotated[str, Field(pattern=PRINTABLE_ASCII)])

    try:
        assert adapter.validate_python(text) == text
        assert fits
    except ValidationError:
        assert not fits
