"""A storm of log-ins by password: does the app process stay responsive, and do colleagues get in?

`python -m tests.benchmarks.password_storm [--per-second 200 --seconds 60 --rounds 11]`. One app process; the log-ins
come from thousands of addresses: right passwords from new devices, wrong ones, and names without an account. A
colleague logs in again and again from a known device, always at another address. Afterwards wrong passwords of known
and of unknown names are compared in pairs. Exits with 1 when a bar is missed: lag of the event loop p99 < 20 ms, each
log-in of the colleague answered, and no difference between the names (paired medians within 3 %, Mann–Whitney p > 1 %).
"""

import argparse
import asyncio
import itertools
import json
import math
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from integrations.mongo.staff import MongoStaffCredentials
from integrations.settings import AccountSettings
from integrations.wiring.infrastructure import open_infrastructure
from realtime.engineio.event_loop import new_event_loop, tune_garbage_collector
from tests.app_process import Stores, running_process, settings_of
from tests.benchmarks.login import Bars, cpu_seconds
from tests.servers import MongoServer, RedisServer, free_port

ACCOUNTS, ADDRESSES, PAIRS = 400, 5_000, 60
PASSWORD = "seven quiet rivers"
_DATABASE, _LAG_EVERY_SECONDS, _COLLEAGUE_EVERY_SECONDS = "password_storm", 0.005, 1.0
BAR_LAG_MS, BAR_DIFFERENCE, BAR_P = 20.0, 0.03, 0.01


async def serve(port: int, mongodb_uri: str, redis_url: str, rounds: int) -> None:
    """Each line on the standard input is answered with the lags of the event loop since the one before, in ms: as they
    were, and less the time for which other processes had the processors."""
    accounts = AccountSettings(password_rounds=rounds)
    settings = settings_of(mongodb_uri, redis_url, _DATABASE, port=port).model_copy(update={"accounts": accounts})
    lags: list[tuple[float, float]] = []

    async def watch() -> None:
        while True:
            due, waited = time.perf_counter() + _LAG_EVERY_SECONDS, ms_without_processor()
            await asyncio.sleep(_LAG_EVERY_SECONDS)
            lag = (time.perf_counter() - due) * 1000
            lags.append((lag, max(0.0, lag - (ms_without_processor() - waited))))

    async with running_process(settings, password_rounds=settings.accounts.password_rounds):
        tune_garbage_collector()
        watching = asyncio.create_task(watch())
        print("ready", flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps(lags), flush=True)
            lags.clear()
        watching.cancel()


def ms_without_processor() -> float:
    """How long the main thread of this process has been ready to run, but had to wait for a processor."""
    return int(Path("/proc/self/schedstat").read_text().split()[1]) / 1e6


@dataclass
class Lags:
    """In ms, in ascending order."""

    all: list[float]
    own: list[float]
    """Less the time for which the event loop waited for a processor."""

    def __str__(self) -> str:
        own, total = (f"p50 {percentile(lags, 50):.1f} ms, p99 {percentile(lags, 99):.1f} ms" for lags in self.both)
        return f"{own}, max {self.own[-1]:.1f} ms   (with the wait for a processor: {total})"

    @property
    def both(self) -> tuple[list[float], list[float]]:
        return self.own, self.all


@dataclass
class Server:
    url: str
    process: asyncio.subprocess.Process

    async def lags(self) -> Lags:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(b"\n")
        measured = json.loads(await self.process.stdout.readline())
        return Lags(*(sorted(each) for each in zip(*measured, strict=True)))


@asynccontextmanager
async def app_process(mongodb_uri: str, redis_url: str, rounds: int) -> AsyncIterator[Server]:
    port = free_port()
    arguments = ["--serve", str(port), "--mongodb", mongodb_uri, "--redis", redis_url, "--rounds", str(rounds)]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __spec__.name, *arguments), stdin=pipe, stdout=pipe, limit=2**24
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        while await process.stdout.readline() != b"ready\n":
            pass
    try:
        yield Server(f"http://127.0.0.1:{port}", process)
    finally:
        process.kill()
        await process.wait()


@dataclass
class Storm:
    http: aiohttp.ClientSession
    url: str
    rng: random.Random
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    """By kind of log-in and status."""
    seconds: dict[str, list[float]] = field(default_factory=dict)
    """Of answers 200 and 401, by kind."""

    async def log_in(self, kind: str, username: str, password: str, address: str, device: str = "") -> str:
        """The device token of the answer, if it was a success."""
        headers = {"X-Forwarded-For": address, **({"X-Device-Token": device} if device else {})}
        body, began = {"username": username, "password": password}, time.perf_counter()
        async with self.http.post(f"{self.url}/api/auth/login", json=body, headers=headers) as answer:
            await answer.read()
            if answer.status in (200, 401):
                self.seconds.setdefault(kind, []).append(time.perf_counter() - began)
            self.answers[kind, answer.status] += 1
            return answer.headers.get("X-Device-Token", "")

    async def rage(self, per_second: int, seconds: float) -> None:
        """Begins log-ins at this rate, whether earlier ones were answered or not."""
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number in range(int(per_second * seconds)):
                kind = self.rng.choice(("good", "bad", "unknown"))
                username = f"nobody_{number}" if kind == "unknown" else f"staff_{self.rng.randrange(ACCOUNTS)}"
                password = PASSWORD if kind == "good" else "a wrong guess"
                group.create_task(self.log_in(kind, username, password, an_address(self.rng.randrange(ADDRESSES))))
                await asyncio.sleep(max(0.0, began + number / per_second - time.perf_counter()))

    async def colleague(self, device: str) -> None:
        for number in itertools.count():
            await self.log_in("colleague", "colleague", PASSWORD, an_address(ADDRESSES + number), device)
            await asyncio.sleep(_COLLEAGUE_EVERY_SECONDS)

    async def compare(self) -> None:
        """Wrong passwords of known and unknown names in turns, each from an address of its own."""
        for pair in range(PAIRS):
            names = [("known", f"staff_{pair}"), ("nobody", f"nobody_else_{pair}")]
            for place, (kind, username) in enumerate(names if pair % 2 else reversed(names)):
                await self.log_in(kind, username, "a wrong guess", an_address(2 * ADDRESSES + 2 * pair + place))


def an_address(number: int) -> str:
    return f"100.{64 + number // 62_500}.{number // 250 % 250}.{number % 250 + 1}"


def mann_whitney_p(one: list[float], other: list[float]) -> float:
    """Two-sided, by the normal approximation: how likely so great a difference is if there is none."""
    u = sum((a > b) + 0.5 * (a == b) for a, b in itertools.product(one, other))
    n, m = len(one), len(other)
    deviation = math.sqrt(n * m * (n + m + 1) / 12)
    return math.erfc(abs(u - n * m / 2) / deviation / math.sqrt(2))


def percentile(ordered: list[float], percent: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


async def hire(mongodb_uri: str, redis_url: str, rounds: int) -> None:
    settings = settings_of(mongodb_uri, redis_url, _DATABASE)
    settings = settings.model_copy(update={"accounts": AccountSettings(password_rounds=rounds)})
    async with open_infrastructure(settings) as base:
        stores, credentials = Stores(base), MongoStaffCredentials(base.database)
        hashed = await base.staff_hasher.hash(PASSWORD)
        for username in ("colleague", *(f"staff_{number}" for number in range(ACCOUNTS))):
            staff_id, _ = await stores.hired("employee", username, username=username, sessions=())
            await credentials.store(staff_id, hashed)


async def measure(options: argparse.Namespace, mongodb_uri: str, redis_url: str) -> Bars:
    bars = Bars()
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(app_process(mongodb_uri, redis_url, options.rounds))
        connector = aiohttp.TCPConnector(limit=0)
        http = await stack.enter_async_context(
            aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        )
        storm = Storm(http, server.url, random.Random(options.seed))
        device = await storm.log_in("first", "colleague", PASSWORD, an_address(0))
        assert device
        await server.lags()
        await asyncio.sleep(5)
        idle = await server.lags()
        cpu = cpu_seconds(server.process.pid)
        coming = asyncio.create_task(storm.colleague(device))
        await storm.rage(options.per_second, options.seconds)
        coming.cancel()
        lags = await server.lags()
        print(f"lag of the event loop, idle:  {idle}")
        print(f"lag of the event loop, storm: {lags}")
        print(f"CPU of the app process: {(cpu_seconds(server.process.pid) - cpu) / options.seconds:.0%} of a core")
        for (kind, status), count in sorted(storm.answers.items()):
            print(f"  {kind:10}{status}: {count}")
        bars.check("lag of the event loop, p99 in ms", percentile(lags.own, 99), at_most=BAR_LAG_MS)
        statuses = Counter({status: n for (kind, status), n in storm.answers.items() if kind == "colleague"})
        bars.check("log-ins of the colleague that failed", statuses.total() - statuses[200], at_most=0)
        bars.check("log-ins of the colleague", statuses[200], at_least=options.seconds / 5)
        came = sorted(storm.seconds["colleague"])
        print(f"colleague: p50 {percentile(came, 50) * 1000:.0f} ms, max {came[-1] * 1000:.0f} ms")
        await asyncio.sleep(5)  # the last hashes of the storm
        await storm.compare()
        known, nobody = storm.seconds["known"], storm.seconds["nobody"]
        print(f"wrong password, known name: median {statistics.median(known) * 1000:.1f} ms of {len(known)}")
        print(f"wrong password, no account: median {statistics.median(nobody) * 1000:.1f} ms of {len(nobody)}")
        paired = statistics.median(a - b for a, b in zip(known, nobody, strict=True)) / statistics.median(nobody)
        bars.check("paired difference of known and unknown names", abs(paired), at_most=BAR_DIFFERENCE)
        bars.check("Mann–Whitney p", mann_whitney_p(known, nobody), at_least=BAR_P)
    return bars


async def main(options: argparse.Namespace) -> int:
    mongo, redis = MongoServer(), RedisServer()
    mongo.start()
    redis.start()
    try:
        await hire(mongo.uri, redis.url, options.rounds)
        return 1 if (await measure(options, mongo.uri, redis.url)).missed else 0
    finally:
        redis.dispose()
        mongo.dispose()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--per-second", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=11, help="the cost of bcrypt")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--mongodb", help=argparse.SUPPRESS)
    parser.add_argument("--redis", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(serve(given.serve, given.mongodb, given.redis, given.rounds))
    else:
        sys.exit(asyncio.run(main(given)))
