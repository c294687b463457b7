"""The characters that a text may contain: one rule for a text of one line, one for a text of several lines.

A text must not hide anything, nor change how the text around it is read. So it has no control characters, no direction
marks, no invisible characters and no towers of combining marks. What emoji and real names need stays: joiners and
variation selectors inside emoji, joiners between letters of scripts that have them, variants of ideographs, the private
characters of older name registers, the middle dot.

What people type is refused with a message that names the character. What a provider or an older database supplies is
cleaned. Either way the text is trimmed and has the Unicode normal form NFC.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

PRINTABLE_ASCII: Final = r"^[ -~]*$"
"""The pattern of what only programs read: codes, tokens and the ids that clients choose."""
MAX_COMBINING_MARKS: Final = 10
"""In a row. No script needs as many; a tower of marks covers the lines around it, and is slow to normalise."""


@dataclass(frozen=True, slots=True)
class PlainText:
    """Metadata for `Annotated[str, …]`: validates, and describes the text in the API documentation."""

    normalised: Callable[[str], str]
    description: str
    max_length: int | None
    required: bool = False
    cleaned: bool = False

    def check(self, text: str) -> str:
        """The text as it is stored. Raises ValueError with a message in both languages."""
        normal = self.normalised(text)
        if self.required and not normal:  # of what Python trims, pydantic leaves some
            raise ValueError("不能为空 / must not be empty")
        # Cleaning makes a text shorter, and normalising makes some longer, so the limit applies afterwards.
        if self.max_length is not None and len(normal) > self.max_length:
            raise ValueError(f"最多 {self.max_length} 个字符 / must have at most {self.max_length} characters")
        return normal

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.str_schema(
            strip_whitespace=True,
            min_length=1 if self.required else None,
            max_length=None if self.cleaned else self.max_length,
        )
        return core_schema.no_info_after_validator_function(self.check, text)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        limit = {} if self.max_length is None else {"maxLength": self.max_length}
        return {**handler(schema), **limit, "description": self.description}


def one_line(max_length: int, *, required: bool = False) -> PlainText:
    """The rule for a text of one line that people type. `required`: with at least one visible character."""
    return PlainText(require_line, _ONE_LINE, max_length, required)


def several_lines(max_length: int, *, required: bool = False) -> PlainText:
    """The rule for a text of several lines that people type. Line breaks become LF; tabs stay."""
    return PlainText(require_lines, _SEVERAL_LINES, max_length, required)


def cleaned_line(max_length: int | None = None) -> PlainText:
    """The rule for a text of one line from a provider or an older database."""
    return PlainText(clean_line, _ONE_LINE_CLEANED, max_length, cleaned=True)


def cleaned_lines(max_length: int | None = None) -> PlainText:
    """The rule for a text of several lines from a provider or an older database."""
    return PlainText(clean_lines, _SEVERAL_LINES_CLEANED, max_length, cleaned=True)


def require_line(text: str) -> str:
    """The text trimmed and normalised. Raises ValueError, in both languages, that names the character."""
    if text.isascii() and text.isprintable():
        return text.strip()
    if _SUSPECT.search(text):
        _refuse_unfit(text.strip(_BLANKS), permitted=frozenset({"permitted"}))
    return _normal(text)


def require_lines(text: str) -> str:
    """As `require_line`, for a text that may have line breaks and tabs."""
    text = _LINE_BREAKS.sub("\n", text)
    if _SUSPECT_IN_LINES.search(text):
        _refuse_unfit(text, permitted=frozenset({"permitted", "line_break", "tab"}))
    return _normal(text)


def clean_line(text: str) -> str:
    """The text without unfit characters, trimmed and normalised; line breaks and tabs become spaces."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return _normal(_JUDGED.sub(_fit, text) if _SUSPECT.search(text) else text)


def clean_lines(text: str) -> str:
    """As `clean_line`, but line breaks (as LF) and tabs stay."""
    text = _LINE_BREAKS.sub("\n", text)
    return _normal(_JUDGED.sub(_fit_in_lines, text) if _SUSPECT_IN_LINES.search(text) else text)


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def _refuse_unfit(text: str, permitted: frozenset[str]) -> None:
    for found in _JUDGED.finditer(text):
        kind = found.lastgroup or ""
        if kind not in permitted:
            zh, en = _PROBLEMS[kind]
            line = text.count("\n", 0, found.start())
            place = found.start() - text.rfind("\n", 0, found.start())
            zh_place, en_place = f"第 {place} 个字符", f"character {place}"
            if line:
                zh_place, en_place = f"第 {line + 1} 行{zh_place}", f"{en_place} of line {line + 1}"
            code = f"U+{ord(found[0][0]):04X}"
            raise ValueError(f"{zh.format(place=zh_place, code=code)} / {en.format(place=en_place, code=code)}")


def _fit(found: re.Match[str]) -> str:
    match found.lastgroup:
        case "permitted":
            return found[0]
        case "line_break" | "tab":
            return " "
        case "marks":
            return found[0][:MAX_COMBINING_MARKS]
    return ""


def _fit_in_lines(found: re.Match[str]) -> str:
    return found[0] if found.lastgroup in ("line_break", "tab") else _fit(found)


_ONE_LINE: Final = "一行文字，不含控制字符和不可见字符 · one line, without control or invisible characters"
_SEVERAL_LINES: Final = "可有换行，不含控制字符和不可见字符 · may have line breaks; no control or invisible characters"
_ONE_LINE_CLEANED: Final = (
    "一行文字，控制字符和不可见字符会被去掉 · one line; control and invisible characters are removed"
)
_SEVERAL_LINES_CLEANED: Final = (
    "可有换行，控制字符和不可见字符会被去掉 · may have line breaks; control and invisible characters are removed"
)
_PROBLEMS: Final = {
    "line_break": ("只能有一行，{place}是换行", "must be one line; {place} is a line break"),
    "tab": ("{place}是制表符，请改用空格", "{place} is a tab; use a space"),
    "control": ("{place} {code} 是控制字符，请删除", "{place} ({code}) is a control character; remove it"),
    "direction": ("{place} {code} 会改变文字方向，请删除", "{place} ({code}) changes the direction of text; remove it"),
    "invisible": ("{place} {code} 不可见，请删除", "{place} ({code}) is invisible; remove it"),
    "marks": ("{place}起附加符号过多", "too many combining marks from {place} on"),
}
"""By the group of `_JUDGED`."""

_BLANKS: Final = " \t\n\r\f\v\u3000\xa0"
"""Trimmed before a text of one line is judged; a control character at its end is refused."""
_LINE_BREAKS: Final = re.compile(r"\r\n|[\v\f\r\x85\u2028\u2029]")
_CONTROL: Final = r"\x00-\x1f\x7f-\x9f\ud800-\udfff\ufff9-\ufffb\U00013430-\U0001343f"
_CONTROL_IN_LINES: Final = r"\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufff9-\ufffb\U00013430-\U0001343f"
_DIRECTION: Final = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_INVISIBLE: Final = (
    r"\xad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2028\u2029\u2060-\u2065\u206a-\u206f\u2800\u3164"
    r"\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\ufffe\uffff"
    r"\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)


def _ranges(characters: str) -> str:
    """Ascending characters as the ranges of a class, which `re` compiles many times faster than each alone."""
    ranges = []
    for _, places in groupby(enumerate(characters), key=lambda place: ord(place[1]) - place[0]):
        run = [character for _, character in places]
        ranges.append(run[0] if len(run) == 1 else f"{run[0]}-{run[-1]}")
    return "".join(ranges)


_MARKS: Final = "".join(chr(code) for code in range(0x300, 0x1F000) if unicodedata.combining(chr(code)))
_MARK: Final = _ranges(_MARKS)
_PERHAPS_A_MARK: Final = _ranges("".join(mark for mark in _MARKS if mark <= "\uffff")) + r"\U000101fd-\U0001e94a"
"""The marks, and all ancient scripts: `re` searches slowly for many separate characters beyond U+FFFF."""
_PICTOGRAPH: Final = (
    r"[\xa9\xae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff"
    r"\u3030\u303d\u3297\u3299\U0001f000-\U0001fbff]"
)
_IDEOGRAPH: Final = r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_JOINING_LETTER: Final = r"[\u0620-\u0dff\u1780-\u17b3\u17b6-\u180a\u1810-\u18af]"
"""Letters of the scripts from Arabic to Sinhala, Khmer and Mongolian."""
_PERMITTED: Final = (
    rf"(?<={_PICTOGRAPH})[\ufe0e\ufe0f](?:\u200d(?={_PICTOGRAPH}))?",
    rf"(?<={_PICTOGRAPH})\u200d(?={_PICTOGRAPH})",
    r"(?<=[0-9#*])\ufe0f(?=\u20e3)",  # keycaps
    r"(?<=\U0001f3f4)[\U000e0030-\U000e007a]{3,6}\U000e007f",  # flags of parts of a country
    rf"(?<={_IDEOGRAPH})[\ufe00-\ufe02\U000e0100-\U000e01ef]",
    rf"(?<={_JOINING_LETTER})[\u200c\u200d](?={_JOINING_LETTER})",
    r"(?<=[\u1820-\u18aa])[\u180b-\u180f]",  # the form of a Mongolian letter
    rf"[{_MARK}]{{1,{MAX_COMBINING_MARKS}}}(?![{_MARK}])",
)
_SUSPECT: Final = re.compile(f"[{_CONTROL}{_DIRECTION}{_INVISIBLE}{_PERHAPS_A_MARK}]")
"""One class of characters, which is searched for quickly; nearly no text has any."""
_SUSPECT_IN_LINES: Final = re.compile(f"[{_CONTROL_IN_LINES}{_DIRECTION}{_INVISIBLE}{_PERHAPS_A_MARK}]")
_JUDGED: Final = re.compile(
    f"(?P<permitted>{'|'.join(_PERMITTED)})|(?P<line_break>{_LINE_BREAKS.pattern}|\n)|(?P<tab>\t)"
    f"|(?P<control>[{_CONTROL}])|(?P<direction>[{_DIRECTION}])|(?P<marks>[{_MARK}]+)|(?P<invisible>[{_INVISIBLE}])"
)
"""Each suspect character, by whether it is permitted where it stands."""
