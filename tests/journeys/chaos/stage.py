"""Where it takes place: two workers that get killed, the simulated provider, staff, and dashboards at both workers."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from domain.contracts.model import Contract
from domain.contracts.signing.polling_schedule import PollingSchedule
from domain.contracts.statuses import ContractStatus
from domain.shared.authority import Role
from integrations.local.simulators.esign.callbacks import CallbackSender
from integrations.local.simulators.esign.keys import new_key
from integrations.local.simulators.esign.state import SimulatorState
from integrations.wiring.areas import wire_areas
from integrations.wiring.infrastructure import open_infrastructure
from tests.app_process import KEYS, Answer, Stores
from tests.contract_side_effects import SideEffectRecorder
from tests.contracting import Provider, contract_settings, simulated_provider
from tests.journeys.chaos.worker import WorkerProcess
from tests.realtime.official_clients import OfficialClients, install_clients, official_clients
from tests.servers import free_port

CALL_SECONDS = 20
PATIENCE_SECONDS = 12.0
LOOK_SECONDS = 0.12
ESIGN_TIMEOUT_SECONDS = 1.0
PACE = PollingSchedule(delays_seconds=(0.3, 0.5, 1, 2, 4, 6), sweep_seconds=0.2, unknown_callbacks_seconds=30)
KEPT = ["id", "contractId", "version", "cause", "note", "from", "to", "ownerId", "formerOwnerId", "counts"]


@dataclass
class Person:
    id: str
    token: str


@dataclass
class Stage:
    provider: Provider
    workers: list[WorkerProcess]
    stores: Stores
    http: aiohttp.ClientSession
    managers: list[Person]
    employee: Person
    customer_id: str
    worker_id: str
    side_effects: SideEffectRecorder
    dashboards: list[OfficialClients] = field(default_factory=list)
    trained: dict[str, frozenset[ContractStatus]] = field(default_factory=dict)
    """Where trainings may be, once signed, by what was done to them; without an entry they are just that."""
    unexpected: list[str] = field(default_factory=list)
    """Answers that nobody should ever get."""

    async def contract(self, contract_id: str) -> Contract:
        found = await self.stores.contracts.contracts.find(contract_id)
        assert found is not None
        return found

    async def all_contracts(self) -> list[str]:
        found = await self.stores.database["contracts"].find({}, {"_id": 1}).to_list(None)
        return [str(document["_id"]) for document in found]

    async def until(self, contract_id: str, holds: Callable[[Contract], bool]) -> Contract:
        """The contract once that holds, or as it is when patience ends: with a provider that is down it may."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while True:
            contract = await self.contract(contract_id)
            if holds(contract) or asyncio.get_running_loop().time() > deadline:
                return contract
            await asyncio.sleep(LOOK_SECONDS)

    async def call(
        self, by: Person, method: str, path: str, body: Any = None, worker: int = 0, **headers: str
    ) -> Answer | None:
        """None when there was no answer: whether it was done, nobody knows."""
        sent = {"Authorization": f"Bearer {by.token}", **{name.replace("_", "-"): v for name, v in headers.items()}}
        url = f"{self.workers[worker].url}/api{path}"
        try:
            async with self.http.request(method, url, json=body, headers=sent) as response:
                answer = Answer(response.status, await response.json(), response.headers, {})
        except (aiohttp.ClientError, TimeoutError):
            return None
        if answer.status >= 500 and answer.code != "UNAVAILABLE":  # a store may be too busy; whoever asked tries again
            self.unexpected.append(f"{method} {path}: {answer.status} {answer.body}")
        return answer

    async def insist(self, by: Person, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Try until somebody answers."""
        for attempt in range(100):
            answer = await self.call(by, method, path, body, attempt % 2, **headers)
            if answer is not None and answer.status < 500:
                return answer
            await asyncio.sleep(0.1)
        raise AssertionError(f"nobody answers {method} {path}")

    async def report(self, message: dict[str, Any], *, forged: bool, worker: int) -> tuple[int, str] | None:
        """A message of the provider, or of somebody who says so."""
        signed = CallbackSender(SimulatorState.of(lambda: 0), _FORGER if forged else KEYS.platform).signed(message)
        try:
            async with self.http.post(f"{self.workers[worker].url}/api/esign/callback", data=signed) as response:
                return response.status, await response.text()
        except (aiohttp.ClientError, TimeoutError):
            return None

    async def drop_dashboards(self, chance: random.Random) -> None:
        """Break one connection after the other, until cancelled."""
        while True:
            await asyncio.sleep(chance.uniform(0.2, 1.0))
            await chance.choice(self.dashboards).do("drop", client=chance.randrange(3))


_FORGER = new_key()


@asynccontextmanager
async def a_stage(mongodb_uri: str, redis_url: str, database: str, folder: Path) -> AsyncIterator[Stage]:
    install_clients()
    async with AsyncExitStack() as stack:
        provider = await stack.enter_async_context(simulated_provider())
        ports = free_port(), free_port()
        settings = [
            # Each worker's contracts are reported to the other one.
            contract_settings(
                *(mongodb_uri, redis_url, database, provider.url, port, other),
                timeout_seconds=ESIGN_TIMEOUT_SECONDS,
            )
            for port, other in (ports, ports[::-1])
        ]
        base = await stack.enter_async_context(open_infrastructure(settings[0]))
        await wire_areas(base, settings[0]).create_indexes()
        stores = Stores(base)
        workers = [WorkerProcess(each, folder / f"worker-{number}.log", PACE) for number, each in enumerate(settings)]
        for worker in workers:
            stack.push_async_callback(worker.stop)
        await asyncio.gather(*(worker.start() for worker in workers))
        timeout = aiohttp.ClientTimeout(total=CALL_SECONDS)
        connector = aiohttp.TCPConnector(limit=0)
        http = await stack.enter_async_context(aiohttp.ClientSession(connector=connector, timeout=timeout))
        stage = Stage(
            provider,
            workers,
            stores,
            http,
            [Person(*await stores.hired(Role.ADMIN)), Person(*await stores.hired(Role.MANAGER))],
            Person(*await stores.hired(Role.EMPLOYEE)),
            *await _people_on_record(stores),
            SideEffectRecorder(stores.bus),
        )
        recording = asyncio.create_task(stage.side_effects.run())
        stack.callback(recording.cancel)
        tokens = [*(person.token for person in stage.managers), stage.employee.token]
        for port in ports:
            clients = official_clients(port, 3, "/contracts", "none of them", tokens[0], tokens=tokens, keep=KEPT)
            stage.dashboards.append(await stack.enter_async_context(clients))
        for each in stage.dashboards:
            await each.all_connected()
        yield stage


async def _people_on_record(stores: Stores) -> tuple[str, str]:
    customer = await stores.database["customers"].insert_one({"name": "王芳"})
    worker = await stores.database["resumes"].insert_one({"name": "赵阿姨", "releasedForContract": True})
    return str(customer.inserted_id), str(worker.inserted_id)
