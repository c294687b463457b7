"""How a provider is called: behind its breaker, with a deadline and a bounded answer, every try observed. No exception
of the HTTP library leaves: it may quote an address, and with it a secret, or what was sent."""

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
"""A request of aiohttp that has not been sent yet."""

Observer = Callable[[str, str, float], None]
"""Told of every try: the operation, its outcome (the provider's code, or streamed, timeout, unreachable, malformed,
open_circuit, cancelled) and the seconds it took."""

_FAILURES: Final = (TimeoutError, aiohttp.ClientError, ValueError, RecursionError)
"""The last: an answer nested to exhaust us."""


class NotSent(UpstreamFailed):
    """Nothing reached the provider; any call may be tried again."""


class CircuitOpen(NotSent):
    """Not even tried: the provider has failed often enough."""


def ignore(operation: str, outcome: str, seconds: float) -> None:
    """The observer of those who measure nothing."""


class ProviderHttp:
    """Of one provider whose answers are JSON objects with a code in a field of theirs, and come with status 200
    whatever the code."""

    def __init__(
        self,
        name: str,
        code_field: str,
        longest_answer_bytes: int,
        observe: Observer = ignore,
        breaker: CircuitBreaker | None = None,
        unsaid_code: int | None = None,
    ) -> None:
        """`unsaid_code`: what an answer without the field means; None if such a one is none of this provider."""
        self._name = name
        self._log = logging.getLogger(f"error.{name}")
        self._code_field = code_field
        self._unsaid_code = unsaid_code
        self._longest_answer_bytes = longest_answer_bytes
        self._observe = observe
        self._breaker = breaker or CircuitBreaker()

    def require_closed_circuit(self, operation: str) -> None:
        """Before an exchange, and before anything is spent on it. Raises CircuitOpen."""
        if not self._breaker.admits():
            self._observe(operation, "open_circuit", 0)
            raise CircuitOpen

    async def exchange(self, operation: str, request: Request) -> tuple[int, dict[str, Any]]:
        """The provider's code and its whole answer. Raises NotSent, UpstreamTimedOut, UpstreamFailed."""
        loop = asyncio.get_running_loop()
        began, outcome = loop.time(), "cancelled"
        try:
            code, answer = self._read(await self._body(request))
            outcome = str(code)
            self._breaker.succeeded()
            return code, answer
        except _FAILURES as error:
            outcome, failure = _told(error)
            self._breaker.failed()
        finally:
            self._observe(operation, outcome, loop.time() - began)
        self._log.warning("%s %s: %s", self._name, operation, outcome)
        raise failure  # here and not above, so that it has no __context__ that quotes anything

    @asynccontextmanager
    async def stream(self, operation: str, request: Request) -> AsyncIterator[aiohttp.StreamReader]:
        """The raw answer of a call, for answers too large to hold. Raises as `exchange`."""
        loop = asyncio.get_running_loop()
        began, outcome = loop.time(), "cancelled"
        try:
            async with request as response:
                _require_ok(response)
                yield response.content
            outcome = "streamed"
            return
        except _FAILURES as error:
            outcome, failure = _told(error)
        finally:
            self._observe(operation, outcome, loop.time() - began)
        self._log.warning("%s %s: %s", self._name, operation, outcome)
        raise failure

    async def _body(self, request: Request) -> bytes:
        async with request as response:
            raw = bytearray()
            async for chunk in response.content.iter_any():
                raw += chunk
                if len(raw) > self._longest_answer_bytes:
                    raise ValueError("the answer is too long")
            _require_ok(response)
        return bytes(raw)

    def _read(self, raw: bytes) -> tuple[int, dict[str, Any]]:
        answer = json.loads(raw)  # whatever the content type says
        if not isinstance(answer, dict):
            raise ValueError("the answer is not an object")
        code = answer.get(self._code_field, self._unsaid_code)
        if type(code) is not int:
            raise ValueError("the answer has no code")
        return code, answer


async def tried(
    attempt: Callable[[], Awaitable[Answer]],
    worth_another: Callable[[Exception], bool],
    most: int,
    pause_seconds: float = PAUSE_SECONDS,
) -> Answer:
    """What `attempt` answers, after at the most so many tries with pauses that double. Raises what the last one did, or
    the first whose failure is not worth another. What was not sent always is, unless the circuit is open."""
    for number in range(1, most):
        try:
            return await attempt()
        except CircuitOpen:
            raise
        except Exception as failure:
            if not (isinstance(failure, NotSent) or worth_another(failure)):
                raise
        await asyncio.sleep(pause_seconds * 2**number * random.uniform(0.5, 1))  # noqa: S311  # jitter
    return await attempt()


def _require_ok(response: aiohttp.ClientResponse) -> None:
    if response.status != 200:
        raise ValueError("errors of a provider come with status 200")


def _told(error: Exception) -> tuple[str, UpstreamFailed]:
    if isinstance(error, TimeoutError):
        return "timeout", UpstreamTimedOut()
    if isinstance(error, aiohttp.ClientConnectorError):
        return "unreachable", NotSent()
    return "malformed", UpstreamFailed()
