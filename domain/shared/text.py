"""Texts shown to people, in Chinese and English."""

from dataclasses import dataclass
from typing import Literal, Self

Language = Literal["zh", "en"]


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
