"""Calls WeChat's server API with deadlines and bounded answers; errors and logs contain no secrets."""

import json
import logging
import re
from collections.abc import Mapping
from typing import Any, Final

import aiohttp

from domain.shared.errors import UpstreamFailed
from integrations.breaker import CircuitBreaker
from integrations.provider_http import PAUSE_SECONDS, Observer, ProviderHttp, no_observer, with_retries
from integrations.wechat.error_codes import BUSY, SUCCESS, WeChatRefused

log = logging.getLogger("error.wechat")

TIMEOUT: Final = aiohttp.ClientTimeout(total=5, connect=3)
MAX_ANSWER_BYTES: Final = 64 * 1024
MAX_TRIES: Final = 3

_RID = re.compile(r"rid: ?([0-9a-f-]{1,40})")


class WeChatHttp:
    def __init__(
        self,
        http: aiohttp.ClientSession,
        base_url: str,
        observe: Observer = no_observer,
        timeout: aiohttp.ClientTimeout = TIMEOUT,
        pause_seconds: float = PAUSE_SECONDS,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        self._http = http
        self._base_url = base_url.rstrip("/")
        self._timeout = timeout
        self._pause_seconds = pause_seconds
        self._wechat = ProviderHttp("wechat", "errcode", MAX_ANSWER_BYTES, observe, breaker, default_code=SUCCESS)

    async def get(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        """As `post`."""
        return await self._call("GET", path, query, None, repeatable=False)

    async def post(
        self, path: str, body: Mapping[str, object], query: Mapping[str, str] | None = None, repeatable: bool = False
    ) -> dict[str, Any]:
        """The answer of a successful call. Raises WeChatRefused, UpstreamFailed, UpstreamTimedOut.

        Retries when WeChat is busy or cannot be connected to. A call that timed out or failed otherwise is retried
        only when it is `repeatable`: it may have used up a one-time code.
        """
        return await self._call("POST", path, query or {}, body, repeatable)

    async def _call(
        self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, object] | None, repeatable: bool
    ) -> dict[str, Any]:
        return await with_retries(
            lambda: self._once(method, path, query, body),
            lambda failure: _is_retryable(failure, repeatable),
            MAX_TRIES,
            self._pause_seconds,
        )

    async def _once(
        self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, object] | None
    ) -> dict[str, Any]:
        operation = path.rsplit("/", 1)[-1]
        self._wechat.require_closed_circuit(operation)
        request = self._http.request(
            method,
            self._base_url + path,
            params=query,
            # Some calls refuse escaped text, so the characters are sent unescaped.
            data=None if body is None else json.dumps(body, ensure_ascii=False).encode(),
            headers={} if body is None else {"Content-Type": "application/json"},
            timeout=self._timeout,
            allow_redirects=False,  # a redirect would receive the query
        )
        code, answer = await self._wechat.exchange(operation, request)
        if code != SUCCESS:
            raise _refusal(operation, answer)
        return answer


def _refusal(operation: str, answer: dict[str, Any]) -> WeChatRefused:
    found = _RID.search(str(answer.get("errmsg", "")))
    refused = WeChatRefused(operation, answer["errcode"], found[1] if found else "")
    log.log(refused.log_level, "wechat %s: errcode %d, rid %s", operation, refused.errcode, refused.rid)
    return refused


def _is_retryable(failure: Exception, repeatable: bool) -> bool:
    if isinstance(failure, WeChatRefused):
        return failure.errcode == BUSY
    return repeatable and isinstance(failure, UpstreamFailed)
