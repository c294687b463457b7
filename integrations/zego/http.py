"""Calls of ZEGO's server API v2: signed, paced, retried, with limits of time and size; the secret is never logged."""

import hashlib
import logging
import secrets
from collections.abc import Sequence
from typing import Any, Final

import aiohttp

from domain.shared.errors import UpstreamFailed, UpstreamTimedOut
from domain.shared.ports import Clock
from integrations.breaker import CircuitBreaker
from integrations.provider_http import PAUSE_SECONDS, Observer, ProviderHttp, no_observer, with_retries
from integrations.zego.call_pacer import CallPacer
from integrations.zego.codes import BUSY, GONE, OUR_CONFIGURATION, SUCCESS, Action, ZegoRefused

log = logging.getLogger("error.zego")

TIMEOUT: Final = aiohttp.ClientTimeout(total=8, connect=3)
MAX_ANSWER_BYTES: Final = 512 * 1024
MAX_TRIES: Final = 3

Parameters = Sequence[tuple[str, str]]


def signature_of(app_id: int, nonce: str, secret: str, timestamp: int) -> str:
    """Covers these four values only: the other parameters are protected by TLS alone."""
    return hashlib.md5(f"{app_id}{nonce}{secret}{timestamp}".encode(), usedforsecurity=False).hexdigest()


class ZegoHttp:
    def __init__(
        self,
        http: aiohttp.ClientSession,
        base_url: str,
        app_id: int,
        server_secret: str,
        pacer: CallPacer,
        clock: Clock,
        observe: Observer = no_observer,
        timeout: aiohttp.ClientTimeout = TIMEOUT,
        pause_seconds: float = PAUSE_SECONDS,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        self._http = http
        self._base_url = base_url.rstrip("/") + "/"
        self._app_id = app_id
        self._secret = server_secret
        self._pacer = pacer
        self._clock = clock
        self._timeout = timeout
        self._pause_seconds = pause_seconds
        self._zego = ProviderHttp("zego", "Code", MAX_ANSWER_BYTES, observe, breaker)

    async def call(self, action: Action, parameters: Parameters) -> dict[str, Any]:
        """Returns `Data` of a successful call. Raises ZegoRefused, UpstreamFailed, UpstreamTimedOut, CallQueueFull,
        Unavailable.

        Retried when ZEGO is busy or cannot be connected to. After a timeout or an invalid answer only a repeatable
        action is retried, because it may have been carried out.
        """
        return await with_retries(
            lambda: self._once(action, parameters),
            lambda failure: _should_retry(failure, action),
            MAX_TRIES,
            self._pause_seconds,
        )

    async def _once(self, action: Action, parameters: Parameters) -> dict[str, Any]:
        self._zego.require_closed_circuit(action.name)
        await self._pacer.wait(action)
        query = [("Action", action.name), *parameters, *self._signed()]
        request = self._http.get(
            self._base_url, params=query, timeout=self._timeout, allow_redirects=False, middlewares=(_send_once,)
        )
        code, answer = await self._zego.exchange(action.name, request)
        if code == SUCCESS:
            data = answer.get("Data")
            return data if isinstance(data, dict) else {}
        level = logging.INFO if code in GONE else logging.ERROR if code in OUR_CONFIGURATION else logging.WARNING
        # ZEGO's message may quote the request, so only the code is logged.
        hint = " (our configuration?)" if level == logging.ERROR else ""
        log.log(level, "zego %s: code %d%s", action.name, code, hint)
        raise ZegoRefused(action.name, code)

    def _signed(self) -> Parameters:
        """New for every try: a nonce is accepted once."""
        nonce, timestamp = secrets.token_hex(8), int(self._clock.now().timestamp())
        return [
            ("AppId", str(self._app_id)),
            ("SignatureNonce", nonce),
            ("Timestamp", str(timestamp)),
            ("Signature", signature_of(self._app_id, nonce, self._secret, timestamp)),
            ("SignatureVersion", "2.0"),
        ]


async def _send_once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """aiohttp repeats a GET whose connection breaks. That would use the nonce twice, and repeat actions that must not
    be repeated."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError):
        raise ValueError("the connection broke") from None


def _should_retry(failure: Exception, action: Action) -> bool:
    if isinstance(failure, ZegoRefused):
        return failure.zego_code == BUSY
    return type(failure) in (UpstreamFailed, UpstreamTimedOut) and action.repeatable
