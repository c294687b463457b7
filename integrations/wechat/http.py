"""One call to WeChat's server API: deadlines, bounded answers, and nothing secret in what is raised or logged."""

import asyncio
import json
import logging
import random
import re
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp

from domain.shared.errors import UpstreamFailed, UpstreamTimedOut
from integrations.breaker import CircuitBreaker
from integrations.wechat.answers import BUSY, WeChatRefused

log = logging.getLogger(__name__)

TIMEOUT = aiohttp.ClientTimeout(total=5, connect=3)
LONGEST_ANSWER_BYTES = 64 * 1024
MOST_TRIES = 3
PAUSE_SECONDS = 0.1

Observer = Callable[[str, str, float], None]
"""Told of every single call: the operation, its outcome ("0", an errcode, timeout, unreachable, malformed,
open_circuit, cancelled) and the seconds it took."""


def ignore(operation: str, outcome: str, seconds: float) -> None:
    """The observer of those who measure nothing."""


_RID = re.compile(r"rid: ?([0-9a-f-]{1,40})")


class _Unsent(UpstreamFailed):
    """There was nobody to connect to: WeChat has not seen the call."""


class _CircuitOpen(UpstreamFailed):
    """Not even tried: WeChat has failed often enough."""


class WeChatHttp:
    """Queries carry secrets, so no exception of the HTTP library, which may quote an address, leaves this class."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        base_url: str,
        observe: Observer = ignore,
        timeout: aiohttp.ClientTimeout = TIMEOUT,
        pause_seconds: float = PAUSE_SECONDS,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        self._http = http
        self._base_url = base_url.rstrip("/")
        self._observe = observe
        self._timeout = timeout
        self._pause_seconds = pause_seconds
        self._breaker = breaker or CircuitBreaker()

    async def get(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        """As `post`."""
        return await self._call("GET", path, query, None, repeatable=False)

    async def post(
        self, path: str, body: Mapping[str, object], query: Mapping[str, str] | None = None, repeatable: bool = False
    ) -> dict[str, Any]:
        """The answer to a call that succeeded. Raises WeChatRefused, UpstreamFailed, UpstreamTimedOut.

        A busy WeChat, and one that cannot be connected to, is asked again. One that leaves us waiting is asked again
        only when the call is `repeatable`: it may have used up a one-time code.
        """
        return await self._call("POST", path, query or {}, body, repeatable)

    async def _call(
        self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, object] | None, repeatable: bool
    ) -> dict[str, Any]:
        for attempt in range(1, MOST_TRIES + 1):
            try:
                return await self._observed(method, path, query, body)
            except (WeChatRefused, UpstreamFailed) as failure:
                if attempt == MOST_TRIES or not _worth_another_try(failure, repeatable):
                    raise
            await asyncio.sleep(self._pause_seconds * 2**attempt * random.uniform(0.5, 1))  # noqa: S311  # jitter
        raise AssertionError("the last try returns or raises")

    async def _observed(
        self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, object] | None
    ) -> dict[str, Any]:
        operation = path.rsplit("/", 1)[-1]
        if not self._breaker.admits():
            self._observe(operation, "open_circuit", 0)
            raise _CircuitOpen
        loop = asyncio.get_running_loop()
        began = loop.time()
        outcome = "cancelled"
        failure: UpstreamFailed
        try:
            answer = await self._exchange(method, path, query, body)
            outcome = str(_errcode(answer))
        except TimeoutError:
            outcome, failure = "timeout", UpstreamTimedOut()
        except aiohttp.ClientConnectorError:
            outcome, failure = "unreachable", _Unsent()
        except (aiohttp.ClientError, ValueError, RecursionError):  # the last: an answer nested to exhaust us
            outcome, failure = "malformed", UpstreamFailed()
        finally:
            self._observe(operation, outcome, loop.time() - began)
        if outcome in ("timeout", "unreachable", "malformed"):
            self._breaker.failed()
            log.warning("wechat %s: %s", operation, outcome)
            raise failure  # here and not above, so that it has no __context__ that quotes the address
        self._breaker.succeeded()
        if outcome != "0":
            raise _refusal(operation, answer)
        return answer

    async def _exchange(
        self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, object] | None
    ) -> dict[str, Any]:
        request = self._http.request(
            method,
            self._base_url + path,
            params=query,
            # Escaped text is refused by some calls: the characters themselves have to be sent.
            data=None if body is None else json.dumps(body, ensure_ascii=False).encode(),
            headers={} if body is None else {"Content-Type": "application/json"},
            timeout=self._timeout,
            allow_redirects=False,  # the query would follow
        )
        async with request as response:
            raw = bytearray()
            async for chunk in response.content.iter_any():
                raw += chunk
                if len(raw) > LONGEST_ANSWER_BYTES:
                    raise ValueError("the answer is too long")
            if response.status != 200:
                raise ValueError("errors of WeChat come with status 200")
        answer = json.loads(raw)  # whatever the content type says
        if not isinstance(answer, dict):
            raise ValueError("the answer is not an object")
        return answer


def _errcode(answer: dict[str, Any]) -> int:
    """0 for success, which may not be said. ValueError for something that is no errcode."""
    errcode = answer.get("errcode", 0)
    if type(errcode) is not int:
        raise ValueError("errcode is not a number")
    return errcode


def _refusal(operation: str, answer: dict[str, Any]) -> WeChatRefused:
    found = _RID.search(str(answer.get("errmsg", "")))
    refused = WeChatRefused(operation, answer["errcode"], found[1] if found else "")
    log.log(refused.log_level, "wechat %s: errcode %d, rid %s", operation, refused.errcode, refused.rid)
    return refused


def _worth_another_try(failure: Exception, repeatable: bool) -> bool:
    if isinstance(failure, WeChatRefused):
        return failure.errcode == BUSY
    return isinstance(failure, _Unsent) or (repeatable and not isinstance(failure, _CircuitOpen))
