"""Signed HTTP calls to 爱签, with a deadline and a size limit. Errors and log lines contain no personal data."""

import logging
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

import aiohttp
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from domain.shared.errors import UpstreamFailed, UpstreamTimedOut
from domain.shared.ports import Clock
from integrations.breaker import CircuitBreaker
from integrations.esign.codes import BAD_SIGNATURE, EXPECTED_CODES, SUCCESS, EsignRefused
from integrations.esign.signatures import canonical_json, request_timestamp, sign, text_to_sign
from integrations.provider_http import Observer, ProviderHttp, Request, no_observer, with_retries

log = logging.getLogger("error.esign")

MAX_RESPONSE_BYTES: Final = 4 * 1024 * 1024
MAX_TRIES: Final = 2


def call_timeout(seconds: float) -> aiohttp.ClientTimeout:
    """The timeout of a whole call, with a short limit for connecting."""
    return aiohttp.ClientTimeout(total=seconds, connect=min(5.0, seconds))


class EsignHttp:
    def __init__(
        self,
        http: aiohttp.ClientSession,
        base_url: str,
        app_id: str,
        key: RSAPrivateKey,
        clock: Clock,
        observe: Observer = no_observer,
        timeout: aiohttp.ClientTimeout | None = None,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        self._http = http
        self._base_url = base_url.rstrip("/")
        self._app_id = app_id
        self._key = key
        self._clock = clock
        self._timeout = timeout or call_timeout(30)
        self._esign = ProviderHttp("esign", "code", MAX_RESPONSE_BYTES, observe, breaker)

    async def call(self, path: str, business: Any) -> Any:
        """The `data` of a successful call. Raises EsignRefused, UpstreamFailed, UpstreamTimedOut.

        All calls are idempotent: a call with a broken connection is retried at once, a timed-out one is not.
        """
        return await with_retries(lambda: self._once(path, business), _is_retryable, MAX_TRIES)

    def stream(self, path: str, business: Any) -> AbstractAsyncContextManager[aiohttp.StreamReader]:
        """Streams the body of a response that is too large for memory. Raises UpstreamFailed, UpstreamTimedOut."""
        return self._esign.stream(_operation(path), self._request(path, business))

    async def _once(self, path: str, business: Any) -> Any:
        operation = _operation(path)
        self._esign.require_closed_circuit(operation)
        code, answer = await self._esign.exchange(operation, self._request(path, business))
        if code == SUCCESS:
            return answer.get("data")
        level = logging.INFO if code in EXPECTED_CODES else logging.ERROR
        # Only the code is logged: the provider's text may quote personal data of the request.
        log.log(level, "esign %s: code %d%s", operation, code, " (our key?)" if code == BAD_SIGNATURE else "")
        raise EsignRefused(operation, code)

    def _request(self, path: str, business: Any) -> Request:
        text = canonical_json(business)
        timestamp = request_timestamp(self._clock.now())
        form = aiohttp.FormData(default_to_multipart=True)
        for name, value in (("appId", self._app_id), ("timestamp", timestamp), ("bizData", text)):
            form.add_field(name, value)
        headers = {
            "sign": sign(self._key, text_to_sign(text, self._app_id, timestamp)),
            "timestamp": timestamp,
        }
        return self._http.post(
            self._base_url + path, data=form, headers=headers, timeout=self._timeout, allow_redirects=False
        )


def _operation(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def _is_retryable(failure: Exception) -> bool:
    return isinstance(failure, UpstreamFailed) and not isinstance(failure, UpstreamTimedOut)
