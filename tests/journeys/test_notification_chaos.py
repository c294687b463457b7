"""Notifications while app processes and Redis are killed: no fact lost, none doubled, every badge right at the end.

`NOTIFICATION_SCHEDULES=200` runs the full form; `NOTIFICATION_SEED` selects another course.
"""

import asyncio
import os
import random
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp
from bson import ObjectId

from domain.shared.authority import Role
from integrations.wiring.areas import wire_areas
from integrations.wiring.infrastructure import open_infrastructure
from tests.app_process import Stores
from tests.contract_api import QUICK, contract_settings, housekeeping_form
from tests.journeys.support.chaos.killable_app_process import KillableAppProcess
from tests.realtime.official_clients import OfficialClients, install_clients, official_clients
from tests.servers import RedisServer, free_port
from tests.waiting import eventually

SEED: Final = os.environ.get("NOTIFICATION_SEED", "20261130")
SCHEDULES: Final = int(os.environ.get("NOTIFICATION_SCHEDULES", "20"))
CONCURRENT: Final = 4
PROCESS_KILL_EVERY: Final = 10
REDIS_KILL_EVERY: Final = 20
CALL_SECONDS: Final = 10
OVERSEERS: Final = (Role.ADMIN, Role.MANAGER)


@dataclass
class Person:
    id: str
    token: str
    role: Role


@dataclass
class Office:
    """Two app processes, and each person's tab at either."""

    processes: list[KillableAppProcess]
    redis: RedisServer
    stores: Stores
    http: aiohttp.ClientSession
    people: list[Person]
    tabs: list[OfficialClients]

    @property
    def rows(self) -> Any:
        return self.stores.database["notifications"]

    async def rows_of(self, person: Person, **more: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self.rows.find({"userId": ObjectId(person.id), **more}).to_list(None)
        return found

    async def ask(self, by: Person, method: str, path: str, body: object = None) -> None:
        """Repeated at both app processes until one of them answers, as a page does."""
        turn = 0

        async def answered() -> bool:
            nonlocal turn
            turn += 1
            url, headers = f"{self.processes[turn % 2].url}/api{path}", {"Authorization": f"Bearer {by.token}"}
            try:
                async with self.http.request(method, url, json=body, headers=headers) as response:
                    await response.read()
                    return response.status < 500
            except (aiohttp.ClientError, TimeoutError):
                return False

        await eventually(answered, 60, 0.1)


@asynccontextmanager
async def open_office(mongodb_uri: str, redis: RedisServer, folder: Path) -> AsyncIterator[Office]:
    install_clients()
    async with AsyncExitStack() as stack:
        database = f"notification_chaos_{uuid.uuid4().hex[:8]}"
        settings = [
            contract_settings(mongodb_uri, redis.url, database, "http://127.0.0.1:1", free_port()) for _ in "12"
        ]
        processes = [KillableAppProcess(each, folder / f"process-{at}.log", QUICK) for at, each in enumerate(settings)]
        base = await stack.enter_async_context(open_infrastructure(settings[0]))
        areas = wire_areas(base, settings[0])
        stack.push_async_callback(areas.close)
        await areas.prepare_stores()
        stores = Stores(base)
        roles = (*OVERSEERS, Role.EMPLOYEE, Role.EMPLOYEE)
        people = [Person(*await stores.hired(role), role) for role in roles]
        await asyncio.gather(*(process.start() for process in processes))
        for process in processes:
            stack.push_async_callback(process.stop)
        timeout = aiohttp.ClientTimeout(total=CALL_SECONDS)
        http = await stack.enter_async_context(aiohttp.ClientSession(timeout=timeout))
        tabs = [await stack.enter_async_context(_tabs(process, people)) for process in processes]
        for each in tabs:
            await each.all_connected()
        yield Office(processes, redis, stores, http, people, tabs)


@asynccontextmanager
async def _tabs(process: KillableAppProcess, people: Sequence[Person]) -> AsyncIterator[OfficialClients]:
    port, tokens = int(process.url.rsplit(":", 1)[1]), [person.token for person in people]
    keep = ["_id", "count"]
    async with official_clients(port, len(people), "/notifications", "unreadCount", tokens=tokens, keep=keep) as tabs:
        yield tabs


async def test_no_fact_is_lost_or_doubled_and_every_badge_is_right(
    mongodb_uri: str, own_redis: RedisServer, tmp_path: Path
) -> None:
    print(f"NOTIFICATION_SEED={SEED} NOTIFICATION_SCHEDULES={SCHEDULES}")  # noqa: T201  # shown when it fails
    async with open_office(mongodb_uri, own_redis, tmp_path) as office:
        slots = asyncio.Semaphore(CONCURRENT)
        await asyncio.gather(*(_schedule(office, number, slots) for number in range(SCHEDULES)))

        for tabs in office.tabs:
            await tabs.all_connected()
        with suppress(AssertionError):  # the comparisons below say more about what is missing
            await eventually(lambda: _is_settled(office), 30, 0.1)

        assert await _sent(office) == await _expected(office)
        assert await _shown(office) == await _stored(office)
        starts = [process.starts for process in office.processes]
        print(f"{await office.rows.count_documents({})} notifications, starts {starts}")  # noqa: T201


async def _schedule(office: Office, number: int, slots: asyncio.Semaphore) -> None:
    rng = random.Random(f"{SEED}:{number}")
    actions: list[Callable[[], Awaitable[None]]] = [lambda: _create(office, rng, number)]
    actions += [lambda: _read_some(office, rng), lambda: _read_all(office, rng)][: rng.randrange(3)]
    async with slots:
        if number % PROCESS_KILL_EVERY == 3:
            actions.append(lambda: _kill_process(office, rng))
        if number % REDIS_KILL_EVERY == 8:
            actions.append(lambda: _kill_redis(office))
        await asyncio.gather(*(action() for action in actions))


async def _create(office: Office, rng: random.Random, number: int) -> None:
    """A fact for its author and the overseers."""
    author = rng.choice(office.people)
    await office.ask(author, "POST", "/contracts/miniprogram/create", housekeeping_form(number + 1))


async def _read_some(office: Office, rng: random.Random) -> None:
    person = rng.choice(office.people)
    unread = [str(row["_id"]) for row in await office.rows_of(person, status="SENT")]
    if unread:
        ids = rng.sample(unread, rng.randint(1, len(unread)))
        await office.ask(person, "PUT", "/notifications/mark-read", {"notificationIds": ids})


async def _read_all(office: Office, rng: random.Random) -> None:
    if rng.random() < 0.2:
        await office.ask(rng.choice(office.people), "PUT", "/notifications/mark-all-read")


async def _kill_process(office: Office, rng: random.Random) -> None:
    await asyncio.sleep(rng.uniform(0, 0.3))
    await rng.choice(office.processes).kill_and_restart()


async def _kill_redis(office: Office) -> None:
    office.redis.kill()
    await asyncio.sleep(0.2)
    await asyncio.to_thread(office.redis.start)


async def _is_settled(office: Office) -> bool:
    sent, expected = await _sent(office), await _expected(office)
    return sent == expected and await _shown(office) == await _stored(office)


async def _expected(office: Office) -> list[tuple[str, str]]:
    """Recipient and contract of every notification that is due: from the store, because answers may be lost."""
    contracts = await office.stores.database["contracts"].find({}, {"createdBy": 1}).to_list(None)
    overseers = {person.id for person in office.people if person.role in OVERSEERS}
    return sorted(
        (recipient, str(contract["_id"]))
        for contract in contracts
        for recipient in overseers | {str(contract["createdBy"])}
    )


async def _sent(office: Office) -> list[tuple[str, str]]:
    rows = await office.rows.find({}, {"userId": 1, "about": 1}).to_list(None)
    return sorted((str(row["userId"]), row["about"]["id"]) for row in rows)


async def _stored(office: Office) -> list[tuple[str, int, list[str]]]:
    """For each tab: its person, the unread count, and the ids of all rows."""
    found = []
    for person in office.people:
        rows = await office.rows_of(person)
        unread = sum(row["status"] == "SENT" for row in rows)
        found.append((person.id, unread, sorted(str(row["_id"]) for row in rows)))
    return found * 2


async def _shown(office: Office) -> list[tuple[str, int, list[str]]]:
    """The same as the tabs have it. A client drops a notification that it has already."""
    found = []
    for tabs in office.tabs:
        for person, report in zip(office.people, await tabs.report(), strict=True):
            pushed = {payload["_id"] for name, payload in report["others"] if name == "notification"}
            found.append((person.id, report["last"], sorted(pushed)))
    return found
