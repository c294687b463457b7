"""Typed routes: the annotations of a handler define its validation and its entry in the API documentation."""

import inspect
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Any, Final, cast, get_args, get_origin, get_type_hints

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from pydantic import BaseModel, StringConstraints, TypeAdapter, ValidationError
from pydantic_core import from_json

from domain.shared.errors import DomainError, InvalidRequest
from domain.shared.text import Text
from http_api.core.access import Access
from http_api.core.envelope import success
from http_api.core.rate_limits import RateLimit
from http_api.core.request_context import ApiResponse, RequestContext
from http_api.core.route_constants import DONE
from http_api.core.upload import Upload
from http_api.core.validation_messages import GIVEN_TWICE, invalid_request_from

__all__ = ["LOGGABLE", "ApiResponse", "Endpoint", "Endpoints", "EntityId", "RequestContext"]

Handler = Callable[..., Awaitable[Any]]


class _Loggable: ...


LOGGABLE: Final = _Loggable()
"""In the annotation of a path parameter: its value may be logged once it is valid. For ids, never for a code, a phone
number, or anything else that gives access or names a person."""
EntityId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{24}$"), LOGGABLE]
LOGGED_PARAMETERS = web.RequestKey("logged_parameters", dict[str, str])


class BadMediaType(InvalidRequest):
    code = "UNSUPPORTED_MEDIA_TYPE"
    text = Text("请使用 JSON 格式提交", "Send JSON (Content-Type: application/json)")


class BadContentEncoding(InvalidRequest):
    code = "BAD_CONTENT_ENCODING"
    text = Text("请求内容与 Content-Encoding 不符", "The body does not match its Content-Encoding")


@dataclass(frozen=True)
class Endpoint:
    """A route and its declaration."""

    method: str
    path: str
    handler: Handler
    access: Access
    rate_limit: RateLimit
    tag: Text
    audit: str | None
    unaudited: str
    message: Text
    raises: tuple[type[DomainError], ...]
    statuses: tuple[int, ...]
    example: dict[str, Any] | None
    produces: str
    may_take_long: bool
    body: type[BaseModel] | None = None
    upload: Upload[Any] | None = None
    query: type[BaseModel] | None = None
    result: Any = None
    path_parameters: dict[str, TypeAdapter[Any]] = field(default_factory=dict)
    logged_parameters: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def summary(self) -> str:
        return (inspect.getdoc(self.handler) or self.handler.__name__).split("\n", 1)[0]

    async def run(self, context: RequestContext) -> web.StreamResponse:
        """Validates the request, calls the handler, and wraps its result in the envelope. Raises DomainError."""
        arguments: dict[str, Any] = {}
        for name, adapter in self.path_parameters.items():
            arguments[name] = _parse(adapter.validate_python, context.request.match_info[name], name)
        if self.logged_parameters:
            context.request[LOGGED_PARAMETERS] = {name: arguments[name] for name in self.logged_parameters}
        if self.query is not None:
            arguments["query"] = _parse_query(self.query, context.request)
        if self.body is not None:
            arguments["body"] = await _parse_body(self.body, context.request)
        answer = await self.handler(context, **arguments)
        if isinstance(answer, web.StreamResponse):
            return answer
        outcome = answer if isinstance(answer, ApiResponse) else ApiResponse(answer, self.statuses[0])
        message = (outcome.message or self.message).in_language(context.language)
        response = success(context.request, _to_json(outcome.data), message, outcome.status)
        response.headers.update(outcome.headers)
        return response


class Endpoints:
    """Collects the routes of one resource. `prefix` is prepended to each path."""

    def __init__(self, prefix: str, tag: Text) -> None:
        self._prefix = prefix
        self._tag = tag
        self.all: list[Endpoint] = []

    def route(
        self,
        method: str,
        path: str,
        *,
        access: Access,
        rate_limit: RateLimit,
        audit: str | None = None,
        unaudited: str = "",
        message: Text = DONE,
        raises: Sequence[type[DomainError]] = (),
        status: int = HTTPStatus.OK,
        statuses: Sequence[int] = (),
        example: dict[str, Any] | None = None,
        produces: str = "application/json",
        upload: Upload[Any] | None = None,
        may_take_long: bool = False,
    ) -> Callable[[Handler], Handler]:
        """Declares a route. One that changes data names its `audit` action, or in `unaudited` the reason for none.

        `may_take_long`: the handler answers 202 to a caller that prefers it (`long_requests.py`).
        """
        if method != "GET" and not audit and not unaudited:
            raise TypeError(f"{method} {self._prefix}{path}: name the audit action, or give the reason for none")

        def register(handler: Handler) -> Handler:
            hints = get_type_hints(handler, include_extras=True)
            result = hints.pop("return", None)
            parameters = {name: hint for name, hint in hints.items() if name not in ("context", "body", "query")}
            self.all.append(
                Endpoint(
                    method=method,
                    path=self._prefix + path,
                    handler=handler,
                    access=access,
                    rate_limit=rate_limit,
                    tag=self._tag,
                    audit=audit,
                    unaudited=unaudited,
                    message=message,
                    raises=tuple(raises),
                    statuses=tuple(statuses) or (int(status),),
                    example=example,
                    produces=produces,
                    may_take_long=may_take_long,
                    body=hints.get("body"),
                    upload=upload,
                    query=hints.get("query"),
                    result=_result_type(result),
                    path_parameters={name: TypeAdapter(hint) for name, hint in parameters.items()},
                    logged_parameters=tuple(name for name, hint in parameters.items() if LOGGABLE in get_args(hint)),
                )
            )
            return handler

        return register

    def get(self, path: str, **declared: Any) -> Callable[[Handler], Handler]:
        return self.route("GET", path, **declared)

    def post(self, path: str, **declared: Any) -> Callable[[Handler], Handler]:
        return self.route("POST", path, **declared)

    def patch(self, path: str, **declared: Any) -> Callable[[Handler], Handler]:
        return self.route("PATCH", path, **declared)

    def put(self, path: str, **declared: Any) -> Callable[[Handler], Handler]:
        return self.route("PUT", path, **declared)

    def delete(self, path: str, **declared: Any) -> Callable[[Handler], Handler]:
        return self.route("DELETE", path, **declared)


def _result_type(annotation: Any) -> Any:
    """The model of `data`: X for `ApiResponse[X]`, `X | ApiResponse[X]` and `X | web.Response`."""
    options = (annotation,) if get_origin(annotation) is ApiResponse else get_args(annotation)
    if web.Response in options:
        return options[0]
    for option in options:
        if get_origin(option) is ApiResponse:
            return get_args(option)[0]
    return annotation


def _to_json(data: Any) -> str:
    if isinstance(data, BaseModel):
        return data.model_dump_json(by_alias=True)
    return json.dumps(data, ensure_ascii=False)


def _parse(validate: Callable[[Any], Any], sent: Any, where: str = "") -> Any:
    try:
        return validate(sent)
    except ValidationError as error:
        raise invalid_request_from(error, sent, where) from None


def _parse_query(model: type[BaseModel], request: web.Request) -> BaseModel:
    sent: dict[str, str] = {}
    for name, value in request.query.items():
        if name in sent:
            raise InvalidRequest(fields=[{"field": name, "problem": GIVEN_TWICE}])
        if value != "":  # an empty parameter counts as absent
            sent[name] = value
    return cast(BaseModel, _parse(model.model_validate, sent))


async def _parse_body(model: type[BaseModel], request: web.Request) -> BaseModel:
    try:
        raw = await request.read()
    except (web.RequestPayloadError, HttpProcessingError):
        raise BadContentEncoding from None
    if raw and request.content_type != "application/json":
        raise BadMediaType
    try:
        return model.model_validate_json(raw or b"{}")
    except ValidationError as error:
        raise invalid_request_from(error, _json(raw)) from None


def _json(raw: bytes) -> object:
    try:
        return from_json(raw)
    except ValueError:
        return None
