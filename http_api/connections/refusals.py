"""Answers below the application, to what is not a valid request: the envelope of the API, and nothing that was sent."""

import json
import secrets
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from aiohttp import web

from domain.shared.errors import INTERNAL_ERROR, DomainError, Unavailable
from domain.shared.text import Text
from http_api.core.body_errors import TooManyBodies
from http_api.core.envelope import NOT_HANDLED, envelope_of, status_for


@dataclass(frozen=True)
class Refusal:
    status: int
    code: str
    text: Text
    retry_after_seconds: int = 0

    def encoded(self) -> bytes:
        """The whole answer. In Chinese: the language of a client that sent no valid headers is unknown."""
        request_id = secrets.token_hex(8)
        body = json.dumps(envelope_of(self.code, self.text.zh, request_id), ensure_ascii=False).encode()
        lines = [
            f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}",
            "Content-Type: application/json; charset=utf-8",
            f"Content-Length: {len(body)}",
            "Connection: close",
            "Cache-Control: no-store",
            "X-Content-Type-Options: nosniff",
            f"X-Request-Id: {request_id}",
            *([f"Retry-After: {self.retry_after_seconds}"] if self.retry_after_seconds else []),
        ]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def refusal_of(error: type[DomainError]) -> Refusal:
    retry = Unavailable().retry_after_seconds if issubclass(error, Unavailable) else 0
    return Refusal(status_for(error), error.code, error.text, retry)


MALFORMED: Final = Refusal(400, "BAD_REQUEST", Text("请求格式有误", "The request is not valid HTTP"))
HEADERS_TOO_SLOW: Final = Refusal(
    408, "REQUEST_TIMEOUT", Text("请求未在规定时间内发送完整", "The request did not arrive in time")
)
NO_BUDGET: Final = refusal_of(TooManyBodies)
NOT_EXPECTED: Final = Refusal(417, *NOT_HANDLED)
INTERNAL: Final = Refusal(500, *INTERNAL_ERROR)


class RefusalResponse(web.StreamResponse):
    """A refusal as aiohttp sends responses; the connection is closed behind it."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(status=refusal.status)
        self._encoded = refusal.encoded()
        self.force_close()

    async def prepare(self, request: web.BaseRequest) -> None:
        if request.transport is not None:
            request.transport.write(self._encoded)

    async def write_eof(self, data: bytes = b"") -> None:
        """Everything has been written."""
