"""One call to 爱签: signed, with a deadline, a bounded answer, and nothing personal in what is raised or logged."""

import logging
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

import aiohttp
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from domain.shared.errors import UpstreamFailed, UpstreamTimedOut
from domain.shared.ports import Clock
from integrations.breaker import CircuitBreaker
from integrations.esign.codes import BAD_SIGNATURE, EVERYDAY, SUCCESS, EsignRefused
from integrations.esign.signatures import compact, signature, timestamp_of, to_sign
from integrations.provider_http import Observer, ProviderHttp, Request, no_observer, with_retries

log = logging.getLogger("error.esign")

LONGEST_ANSWER_BYTES: Final = 4 * 1024 * 1024
MOST_TRIES: Final = 2


def patience(seconds: float) -> aiohttp.ClientTimeout:
    """For one call as a whole; nobody waits long for a connection."""
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
        self._timeout = timeout or patience(30)
        self._esign = ProviderHttp("esign", "code", LONGEST_ANSWER_BYTES, observe, breaker)

    async def call(self, path: str, business: Any) -> Any:
        """`data` of a call that succeeded. Raises EsignRefused, UpstreamFailed, UpstreamTimedOut.

        Our calls may all be repeated, so one that met a broken connection is; one that timed out is for later.
        """
        return await with_retries(lambda: self._once(path, business), _worth_another_try, MOST_TRIES)

    def stream(self, path: str, business: Any) -> AbstractAsyncContextManager[aiohttp.StreamReader]:
        """The raw answer of a call, for answers too large to hold. Raises UpstreamFailed, UpstreamTimedOut."""
        return self._esign.stream(_operation(path), self._request(path, business))

    async def _once(self, path: str, business: Any) -> Any:
        operation = _operation(path)
        self._esign.require_closed_circuit(operation)
        code, answer = await self._esign.exchange(operation, self._request(path, business))
        if code == SUCCESS:
            return answer.get("data")
        level = logging.INFO if code in EVERYDAY else logging.ERROR
        # The provider's text may quote what was sent; the code says enough.
        log.log(level, "esign %s: code %d%s", operation, code, " (our key?)" if code == BAD_SIGNATURE else "")
        raise EsignRefused(operation, code)

    def _request(self, path: str, business: Any) -> Request:
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


def _operation(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def _worth_another_try(failure: Exception) -> bool:
    return isinstance(failure, UpstreamFailed) and not isinstance(failure, UpstreamTimedOut)
