"""Rendering of templates: `{{name}}` is replaced by the value of that name, once; other text stays as it is."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

from domain.shared.model import Model
from domain.shared.plain_text import clean_line
from domain.shared.text import Language, Text

_VARIABLE: Final = re.compile(r"\{\{\s*([A-Za-z][A-Za-z0-9_]*)\s*\}\}")
_BRACES: Final = re.compile(r"\{\{(.*?)\}\}|(\{\{.*)", re.DOTALL)
_MARKUP: Final = re.compile(r"<\s*[/!?A-Za-z]|javascript\s*:", re.IGNORECASE)


def variables_of(template: str) -> frozenset[str]:
    """All that stands in double braces, closed or not: also what can be the name of no variable."""
    return frozenset(name.strip() or unclosed for name, unclosed in _BRACES.findall(template))


def has_markup(template: str) -> bool:
    return _MARKUP.search(template) is not None


def render(template: str, values: Mapping[str, Any], language: Language = "zh") -> str:
    """A value is never read as a template. A variable without a value stays visible."""
    return _filled(template, values, lambda value: _shown(value, language))


def render_address(template: str, values: Mapping[str, Any]) -> str:
    """An address of a page. A value stays within the part of the address in which it stands."""
    return _filled(template, values, lambda value: quote(_shown(value, "zh"), safe=""))


def _filled(template: str, values: Mapping[str, Any], shape: Callable[[Any], str]) -> str:
    def replaced(match: re.Match[str]) -> str:
        value = values.get(match[1])
        return match[0] if value is None else shape(value)

    return _VARIABLE.sub(replaced, template)


def _shown(value: Any, language: Language) -> str:
    return clean_line(str(value.get(language, "") if isinstance(value, dict) else value))


def values_of(values: Model) -> dict[str, Any]:
    """The values by their names in templates, as they are stored. A `Text` becomes `{zh, en}`."""
    found = {field.alias or name: getattr(values, name) for name, field in type(values).model_fields.items()}
    return {name: _stored(value) for name, value in found.items() if value is not None}


def sample_values(values: type[Model]) -> dict[str, Any]:
    """The examples that the fields declare; the name of a variable without one."""
    names = {name: field.alias or name for name, field in values.model_fields.items()}
    examples = {name: (values.model_fields[name].examples or [alias])[0] for name, alias in names.items()}
    return {names[name]: _stored(value) for name, value in examples.items()}


def _stored(value: Any) -> Any:
    return {"zh": value.zh, "en": value.en} if isinstance(value, Text) else value
