"""Every text in every request follows a rule: plain text, a pattern, a choice, or a form of its own."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

import pytest
from pydantic import Field, TypeAdapter

from domain.shared.credentials import PresentedPassword, require_no_control_characters
from domain.shared.id_card import IdCard, check_id_card
from domain.shared.model import Model
from domain.shared.phone import Phone, normalise_phone
from domain.shared.plain_text import PRINTABLE_ASCII, PlainText, one_line, several_lines
from http_api.all_routes import ENDPOINTS
from http_api.core.route_constants import Ignored
from http_api.routes.contracts.bodies import TemplateValue, template_value
from realtime.asyncapi import client_events
from realtime.namespaces.registry import NAMESPACES

OWN_FORMS: Final = (normalise_phone, check_id_card, require_no_control_characters, template_value)
"""Validators that accept one form of text and nothing else."""
_IGNORES: Final = Ignored.__metadata__[0].func
_PARTS: Final = (
    *("schema", "items_schema", "keys_schema", "values_schema", "extras_schema", "fields", "choices", "steps"),
    *("arguments_schema", "lax_schema", "strict_schema", "json_schema", "python_schema"),
)
"""The keys of a core schema under which it has other schemas."""

REQUESTS: Final = {
    **{f"{each.name} body": TypeAdapter(each.body) for each in ENDPOINTS if each.body},
    **{f"{each.name} query": TypeAdapter(each.query) for each in ENDPOINTS if each.query},
    **{f"{each.name} {name}": adapter for each in ENDPOINTS for name, adapter in each.path_parameters.items()},
    **{
        f"{namespace.name} {event}": TypeAdapter(handler.payload)
        for namespace in NAMESPACES
        for event, handler in client_events(namespace).items()
    },
}


def unruled_texts(adapter: TypeAdapter[Any]) -> list[str]:
    """The places where any text is accepted; with that, where any value is."""
    return sorted(set(_unruled(adapter.core_schema, "", {}, frozenset())))


def _unruled(
    schema: Mapping[str, Any], place: str, definitions: dict[str, Mapping[str, Any]], seen: frozenset[str]
) -> Iterator[str]:
    definitions |= {each["ref"]: each for each in schema.get("definitions", ())}
    function = schema.get("function", {}).get("function") if isinstance(schema.get("function"), dict) else None
    if function is _IGNORES or function in OWN_FORMS or isinstance(getattr(function, "__self__", None), PlainText):
        return
    if schema["type"] == "definition-ref":
        if schema["schema_ref"] not in seen:
            found = definitions[schema["schema_ref"]]
            yield from _unruled(found, place, definitions, seen | {schema["schema_ref"]})
        return
    if schema["type"] in ("any", "function-plain"):
        yield f"{place}: {schema['type']}"
    if schema["type"] == "str" and not schema.get("pattern") and schema.get("max_length") != 0:
        yield f"{place}: str"
    for part in _PARTS:
        for name, inner in _schemas_in(schema.get(part)):
            yield from _unruled(inner, f"{place}.{name}" if name else place, definitions, seen)


def _schemas_in(part: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(part, dict) and isinstance(part.get("type"), str):
        yield "", part
    elif isinstance(part, dict):
        yield from ((str(name), each) for name, each in part.items())
    elif isinstance(part, list | tuple):
        yield from (("", each[0] if isinstance(each, tuple) else each) for each in part)


@pytest.mark.parametrize("adapter", REQUESTS.values(), ids=REQUESTS.keys())
def test_every_text_of_a_request_follows_a_rule(adapter: TypeAdapter[Any]) -> None:
    assert unruled_texts(adapter) == []


class Ruled(Model):
    line: Annotated[str, one_line(5)]
    lines: Annotated[str, several_lines(5)] | None = None
    token: Annotated[str, Field(pattern=PRINTABLE_ASCII)] = ""
    phone: Phone | None = None
    card: IdCard = ""
    password: PresentedPassword
    choice: dict[Annotated[str, one_line(5)], TemplateValue]
    unused: Ignored = None
    next: "Ruled | None" = None


class Loose(Model):
    bare: str
    limited: Annotated[str, Field(max_length=5)] = ""
    optional: str | None = None
    listed: list[str] = Field(default_factory=list)
    united: int | str = 0
    keyed: dict[str, int] = Field(default_factory=dict)
    paired: tuple[Annotated[str, one_line(5)], str] = ("", "")
    anything: Any = None
    next: "Loose | None" = None


class Holder(Model):
    held: tuple[Loose, ...] = ()


def test_the_walk_finds_bare_texts_wherever_they_are() -> None:
    assert unruled_texts(TypeAdapter(Ruled)) == []
    assert {each.split(":")[0] for each in unruled_texts(TypeAdapter(Loose))} == {
        f".{name}" for name in Loose.model_fields if name != "next"
    }
    assert ".held.bare: str" in unruled_texts(TypeAdapter(Holder))


def test_the_walk_sees_requests_of_both_edges() -> None:
    assert {"POST /api/contracts body", "GET /api/contracts query", "/interview chatSend"} <= REQUESTS.keys()
    assert "GET /api/contracts/number/{number} number" in REQUESTS
