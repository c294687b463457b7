"""Rendering of templates: `{{name}}` is replaced by the value of that name, once; other text stays as it is."""

import re
from collections.abc import Mapping
from typing import Any, Final

from domain.shared.model import Model
from domain.shared.plain_text import clean_line
from domain.shared.text import Language, Text

_VARIABLE: Final = re.compile(r"\{\{\s*([A-Za-z][A-Za-z0-9_]*)\s*\}\}")
_MARKUP: Final = re.compile(r"<\s*[/!?A-Za-z]|javascript\s*:", re.IGNORECASE)


def variables_of(template: str) -> frozenset[str]:
    return frozenset(_VARIABLE.findall(template))


def has_markup(template: str) -> bool:
    return _MARKUP.search(template) is not None


def render(template: str, values: Mapping[str, Any], language: Language = "zh") -> str:
    """A value is never read as a template. A variable without a value stays visible."""

    def replaced(match: re.Match[str]) -> str:
        value = values.get(match[1])
        return match[0] if value is None else shown(value, language)

    return _VARIABLE.sub(replaced, template)


def shown(value: Any, language: Language) -> str:
    text = value.in_language(language) if isinstance(value, Text) else str(value)
    return clean_line(text)


def values_of(values: Model) -> dict[str, Any]:
    """The values by their names in templates; those that are absent are missing."""
    found = {field.alias or name: getattr(values, name) for name, field in type(values).model_fields.items()}
    return {name: value for name, value in found.items() if value is not None}
