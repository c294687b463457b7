"""Texts shown to people: Chinese first, English second."""

from dataclasses import dataclass
from typing import Literal, Self

Language = Literal["zh", "en"]


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
