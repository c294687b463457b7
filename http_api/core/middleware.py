"""Middleware around every request: request id, access log, metrics, and the conversion of errors to responses."""

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from domain.shared.errors import DomainError
from domain.shared.text import Text
from http_api.core.body_errors import BodyTooLarge
from http_api.core.cors import cors_headers
from http_api.core.envelope import REQUEST_ID, failure, failure_from, status_for

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

access_log = logging.getLogger("access")
error_log = logging.getLogger("error.http")

_SAFE_REQUEST_ID = re.compile(r"[0-9A-Za-z_-]{8,64}")
_INTERNAL = Text("服务器内部错误", "Internal server error")
_BY_STATUS: dict[int, tuple[str, Text]] = {
    404: ("ROUTE_NOT_FOUND", Text("接口不存在", "No such route")),
    405: ("METHOD_NOT_ALLOWED", Text("不支持的请求方法", "Method not allowed")),
    413: (BodyTooLarge.code, BodyTooLarge.text),
}
_REFUSED = ("BAD_REQUEST", Text("请求无法处理", "The request cannot be handled"))


class RequestObserver:
    """The outermost middleware: assigns the request id, writes the access log, and records metrics."""

    def __init__(
        self, registry: CollectorRegistry, slow_seconds: float, address_of: Callable[[web.Request], str]
    ) -> None:
        self._slow_seconds = slow_seconds
        self._address_of = address_of
        self._seconds = Histogram(
            "http_request_seconds", "Seconds from request to response", ["method", "route", "status"], registry=registry
        )
        self._in_flight = Gauge(
            "http_requests_in_flight", "Requests in progress", registry=registry, multiprocess_mode="livesum"
        )
        self._errors = Counter("http_errors", "Error responses by error code", ["code"], registry=registry)

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
        resource = request.match_info.route.resource
        route = resource.canonical if resource is not None else "unknown"
        if not route.startswith("/socket.io"):  # a WebSocket lasts for hours; the real-time edge has its own metrics
            self._seconds.labels(request.method, route, str(status)).observe(seconds)
        access_log.info(
            "request.slow" if seconds >= self._slow_seconds else "request",
            extra={
                "requestId": request[REQUEST_ID],
                "method": request.method,
                "path": request.path,
                "route": route,
                "status": status,
                "ms": round(seconds * 1000, 1),
                "ip": self._address_of(request),
            },
        )


async def respond(request: web.Request, handler: Handler, errors: Counter) -> web.StreamResponse:
    """Runs `handler` and converts errors to responses. Only cancellation and a lost connection propagate."""
    try:
        response = await handler(request)
    except DomainError as error:
        errors.labels(error.code).inc()
        if status_for(type(error)) >= 500:
            error_log.warning("request.failed", extra={"requestId": request[REQUEST_ID], "code": error.code})
        response = failure_from(request, error)
    except web.HTTPException as refused:
        if refused.status < 400:
            raise
        code, text = _BY_STATUS.get(refused.status, _REFUSED)
        kept = {"Allow": refused.headers["Allow"]} if "Allow" in refused.headers else None
        response = failure(request, refused.status, code, text, None, kept)
    except (asyncio.CancelledError, ConnectionResetError):
        raise
    except Exception:
        errors.labels("INTERNAL_ERROR").inc()
        error_log.exception("request.exception", extra={"requestId": request[REQUEST_ID], "path": request.path})
        response = failure(request, 500, "INTERNAL_ERROR", _INTERNAL)
    return response


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
