"""The page of metrics for Prometheus: who may read it, and how often it is rendered."""

import asyncio
import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, disable_created_metrics, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from domain.shared.errors import NotAuthenticated, PermissionDenied
from domain.shared.ip_addresses import IpNetwork, is_within, parse_networks
from domain.shared.single_flight import RecentResult

MAX_AGE_SECONDS: Final = 1.0
_LOOPBACK: Final = parse_networks("127.0.0.0/8, ::1, ::ffff:127.0.0.0/104")


@dataclass(frozen=True)
class MetricsAccess:
    """Access to the metrics: with a `token`, for the callers that show it; else all callers, unless `local_only`."""

    token: str = ""
    local_only: bool = False
    """Without a token, only this host and `trusted_networks` may read."""
    trusted_networks: Sequence[IpNetwork] = ()

    def require(self, request: web.BaseRequest) -> None:
        """Raises NotAuthenticated or PermissionDenied."""
        if self.token:
            # aiohttp decodes bytes that are not UTF-8 to lone surrogates.
            shown = request.headers.get("Authorization", "").encode(errors="surrogateescape")
            if not hmac.compare_digest(shown, f"Bearer {self.token}".encode()):
                raise NotAuthenticated
        elif self.local_only and not self._is_local(request):
            raise PermissionDenied

    def _is_local(self, request: web.BaseRequest) -> bool:
        # A proxy on a trusted host passes the requests of strangers on, and says so in one of these headers.
        forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
        return not forwarded and is_within(request.remote or "", (*_LOOPBACK, *self.trusted_networks))


class MetricsPage:
    """Renders all metrics at most once in MAX_AGE_SECONDS, however many callers ask."""

    def __init__(self, registry: CollectorRegistry, multiprocess: bool, access: MetricsAccess) -> None:
        """`multiprocess`: the metrics of all app processes of this machine are added up."""
        # They would add a line to each counter and histogram, which nothing reads.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library leaves it untyped
        self._registry = registry
        self._multiprocess = multiprocess
        self._access = access
        # A thread keeps requests waiting only in turns of the interpreter lock; still, each rendering costs them.
        self._rendered = RecentResult(lambda: asyncio.to_thread(self._render), MAX_AGE_SECONDS)

    async def handle(self, request: web.Request) -> web.Response:
        self._access.require(request)
        return web.Response(body=await self.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def text(self) -> bytes:
        return await self._rendered.get()

    def _render(self) -> bytes:
        if not self._multiprocess:
            return generate_latest(self._registry)
        folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
        _remove_gauges_of_dead_processes(folder)
        merged = CollectorRegistry()
        MultiProcessCollector(merged)  # type: ignore[no-untyped-call]  # the library leaves it untyped
        return generate_latest(merged)


def _remove_gauges_of_dead_processes(folder: Path) -> None:
    """Their counters remain."""
    for file in folder.glob("gauge_live*_*.db"):
        pid = file.stem.rpartition("_")[2]
        if pid.isdecimal() and not _is_alive(int(pid)):
            mark_process_dead(int(pid), str(folder))  # type: ignore[no-untyped-call]  # the library leaves it untyped


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
