"""Health checks and metrics, for load balancers and Prometheus. These responses have no envelope."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from aiohttp import web

from domain.shared.errors import DomainError
from http_api.metrics_page import MetricsPage

CHECK_SECONDS = 2.0


@dataclass(frozen=True)
class HealthCheck:
    """`probe` returns when the dependency can be used, and raises when it cannot."""

    name: str
    probe: Callable[[], Awaitable[None]]


@dataclass
class DrainState:
    """Set when the process was told to stop: readiness then fails, so that load balancers send no new requests."""

    draining: bool = False


DRAIN = web.AppKey("drain", DrainState)


def add_routes(app: web.Application, checks: Sequence[HealthCheck], metrics: MetricsPage) -> None:
    app[DRAIN] = DrainState()

    async def live(request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def ready(request: web.Request) -> web.Response:
        answers = await asyncio.gather(*(_run(check) for check in checks))
        draining = request.app[DRAIN].draining
        up = all(answer["status"] == "up" for answer in answers) and not draining
        body = {
            "status": "draining" if draining else "ok" if up else "unavailable",
            "checks": {check.name: answer for check, answer in zip(checks, answers, strict=True)},
        }
        return web.json_response(body, status=200 if up else 503, headers=None if up else {"Retry-After": "5"})

    app.router.add_get("/health/live", live)
    for path in ("/health/ready", "/health", "/api/health"):
        app.router.add_get(path, ready)
    app.router.add_get("/metrics", metrics.handle)


async def _run(check: HealthCheck) -> dict[str, object]:
    started = time.perf_counter()
    answer: dict[str, object] = {"status": "up"}
    try:
        await asyncio.wait_for(check.probe(), CHECK_SECONDS)
    except DomainError as error:
        answer = {"status": "down", "cause": error.code}
    except Exception:  # every other failure of a dependency gives the same answer
        answer = {"status": "down"}
    return {**answer, "ms": round((time.perf_counter() - started) * 1000, 1)}
