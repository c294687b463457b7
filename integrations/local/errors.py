"""The base of errors that keep the product from starting."""


class CannotStart(Exception):
    """Its text is complete, in Chinese and in English, and meant for the terminal."""

    def __init__(self, text_zh: str, text_en: str) -> None:
        super().__init__(f"{text_zh}\n{text_en}")
