"""Generates the OpenAPI 3.1 document from the declarations of the routes."""

import re
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from domain.shared.errors import (
    DomainError,
    InvalidRequest,
    NotAuthenticated,
    PermissionDenied,
    RateLimited,
    Unavailable,
)
from domain.shared.text import Text
from http_api.core.access import Machine, MiniProgramUser, Public, SignedIn, Staff
from http_api.core.authentication import MACHINE_HEADER
from http_api.core.body_errors import BodyTooLarge, BodyTooSlow, TooManyBodies
from http_api.core.endpoint import BadContentEncoding, BadMediaType, Endpoint
from http_api.core.envelope import status_for
from http_api.core.examples import BY_NAME, example_of
from http_api.core.long_requests import ACCEPTED, LONG_ERRORS, PREFERENCE, TaskAccepted
from http_api.core.upload import Upload

VERSION = "1.0.0"
_DESCRIPTION = """\
成功与失败使用同一信封；`code` 稳定，`message` 默认中文，`Accept-Language: en` 为英文。

**试一试**：先试“员工登录”，页面会记住令牌，之后的请求自动带上；也可以在“Authentication”中填写自己的令牌。

One envelope for success and failure; `code` is stable; `Accept-Language: en` selects English messages.

**Try it**: begin with “sign in” of staff. The page keeps the token and sends it with every request that you try;
or enter a token of your own under “Authentication”."""
_PREFER: dict[str, Any] = {
    "name": "Prefer",
    "in": "header",
    "required": False,
    "description": f"`{PREFERENCE}`：超过约 0.3 秒即返回 202 与查询地址；不带则等待结果"
    f" · `{PREFERENCE}`: 202 with the address of a task after some 0.3 s; without it the request waits",
    "schema": {"type": "string", "enum": [PREFERENCE]},
}
_REF = "#/components/schemas/{model}"


def openapi_document(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    schemas, components = _schemas(endpoints)
    definitions = {**components, "Failure": _FAILURE}
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        operation = _operation(endpoint, schemas, definitions)
        operation["operationId"] = _operation_id(endpoint)
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation
    tags = dict.fromkeys(_tag(endpoint) for endpoint in endpoints)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "家政公司实时后台 API · Home-care real-time API",
            "version": VERSION,
            "description": _DESCRIPTION,
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in tags],
        "paths": paths,
        "components": {
            "schemas": definitions,
            "securitySchemes": {
                "staff": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "员工令牌 · staff"},
                "miniProgramUser": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "小程序用户令牌 · mini-program user",
                },
                "machine": {
                    "type": "apiKey",
                    "in": "header",
                    "name": MACHINE_HEADER,
                    "description": "服务间密钥（SERVICE_SECRET）· shared secret of back ends",
                },
            },
        },
    }


_TIMESTAMP: dict[str, Any] = {
    "type": "integer",
    "description": "毫秒 · milliseconds since 1970",
    "examples": [1795572000000],
}
_FAILURE: dict[str, Any] = {
    "type": "object",
    "required": ["success", "data", "message", "code", "requestId", "timestamp"],
    "properties": {
        "success": {"const": False},
        "data": {"type": "null"},
        "message": {
            "type": "string",
            "description": "可直接显示，语言随 Accept-Language · can be shown to people; language by Accept-Language",
        },
        "code": {"type": "string", "description": "固定不变，供程序判断 · stable error code, for programs"},
        "details": {
            "type": "object",
            "properties": {
                "fields": {
                    "description": "INVALID_REQUEST：哪些参数不正确，用显示语言说明 · the invalid fields and why",
                    "type": "array",
                    "items": {},
                    "examples": [[{"field": "phone", "problem": "手机号格式不正确"}]],
                }
            },
        },
        "requestId": {"type": "string"},
        "timestamp": _TIMESTAMP,
    },
}


def _schemas(endpoints: Sequence[Endpoint]) -> tuple[dict[tuple[Any, str], dict[str, Any]], dict[str, Any]]:
    """The schemas of all request and response models, by model and direction."""
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {}
    for endpoint in endpoints:
        if endpoint.body is not None:
            wanted[(endpoint.body, "validation")] = None
        if endpoint.may_take_long:
            wanted[(TaskAccepted, "serialization")] = None
        if isinstance(endpoint.result, type) and issubclass(endpoint.result, BaseModel):
            wanted[(endpoint.result, "serialization")] = None
    references, definitions = models_json_schema(list(wanted), by_alias=True, ref_template=_REF)
    return dict(references), definitions.get("$defs", {})  # type: ignore[arg-type]  # the keys are only used for lookups


def _tag(endpoint: Endpoint) -> str:
    return f"{endpoint.tag.zh} · {endpoint.tag.en}"


def _operation_id(endpoint: Endpoint) -> str:
    """From method and path, so that no name in the code changes it: `get_users_by_id` for `GET /api/users/{id}`."""
    path = endpoint.path.removeprefix("/api/").replace("{", "by_").replace("}", "")
    return f"{endpoint.method.lower()}_{re.sub(r'[^a-zA-Z0-9]+', '_', path).strip('_')}"


def _operation(
    endpoint: Endpoint, schemas: dict[tuple[Any, str], dict[str, Any]], definitions: dict[str, Any]
) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": endpoint.summary,
        "description": _description(endpoint),
        "tags": [_tag(endpoint)],
        "parameters": [*_path_parameters(endpoint), *_query_parameters(endpoint), *_header_parameters(endpoint)],
        "responses": {**_successes(endpoint, schemas, definitions), **_failures(endpoint)},
        "x-audit": endpoint.audit,
        "x-rate": {"class": endpoint.rate_limit.name, "limit": endpoint.rate_limit.value.limit, "seconds": 60},
    }
    if isinstance(endpoint.access, Staff):
        operation["security"] = [{"staff": []}]
        operation["x-permissions"] = list(endpoint.access.permissions)
    if isinstance(endpoint.access, MiniProgramUser):
        operation["security"] = [{"miniProgramUser": []}]
    if isinstance(endpoint.access, SignedIn):
        operation["security"] = [{"staff": []}, {"miniProgramUser": []}]
    if isinstance(endpoint.access, Machine):
        operation["security"] = [{"machine": []}]
    if endpoint.body is not None:
        content: dict[str, Any] = {"schema": schemas[(endpoint.body, "validation")]}
        if endpoint.example is not None:
            content |= _example(endpoint.example)
        needed = any(field.is_required() for field in endpoint.body.model_fields.values())
        operation["requestBody"] = {"required": needed, "content": {"application/json": content}}
    if endpoint.upload is not None:
        operation["requestBody"] = {"required": True, "content": _upload_content(endpoint.upload)}
    return operation


def _upload_content(upload: Upload[Any]) -> dict[str, Any]:
    binary = {"type": "string", "format": "binary"}
    if not upload.field:
        return {"application/octet-stream": {"schema": binary}}
    form = _schema_of(TypeAdapter(upload.form))
    form["properties"] = {upload.field: binary, **form.get("properties", {})}
    form["required"] = [upload.field, *form.get("required", ())]
    return {"multipart/form-data": {"schema": form}}


def _description(endpoint: Endpoint) -> str:
    match endpoint.access:
        case Public():
            who = "公开 · public"
        case MiniProgramUser():
            who = "小程序用户本人 · the mini-program user"
        case SignedIn():
            who = "员工或小程序用户 · a staff member or a mini-program user"
        case Machine():
            who = "持有服务间密钥的后端 · a back end with the shared secret"
        case Staff(permissions=()):
            who = "任意员工 · any staff member"
        case Staff(permissions=permissions):
            who = "权限 · permission: " + " / ".join(f"`{permission}`" for permission in permissions)
    lines = [who]
    if endpoint.audit:
        lines.append(f"审计 · audit: `{endpoint.audit}`")
    return "\n\n".join(lines)


def _path_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _schema_of(adapter)}
        for name, adapter in endpoint.path_parameters.items()
    ]


def _query_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    if endpoint.query is None:
        return []
    parameters = []
    for field in endpoint.query.model_fields.values():
        schema = _schema_of(TypeAdapter(field.rebuild_annotation()))
        if not field.is_required() and field.default is not None:
            schema["default"] = TypeAdapter(Any).dump_python(field.default, mode="json")
        parameters.append({"name": field.alias, "in": "query", "required": field.is_required(), "schema": schema})
    return parameters


def _header_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [_PREFER] if endpoint.may_take_long else []


def _schema_of(adapter: TypeAdapter[Any]) -> dict[str, Any]:
    schema = adapter.json_schema()
    return dict(_inlined(schema, schema.pop("$defs", {})))


def _inlined(schema: Any, definitions: dict[str, Any]) -> Any:
    """The schema with its references replaced by their definitions, because a parameter has no `$defs`."""
    if isinstance(schema, list):
        return [_inlined(each, definitions) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(definitions[schema["$ref"].rsplit("/", 1)[-1]], definitions)
    return {name: _inlined(inner, definitions) for name, inner in schema.items()}


def _successes(
    endpoint: Endpoint, schemas: dict[tuple[Any, str], dict[str, Any]], definitions: dict[str, Any]
) -> dict[str, Any]:
    later = {"202": _accepted(schemas, definitions)} if endpoint.may_take_long else {}
    if endpoint.produces != "application/json":
        binary = {endpoint.produces: {"schema": {"type": "string", "format": "binary"}}}
        content = {"description": endpoint.message.zh, "content": binary}
        return {**{str(status): content for status in endpoint.statuses}, **later}
    data = schemas.get((endpoint.result, "serialization"), {"type": "null"} if endpoint.result is type(None) else {})
    content = _enveloped(data, endpoint.message, definitions)
    return {**{str(status): content for status in endpoint.statuses}, **later}


def _accepted(schemas: dict[tuple[Any, str], dict[str, Any]], definitions: dict[str, Any]) -> dict[str, Any]:
    answer = _enveloped(schemas[(TaskAccepted, "serialization")], ACCEPTED, definitions)
    headers = {name: {"schema": {"type": "string"}} for name in ("Location", "Retry-After", "Preference-Applied")}
    return {**answer, "headers": headers}


def _enveloped(data: dict[str, Any], message: Text, definitions: dict[str, Any]) -> dict[str, Any]:
    envelope = {
        "type": "object",
        "required": ["success", "data", "message", "requestId", "timestamp"],
        "properties": {
            "success": {"const": True},
            "data": data,
            "message": {"type": "string", "examples": [message.zh]},
            "requestId": {"type": "string"},
            "timestamp": _TIMESTAMP,
        },
    }
    content = {"application/json": {"schema": envelope, **_example(example_of(envelope, definitions))}}
    return {"description": message.zh, "content": content}


def _example(value: Any) -> dict[str, Any]:
    """A single example, in the form that the viewer of the documentation shows: it passes over `example`."""
    return {"examples": {"example": {"value": value}}}


def _failures(endpoint: Endpoint) -> dict[str, Any]:
    by_status: dict[int, list[type[DomainError]]] = {}
    for error in dict.fromkeys((*_common_failures(endpoint), *endpoint.raises)):
        by_status.setdefault(status_for(error), []).append(error)
    return {
        str(status): {
            "description": "\n\n".join(f"`{error.code}` {error.text.zh} · {error.text.en}" for error in errors),
            "content": _failure_content(endpoint, errors),
        }
        for status, errors in sorted(by_status.items())
    }


def _failure_content(endpoint: Endpoint, errors: list[type[DomainError]]) -> dict[str, Any]:
    rest = {"requestId": BY_NAME["requestId"], "timestamp": _TIMESTAMP["examples"][0]}
    examples = {
        error.code: {"value": {"success": False, "data": None, "message": error.text.zh, "code": error.code, **rest}}
        for error in errors
    }
    json_content = {"schema": {"$ref": _REF.format(model="Failure")}, "examples": examples}
    if endpoint.produces == "text/plain":
        return {"application/json": json_content, "text/plain": {"schema": {"type": "string"}}}
    return {"application/json": json_content}


def _common_failures(endpoint: Endpoint) -> list[type[DomainError]]:
    errors: list[type[DomainError]] = [RateLimited, Unavailable]
    if endpoint.body is not None:
        errors += [InvalidRequest, BadMediaType, BadContentEncoding, BodyTooLarge, BodyTooSlow, TooManyBodies]
    if endpoint.upload is not None:
        errors += [BodyTooLarge, BodyTooSlow, TooManyBodies]
    if endpoint.may_take_long:
        errors += LONG_ERRORS
    if endpoint.query is not None or endpoint.path_parameters or endpoint.upload is not None:
        errors.append(InvalidRequest)
    if not isinstance(endpoint.access, Public):
        errors.append(NotAuthenticated)
    if isinstance(endpoint.access, Staff | MiniProgramUser | SignedIn):
        errors.append(PermissionDenied)
    return errors
