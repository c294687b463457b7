"""TypeScript declarations of everything on the wire, from the OpenAPI and AsyncAPI documents, for the type check.

`python -m tests.javascript.wire_types > tests/javascript/wire.d.ts` (see `check`): `Rest.ContractDetail` is the
schema of that name in the one document, `Push.ContractStatusPush` in the other.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from http_api.all_routes import ENDPOINTS
from http_api.core.openapi import openapi_document
from realtime.asyncapi import asyncapi_document

Schema = Mapping[str, Any]

_PRIMITIVES = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def declarations(namespace: str, schemas: Mapping[str, Schema]) -> Iterator[str]:
    yield f"declare namespace {namespace} {{"
    for name, schema in sorted(schemas.items()):
        yield f"  export type {_identifier(name)} = {type_of(schema)};"
    yield "}"


def type_of(schema: Schema) -> str:
    """The TypeScript type of the values that fit a JSON schema; `unknown` for what is not described."""
    if reference := schema.get("$ref"):
        return _identifier(str(reference).rsplit("/", 1)[-1])
    if "const" in schema:
        return json.dumps(schema["const"], ensure_ascii=False)
    if "enum" in schema:
        return " | ".join(json.dumps(value, ensure_ascii=False) for value in schema["enum"])
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return " | ".join(dict.fromkeys(type_of(part) for part in schema[union]))
    if "allOf" in schema:
        return " & ".join(type_of(part) for part in schema["allOf"])
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join(type_of({**schema, "type": each}) for each in kind)
    if kind == "array":
        return f"Array<{type_of(schema.get('items', {}))}>"
    if kind == "object":
        return _object(schema)
    return _PRIMITIVES.get(str(kind), "unknown")


def _object(schema: Schema) -> str:
    # A field with a default is present in every answer; pages build requests and do not read them.
    required = {name for name, field in schema.get("properties", {}).items() if "default" in field}
    required |= set(schema.get("required", ()))
    fields = [
        f"{json.dumps(name, ensure_ascii=False)}{'' if name in required else '?'}: {type_of(field)}"
        for name, field in schema.get("properties", {}).items()
    ]
    more = schema.get("additionalProperties")
    if isinstance(more, dict):
        fields.append(f"[key: string]: {type_of(more) if not fields else 'unknown'}")
    return "{ " + "; ".join(fields) + " }" if fields else "Record<string, unknown>"


def _identifier(name: str) -> str:
    return re.sub(r"\W", "_", name)


def main() -> None:
    rest = openapi_document(ENDPOINTS)["components"]["schemas"]
    push = asyncapi_document()["components"]["schemas"]
    lines = ["// Written by wire_types.py; not kept in the repository.", *declarations("Rest", rest)]
    sys.stdout.write("\n".join([*lines, *declarations("Push", push)]) + "\n")


if __name__ == "__main__":
    main()
