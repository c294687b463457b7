"""Serves an application at one address: listens, sweeps over the deadlines of its connections, stops in order."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from typing import Any, Final, cast

from aiohttp import web
from prometheus_client import CollectorRegistry

from http_api.connections.admission import Admission, ListeningSocket
from http_api.connections.body_budget import BodyBudget
from http_api.connections.connection import ConnectionContext, HttpConnection
from http_api.connections.limits import ConnectionLimits
from http_api.connections.metrics import ConnectionMetrics

log = logging.getLogger("error.connections")

_BACKLOG: Final = 128
_KERNEL_BACKLOG: Final = 4096
_REPORT_SECONDS: Final = 60.0


class HttpServer:
    def __init__(
        self, app: web.Application, limits: ConnectionLimits, registry: CollectorRegistry, shutdown_seconds: float
    ) -> None:
        """`shutdown_seconds`: how long requests may take to finish when it is closed."""
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=shutdown_seconds)
        self._limits = limits
        self._admission = Admission(limits)
        self._metrics = ConnectionMetrics(registry)
        self._context = ConnectionContext(
            limits, self._admission, BodyBudget(limits.body_bytes, limits.body_bytes_per_address), self._metrics
        )
        self._listening: asyncio.Server | None = None
        self._sweeping: asyncio.TimerHandle | None = None
        self._unreported: Counter[str] = Counter()
        self._report_at = 0.0

    async def start(self, host: str, port: int) -> None:
        """Raises OSError if the address is taken."""
        loop = asyncio.get_running_loop()
        await self._runner.setup()
        server = cast(web.Server, self._runner.server)
        server.request_factory = _announced(server.request_factory)
        listener = ListeningSocket(host, port, self._admission)
        self._listening = await loop.create_server(
            lambda: HttpConnection(server, self._context, loop), sock=listener, backlog=_BACKLOG
        )
        # asyncio accepts `backlog` connections in one go; the kernel may hold many more until their turn comes.
        listener.listen(_KERNEL_BACKLOG)
        self._sweep()

    def stop_accepting(self) -> None:
        if self._listening is not None:
            self._listening.close()

    async def close(self) -> None:
        """Returns when the last request has been answered, or its time is up."""
        self.stop_accepting()
        await self._runner.cleanup()
        if self._sweeping is not None:
            self._sweeping.cancel()

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        self._sweeping = loop.call_later(self._limits.sweep_seconds, self._sweep)
        now = loop.time()
        for connection in list(self._context.open):
            connection.check(now)
        self._metrics.open.set(self._admission.open)
        self._metrics.body_bytes.set(self._context.budget.held)
        self._report(now)

    def _report(self, now: float) -> None:
        """Refusals are counted at once, and logged together in one line a minute."""
        refused = self._admission.refused
        for reason, count in refused.items():
            self._metrics.refused.labels(reason).inc(count)
        self._unreported.update(refused)
        refused.clear()
        if self._unreported and now >= self._report_at:
            log.warning("connections.refused", extra={"refused": dict(self._unreported), "open": self._admission.open})
            self._unreported.clear()
            self._report_at = now + _REPORT_SECONDS


def _announced(make_request: Callable[..., web.BaseRequest]) -> Callable[..., web.BaseRequest]:
    """A request factory that tells the connection first."""

    def make(message: Any, payload: Any, protocol: HttpConnection, writer: Any, task: Any) -> web.BaseRequest:
        protocol.request_begins(payload)
        return make_request(message, payload, protocol, writer, task)

    return make
