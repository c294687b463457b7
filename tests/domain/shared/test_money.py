"""Amounts are exact to the fen, on the wire and in words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from domain.shared.money import MAX_FEN, YuanInput, YuanOutput, amount_in_words, fen_of_yuan, yuan_of_fen, yuan_text

_DIGITS = {character: value for value, character in enumerate("零壹贰叁肆伍陆柒捌玖")}
_PLACES = {"拾": 10, "佰": 100, "仟": 1000}


def read_aloud(words: str) -> int:
    """Parses an amount in words. Written independently of the code under test."""
    whole, _, rest = words.partition("元") if "元" in words else ("", "", words)
    fen = 0
    for digit, unit in re.findall("([壹贰叁肆伍陆柒捌玖])([角分])", rest):
        fen += _DIGITS[digit] * (10 if unit == "角" else 1)
    return _number(whole) * 100 + fen


def _number(words: str) -> int:
    if "亿" in words:
        above, _, below = words.rpartition("亿")
        return _number(above) * 10**8 + _number(below)
    if "万" in words:
        above, _, below = words.rpartition("万")
        return _number(above) * 10**4 + _number(below)
    total = digit = 0
    for character in words:
        if character in _PLACES:
            total, digit = total + digit * _PLACES[character], 0
        else:
            digit = _DIGITS[character]
    return total + digit


@given(st.integers(0, MAX_FEN))
def test_the_words_are_exactly_the_amount(fen: int) -> None:
    assert read_aloud(amount_in_words(fen)) == fen


@given(st.integers(0, 14), st.integers(1, 9), st.integers(0, 14), st.integers(0, 9))
def test_amounts_that_are_mostly_zeros_are_exact_too(place: int, digit: int, other: int, more: int) -> None:
    fen = min(digit * 10**place + more * 10**other, MAX_FEN)

    assert read_aloud(amount_in_words(fen)) == fen


@given(st.integers(0, MAX_FEN))
def test_words_are_well_formed(fen: int) -> None:
    words = amount_in_words(fen)

    assert "零零" not in words
    assert not re.search("零[拾佰仟万亿角分]", words)
    assert words.endswith("整") is (fen % 10 == 0)
    assert words.count("亿") <= 1
    assert words.count("元") <= 1


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (10, "壹角整"),
        (105, "壹元零伍分"),
        (123_456, "壹仟贰佰叁拾肆元伍角陆分"),
        (100_100, "壹仟零壹元整"),
        (10_000_000, "壹拾万元整"),
        (100_000_000, "壹佰万元整"),
        (100_050_000, "壹佰万零伍佰元整"),
        (10_500_000, "壹拾万伍仟元整"),
        (999_999, "玖仟玖佰玖拾玖元玖角玖分"),
        (10_000_050_000, "壹亿零伍佰元整"),
        (10_050_000_000, "壹亿零伍拾万元整"),
        (MAX_FEN, "壹万亿元整"),
    ],
)
def test_amounts_in_words_as_in_contracts(fen: int, words: str) -> None:
    assert amount_in_words(fen) == words


@pytest.mark.parametrize("fen", [-1, MAX_FEN + 1])
def test_an_amount_out_of_range_has_no_words(fen: int) -> None:
    with pytest.raises(ValueError, match="out of range"):
        amount_in_words(fen)


@given(st.integers(0, MAX_FEN))
def test_yuan_on_the_wire_are_the_same_amount(fen: int) -> None:
    assert fen_of_yuan(yuan_of_fen(fen)) == fen
    assert fen_of_yuan(yuan_text(fen)) == fen


@pytest.mark.parametrize("sent", ["8,800.50", " 8800.5 ", 8800.5])
def test_yuan_are_parsed_as_people_and_programs_write_them(sent: object) -> None:
    assert fen_of_yuan(sent) == 880_050


@pytest.mark.parametrize("sent", [-1, 0.001, "1e30", "NaN", "Infinity", True, None, {}, "九千", "1" * 40, 10**13])
def test_an_invalid_amount_is_refused(sent: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(YuanInput).validate_python(sent)


def test_amounts_are_shown_in_yuan() -> None:
    assert TypeAdapter(YuanOutput).dump_json(880_050) == b"8800.5"
    assert TypeAdapter(YuanOutput).dump_json(880_000) == b"8800"
