"""Many claimers, two app processes, one of them killed in the middle: one winner each, and no cap is exceeded.

Full size: CLAIMERS=1000.
"""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any, Final

import aiohttp
import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from domain.contracts.signing.polling_schedule import PollingSchedule
from domain.customers.ownership.limits import USUAL_LIMITS
from domain.shared.authority import Role
from integrations.wiring.areas import wire_areas
from integrations.wiring.infrastructure import open_infrastructure
from tests.app_process import Stores, settings_of
from tests.journeys.support.chaos.killable_app_process import KillableAppProcess
from tests.servers import free_port
from tests.waiting import eventually

CLAIMERS: Final = int(os.environ.get("CLAIMERS", "60"))
LEADS: Final = 30
GREEDY: Final = 3
"""Claimers who want all leads, and so reach the cap of a day."""
WISHES: Final = 3
"""Leads that every other claimer wants, besides the one that all want."""
DAILY: Final = USUAL_LIMITS.claims_per_day
PER_SIGNED_IN: Final = 40
"""Claimers whose accounts are made at once."""


@dataclass
class Claimer:
    id: str
    token: str
    won: list[str] = field(default_factory=list)
    """Leads whose claim was answered by success."""


@dataclass
class Race:
    processes: list[KillableAppProcess]
    stores: Stores
    http: aiohttp.ClientSession
    answers: Counter[str] = field(default_factory=Counter)

    async def call(self, token: str, method: str, path: str, body: object) -> dict[str, Any] | None:
        """The answer; repeated at the other process while there is none. None: it took effect perhaps."""
        urls = cycle(self.processes if hash(token) % 2 else self.processes[::-1])
        lost = False

        async def answered() -> tuple[dict[str, Any], bool] | None:
            nonlocal lost
            try:
                headers = {"Authorization": f"Bearer {token}"}
                url = f"{next(urls).url}/api/customers{path}"
                async with self.http.request(method, url, json=body, headers=headers) as response:
                    answer = await response.json()
            except (aiohttp.ClientError, TimeoutError):
                lost = True
                return None
            if response.status >= 500:
                assert answer["code"] == "UNAVAILABLE", answer
                lost = True
                return None
            return answer, lost

        answer, unsure = await eventually(answered, 90, 0.05)
        self.answers[answer.get("code") or "won"] += 1
        return None if unsure and not answer["success"] else answer

    async def claim(self, claimer: Claimer, lead: str) -> None:
        answer = await self.call(claimer.token, "POST", "/public-pool/claim", {"customerIds": [lead]})
        if answer is not None and answer["success"]:
            claimer.won.append(lead)

    async def customers(self) -> dict[str, dict[str, Any]]:
        return {str(each["_id"]): each async for each in self.stores.database["customers"].find()}

    async def holdings(self) -> dict[str, list[str]]:
        found = self.stores.database["customer_holdings"].find()
        return {each["_id"]: sorted(entry["c"] for entry in each["held"]) async for each in found}

    async def owned(self) -> dict[str, list[str]]:
        owned: dict[str, list[str]] = {}
        for lead, customer in (await self.customers()).items():
            if "assignedTo" in customer:
                owned.setdefault(str(customer["assignedTo"]), []).append(lead)
        return {owner: sorted(leads) for owner, leads in owned.items()}


@pytest.fixture
async def race(
    mongodb_uri: str, redis_url: str, redis: Redis, database: "AsyncIOMotorDatabase[dict[str, Any]]", tmp_path: Path
) -> AsyncIterator[Race]:
    async with AsyncExitStack() as stack:
        settings = [settings_of(mongodb_uri, redis_url, database.name, port=free_port()) for _ in range(2)]
        base = await stack.enter_async_context(open_infrastructure(settings[0]))
        await wire_areas(base, settings[0]).prepare_stores()
        processes = [
            KillableAppProcess(each, tmp_path / f"process-{number}.log", PollingSchedule())
            for number, each in enumerate(settings)
        ]
        for process in processes:
            stack.push_async_callback(process.stop)
        await asyncio.gather(*(process.start() for process in processes))
        connector = aiohttp.TCPConnector(limit=200, force_close=True)
        http = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
        yield Race(processes, Stores(base), http)


async def leads_in_pool(race: Race) -> list[str]:
    _, token = await race.stores.hired(Role.ADMIN)
    leads = []
    for number in range(LEADS):
        created = await race.call(token, "POST", "", {"name": "王芳", "phone": f"135{number:08d}"})
        assert created is not None
        leads.append(created["data"]["id"])
        await race.call(token, "POST", f"/{leads[-1]}/release-to-pool", {"reason": "暂无需求"})
    return leads


async def claimers(race: Race) -> list[Claimer]:
    people: list[Claimer] = []
    while len(people) < CLAIMERS:
        most = min(PER_SIGNED_IN, CLAIMERS - len(people))
        people += [
            Claimer(*each) for each in await asyncio.gather(*(race.stores.hired("employee") for _ in range(most)))
        ]
    return people


async def test_each_lead_has_one_winner_and_caps_logs_and_holdings_agree(race: Race) -> None:
    leads, people, chance = await leads_in_pool(race), await claimers(race), Random(1)
    race.answers.clear()
    wishes = [
        *((person, lead) for person in people[:GREEDY] for lead in leads),
        *((person, lead) for person in people[GREEDY:] for lead in (leads[0], *chance.sample(leads, WISHES))),
    ]
    chance.shuffle(wishes)

    async def kill_in_the_middle() -> None:
        await eventually(lambda: race.answers.total() > len(wishes) // 3, 120)
        await race.processes[0].kill_and_restart()

    await asyncio.gather(kill_in_the_middle(), *(race.claim(person, lead) for person, lead in wishes))

    customers, owned = await race.customers(), await race.owned()
    won = Counter(lead for person in people for lead in person.won)
    assert set(won.values()) == {1}
    assert all(str(customers[lead]["assignedTo"]) == person.id for person in people for lead in person.won)
    assert all(customer["claimCount"] == 1 for customer in customers.values() if "assignedTo" in customer)
    assert "assignedTo" in customers[leads[0]]
    assert max(map(len, owned.values())) <= (DAILY or 0)
    unexpected = set(race.answers) - {"won", "CUSTOMER_ALREADY_CLAIMED", "DAILY_CLAIM_CAP_REACHED"}
    assert unexpected == set()

    async def logs_agree() -> bool:
        moves = race.stores.database["public_pool_logs"].find({"action": "claim"})
        claims = Counter([(str(row["customerId"]), str(row["toUserId"])) async for row in moves])
        return claims == {(lead, owner): 1 for owner, mine in owned.items() for lead in mine}

    async def holdings_agree() -> bool:  # what the killed process had reserved is removed after half a minute
        held = {staff_id: leads for staff_id, leads in (await race.holdings()).items() if leads}
        return held == owned

    await eventually(logs_agree, 60)
    await eventually(holdings_agree, 120)
