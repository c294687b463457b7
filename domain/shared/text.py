"""Texts shown to people, in Chinese and English, and the check for plain characters."""

import unicodedata
from dataclasses import dataclass
from typing import Literal, Self

Language = Literal["zh", "en"]

_DIRECTION_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def is_plain(text: str) -> bool:
    """True if the text has no control characters, lone surrogates, or marks that reverse the direction of writing."""
    return not any(unicodedata.category(each) in ("Cc", "Cs") or each in _DIRECTION_MARKS for each in text)


def require_plain(text: str) -> str:
    """Returns `text`. Raises ValueError, in both languages for validation messages, when it is not plain."""
    if not is_plain(text):
        raise ValueError("包含非法字符 / contains control characters")
    return text


@dataclass(frozen=True, slots=True)
class Text:
    zh: str
    en: str

    @classmethod
    def of(cls, both: str) -> Self:
        """Splits "中文 / English", the form of validation messages; a single language stands for both."""
        zh, _, en = both.partition(" / ")
        return cls(zh, en or zh)

    def in_language(self, language: Language) -> str:
        return self.en if language == "en" else self.zh
