"""The cost of a log-in of a known user: CPU of the app process and of the store, log-ins per second, latency.

`python -m tests.benchmarks.login [--quick]` starts the product with its embedded store, and beside it a minimal handler
(`login_baseline`: one find, one update) with a store of its own that is started the same way. Both get the same log-ins
in turns. Then it measures the time from the answer of a log-in to its event at a dashboard, at 100 log-ins a second.
Exits with 1 when a bar is missed.

CPU counts all work that follows from the log-ins: from the first turn until `DEFERRED_SECONDS` after the last, less
what the same process used while idle. Latency and throughput depend on the machine; their ratios much less.
"""

import argparse
import asyncio
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import socketio

from integrations.local.embedded.stack import EmbeddedStack
from tests.benchmarks.login_baseline import openid
from tests.journeys.support.app_processes import app_process_ids, child_process_ids
from tests.journeys.support.people import USERS as PATH
from tests.journeys.support.running import ROOT, Product, running
from tests.servers import free_port
from tests.waiting import eventually

USERS = 200
SESSIONS = 4
"""Each account has its maximum of sessions before anything is measured."""
TURNS = 5
CLIENTS = (16, 1, 64)
IDLE_SECONDS, DEFERRED_SECONDS = 5.0, 62.0


@dataclass
class Bars:
    missed: list[str] = field(default_factory=list)

    def check(self, name: str, value: float, *, at_most: float | None = None, at_least: float | None = None) -> None:
        held = (at_most is None or value <= at_most) and (at_least is None or value >= at_least)
        bar = f"<= {at_most}" if at_most is not None else f">= {at_least}"
        print(f"{'ok    ' if held else 'MISSED'}  {name}: {value:.2f}   bar: {bar}")
        if not held:
            self.missed.append(name)


@dataclass(frozen=True)
class Cpu:
    """Seconds of CPU."""

    app: float
    store: float

    def __sub__(self, other: "Cpu") -> "Cpu":
        return Cpu(self.app - other.app, self.store - other.store)

    def scaled(self, factor: float) -> "Cpu":
        return Cpu(self.app * factor, self.store * factor)


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass
class Server:
    """One of the two that are compared."""

    name: str
    url: str
    path: str
    app_pid: int
    store_pid: int
    numbers: "count[int]" = field(default_factory=count)

    @property
    def cpu(self) -> Cpu:
        return Cpu(cpu_seconds(self.app_pid), cpu_seconds(self.store_pid))

    async def log_in(self, logins: int, clients: int) -> list[float]:
        """Log in the users one after the other, `clients` at a time; returns the latencies in seconds."""
        latencies: list[float] = []
        remaining = iter(range(logins))
        async with aiohttp.ClientSession(self.url) as session:

            async def client() -> None:
                for _ in remaining:
                    began = time.perf_counter()
                    async with session.post(self.path, json={"openid": openid(next(self.numbers) % USERS)}) as answer:
                        assert answer.status in (200, 201), await answer.text()
                        await answer.read()
                    latencies.append(time.perf_counter() - began)

            await asyncio.gather(*(client() for _ in range(clients)))
        return latencies


@dataclass
class Figures:
    """The measurements of one server with one number of clients."""

    rates: list[float] = field(default_factory=list)
    """Log-ins per second, of each turn."""
    latencies: list[float] = field(default_factory=list)
    cpu: Cpu = Cpu(0, 0)
    """Of one log-in."""

    @property
    def rate(self) -> float:
        return statistics.median(self.rates)

    def percentile(self, percent: int) -> float:
        """In milliseconds."""
        return sorted(self.latencies)[min(len(self.latencies) * percent // 100, len(self.latencies) - 1)] * 1000

    def __str__(self) -> str:
        return (
            f"{self.rate:6.0f}/s  p50 {self.percentile(50):6.1f} ms  p99 {self.percentile(99):6.1f} ms  "
            f"CPU of a log-in: app {self.cpu.app * 1000:.2f} ms, store {self.cpu.store * 1000:.2f} ms"
        )


@asynccontextmanager
async def minimal_server() -> AsyncIterator[Server]:
    with tempfile.TemporaryDirectory(prefix="login-baseline-", ignore_cleanup_errors=True) as directory:
        stack = EmbeddedStack(Path(directory) / "data", True, False, logging.getLogger(__name__))
        addresses = await stack.start()
        port = free_port()
        handler = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.login_baseline", str(port), str(USERS)],
            env={**os.environ, "MONGODB_URI": str(addresses.mongodb_uri)},
            cwd=ROOT,
        )
        server = Server("minimal", f"http://127.0.0.1:{port}", "/login", handler.pid, stack.pids[0])

        async def answers() -> bool:
            try:
                return bool(await server.log_in(1, 1))
            except aiohttp.ClientConnectionError:
                return False

        try:
            await eventually(answers, 30)
            yield server
        finally:
            handler.terminate()
            handler.wait(10)
            await stack.stop()


async def measure(servers: Sequence[Server], clients: int, logins: int, deferred: float) -> list[Figures]:
    """Sends each server this many log-ins, in turns."""
    figures = [Figures() for _ in servers]
    before, began = [server.cpu for server in servers], time.perf_counter()
    await asyncio.sleep(IDLE_SECONDS)
    per_second = 1 / (time.perf_counter() - began)
    idle = [(server.cpu - earlier).scaled(per_second) for server, earlier in zip(servers, before, strict=True)]

    before, began = [server.cpu for server in servers], time.perf_counter()
    for turn in range(TURNS):
        both = list(zip(servers, figures, strict=True))
        for server, its in both if turn % 2 == 0 else reversed(both):
            at = time.perf_counter()
            its.latencies += await server.log_in(logins // TURNS, clients)
            its.rates.append(logins // TURNS / (time.perf_counter() - at))
            await asyncio.sleep(0.3)  # what follows at once must not slow the other one
    await asyncio.sleep(deferred)
    elapsed = time.perf_counter() - began
    for server, its, earlier, rate in zip(servers, figures, before, idle, strict=True):
        its.cpu = (server.cpu - earlier - rate.scaled(elapsed)).scaled(1 / len(its.latencies))
    print(f"{clients} clients, {len(figures[0].latencies)} log-ins each:")
    for server, its, rate in zip(servers, figures, idle, strict=True):
        print(f"  {server.name:8}{its}   (idle: app {rate.app:.1%}, store {rate.store:.1%})")
    return figures


async def compare(product: Product, logins: int, deferred: float, bars: Bars) -> None:
    [app_pid], [store_pid] = app_process_ids(product), child_process_ids(product, "secantusd")
    ours = Server("ours", product.url, f"{PATH}/login", app_pid, store_pid)
    async with minimal_server() as minimal:
        for server in (ours, minimal):
            await server.log_in(USERS * SESSIONS, 16)
        await asyncio.sleep(deferred)
        shown = {}
        for clients in CLIENTS:
            shown[clients] = await measure((ours, minimal), clients, logins if clients > 1 else logins // 4, deferred)
    ours_at_16, minimal_at_16 = shown[16]
    rates = [a / b for a, b in zip(ours_at_16.rates, minimal_at_16.rates, strict=True)]
    bars.check("store CPU of a log-in, ours : minimal", ours_at_16.cpu.store / minimal_at_16.cpu.store, at_most=1.3)
    bars.check("log-ins per second, ours : minimal", statistics.median(rates), at_least=0.8)
    bars.check("log-ins per CPU-second of the app process", minimal_at_16.cpu.app / ours_at_16.cpu.app, at_least=0.6)
    alone = shown[1][0].percentile(50) / shown[1][1].percentile(50)
    bars.check("latency of one client (p50), ours : minimal", alone, at_most=1.5)


async def measure_event(product: Product, seconds: int, bars: Bars) -> None:
    """Matches each log-in with the first push that counts it."""
    client = socketio.AsyncClient()
    pushes: list[tuple[float, int]] = []
    token = await product.admin_token()

    @client.on("*", namespace="/statistics")  # type: ignore[untyped-decorator]  # the library has no type information
    async def on_push(event: str, payload: dict[str, Any], *_: object) -> None:
        pushes.append((time.perf_counter(), payload["todayLogins"]))

    await client.connect(product.url, auth={"token": token}, namespaces=["/statistics"], transports=["websocket"])
    await asyncio.sleep(1)
    base = pushes[-1][1]
    responded: list[float] = []
    async with aiohttp.ClientSession(product.url) as session:

        async def login(number: int) -> None:
            async with session.post(f"{PATH}/login", json={"openid": openid(number % USERS)}) as answer:
                await answer.read()
                assert answer.status == 200, answer.status
            responded.append(time.perf_counter())

        async with asyncio.TaskGroup() as group:
            for number in range(seconds * 100):
                group.create_task(login(number))
                await asyncio.sleep(0.01)
    await eventually(lambda: pushes[-1][1] >= base + len(responded), 30)
    await client.disconnect()
    delays = []
    for counted, at in enumerate(sorted(responded), start=1):
        seen = next(moment for moment, logins in pushes if logins >= base + counted)
        delays.append(max(0.0, seen - at) * 1000)
    delays.sort()
    print(f"answer -> dashboard at 100/s, {len(delays)} log-ins: p50 {delays[len(delays) // 2]:.0f} ms")
    bars.check("answer -> dashboard, p99 in ms", delays[int(len(delays) * 0.99)], at_most=100)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--logins", type=int, default=3000, help="to each of the two, with 16 and with 64 clients")
    parser.add_argument("--seconds", type=int, default=10, help="of the log-ins that a dashboard follows")
    parser.add_argument("--quick", action="store_true", help="a sixth of the log-ins: shows gross changes only")
    options = parser.parse_args()
    logins, seconds, deferred = options.logins, options.seconds, DEFERRED_SECONDS
    if options.quick:
        logins, seconds, deferred = logins // 6, 3, 3.0
    bars = Bars()
    with running() as product:
        asyncio.run(compare(product, logins, deferred, bars))
        asyncio.run(measure_event(product, seconds, bars))
    return 1 if bars.missed else 0


if __name__ == "__main__":
    sys.exit(main())
