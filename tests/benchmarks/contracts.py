"""Benchmark of contracts: from a provider callback to the event at a dashboard, and the times of lists and boards.

`python -m tests.benchmarks.contracts [--per-second 50] [--seconds 8] [--contracts 3000]`. One app process on the
embedded stores; the simulated provider and the dashboard run in the benchmark's process. All on one machine.

Callbacks: the first signers sign at the given rate, one callback each; then the second signers, whose contracts are
complete at once, three callbacks each at the same rate of callbacks. Measured from the signature to the event at the
dashboard, which includes the callback, its storage, the state query and the relay. Baseline: a bare HTTP POST through a
Redis stream to a WebSocket. Limits: p50 and p99 <= 100 ms.

Lists: every query of a view over the contracts, one after the other. Baseline: a single indexed find in the same store.
Limit: p95 <= 100 ms.
"""

import argparse
import asyncio
import itertools
import json
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiohttp.test_utils import TestServer

from domain.contracts.model import Contract
from domain.contracts.signing.polling_schedule import PollingSchedule
from domain.contracts.statuses import CancelReason, ContractStatus, SignerState
from domain.shared.authority import Role
from integrations.local.simulators.esign.app import SIGNING_ENGINE, STATE, create_app
from integrations.local.simulators.esign.keys import SIMULATED_APP_ID
from integrations.local.simulators.esign.state import (
    SIGN_AUTOMATICALLY,
    SIGN_MANUALLY,
    SIGNER_SIGNING,
    SimContract,
    SimSigner,
)
from integrations.local.simulators.esign.templates import HOUSEKEEPING_TEMPLATE
from integrations.wiring.areas import wire_areas
from integrations.wiring.infrastructure import open_infrastructure
from realtime.engineio.event_loop import new_event_loop
from tests.app_process import KEYS, Stores
from tests.contract_api import contract_settings
from tests.domain.contracts.builders import a_contract, with_attempt
from tests.journeys.support.chaos.killable_app_process import KillableAppProcess
from tests.servers import MongoServer, RedisServer, free_port

LIMIT_SECONDS: Final = 0.1
REQUESTS_EACH: Final = 60
SURNAMES: Final = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
GIVEN: Final = "芳娜敏静丽艳娟霞秀玲桂英兰红梅雪琴云莲真"
NETWORKS: Final = (130, 131, 135, 136, 137, 138, 139, 150, 151, 158, 159, 186, 187, 188, 189)
BARE = """
import asyncio, sys
from aiohttp import web
from redis.asyncio import Redis

sockets = []

async def post(request):
    await request.app["redis"].xadd("bare", {"n": (await request.json())["n"]}, maxlen=1000)
    return web.Response(text="ok")

async def watch(request):
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    sockets.append(socket)
    async for _ in socket:
        pass
    return socket

async def follow(app):
    app["redis"] = Redis.from_url(sys.argv[2])
    async def read():
        last = "$"
        while True:
            for _, entries in await app["redis"].xread({"bare": last}, block=1000) or ():
                for last, fields in entries:
                    for socket in sockets:
                        await socket.send_str(fields[b"n"].decode())
    task = asyncio.create_task(read())
    yield
    task.cancel()
    await app["redis"].aclose()

app = web.Application()
app.cleanup_ctx.append(follow)
app.router.add_post("/", post)
app.router.add_get("/watch", watch)
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
"""


@dataclass
class Bench:
    stores: Stores
    process: KillableAppProcess
    provider: Any
    """The simulator's application."""
    redis_url: str
    token: str
    owner: str
    http: aiohttp.ClientSession
    times: dict[str, float] = field(default_factory=dict)


@asynccontextmanager
async def open_bench() -> AsyncIterator[Bench]:
    mongo, redis_server = MongoServer(), RedisServer()
    async with AsyncExitStack() as stack:
        for server in (mongo, redis_server):
            server.start()
            stack.callback(server.dispose)
        app = create_app({SIMULATED_APP_ID: KEYS.merchant.public_key()}, KEYS.platform)
        simulator = TestServer(app)
        await simulator.start_server(access_log=None)
        stack.push_async_callback(simulator.close)
        url = str(simulator.make_url("")).rstrip("/")
        settings = contract_settings(mongo.uri, redis_server.url, "bench", url, free_port())
        base = await stack.enter_async_context(open_infrastructure(settings))
        await wire_areas(base, settings).prepare_stores()
        stores = Stores(base)
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        process = KillableAppProcess(settings, Path(folder) / "worker.log", PollingSchedule())
        owner, token = await stores.hired(Role.ADMIN)
        http = await stack.enter_async_context(aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}))
        stack.push_async_callback(process.stop)
        yield Bench(stores, process, app, redis_server.url, token, owner, http)


def contract_in_signing(number: int, owner: str, now: datetime) -> Contract:
    contract = a_contract(number, created_by=owner, created_at=now, updated_at=now)
    signing = with_attempt(contract, sent=True)
    signers = tuple(
        signer.model_copy(update={"account": f"{signer.role}-{number}", "state": state})
        for signer, state in zip(signing["signers"], (SignerState.SIGNING, *[SignerState.WAITING] * 2), strict=True)
    )
    later = {"esign_next_poll_at": now + timedelta(days=1), "esign_status": "0", "version": 1, "edited_version": 1}
    return contract.model_copy(
        update={**signing, **later, "signers": signers, "contract_status": ContractStatus.SIGNING}
    )


def simulated_contract(contract: Contract, notify_url: str) -> SimContract:
    now = time.time()
    return SimContract(
        contract_no=contract.esign_contract_no,
        name="合同",
        created_at=now,
        expires_at=now + 86_400,
        in_sequence=True,
        templates=[],
        notify_url=notify_url,
        user_notify_url=notify_url,
        callback_url=notify_url,
        signers=[
            SimSigner(
                account=signer.account,
                name=signer.name,
                mobile=signer.phone,
                user_type=2,
                sign_order=signer.sign_order,
                sign_type=SIGN_AUTOMATICALLY if signer.auto else SIGN_MANUALLY,
                sign_mark=signer.mark,
                **({"status": SIGNER_SIGNING} if signer.sign_order == 1 else {}),
            )
            for signer in contract.signers
        ],
    )


class Dashboard:
    """Records the arrival time of the first event of each contract that `wanted` selects."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self.seen: dict[str, float] = {}
        self.wanted: Callable[[str, dict[str, Any]], bool] = lambda name, payload: False

    async def watch(self) -> None:
        async for message in self._socket:
            now = time.perf_counter()
            text: str = message.data
            if text == "2":
                await self._socket.send_str("3")
            elif text.startswith("42/contracts,"):
                name, payload, *_ = json.loads(text.partition(",")[2])
                if self.wanted(name, payload):
                    self.seen.setdefault(payload["contractId"], now)


@asynccontextmanager
async def dashboard(bench: Bench) -> AsyncIterator[Dashboard]:
    url = f"{bench.process.url}/socket.io/?EIO=4&transport=websocket"
    async with bench.http.ws_connect(url, max_msg_size=0) as socket:
        await socket.receive()
        await socket.send_str(f"40/contracts,{json.dumps({'token': bench.token})}")
        answer = await socket.receive()
        assert answer.data.startswith("40/contracts,"), answer.data
        dashboard_watch = Dashboard(socket)
        task = asyncio.create_task(dashboard_watch.watch())
        yield dashboard_watch
        task.cancel()


async def run_at_rate(actions: Sequence[Callable[[], None]], per_second: float) -> None:
    started = time.perf_counter()
    for number, action in enumerate(actions):
        await asyncio.sleep(max(0.0, started + number / per_second - time.perf_counter()))
        action()


async def measure_callbacks(bench: Bench, per_second: int, seconds: int) -> bool:
    now = datetime.now(UTC)
    contracts = [contract_in_signing(number, bench.owner, now) for number in range(1, per_second * seconds + 1)]
    await bench.stores.contracts.contracts.import_new(contracts)
    simulated = [simulated_contract(contract, f"{bench.process.url}/api/esign/callback") for contract in contracts]
    bench.provider[STATE].records.contracts.update({each.contract_no: each for each in simulated})
    bench.provider[STATE].settings.auto_sign_seconds = 0
    engine = bench.provider[SIGNING_ENGINE]
    await bench.process.start()
    base = await measure_bare_post(bench, per_second, seconds)
    within_limits = True
    async with dashboard(bench) as dashboard_watch:
        for what, order, rate, wanted in (
            ("a signer", 0, per_second, lambda name, payload: payload.get("cause") == "signer"),
            ("completion", 1, per_second / 3, lambda name, payload: payload.get("to") == "active"),
        ):
            signed: dict[str, float] = {}
            dashboard_watch.seen, dashboard_watch.wanted = {}, wanted

            def sign(contract: Contract, twin: SimContract, order: int = order, at: dict[str, float] = signed) -> None:
                at[contract.id] = time.perf_counter()
                engine.sign(twin, twin.signers[order].account)

            pairs = list(zip(contracts, simulated, strict=True))[: int(rate * seconds)]
            await run_at_rate([lambda pair=pair: sign(*pair) for pair in pairs], rate)  # type: ignore[misc]
            await _until(lambda signed=signed: len(dashboard_watch.seen) == len(signed))  # type: ignore[misc]
            ages = sorted(dashboard_watch.seen[each] - signed[each] for each in signed if each in dashboard_watch.seen)
            within_limits &= report(f"callback to event: {what}", ages, base, 0.99, missing=len(signed) - len(ages))
            await asyncio.sleep(1.0)
    return within_limits


async def measure_bare_post(bench: Bench, per_second: int, seconds: int) -> list[float]:
    port = free_port()
    server = await asyncio.create_subprocess_exec(sys.executable, "-c", BARE, str(port), bench.redis_url)
    try:
        url = f"http://127.0.0.1:{port}"
        sent: dict[str, float] = {}
        ages: list[float] = []
        await _until(lambda: _answers(port))
        async with bench.http.ws_connect(f"{url}/watch") as socket:

            async def watch() -> None:
                async for message in socket:
                    ages.append(time.perf_counter() - sent[message.data])

            reading = asyncio.create_task(watch())
            posting: list[asyncio.Task[None]] = []

            async def post(number: int) -> None:
                async with bench.http.post(url, json={"n": number}):
                    pass

            def one(number: int) -> None:
                sent[str(number)] = time.perf_counter()
                posting.append(asyncio.create_task(post(number)))

            numbers = range(per_second * seconds)
            await run_at_rate([lambda number=number: one(number) for number in numbers], per_second)  # type: ignore[misc]
            await _until(lambda: len(ages) == len(numbers))
            await asyncio.gather(*posting)
            reading.cancel()
    finally:
        server.kill()
        await server.wait()
    report("bare POST, stream, socket", sorted(ages), [], 0.99)
    return sorted(ages)


async def measure_lists(bench: Bench, how_many: int) -> bool:
    rng = random.Random(7)
    contracts = list(itertools.islice(various(bench.owner, rng), how_many))
    for start in range(0, how_many, 500):
        await bench.stores.contracts.contracts.import_new(contracts[start : start + 500])
    await bench.process.start()
    one = rng.choice(contracts)
    collection = bench.stores.contracts.contracts.collection

    async def single_find() -> None:
        await collection.find_one({"contractNumber": rng.choice(contracts).contract_number})

    base = await sorted_times(single_find)
    report("a single find by index", base, [], 0.95)
    within_limits = True
    for path in (
        *(
            "",
            "?page=20&limit=20",
            "?limit=100",
            "?search=138",
            "?search=王",
            f"?search={one.customer_name}",
            f"?search={one.contract_number}",
        ),
        *(
            f"?search={one.customer_phone}",
            "?status=signing",
            "?contractType=月嫂",
            "?createdFrom=2026-01-01",
            f"?ownerId={bench.owner}",
            "?serviceExpired=true",
        ),
        *("/board", "/board?search=王", "/board?orderCategory=housekeeping", "/statistics", f"/{one.id}"),
        *(f"/number/{one.contract_number}", f"/check-customer/{one.customer_phone}", f"/history/{one.customer_phone}"),
        *(f"/search-by-worker?phone={one.worker_phone}", "/search-by-worker?name=赵阿姨"),
        *("/miniprogram/list", f"/customer/{one.customer_id}", f"/worker/{one.worker_id}"),
    ):

        async def request(path: str = path) -> None:
            async with bench.http.get(f"{bench.process.url}/api/contracts{path}") as answer:
                assert answer.status == 200, (path, await answer.text())
                await answer.read()

        within_limits &= report(f"GET /contracts{path}", await sorted_times(request), base, 0.95)
    return within_limits


def various(owner: str, rng: random.Random) -> Any:
    """Contracts in every status over two years; groups of three share a customer and a worker."""
    now = datetime.now(UTC)
    for number in itertools.count(1_000_001):
        status = rng.choices([S.DRAFT, S.SIGNING, S.ACTIVE, S.CANCELLED, S.REPLACED], [1, 2, 5, 3, 1])[0]
        at = now - timedelta(minutes=rng.randrange(2 * 365 * 1440))
        people: dict[str, Any] = {
            "customer_name": rng.choice(SURNAMES) + rng.choice(GIVEN) + rng.choice(GIVEN),
            "customer_phone": f"{rng.choice(NETWORKS)}{number:08d}",
            "worker_name": rng.choice(SURNAMES) + "阿姨",
            "worker_phone": f"{rng.choice(NETWORKS)}{number:08d}",
        }
        contract = a_contract(number, created_by=owner, created_at=at, updated_at=at, additional_order=True, **people)
        signing = {} if status is S.DRAFT else with_attempt(contract, sent=True)
        yield contract.model_copy(
            update={
                **signing,
                "contract_status": status,
                "cancel_reason": CancelReason.REJECTED if status is S.CANCELLED else None,
                "customer_id": f"{number // 3:024x}",
                "worker_id": f"{number // 3 + 1:024x}",
                "esign_template_no": HOUSEKEEPING_TEMPLATE,
                "start_date": at.date(),
                "end_date": at.date() + timedelta(days=rng.choice([90, 180, 365])),
                "version": 3,
            }
        )


S = ContractStatus


async def sorted_times(work: Callable[[], Awaitable[None]]) -> list[float]:
    await work()
    times = []
    for _ in range(REQUESTS_EACH):
        started = time.perf_counter()
        await work()
        times.append(time.perf_counter() - started)
    return sorted(times)


def report(what: str, times: list[float], base: list[float], fraction: float, missing: int = 0) -> bool:
    p50, high = percentile(times, 0.5), percentile(times, fraction)
    line = f"{what:48} p50 {p50 * 1000:7.1f} ms   p{fraction * 100:.0f} {high * 1000:7.1f} ms   n {len(times)}"
    if base:
        line += f"   ratio {p50 / percentile(base, 0.5):5.1f} / {high / percentile(base, fraction):5.1f}"
    within_limits = not missing and high <= LIMIT_SECONDS
    line += f"   missing {missing}" if missing else ""
    sys.stdout.write(line + ("" if within_limits else "   OVER THE LIMIT") + "\n")
    sys.stdout.flush()
    return within_limits


def percentile(times: Sequence[float], fraction: float) -> float:
    return times[min(len(times) - 1, int(len(times) * fraction))]


def _answers(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def _until(holds: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        await asyncio.sleep(0.05)


async def measured(arguments: argparse.Namespace) -> bool:
    within_limits = True
    if "callbacks" in arguments.what:
        async with open_bench() as bench:
            within_limits &= await measure_callbacks(bench, arguments.per_second, arguments.seconds)
    if "lists" in arguments.what:
        async with open_bench() as bench:
            within_limits &= await measure_lists(bench, arguments.contracts)
    return within_limits


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--what", nargs="*", default=["callbacks", "lists"], choices=["callbacks", "lists"])
    parser.add_argument("--per-second", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--contracts", type=int, default=3000)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return 0 if runner.run(measured(parser.parse_args())) else 1


if __name__ == "__main__":
    sys.exit(main())
