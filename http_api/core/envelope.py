"""The envelope of every JSON response, and the HTTP status of every domain error."""

import json
import time
from typing import Any

from aiohttp import web

from domain.shared.errors import (
    Conflict,
    DomainError,
    InvalidRequest,
    NotAuthenticated,
    NotFound,
    PermissionDenied,
    RateLimited,
    RuleViolated,
    Unavailable,
    UpstreamFailed,
    UpstreamTimedOut,
)
from domain.shared.text import Language, Text
from http_api.core.body_errors import BodyTooLarge, BodyTooSlow
from http_api.core.validation_messages import localized_fields, message_naming_fields

STATUS_BY_ERROR: dict[type[DomainError], int] = {
    InvalidRequest: 400,
    NotAuthenticated: 401,
    PermissionDenied: 403,
    NotFound: 404,
    BodyTooSlow: 408,
    BodyTooLarge: 413,
    Conflict: 409,
    RuleViolated: 422,
    RateLimited: 429,
    UpstreamFailed: 502,
    UpstreamTimedOut: 504,
    Unavailable: 503,
}

_encode = json.JSONEncoder(ensure_ascii=False, default=str).encode

NOT_HANDLED = ("BAD_REQUEST", Text("请求无法处理", "The request cannot be handled"))
"""Code and text of refusals that no domain error stands for."""

REQUEST_ID = web.RequestKey("request_id", str)


def status_for(error: type[DomainError]) -> int:
    """The status of the nearest base class in STATUS_BY_ERROR; 500 when there is none."""
    return next((STATUS_BY_ERROR[kind] for kind in error.__mro__ if kind in STATUS_BY_ERROR), 500)


def language_of(request: web.BaseRequest) -> Language:
    """English if `Accept-Language` starts with it, else Chinese."""
    return "en" if request.headers.get("Accept-Language", "").lower().startswith("en") else "zh"


def envelope_metadata(request: web.BaseRequest) -> dict[str, Any]:
    """The fields that every response ends with."""
    return _metadata(request.get(REQUEST_ID, ""))


def _metadata(request_id: str) -> dict[str, Any]:
    # Milliseconds since 1970, as legacy clients read it.
    return {"requestId": request_id, "timestamp": int(time.time() * 1000)}


def envelope_of(code: str, message: str, request_id: str, details: dict[str, Any] | None = None) -> dict[str, Any]:
    """The body of a refusal."""
    body = {"success": False, "data": None, "message": message, "code": code}
    return {**body, **({"details": details} if details else {}), **_metadata(request_id)}


def success(request: web.Request, data_json: str, message: str, status: int) -> web.Response:
    """`data_json` is JSON already, so that a model is serialised only once, by pydantic."""
    rest = _encode({"message": message, **envelope_metadata(request)})[1:]
    return web.Response(
        text=f'{{"success":true,"data":{data_json},{rest}', status=status, content_type="application/json"
    )


def failure(
    request: web.BaseRequest,
    status: int,
    code: str,
    text: Text,
    details: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> web.Response:
    message = text.in_language(language_of(request))
    return web.json_response(
        envelope_of(code, message, request.get(REQUEST_ID, ""), details),
        status=status,
        headers=headers,
        dumps=_encode,
    )


def failure_from(request: web.BaseRequest, error: DomainError) -> web.Response:
    headers = {}
    if isinstance(error, RateLimited | Unavailable):
        headers["Retry-After"] = str(error.retry_after_seconds)
    if isinstance(error, NotAuthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    text, details = error.shown_text, error.shown_details
    if isinstance(error, InvalidRequest) and error.fields:
        text = message_naming_fields(text, error.fields)
        details = {**details, "fields": localized_fields(error.fields, language_of(request))}
    return failure(request, status_for(type(error)), error.code, text, details, headers)
