"""Calls of Tencent Cloud API 3.0, signed by TC3-HMAC-SHA256."""

import hashlib
import hmac
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp

from domain.shared.errors import UpstreamFailed
from domain.shared.ports import Clock
from integrations.breaker import CircuitBreaker
from integrations.provider_http import Observer, ProviderHttp, no_observer

log = logging.getLogger("error.tencent")

CONTENT_TYPE: Final = "application/json; charset=utf-8"
TIMEOUT: Final = aiohttp.ClientTimeout(total=20, connect=3)
MAX_ANSWER_BYTES: Final = 512 * 1024
_ALGORITHM: Final = "TC3-HMAC-SHA256"


class TencentRefused(UpstreamFailed):
    """`tencent_code` is the provider's own code."""

    def __init__(self, tencent_code: str) -> None:
        super().__init__()
        self.tencent_code = tencent_code


@dataclass(frozen=True)
class Tc3Key:
    secret_id: str
    secret_key: str

    def authorization(self, service: str, headers: Mapping[str, str], body: bytes, timestamp: int) -> str:
        """All `headers` (by lower-case names) are signed. The day is that of UTC."""
        names = ";".join(sorted(headers))
        lines = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
        request = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
        day = datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d")
        scope = f"{day}/{service}/tc3_request"
        text = f"{_ALGORITHM}\n{timestamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
        key = f"TC3{self.secret_key}".encode()
        for step in (day, service, "tc3_request"):
            key = hmac.digest(key, step.encode(), "sha256")
        signature = hmac.digest(key, text.encode(), "sha256").hex()
        return f"{_ALGORITHM} Credential={self.secret_id}/{scope}, SignedHeaders={names}, Signature={signature}"


class Tc3Http:
    """One service of the provider."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        service: str,
        version: str,
        endpoint: str,
        key: Tc3Key,
        clock: Clock,
        observe: Observer = no_observer,
        breaker: CircuitBreaker | None = None,
        timeout: aiohttp.ClientTimeout = TIMEOUT,
    ) -> None:
        """`endpoint`: scheme and host."""
        self._http = http
        self._service = service
        self._version = version
        self._endpoint = endpoint
        self._key = key
        self._clock = clock
        self._timeout = timeout
        self._provider = ProviderHttp("tencent", "code", MAX_ANSWER_BYTES, observe, breaker, default_code=0)

    async def call(self, action: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The `Response`. Raises TencentRefused, NotSent, UpstreamFailed, UpstreamTimedOut."""
        self._provider.require_closed_circuit(action)
        body = json.dumps(arguments).encode()
        timestamp = int(self._clock.now().timestamp())
        signed = {
            "content-type": CONTENT_TYPE,
            "host": urlsplit(self._endpoint).netloc,
            "x-tc-action": action.lower(),
        }
        headers = {
            "Content-Type": CONTENT_TYPE,
            "X-TC-Action": action,
            "X-TC-Version": self._version,
            "X-TC-Timestamp": str(timestamp),
            "Authorization": self._key.authorization(self._service, signed, body, timestamp),
        }
        request = self._http.post(
            f"{self._endpoint}/", data=body, headers=headers, timeout=self._timeout, allow_redirects=False
        )
        _, answer = await self._provider.exchange(action, request)
        response = answer.get("Response")
        if not isinstance(response, dict):
            raise UpstreamFailed
        error = response.get("Error")
        if error is not None:
            code = str(error.get("Code", ""))[:100] if isinstance(error, dict) else ""
            log.warning("tencent %s: %s, request %s", action, code, str(response.get("RequestId"))[:64])
            raise TencentRefused(code)
        return response
