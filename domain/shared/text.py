"""Texts shown to people: Chinese first, English second."""

import unicodedata
from dataclasses import dataclass
from typing import Literal, Self

Language = Literal["zh", "en"]

_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def is_plain(text: str) -> bool:
    """Without control characters, halves of surrogates, and marks that turn around what others see beside it."""
    return not any(unicodedata.category(each) in ("Cc", "Cs") or each in _TURNING for each in text)


def require_plain(text: str) -> str:
    """The same text. Raises ValueError in both languages, as models want it, for one that is not plain."""
    if not is_plain(text):
        raise ValueError("包含非法字符 / contains control characters")
    return text


@dataclass(frozen=True, slots=True)
class Text:
    zh: str
    en: str

    @classmethod
    def of(cls, both: str) -> Self:
        """Of "中文 / English", as the rules of models say what is wrong; one language alone stands for both."""
        zh, _, en = both.partition(" / ")
        return cls(zh, en or zh)

    def in_language(self, language: Language) -> str:
        return self.en if language == "en" else self.zh
