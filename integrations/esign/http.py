"""One call to 爱签: signed, with a deadline, a bounded answer, and nothing personal in what is raised or logged."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from domain.shared.errors import UpstreamFailed, UpstreamTimedOut
from domain.shared.ports import Clock
from integrations.breaker import CircuitBreaker
from integrations.esign.codes import BAD_SIGNATURE, EVERYDAY, SUCCESS, EsignRefused
from integrations.esign.wire import compact, signature, timestamp_of, to_sign

log = logging.getLogger("error.esign")

LONGEST_ANSWER_BYTES: Final = 4 * 1024 * 1024
TRIES: Final = 2
PAUSE_SECONDS: Final = 0.1

Observer = Callable[[str, str, float], None]
"""Told of every call: the operation, its outcome (the provider's code, or streamed, timeout, unreachable, malformed,
open_circuit, cancelled) and the seconds it took."""


def patience(seconds: float) -> aiohttp.ClientTimeout:
    """For one call as a whole; nobody waits long for a connection."""
    return aiohttp.ClientTimeout(total=seconds, connect=min(5.0, seconds))


def ignore(operation: str, outcome: str, seconds: float) -> None:
    """The observer of those who measure nothing."""


class EsignHttp:
    def __init__(
        self,
        http: aiohttp.ClientSession,
        base_url: str,
        app_id: str,
        key: RSAPrivateKey,
        clock: Clock,
        observe: Observer = ignore,
        timeout: aiohttp.ClientTimeout | None = None,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        self._http = http
        self._base_url = base_url.rstrip("/")
        self._app_id = app_id
        self._key = key
        self._clock = clock
        self._observe = observe
        self._timeout = timeout or patience(30)
        self._breaker = breaker or CircuitBreaker()

    async def call(self, path: str, business: Any) -> Any:
        """`data` of a call that succeeded. Raises EsignRefused, UpstreamFailed, UpstreamTimedOut.

        Our calls may all be repeated, so one that met a broken connection is; one that timed out is for later.
        """
        for attempt in range(1, TRIES + 1):
            try:
                return await self._call(path, business)
            except UpstreamTimedOut:
                raise
            except UpstreamFailed:
                if attempt == TRIES or not self._breaker.admits():
                    raise
            await asyncio.sleep(PAUSE_SECONDS)
        raise AssertionError("the last try returns or raises")

    @asynccontextmanager
    async def stream(self, path: str, business: Any) -> AsyncIterator[aiohttp.StreamReader]:
        """The raw answer of a call, for answers too large to hold. Raises UpstreamFailed, UpstreamTimedOut."""
        operation = path.rsplit("/", 1)[-1]
        loop = asyncio.get_running_loop()
        began, outcome, failure = loop.time(), "cancelled", UpstreamFailed()
        try:
            async with self._request(path, business) as response:
                if response.status != 200:
                    raise ValueError("errors of the provider come with status 200")
                yield response.content
            outcome = "streamed"
            return
        except TimeoutError:
            outcome, failure = "timeout", UpstreamTimedOut()
        except aiohttp.ClientConnectorError:
            outcome = "unreachable"
        except (aiohttp.ClientError, ValueError):
            outcome = "malformed"
        finally:
            self._observe(operation, outcome, loop.time() - began)
        log.warning("esign %s: %s", operation, outcome)
        raise failure

    async def _call(self, path: str, business: Any) -> Any:
        operation = path.rsplit("/", 1)[-1]
        if not self._breaker.admits():
            self._observe(operation, "open_circuit", 0)
            raise UpstreamFailed
        loop = asyncio.get_running_loop()
        began, outcome, failure = loop.time(), "cancelled", UpstreamFailed()
        try:
            answer = await self._answer(path, business)
            outcome = str(answer["code"])
        except TimeoutError:
            outcome, failure = "timeout", UpstreamTimedOut()
        except aiohttp.ClientConnectorError:
            outcome = "unreachable"
        except (aiohttp.ClientError, ValueError, KeyError, TypeError, RecursionError):
            outcome = "malformed"
        finally:
            self._observe(operation, outcome, loop.time() - began)
        if outcome in ("timeout", "unreachable", "malformed"):
            self._breaker.failed()
            log.warning("esign %s: %s", operation, outcome)
            raise failure  # here and not above, so that it has no __context__ that quotes what was sent
        self._breaker.succeeded()
        return _data(operation, answer)

    async def _answer(self, path: str, business: Any) -> dict[str, Any]:
        async with self._request(path, business) as response:
            raw = bytearray()
            async for chunk in response.content.iter_any():
                raw += chunk
                if len(raw) > LONGEST_ANSWER_BYTES:
                    raise ValueError("the answer is too long")
            if response.status != 200:
                raise ValueError("errors of the provider come with status 200")
        answer = json.loads(raw)
        if not isinstance(answer, dict) or type(answer["code"]) is not int:
            raise ValueError("not an answer of the provider")
        return answer

    def _request(self, path: str, business: Any) -> Any:
        text = compact(business)
        timestamp = timestamp_of(self._clock.now())
        form = aiohttp.FormData(default_to_multipart=True)
        for name, value in (("appId", self._app_id), ("timestamp", timestamp), ("bizData", text)):
            form.add_field(name, value)
        headers = {
            "sign": signature(self._key, to_sign(text, self._app_id, timestamp)),
            "timestamp": timestamp,
        }
        return self._http.post(
            self._base_url + path, data=form, headers=headers, timeout=self._timeout, allow_redirects=False
        )


def _data(operation: str, answer: dict[str, Any]) -> Any:
    code = answer["code"]
    if code == SUCCESS:
        return answer.get("data")
    level = logging.INFO if code in EVERYDAY else logging.ERROR
    # The provider's text may quote what was sent; the code says enough.
    log.log(level, "esign %s: code %d%s", operation, code, " (our key?)" if code == BAD_SIGNATURE else "")
    raise EsignRefused(operation, code)
