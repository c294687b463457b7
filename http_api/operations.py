"""Health checks and metrics, for load balancers and Prometheus. These responses have no envelope."""

import asyncio
import hmac
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

CHECK_SECONDS = 2.0


@dataclass(frozen=True)
class HealthCheck:
    """`probe` returns when the dependency answers, and raises when it does not."""

    name: str
    probe: Callable[[], Awaitable[None]]


@dataclass
class DrainState:
    """Set when the process was told to stop: readiness then fails, so that load balancers send no new requests."""

    draining: bool = False


DRAIN = web.AppKey("drain", DrainState)


def add_routes(
    app: web.Application, checks: Sequence[HealthCheck], registry: CollectorRegistry, multiprocess: bool, token: str
) -> None:
    app[DRAIN] = DrainState()

    async def live(request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def ready(request: web.Request) -> web.Response:
        answers = await asyncio.gather(*(_run(check) for check in checks))
        draining = request.app[DRAIN].draining
        up = all(answer["status"] == "up" for answer in answers) and not draining
        body = {
            "status": "draining" if draining else "ready" if up else "unavailable",
            "checks": {check.name: answer for check, answer in zip(checks, answers, strict=True)},
        }
        return web.json_response(body, status=200 if up else 503, headers=None if up else {"Retry-After": "5"})

    async def metrics(request: web.Request) -> web.Response:
        shown = request.headers.get("Authorization", "")
        if token and not hmac.compare_digest(shown.encode(), f"Bearer {token}".encode()):
            raise web.HTTPUnauthorized
        source = registry
        if multiprocess:
            remove_gauges_of_dead_processes(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]))
            source = CollectorRegistry()
            MultiProcessCollector(source)  # type: ignore[no-untyped-call]  # the library leaves it untyped
        body = await asyncio.to_thread(generate_latest, source)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    app.router.add_get("/health/live", live)
    app.router.add_get("/health/ready", ready)
    app.router.add_get("/api/health", ready)
    app.router.add_get("/metrics", metrics)


async def _run(check: HealthCheck) -> dict[str, object]:
    started = time.perf_counter()
    try:
        await asyncio.wait_for(check.probe(), CHECK_SECONDS)
        status = "up"
    except Exception:  # every failure of a dependency gives the same answer
        status = "down"
    return {"status": status, "ms": round((time.perf_counter() - started) * 1000, 1)}


def remove_gauges_of_dead_processes(folder: Path) -> None:
    """Removes the gauges of processes that have ended; their counters remain."""
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
