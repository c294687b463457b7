"""Calls of COS's XML API: signed, with deadlines, behind a circuit breaker; errors and logs quote no address."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode, urlsplit
from xml.etree.ElementTree import Element, ParseError

import aiohttp
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from yarl import URL

from domain.shared.errors import UpstreamFailed
from domain.shared.ports import Clock
from integrations.breaker import CircuitBreaker
from integrations.provider_http import CircuitOpen, Observer, Request, failure_of, no_observer
from integrations.tencent.cos.signatures import CosKey

log = logging.getLogger("error.cos")

CONNECT_SECONDS: Final = 5.0
CALL_SECONDS: Final = 30.0
SLOWEST_BYTES_PER_SECOND: Final = 256 * 1024
SIGNED_SECONDS: Final = 900
SKEW_SECONDS: Final = 60
"""Our clock may be ahead of the provider's by this time."""
MAX_XML_BYTES: Final = 2 * 1024 * 1024
_BUSY: Final = frozenset({"SlowDown", "ServiceUnavailable", "InternalError", "RequestTimeout", "XMLError"})
NONE: Final[Mapping[str, str]] = {}


class CosRefused(UpstreamFailed):
    """COS refused the request; `cos_code` is its own code."""

    def __init__(self, cos_code: str, status: int) -> None:
        super().__init__()
        self.cos_code = cos_code
        self.status = status

    @property
    def is_missing(self) -> bool:
        return self.status == 404 and self.cos_code != "NoSuchBucket"


@dataclass(frozen=True)
class CosBucket:
    endpoint: str
    """Scheme and host, without a path."""
    name: str
    key: CosKey

    @property
    def host(self) -> str:
        return urlsplit(self.endpoint).netloc


class CosHttp:
    def __init__(
        self,
        http: aiohttp.ClientSession,
        bucket: CosBucket,
        clock: Clock,
        observe: Observer = no_observer,
        breaker: CircuitBreaker | None = None,
        call_seconds: float = CALL_SECONDS,
    ) -> None:
        self.bucket = bucket
        self._http = http
        self._clock = clock
        self._observe = observe
        self._breaker = breaker or CircuitBreaker()
        self._call_seconds = call_seconds

    async def call(
        self,
        operation: str,
        method: str,
        key: str,
        params: Mapping[str, str] = NONE,
        headers: Mapping[str, str] = NONE,
        content: bytes | Path = b"",
    ) -> bytes:
        """The body of a successful answer. Raises CosRefused, NotSent, UpstreamFailed, UpstreamTimedOut."""
        size = await asyncio.to_thread(_size_of, content)
        async with self.open(operation, method, key, params, headers, content, size) as response:
            body = await response.content.read(MAX_XML_BYTES)
            while len(body) < MAX_XML_BYTES and (more := await response.content.read(MAX_XML_BYTES - len(body))):
                body += more
            return body

    @asynccontextmanager
    async def open(
        self,
        operation: str,
        method: str,
        key: str,
        params: Mapping[str, str] = NONE,
        headers: Mapping[str, str] = NONE,
        content: bytes | Path = b"",
        size: int = 0,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """A successful answer whose body is still to be read. `size`: of what is sent or received."""
        if not self._breaker.allows_call():
            self._observe(operation, "open_circuit", 0)
            raise CircuitOpen
        started, outcome = time.perf_counter(), "cancelled"
        failure: UpstreamFailed | None = None
        try:
            seconds = self._call_seconds + size / SLOWEST_BYTES_PER_SECOND
            async with asyncio.timeout(seconds), self._request(method, key, params, headers, content) as response:
                await _require_success(response, method)
                yield response
            outcome = "ok"
            self._breaker.record_success()
        except CosRefused as refused:
            outcome, failure = refused.cos_code, refused
            (self._breaker.record_failure if refused.cos_code in _BUSY else self._breaker.record_success)()
        except (TimeoutError, aiohttp.ClientError, ParseError, DefusedXmlException) as error:
            outcome, failure = failure_of(error)
            self._breaker.record_failure()
        finally:
            self._observe(operation, outcome, time.perf_counter() - started)
        if failure is not None:
            if not (isinstance(failure, CosRefused) and failure.is_missing):
                log.warning("cos %s: %s", operation, outcome)
            raise failure  # raised outside of `except`, so that its __context__ quotes nothing

    def _request(
        self,
        method: str,
        key: str,
        params: Mapping[str, str],
        headers: Mapping[str, str],
        content: bytes | Path,
    ) -> Request:
        now = int(self._clock.now().timestamp())
        signed = {"host": self.bucket.host, **headers}
        path = f"/{key}"
        authorization = self.bucket.key.authorization(
            method, path, params, signed, now - SKEW_SECONDS, now + SIGNED_SECONDS
        )
        return self._http.request(
            method,
            URL(self.address(path, urlencode(params, quote_via=quote, safe="-_.~")), encoded=True),
            data=content.open("rb") if isinstance(content, Path) else content or None,
            headers={**headers, "Authorization": authorization},
            timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_SECONDS),
            allow_redirects=False,
            skip_auto_headers=("Content-Type",),
        )

    def address(self, path: str, query: str) -> str:
        return f"{self.bucket.endpoint}{quote(path, safe='/-_.~')}{'?' if query else ''}{query}"

    def signed_address(
        self, method: str, key: str, params: Mapping[str, str], headers: Mapping[str, str], seconds: int
    ) -> str:
        """An address that works without a key for `seconds`, with exactly these `headers`."""
        now = int(self._clock.now().timestamp())
        signed = {"host": self.bucket.host, **headers}
        query = self.bucket.key.query(method, f"/{key}", params, signed, now - SKEW_SECONDS, now + seconds)
        return self.address(f"/{key}", query)


def _size_of(content: bytes | Path) -> int:
    return content.stat().st_size if isinstance(content, Path) else len(content)


async def _require_success(response: aiohttp.ClientResponse, method: str) -> None:
    if response.status < 300:
        return
    body = b"" if method == "HEAD" else await response.content.read(64 * 1024)
    code = (parsed(body).findtext("Code") if body else "") or f"HTTP{response.status}"
    raise CosRefused(code[:64], response.status)


def parsed(body: bytes) -> Element:
    """Without document types and entities. Raises ParseError, DefusedXmlException."""
    root: Element = fromstring(body, forbid_dtd=True)
    return root
