"""HTTP calls to providers: behind a circuit breaker, with a deadline, a size limit and an observer of every attempt.

No exception of the HTTP library propagates: its text may quote a URL with a secret, or the request.
"""

import asyncio
import json
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final, TypeVar

import aiohttp

from domain.shared.errors import UpstreamFailed, UpstreamTimedOut
from integrations.breaker import CircuitBreaker

PAUSE_SECONDS: Final = 0.1

Answer = TypeVar("Answer")

Request = AbstractAsyncContextManager[aiohttp.ClientResponse]
"""An aiohttp request that has not been sent yet."""

Observer = Callable[[str, str, float], None]
"""Called after every attempt with the operation, the outcome and the seconds. The outcome is the provider's code, or
streamed, timeout, unreachable, malformed, open_circuit or cancelled."""

_FAILURES: Final = (TimeoutError, aiohttp.ClientError, ValueError, RecursionError)
"""RecursionError: JSON that is nested too deeply."""


class NotSent(UpstreamFailed):
    """The request did not reach the provider, so that any call may be retried."""


class CircuitOpen(NotSent):
    """No attempt was made, because the provider has failed repeatedly."""


def no_observer(operation: str, outcome: str, seconds: float) -> None:
    """An observer that does nothing."""


class ProviderHttp:
    """Calls to one provider, whose responses are JSON objects with a code, always with status 200."""

    def __init__(
        self,
        name: str,
        code_field: str,
        max_response_bytes: int,
        observe: Observer = no_observer,
        breaker: CircuitBreaker | None = None,
        default_code: int | None = None,
    ) -> None:
        """`default_code` is the code of a response without the field; None if such a response is malformed."""
        self._name = name
        self._log = logging.getLogger(f"error.{name}")
        self._code_field = code_field
        self._default_code = default_code
        self._max_response_bytes = max_response_bytes
        self._observe = observe
        self._breaker = breaker or CircuitBreaker()

    def require_closed_circuit(self, operation: str) -> None:
        """To be called before each exchange, and before its cost is incurred. Raises CircuitOpen."""
        if not self._breaker.allows_call():
            self._observe(operation, "open_circuit", 0)
            raise CircuitOpen

    async def exchange(self, operation: str, request: Request) -> tuple[int, dict[str, Any]]:
        """The provider's code and its whole response. Raises NotSent, UpstreamTimedOut, UpstreamFailed."""
        loop = asyncio.get_running_loop()
        started, outcome = loop.time(), "cancelled"
        try:
            code, answer = self._read(await self._body(request))
            outcome = str(code)
            self._breaker.record_success()
            return code, answer
        except _FAILURES as error:
            outcome, failure = failure_of(error)
            self._breaker.record_failure()
        finally:
            self._observe(operation, outcome, loop.time() - started)
        self._log.warning("%s %s: %s", self._name, operation, outcome)
        raise failure  # raised outside of `except`, so that its __context__ quotes nothing

    @asynccontextmanager
    async def stream(self, operation: str, request: Request) -> AsyncIterator[aiohttp.StreamReader]:
        """The raw response, for responses that are too large for memory. Raises the same errors as `exchange`."""
        loop = asyncio.get_running_loop()
        started, outcome = loop.time(), "cancelled"
        try:
            async with request as response:
                _require_ok(response)
                yield response.content
            outcome = "streamed"
            return
        except _FAILURES as error:
            outcome, failure = failure_of(error)
        finally:
            self._observe(operation, outcome, loop.time() - started)
        self._log.warning("%s %s: %s", self._name, operation, outcome)
        raise failure

    async def _body(self, request: Request) -> bytes:
        async with request as response:
            raw = bytearray()
            async for chunk in response.content.iter_any():
                raw += chunk
                if len(raw) > self._max_response_bytes:
                    raise ValueError("the response is too long")
            _require_ok(response)
        return bytes(raw)

    def _read(self, raw: bytes) -> tuple[int, dict[str, Any]]:
        answer = json.loads(raw)  # regardless of the content type
        if not isinstance(answer, dict):
            raise ValueError("the response is not an object")
        code = answer.get(self._code_field, self._default_code)
        if type(code) is not int:
            raise ValueError("the response has no code")
        return code, answer


async def with_retries(
    attempt: Callable[[], Awaitable[Answer]],
    is_retryable: Callable[[Exception], bool],
    max_attempts: int,
    pause_seconds: float = PAUSE_SECONDS,
) -> Answer:
    """The result of `attempt`, repeated up to `max_attempts` times with pauses that double.

    Raises the error of the last attempt, or the first error that is not retryable. Requests that were not sent are
    retryable, unless the circuit is open.
    """
    for number in range(1, max_attempts):
        try:
            return await attempt()
        except CircuitOpen:
            raise
        except Exception as failure:
            if not (isinstance(failure, NotSent) or is_retryable(failure)):
                raise
        await asyncio.sleep(pause_seconds * 2**number * random.uniform(0.5, 1))  # noqa: S311  # jitter
    return await attempt()


def failure_of(error: Exception) -> tuple[str, UpstreamFailed]:
    """The outcome for an observer, and the error to raise, after an exception of the HTTP library or of a parser."""
    if isinstance(error, TimeoutError):
        return "timeout", UpstreamTimedOut()
    if isinstance(error, aiohttp.ClientConnectorError):
        return "unreachable", NotSent()
    return "malformed", UpstreamFailed()


def _require_ok(response: aiohttp.ClientResponse) -> None:
    if response.status != 200:
        raise ValueError("a response of the provider has status 200")
