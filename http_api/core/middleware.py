"""Middleware around every request: request id, access log, metrics, and the conversion of errors to responses."""

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Final

from aiohttp import hdrs, web
from aiohttp.http_exceptions import HttpProcessingError
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from domain.shared.errors import INTERNAL_ERROR, DomainError
from domain.shared.text import Text
from http_api.core.body_errors import BodyTooLarge
from http_api.core.cors import cors_headers
from http_api.core.endpoint import LOGGED_PARAMETERS
from http_api.core.envelope import NOT_HANDLED, REQUEST_ID, failure, failure_from, status_for

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

access_log = logging.getLogger("access")
error_log = logging.getLogger("error.http")

_SAFE_REQUEST_ID = re.compile(r"[0-9A-Za-z_-]{8,64}")
_BY_STATUS: dict[int, tuple[str, Text]] = {
    404: ("ROUTE_NOT_FOUND", Text("接口不存在", "No such route")),
    405: ("METHOD_NOT_ALLOWED", Text("不支持的请求方法", "Method not allowed")),
    413: (BodyTooLarge.code, BodyTooLarge.text),
}
_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_HSTS: Final = "max-age=31536000"
"""For the whole host, and not for its subdomains, which may have nothing to do with this product."""


class RequestObserver:
    """The outermost middleware: assigns the request id, writes the access log, and records metrics."""

    def __init__(
        self, registry: CollectorRegistry, slow_seconds: float, address_of: Callable[[web.Request], str]
    ) -> None:
        self._slow_seconds = slow_seconds
        self._address_of = address_of
        seconds = Histogram(
            "http_request_seconds",
            "Seconds from request to response",
            ["method", "route"],  # the buckets of each status of each route would be megabytes
            buckets=_SECONDS,
            registry=registry,
        )
        answered = Counter("http_requests", "Responses by status", ["method", "route", "status"], registry=registry)
        errors = Counter("http_errors", "Error responses by error code", ["code"], registry=registry)
        # Looking labels up costs more than counting. All label values come from tables of ours, never from a client.
        self._seconds, self._answered = cache(seconds.labels), cache(answered.labels)
        self._errors = cache(errors.labels)
        self._in_flight = Gauge(
            "http_requests_in_flight", "Requests in progress", registry=registry, multiprocess_mode="livesum"
        )

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        sent = request.headers.get("X-Request-Id", "")
        request[REQUEST_ID] = sent if _SAFE_REQUEST_ID.fullmatch(sent) else secrets.token_hex(8)
        started = time.perf_counter()
        self._in_flight.inc()
        status = 499  # the client closed the connection before the response
        try:
            response = await respond(request, handler, self._errors)
            status = response.status
            return response
        finally:
            self._in_flight.dec()
            self._record(request, status, time.perf_counter() - started)

    def _record(self, request: web.Request, status: int, seconds: float) -> None:
        method = request.method if request.method in hdrs.METH_ALL else "other"
        route = route_of(request)
        self._answered(method, route, status).inc()
        if not route.startswith("/socket.io"):  # a WebSocket lasts for hours; the real-time edge has its own metrics
            self._seconds(method, route).observe(seconds)
        access_log.info(
            "request.slow" if seconds >= self._slow_seconds else "request",
            extra={
                "requestId": request[REQUEST_ID],
                "method": method,
                **place_of(request),
                "status": status,
                "ms": round(seconds * 1000, 1),
                "ip": self._address_of(request),
            },
        )


def route_of(request: web.Request) -> str:
    """The template of the route; `unknown` if no route matches."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unknown"


def place_of(request: web.Request) -> dict[str, object]:
    """The loggable part of the address: the route's template and the parameters that the route declares loggable.

    Never the path itself, which may have an invitation code or a phone number, and never the query string.
    """
    place: dict[str, object] = {"route": route_of(request)}
    if parameters := request.get(LOGGED_PARAMETERS):
        place["params"] = parameters
    return place


async def respond(request: web.Request, handler: Handler, errors: Callable[[str], Counter]) -> web.StreamResponse:
    """Runs `handler` and converts errors to responses. Only cancellation and a lost connection propagate."""
    try:
        response = await handler(request)
    except DomainError as error:
        errors(error.code).inc()
        if status_for(type(error)) >= 500:
            details = {"requestId": request[REQUEST_ID], **place_of(request), "code": error.code}
            error_log.warning("request.failed", extra=details)
        response = failure_from(request, error)
    except web.HTTPException as refused:
        if refused.status < 400:
            raise
        code, text = _BY_STATUS.get(refused.status, NOT_HANDLED)
        kept = {"Allow": refused.headers["Allow"]} if "Allow" in refused.headers else None
        response = failure(request, refused.status, code, text, None, kept)
    except (web.RequestPayloadError, HttpProcessingError):  # the body does not match its headers
        response = failure(request, 400, *NOT_HANDLED)
    except asyncio.CancelledError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and _has_left(request):
            raise ConnectionResetError("the client has disconnected") from error
        errors("INTERNAL_ERROR").inc()
        error_log.exception("request.exception", extra={"requestId": request[REQUEST_ID], **place_of(request)})
        response = failure(request, 500, *INTERNAL_ERROR)
    return response


def _has_left(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


async def add_default_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Adds the headers of every response. As an `on_response_prepare` signal it covers streamed responses too."""
    headers = response.headers
    headers["X-Request-Id"] = request.get(REQUEST_ID, "")
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "no-referrer")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if request.path.startswith("/api"):
        headers.setdefault("Cache-Control", "no-store")
    headers.update(cors_headers(request))
    headers.pop("Server", None)


async def add_hsts(request: web.Request, response: web.StreamResponse) -> None:
    """In production: browsers use HTTPS only. They ignore the header of a response that came without TLS."""
    response.headers.setdefault("Strict-Transport-Security", _HSTS)
