"""Control of a server by a benchmark: questions and commands arrive on stdin, answers leave on stdout, one a line."""

import asyncio
import gc
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sized
from types import MappingProxyType
from typing import Any

from aiohttp import web

EVENT = "tick"
PAYLOAD = {
    "id": "64f0c2a9e1d4b8a7c6f5e4d3",
    "contractId": "64f0c2a9e1d4b8a7c6f5e4d4",
    "contractNumber": "HT-2024-000123",
    "from": "signing",
    "to": "signed",
    "customerName": "Customer Name",
    "workerName": "Worker Name",
    "actor": "staff-0001",
    "version": 12,
    "at": "2024-06-01T08:00:00.000Z",
}


Emit = Callable[[int], Awaitable[None]]
Questions = Mapping[str, Callable[[], float]]
Commands = Mapping[str, Callable[..., None]]


async def nothing_to_emit(burst: int) -> None: ...


async def serve(app: web.Application, connected: Sized, emit: Emit = nothing_to_emit, **more: Any) -> None:
    """`more`: see `answer_questions`."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=8192)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await answer_questions(connected, emit, **more)
    await runner.cleanup()


async def answer_questions(
    connected: Sized,
    emit: Emit = nothing_to_emit,
    questions: Questions = MappingProxyType({}),
    commands: Commands = MappingProxyType({}),
) -> None:
    """Until stdin ends: `cpu`, `rss` (after a garbage collection), `resident`, `connected`, `stall` (the longest since
    the last question), `emit <rounds> <burst> <pause ms>`, and the server's own `questions` and `commands`."""
    stalls = _StallMeter()
    known: dict[str, Callable[[], float]] = {
        "cpu": _cpu_seconds,
        "rss": _collected_kb,
        "resident": _resident_kb,
        "connected": lambda: len(connected),
        "stall": stalls.ask,
        **questions,
    }
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := (await reader.readline()).decode().split():
        name, *arguments = line
        if name == "emit":
            rounds, burst, pause = map(int, arguments)
            for _ in range(rounds):
                await emit(burst)
                await asyncio.sleep(pause / 1000)
        elif name in commands:
            commands[name](*arguments)
        else:
            print(known[name](), flush=True)
    stalls.stop()


class _StallMeter:
    """Measures how late the loop is. Starts with the first question: before that it would only cost CPU."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._running: asyncio.Task[None] | None = None

    def ask(self) -> float:
        if self._running is None:
            self._running = asyncio.get_running_loop().create_task(self._run())
        longest, self.longest = self.longest, 0.0
        return longest

    def stop(self) -> None:
        if self._running is not None:
            self._running.cancel()

    async def _run(self) -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.002)
            self.longest = max(self.longest, time.monotonic() - before - 0.002)


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _collected_kb() -> float:
    gc.collect()
    return _resident_kb()


def _resident_kb() -> float:
    with open("/proc/self/status") as status:
        return next(float(line.split()[1]) for line in status if line.startswith("VmRSS"))
