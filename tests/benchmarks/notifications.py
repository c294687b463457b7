"""Notifications: the badge in every tab, and the cost of a fact that concerns all staff.

`python -m tests.benchmarks.notifications [--people 500] [--tabs 4]`. Two app processes serve the sockets; each person
has 20 unread and 40 read rows before. The benchmark's own process sends, by the product's sender and its own
connections. Everything on one machine, so that the clients, too, take their time from the servers.

Badge: from the request that marks one row as read, or from the start of sending one notification to one person, until
all tabs of that person have the new count; some people at a time. Bar: p95 <= 200 ms.

A fact for all staff: store time for each person (bar 1 ms), the longest stall of the event loop of the sender and of
the app processes (bar 50 ms), and the time until all tabs have the new count (no bar). Baseline: what the former system
does, one insert and one count of the unread rows for each recipient, one after the other.
"""

import argparse
import asyncio
import json
import re
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import aiohttp
from bson import ObjectId

from domain.contracts.events import StaffNoticeDue
from domain.notifications.services import NotificationServices
from domain.shared.authority import Role
from integrations.settings import Settings
from integrations.wiring.areas import wire_areas
from integrations.wiring.infrastructure import Infrastructure, open_infrastructure
from realtime.engineio.event_loop import new_event_loop
from tests.app_process import Stores, running_process, settings_of
from tests.servers import MongoServer, RedisServer, free_port

BADGE_BAR, STORE_BAR_MS, STALL_BAR = 0.2, 1.0, 0.05
UNREAD, READ = 20, 40
ROUNDS, CONCURRENT = 100, 4
FACTS = 5
DATABASE: Final = "notification_bench"
_COUNT = re.compile(r'^42/notifications,\["unreadCount",(\d+)\]$')


@dataclass
class Person:
    id: str
    token: str
    counts: list[int] = field(default_factory=list)
    """The newest count of each tab."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def all_show(self, count: int) -> None:
        while any(shown != count for shown in self.counts):
            self.changed.clear()
            await self.changed.wait()


@dataclass
class Bench:
    people: Sequence[Person]
    urls: Sequence[str]
    http: aiohttp.ClientSession
    base: Infrastructure
    services: NotificationServices
    sent: int = 0

    @property
    def rows(self) -> Any:
        return self.base.database["notifications"]

    def fact(self, person: Person | None = None) -> StaffNoticeDue:
        """A fact for one person, or for all staff."""
        self.sent += 1
        return StaffNoticeDue(
            id=self.base.ids.next_id(),
            at=datetime.now(UTC),
            key=f"bench:{self.sent}",
            contract_id=f"{self.sent:024x}",
            contract_number=f"HT{self.sent}",
            kind="CONTRACT_CREATED",
            to_staff=(person.id,) if person else (),
            to_admins=person is None,
            values={"customerName": "王芳", "workerName": "赵阿姨"},
        )


async def serve(port: int, mongodb_uri: str, redis_url: str) -> None:
    async with running_process(settings_of(mongodb_uri, redis_url, DATABASE, port=port)):
        print("ready", flush=True)
        await asyncio.Event().wait()


@asynccontextmanager
async def app_process(settings: Settings, mongodb_uri: str, redis_url: str) -> AsyncIterator[str]:
    port = settings.http.port
    arguments = ("--serve", str(port), "--mongodb", mongodb_uri, "--redis", redis_url)
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __spec__.name, *arguments, stdout=asyncio.subprocess.PIPE
    )
    assert started.stdout is not None
    try:
        async with asyncio.timeout(60):
            while await started.stdout.readline() != b"ready\n":
                pass
        yield f"http://127.0.0.1:{port}"
    finally:
        started.kill()
        await started.wait()


async def open_tab(http: aiohttp.ClientSession, url: str, person: Person, tab: int, limit: asyncio.Semaphore) -> None:
    async with limit:
        while (line := await _enter(http, url, person.token)) is None:
            await asyncio.sleep(0.5)
    reading = asyncio.create_task(_read(line, person, tab))
    _TASKS.add(reading)
    reading.add_done_callback(_TASKS.discard)


async def _enter(http: aiohttp.ClientSession, url: str, token: str) -> aiohttp.ClientWebSocketResponse | None:
    """None: the app process admits no more at the moment."""
    line = await http.ws_connect(f"{url}/socket.io/?EIO=4&transport=websocket")
    await line.receive()
    await line.send_str(f"40/notifications,{json.dumps({'token': token})}")
    answer = await line.receive()
    if answer.type is not aiohttp.WSMsgType.TEXT:
        return None
    assert answer.data.startswith("40/notifications,"), answer.data
    return line


_TASKS: set["asyncio.Task[None]"] = set()


async def _read(line: aiohttp.ClientWebSocketResponse, person: Person, tab: int) -> None:
    async for message in line:
        if message.data == "2":
            await line.send_str("3")
        elif found := _COUNT.match(message.data):
            person.counts[tab] = int(found[1])
            person.changed.set()


@asynccontextmanager
async def open_bench(mongodb_uri: str, redis_url: str, people: int, tabs: int) -> AsyncIterator[Bench]:
    async with AsyncExitStack() as stack:
        settings = [settings_of(mongodb_uri, redis_url, DATABASE, port=free_port()) for _ in range(2)]
        urls = [await stack.enter_async_context(app_process(each, mongodb_uri, redis_url)) for each in settings]
        base = await stack.enter_async_context(open_infrastructure(settings[0]))
        areas = wire_areas(base, settings[0])
        stack.push_async_callback(areas.close)
        stores = Stores(base)
        members = [Person(*await stores.hired(Role.MANAGER)) for _ in range(people)]
        await _fill(base, members)
        http = await stack.enter_async_context(
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(None))
        )
        bench = Bench(members, urls, http, base, areas.services.notifications)
        limit = asyncio.Semaphore(20)
        for person in members:
            person.counts = [-1] * tabs
        opening = (open_tab(http, urls[tab % 2], person, tab, limit) for tab in range(tabs) for person in members)
        await asyncio.gather(*opening)
        async with asyncio.timeout(60):
            await asyncio.gather(*(person.all_show(UNREAD) for person in members))
        await bench.services.sender.follow([bench.fact(members[0])])  # warms the copies of staff and templates
        await bench.services.own.mark_all_read(await _authority(bench, members[0]))
        await members[0].all_show(0)
        yield bench


async def _authority(bench: Bench, person: Person) -> Any:
    return (await bench.services.staff_table.members())[person.id]


async def _fill(base: Infrastructure, people: Sequence[Person]) -> None:
    now = datetime.now(UTC)
    rows = [
        {
            "_id": ObjectId(),
            "userId": ObjectId(person.id),
            "type": "CONTRACT_SIGNED",
            "title": f"合同 {number} 签署完成",
            "content": "客户 王芳 的合同已由各方签署",
            "priority": "HIGH",
            "status": "SENT" if number < UNREAD else "READ",
            "createdAt": now - timedelta(minutes=number),
            **({} if number < UNREAD else {"readAt": now}),
        }
        for person in people
        for number in range(UNREAD + READ)
    ]
    for start in range(0, len(rows), 1000):
        await base.database["notifications"].insert_many(rows[start : start + 1000])


async def badge_after_reading(bench: Bench) -> list[float]:
    """Marks one row of each of some people."""

    async def one(number: int, person: Person) -> float:
        row = await bench.rows.find_one({"userId": ObjectId(person.id), "status": "SENT"}, {"_id": 1})
        expected = person.counts[0] - 1
        begun = time.perf_counter()
        await _mark(bench, number, person, str(row["_id"]))
        await person.all_show(expected)
        return time.perf_counter() - begun

    return await _some_at_a_time(bench, one)


async def _mark(bench: Bench, number: int, person: Person, row_id: str) -> None:
    url = f"{bench.urls[number % 2]}/api/notifications/mark-read"
    headers = {"Authorization": f"Bearer {person.token}"}
    async with bench.http.put(url, json={"notificationIds": [row_id]}, headers=headers) as answer:
        assert answer.status == 200, await answer.text()


async def badge_after_sending(bench: Bench) -> list[float]:
    async def one(number: int, person: Person) -> float:
        expected = person.counts[0] + 1
        begun = time.perf_counter()
        await bench.services.sender.follow([bench.fact(person)])
        await person.all_show(expected)
        return time.perf_counter() - begun

    return await _some_at_a_time(bench, one)


async def _some_at_a_time(bench: Bench, one: Any) -> list[float]:
    slots = asyncio.Semaphore(CONCURRENT)

    async def limited(number: int) -> float:
        async with slots, asyncio.timeout(30):
            return float(await one(number, bench.people[1 + number % (len(bench.people) - 1)]))

    return list(await asyncio.gather(*(limited(number) for number in range(ROUNDS))))


async def fact_for_everybody(bench: Bench) -> tuple[float, float, float, int, float]:
    """Seconds of storing and of sending, the sender's longest stall, stalls of the app processes above the bar, seconds
    until all tabs have the count."""
    stalls = asyncio.create_task(_longest_stall())
    before = [await _stalls(bench, url) for url in bench.urls]
    expected = [person.counts[0] + 1 for person in bench.people]
    store = bench.services.sender._store
    stored: list[float] = []
    add = store.add

    async def timed(dispatches: Any) -> None:
        begun = time.perf_counter()
        await add(dispatches)
        stored.append(time.perf_counter() - begun)

    store.add = timed  # type: ignore[method-assign]
    begun = time.perf_counter()
    await bench.services.sender.follow([bench.fact()])
    sent = time.perf_counter() - begun
    store.add = add  # type: ignore[method-assign]
    async with asyncio.timeout(60):
        await asyncio.gather(*(person.all_show(count) for person, count in zip(bench.people, expected, strict=True)))
    shown = time.perf_counter() - begun
    after = [await _stalls(bench, url) for url in bench.urls]
    stalls.cancel()
    longest = await stalls
    return stored[0], sent, longest, sum(after) - sum(before), shown


async def _longest_stall() -> float:
    longest, loop = 0.0, asyncio.get_running_loop()
    try:
        while True:
            due = loop.time() + 0.005
            await asyncio.sleep(0.005)
            longest = max(longest, loop.time() - due)
    except asyncio.CancelledError:
        return longest


async def _stalls(bench: Bench, url: str) -> int:
    """How often a callback of this app process was delayed by more than the bar."""
    async with bench.http.get(f"{url}/metrics") as answer:
        text = await answer.text()
    buckets = dict(re.findall(r'^loop_lag_seconds_bucket\{.*?le="([^"]+)".*?\} (\S+)$', text, re.MULTILINE))
    return int(float(buckets["+Inf"]) - float(buckets[f"{STALL_BAR}"]))


async def baseline(bench: Bench) -> float:
    """Seconds of one insert and one count for each recipient, one after the other."""
    begun = time.perf_counter()
    for person in bench.people:
        user = ObjectId(person.id)
        await bench.rows.insert_one(
            {"userId": user, "type": "BASELINE", "title": "新建合同", "content": "…", "status": "SENT", "data": {}}
        )
        await bench.rows.count_documents({"userId": user, "status": {"$in": ["SENT", "PENDING"]}})
    return time.perf_counter() - begun


def report_badge(name: str, waits: list[float]) -> bool:
    ordered = sorted(waits)
    p95 = ordered[int(len(ordered) * 0.95)]
    print(f"badge after {name}: p50 {ordered[len(ordered) // 2] * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms (bar 200)")
    return p95 <= BADGE_BAR


async def measure(mongodb_uri: str, redis_url: str, people: int, tabs: int) -> bool:
    async with open_bench(mongodb_uri, redis_url, people, tabs) as bench:
        print(f"{people} people, {people * tabs} sockets, {UNREAD} unread rows each")
        good = report_badge("a read", await badge_after_reading(bench))
        good = report_badge("a new one", await badge_after_sending(bench)) and good
        for _ in range(FACTS):
            stored, sent, stall, app_stalls, shown = await fact_for_everybody(bench)
            each = stored * 1000 / people
            print(
                f"a fact for {people}: store {each:.2f} ms each (bar 1), sent in {sent * 1000:.0f} ms, longest stall of"
                f" the sender {stall * 1000:.0f} ms (bar 50), stalls of app processes above 50 ms: {app_stalls}, all"
                f" {people * tabs} badges after {shown * 1000:.0f} ms"
            )
            good = good and each <= STORE_BAR_MS and stall <= STALL_BAR and not app_stalls
        seconds = await baseline(bench)
        print(f"baseline, one insert and one count each: {seconds * 1000 / people:.2f} ms each, {seconds:.2f} s in all")
    return good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--tabs", type=int, default=4)
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--mongodb", help=argparse.SUPPRESS)
    parser.add_argument("--redis", help=argparse.SUPPRESS)
    options = parser.parse_args()
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        if options.serve:
            runner.run(serve(options.serve, options.mongodb, options.redis))
            return 0
        mongo, redis = MongoServer(), RedisServer()
        mongo.start()
        redis.start()
        try:
            return 0 if runner.run(measure(mongo.uri, redis.url, options.people, options.tabs)) else 1
        finally:
            mongo.dispose()
            redis.dispose()


if __name__ == "__main__":
    sys.exit(main())
