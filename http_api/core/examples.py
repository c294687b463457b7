"""Generates example values from JSON schemas, for the API documentation."""

from collections.abc import Mapping
from typing import Any

AN_ID = "65f0c1d2e3a4b5c6d7e8f901"
A_TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI2NWYwIn0.c2lnbmF0dXJl"  # noqa: S105  # not a valid token
BY_NAME: Mapping[str, str] = {
    "_id": AN_ID,
    "id": AN_ID,
    "phone": "138****8000",
    "nickname": "小王",
    "name": "李静",
    "username": "wang_xiaoming",
    "openid": "oAbC****1234",
    "unionid": "uXyZ****5678",
    "appid": "wx0123456789abcdef",
    "role": "customer",
    "province": "广东",
    "city": "深圳",
    "country": "中国",
    "language": "zh_CN",
    "ip": "113.110.226.1",
    "lastLoginIp": "113.110.226.1",
    "userAgent": "Mozilla/5.0 (iPhone) MicroMessenger/8.0",
    "method": "openid",
    "accessToken": A_TOKEN,
    "access_token": A_TOKEN,
    "token": A_TOKEN,
    "refreshToken": f"{AN_ID}.{AN_ID}.secret",
    "refresh_token": f"{AN_ID}.{AN_ID}.secret",
    "tokenType": "Bearer",
    "requestId": "3f9a1c0b7d2e4f68",
}
NUMBERS: Mapping[str, int] = {"expiresIn": 1800, "expires_in": 1800, "pageSize": 20}
BY_FORMAT: Mapping[str, str] = {
    "date-time": "2026-11-25T02:00:00.000Z",
    "date": "2026-11-25",
    "uri": "https://example.com/",
    "binary": "",
}
_MAX_DEPTH = 8


def example_of(schema: Mapping[str, Any], definitions: Mapping[str, Any], name: str = "", depth: int = 0) -> Any:
    """A value that the schema allows. `definitions` resolves references; `name` is the name of the field, if any."""
    if "$ref" in schema:
        return example_of(definitions[schema["$ref"].rsplit("/", 1)[-1]], definitions, name, depth)
    for key in ("const", "default"):
        if schema.get(key) is not None:
            return schema[key]
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            choices = [choice for choice in schema[key] if choice.get("type") != "null"] or schema[key]
            return example_of(choices[0], definitions, name, depth)
    match schema.get("type"):
        case "object":
            fields = schema.get("properties", {}) if depth < _MAX_DEPTH else {}
            return {field: example_of(inner, definitions, field, depth + 1) for field, inner in fields.items()}
        case "array":
            inner = schema.get("items")
            return [example_of(inner, definitions, name, depth + 1)] if inner and depth < _MAX_DEPTH else []
        case "string":
            return _text(schema, name)
        case "integer":
            return NUMBERS.get(name, max(1, schema.get("minimum", 1)))
        case "number":
            return 0.5
        case "boolean":
            return True
        case _:
            return None


def _text(schema: Mapping[str, Any], name: str) -> str:
    if schema.get("format") in BY_FORMAT:
        return BY_FORMAT[schema["format"]]
    if name in BY_NAME:
        return BY_NAME[name]
    if name.endswith("At") or name == "at":
        return BY_FORMAT["date-time"]
    return AN_ID if name.endswith("Id") else "…"
