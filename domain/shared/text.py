"""Texts shown to people: Chinese first, English second."""

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    zh: str
    en: str

    def in_language(self, language: Language) -> str:
        return self.en if language == "en" else self.zh
