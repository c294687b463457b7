"""One call of ZEGO's server API v2: signed, paced, with a deadline and a bounded answer, the secret in no log."""

import asyncio
import hashlib
import json
import logging
import random
import secrets
from collections.abc import Callable, Sequence
from typing import Any, Final

import aiohttp

from domain.shared.errors import UpstreamFailed, UpstreamTimedOut
from domain.shared.ports import Clock
from integrations.breaker import CircuitBreaker
from integrations.zego.codes import BUSY, GONE, OUR_CONFIGURATION, SUCCESS, Action, NotSent, ZegoRefused
from integrations.zego.pace import Pace

log = logging.getLogger("error.zego")

TIMEOUT: Final = aiohttp.ClientTimeout(total=8, connect=3)
LONGEST_ANSWER_BYTES: Final = 512 * 1024
MOST_TRIES: Final = 3
PAUSE_SECONDS: Final = 0.1

Parameters = Sequence[tuple[str, str]]
Observer = Callable[[str, str, float], None]
"""Told of every try: the action, its outcome (ZEGO's code, or timeout, unreachable, malformed, open_circuit) and the
seconds it took."""


def signature_of(app_id: int, nonce: str, secret: str, timestamp: int) -> str:
    """Over these four alone: business parameters are not signed, so only TLS protects them."""
    return hashlib.md5(f"{app_id}{nonce}{secret}{timestamp}".encode(), usedforsecurity=False).hexdigest()


def ignore(action: str, outcome: str, seconds: float) -> None:
    """The observer of those who measure nothing."""


class ZegoHttp:
    def __init__(
        self,
        http: aiohttp.ClientSession,
        base_url: str,
        app_id: int,
        server_secret: str,
        pace: Pace,
        clock: Clock,
        observe: Observer = ignore,
        timeout: aiohttp.ClientTimeout = TIMEOUT,
        pause_seconds: float = PAUSE_SECONDS,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        self._http = http
        self._base_url = base_url.rstrip("/") + "/"
        self._app_id = app_id
        self._secret = server_secret
        self._pace = pace
        self._clock = clock
        self._observe = observe
        self._timeout = timeout
        self._pause_seconds = pause_seconds
        self._breaker = breaker or CircuitBreaker()

    async def call(self, action: Action, parameters: Parameters) -> dict[str, Any]:
        """`Data` of a call that succeeded. Raises ZegoRefused, UpstreamFailed, UpstreamTimedOut, TooBusy, Unavailable.

        A busy ZEGO, and one that cannot be connected to, is asked again. One that leaves us waiting, or answers
        nonsense, is asked again only when the action is repeatable: it may have been carried out.
        """
        for attempt in range(1, MOST_TRIES + 1):
            try:
                return await self._observed(action, parameters)
            except UpstreamFailed as failure:
                if attempt == MOST_TRIES or not _worth_another_try(failure, action):
                    raise
            await asyncio.sleep(self._pause_seconds * 2**attempt * random.uniform(0.5, 1))  # noqa: S311  # jitter
        raise AssertionError("the last try returns or raises")

    async def _observed(self, action: Action, parameters: Parameters) -> dict[str, Any]:
        if not self._breaker.admits():
            self._observe(action.name, "open_circuit", 0)
            raise NotSent
        await self._pace.turn(action)
        loop = asyncio.get_running_loop()
        began, outcome = loop.time(), "cancelled"
        failure: UpstreamFailed
        try:
            answer = await self._exchange(action, parameters)
            outcome = str(answer["Code"])
        except TimeoutError:
            outcome, failure = "timeout", UpstreamTimedOut()
        except aiohttp.ClientConnectorError:
            outcome, failure = "unreachable", NotSent()
        except (aiohttp.ClientError, ValueError, KeyError, RecursionError):
            outcome, failure = "malformed", UpstreamFailed()
        finally:
            self._observe(action.name, outcome, loop.time() - began)
        if outcome in ("timeout", "unreachable", "malformed"):
            self._breaker.failed()
            log.warning("zego %s: %s", action.name, outcome)
            raise failure  # here and not above, so that it has no __context__ that quotes the address
        self._breaker.succeeded()
        return _data(action, answer)

    async def _exchange(self, action: Action, parameters: Parameters) -> dict[str, Any]:
        query = [("Action", action.name), *parameters, *self._signed()]
        request = self._http.get(
            self._base_url, params=query, timeout=self._timeout, allow_redirects=False, middlewares=(_sent_once,)
        )
        async with request as response:
            raw = bytearray()
            async for chunk in response.content.iter_any():
                raw += chunk
                if len(raw) > LONGEST_ANSWER_BYTES:
                    raise ValueError("the answer is too long")
            if response.status != 200:
                raise ValueError("errors of ZEGO come with status 200")
        answer = json.loads(raw)
        if not isinstance(answer, dict) or type(answer["Code"]) is not int:
            raise ValueError("not an answer of ZEGO")
        return answer

    def _signed(self) -> Parameters:
        """Fresh for every try: a nonce is good once."""
        nonce, timestamp = secrets.token_hex(8), int(self._clock.now().timestamp())
        return [
            ("AppId", str(self._app_id)),
            ("SignatureNonce", nonce),
            ("Timestamp", str(timestamp)),
            ("Signature", signature_of(self._app_id, nonce, self._secret, timestamp)),
            ("SignatureVersion", "2.0"),
        ]


async def _sent_once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """The library sends a GET again by itself when its connection breaks; the nonce would then be used twice, and what
    must not be repeated would be."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError):
        raise ValueError("the connection broke") from None


def _data(action: Action, answer: dict[str, Any]) -> dict[str, Any]:
    code = answer["Code"]
    if code == SUCCESS:
        data = answer.get("Data")
        return data if isinstance(data, dict) else {}
    level = logging.INFO if code in GONE else logging.ERROR if code in OUR_CONFIGURATION else logging.WARNING
    # ZEGO's text may quote what was sent; the code says enough.
    log.log(level, "zego %s: code %d%s", action.name, code, " (our configuration?)" if level == logging.ERROR else "")
    raise ZegoRefused(action.name, code)


def _worth_another_try(failure: UpstreamFailed, action: Action) -> bool:
    if isinstance(failure, ZegoRefused):
        return failure.zego_code == BUSY
    if isinstance(failure, NotSent):
        return True
    return type(failure) in (UpstreamFailed, UpstreamTimedOut) and action.repeatable
