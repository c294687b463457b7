"""One client connection: its deadlines, the bytes that it makes us hold, and answers to malformed requests.

The only module that limits how a client sends. A periodic sweep calls `check`, so a connection has no timer and no task
of its own. A connection that becomes a WebSocket leaves here by `connection_lost`.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Final, cast

from aiohttp import StreamReader, web
from aiohttp.http_exceptions import HttpProcessingError

from domain.shared.errors import DomainError
from domain.shared.ip_addresses import rate_limit_key
from http_api.connections.admission import Admission
from http_api.connections.body_budget import BodyBudget
from http_api.connections.limits import ConnectionLimits
from http_api.connections.metrics import ConnectionMetrics
from http_api.connections.refusals import (
    HEADERS_TOO_SLOW,
    INTERNAL,
    MALFORMED,
    NO_BUDGET,
    NOT_EXPECTED,
    Refusal,
    RefusalResponse,
)
from http_api.core.body_errors import BodyTooSlow, TooManyBodies

PRIVATE_ATTRIBUTES: Final = ("_loop", "_messages")
"""Of aiohttp's handler: the event loop, and the requests that wait for their turn. A test checks that they exist."""
_MISTAKES_OF_CLIENTS: Final = (DomainError, HttpProcessingError, web.RequestPayloadError, ConnectionError)


class Phase(Enum):
    HEADERS = auto()
    """Waits for the end of the headers of a request."""
    REQUEST = auto()
    """The body arrives, or the request is being handled."""
    REST = auto()
    """Answered before the body ended: aiohttp reads on for a few seconds and drops what it reads."""
    IDLE = auto()
    """Kept alive for another request."""
    LINGERING = auto()
    """Refused, and closed in our direction. What the client still sends is dropped for a while: closing a connection
    with unread bytes resets it, and the client would lose the answer."""


@dataclass(frozen=True)
class ConnectionContext:
    """The state that the connections of an app process share."""

    limits: ConnectionLimits
    admission: Admission
    budget: BodyBudget
    metrics: ConnectionMetrics
    open: "set[HttpConnection]" = field(default_factory=set)


class HttpConnection(web.RequestHandler):
    __slots__ = (
        "_body",
        "_budget_key",
        "_charged",
        "_context",
        "_error",
        "_lingered",
        "_marked_bytes",
        "_phase",
        "_received",
        "_since",
        "_stuck_since",
        "_taken",
        "_unsent",
        "_wire",
    )

    def __init__(self, server: web.Server, context: ConnectionContext, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(server, loop=loop, access_log=None)  # type: ignore[arg-type]  # as aiohttp documents it
        self._context = context
        self._wire: asyncio.Transport
        self._phase = Phase.HEADERS
        self._since = loop.time()
        """The start of the phase or, of an unfinished body, of the present period."""
        self._body: StreamReader | None = None
        self._received = 0
        """Bytes of requests that are not answered yet."""
        self._marked_bytes = 0
        """Of those, how many there were at the start of the period."""
        self._taken = 0
        """Of those, how many the handler has put elsewhere."""
        self._charged = 0
        self._budget_key: str | None = None
        self._error: DomainError | None = None
        """Why the request was refused; what the client still sends is dropped."""
        self._lingered: asyncio.Future[None] | None = None
        self._unsent, self._stuck_since = 0, 0.0

    # called by asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._wire = cast(asyncio.Transport, transport)
        self._context.open.add(self)
        super().connection_made(transport)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._context.open.discard(self)
        self._release()
        if self._lingered is not None and not self._lingered.done():
            self._lingered.set_result(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not data:  # aiohttp goes on with what it has kept
            super().data_received(data)
            return
        if self._is_refused():
            return
        if self._is_idle():
            self._phase, self._since, self._body = Phase.HEADERS, self._loop.time(), None
        if self._phase is Phase.REST:
            super().data_received(data)
            return
        self._received += len(data)
        self._charge()  # before aiohttp keeps it
        if not self._is_refused():
            super().data_received(data)
            self._charge()  # what has been unpacked of it

    # called by aiohttp

    def request_begins(self, body: StreamReader) -> None:
        """The headers are complete, and the requests before this one have been answered."""
        self._phase, self._since, self._body = Phase.REQUEST, self._loop.time(), body
        self._marked_bytes = self._received
        if self._error is not None:
            body.set_exception(self._error)

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        if isinstance(resp, web.HTTPExpectationFailed):  # raised before the middleware, which answers all others
            resp = RefusalResponse(NOT_EXPECTED)
        if self._error is not None:
            resp.force_close()
        finished = await super().finish_response(request, resp, start_time)
        if self._error is None:
            self._request_ended()
        elif not self._wire.is_closing():
            self._linger()
            self._lingered = self._loop.create_future()
            await self._lingered
        return finished

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if status < 500:
            self._context.metrics.malformed.inc()
        else:
            self.log_exception("Error handling request", exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("a part of the response has been sent")
        return RefusalResponse(MALFORMED if status < 500 else INTERNAL)

    def log_exception(self, *args: Any, **kw: Any) -> None:
        if not isinstance(kw.get("exc_info"), _MISTAKES_OF_CLIENTS):
            super().log_exception(*args, **kw)

    # called by handlers that read a body in pieces

    def body_taken(self, count: int) -> None:
        """The handler has put `count` bytes of the body elsewhere: the connection does not hold them any more."""
        self._taken += count
        held = self._bytes_held()
        if self._charged > held and self._budget_key is not None:
            self._context.budget.give_back(self._budget_key, self._charged - held)
            self._charged = held

    # called by the sweep

    def check(self, now: float) -> None:
        """Closes the connection, or refuses its request, if a deadline has passed."""
        if self._wire.get_write_buffer_size():
            self._check_sending(now)
        if self._wire.is_closing():
            return
        limits, waited = self._context.limits, now - self._since
        if self._phase is Phase.LINGERING:
            if waited > limits.linger_seconds:
                self._wire.close()
        elif self._error is not None:
            return
        elif self._is_idle():
            if self._phase is Phase.REST:
                self._phase, self._since = Phase.IDLE, now
            elif waited > limits.keep_alive_seconds:
                self._cut("keep_alive")
        elif self._phase is Phase.HEADERS:
            if waited > limits.header_seconds:
                # Browsers open connections in advance; there is no request that an answer could belong to.
                if self._received:
                    self._answer("headers", HEADERS_TOO_SLOW)
                else:
                    self._cut("headers")
        elif self._phase is Phase.REQUEST and self._body_is_unfinished():
            self._check_body(now, waited)

    def _check_body(self, now: float, waited: float) -> None:
        limits = self._context.limits
        reads = self._wire.is_reading()  # otherwise it waits for us
        if reads and waited < limits.body_seconds:
            return
        advanced = self._received - self._marked_bytes
        if reads and advanced < limits.body_bytes_per_second * waited:
            self._refuse(BodyTooSlow(), "body")
        self._since, self._marked_bytes = now, self._received

    def _check_sending(self, now: float) -> None:
        unsent = self._wire.get_write_buffer_size()
        if unsent != self._unsent:
            self._unsent, self._stuck_since = unsent, now
        elif now - self._stuck_since > self._context.limits.send_seconds:
            self._context.metrics.cut.labels("send").inc()
            self._wire.abort()

    # state

    def _is_refused(self) -> bool:
        return self._error is not None or self._phase is Phase.LINGERING

    def _is_idle(self) -> bool:
        """True also when aiohttp has read the rest of a body that was answered before."""
        return self._phase is Phase.IDLE or (self._phase is Phase.REST and not self._body_is_unfinished())

    def _body_is_unfinished(self) -> bool:
        return self._body is not None and not self._body.is_eof()

    def _request_ended(self) -> None:
        self._phase = Phase.REST if self._body_is_unfinished() else Phase.IDLE
        self._since = self._loop.time()
        if not self._messages:
            self._release()

    def _charge(self) -> None:
        held = self._bytes_held()
        grown = held - self._charged
        if held <= self._context.limits.body_bytes_free or grown <= 0:
            return
        if self._budget_key is None:
            address = self._address()
            self._budget_key = "" if self._context.admission.is_unlimited(address) else rate_limit_key(address)
        if self._context.budget.take(self._budget_key, grown):
            self._charged = held
        else:
            self._refuse(TooManyBodies(), "budget")

    def _bytes_held(self) -> int:
        """Bytes that have arrived and have not been put elsewhere, and the bytes unpacked from them."""
        held = max(0, self._received - self._taken)
        if self._body is not None:
            held += _unpacked(self._body)
        for _, body in self._messages:
            held += _unpacked(body)
        return held

    def _release(self) -> None:
        self._received = self._taken = 0
        if self._charged and self._budget_key is not None:
            self._context.budget.give_back(self._budget_key, self._charged)
            self._charged = 0

    def _address(self) -> str:
        peer = self._wire.get_extra_info("peername")
        return str(peer[0]) if peer else ""

    # refusals

    def _refuse(self, error: DomainError, reason: str) -> None:
        """The reader of the body gets `error`, and so does the next request if this one has been read completely."""
        if self._phase is Phase.HEADERS and not self._messages:
            self._answer(reason, NO_BUDGET)
            return
        self._context.metrics.cut.labels(reason).inc()
        self._error = error
        if self._phase is Phase.REQUEST and self._body is not None and self._body_is_unfinished():
            self._body.set_exception(error)

    def _answer(self, reason: str, refusal: Refusal) -> None:
        """In place of the application, which has seen nothing of the request."""
        self._context.metrics.cut.labels(reason).inc()
        self._wire.write(refusal.encoded())
        self._linger()

    def _linger(self) -> None:
        self._phase, self._since = Phase.LINGERING, self._loop.time()
        self._release()
        self._wire.resume_reading()
        with suppress(OSError):  # the client has closed the connection
            self._wire.write_eof()

    def _cut(self, reason: str) -> None:
        self._context.metrics.cut.labels(reason).inc()
        self.force_close()


def _unpacked(body: StreamReader) -> int:
    """How much more a compressed body has become."""
    return body.total_bytes - body.total_raw_bytes if body.total_bytes else 0
