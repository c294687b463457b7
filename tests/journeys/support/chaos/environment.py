"""The environment: two app processes that are killed, the simulated provider, staff, and dashboards at both."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

import aiohttp
from bson import ObjectId

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
from tests.contract_api import Provider, contract_settings, simulated_provider
from tests.contract_side_effects import SideEffectRecorder
from tests.journeys.support.chaos.killable_app_process import KillableAppProcess
from tests.realtime.official_clients import OfficialClients, install_clients, official_clients
from tests.servers import free_port
from tests.waiting import eventually

CALL_SECONDS = 20
PATIENCE_SECONDS = 12.0
POLL_SECONDS = 0.12
ESIGN_TIMEOUT_SECONDS = 1.0
SCHEDULE = PollingSchedule(delays_seconds=(0.3, 0.5, 1, 2, 4, 6), sweep_seconds=0.2, unknown_callbacks_seconds=30)
KEPT_FIELDS = ["id", "contractId", "version", "cause", "note", "from", "to", "ownerId", "formerOwnerId", "counts"]


@dataclass
class StaffAccount:
    id: str
    token: str


@dataclass
class ChaosEnvironment:
    provider: Provider
    processes: list[KillableAppProcess]
    stores: Stores
    http: aiohttp.ClientSession
    managers: list[StaffAccount]
    employee: StaffAccount
    customer_id: str
    worker_id: str
    side_effects: SideEffectRecorder
    dashboards: list[OfficialClients] = field(default_factory=list)
    training_ends: dict[str, frozenset[ContractStatus]] = field(default_factory=dict)
    """The allowed final statuses of training orders by id. Without an entry: signed."""
    unexpected: list[str] = field(default_factory=list)
    """Responses that must never occur."""

    async def contract(self, contract_id: str) -> Contract:
        found = await self.stores.contracts.contracts.find(contract_id)
        assert found is not None
        return found

    async def all_contracts(self) -> list[str]:
        found = await self.stores.database["contracts"].find({}, {"_id": 1}).to_list(None)
        return [str(document["_id"]) for document in found]

    async def until(self, contract_id: str, holds: Callable[[Contract], bool]) -> Contract:
        """The contract once the condition holds, or as it is after PATIENCE_SECONDS (faults may delay it longer)."""

        async def holds_now() -> bool:
            return holds(await self.contract(contract_id))

        with suppress(AssertionError):
            await eventually(holds_now, PATIENCE_SECONDS, POLL_SECONDS)
        return await self.contract(contract_id)

    async def call(
        self, by: StaffAccount, method: str, path: str, body: Any = None, process: int = 0, **headers: str
    ) -> Answer | None:
        """None when there was no response; the request may have been processed all the same."""
        sent = {"Authorization": f"Bearer {by.token}", **{name.replace("_", "-"): v for name, v in headers.items()}}
        url = f"{self.processes[process].url}/api{path}"
        try:
            async with self.http.request(method, url, json=body, headers=sent) as response:
                answer = Answer(response.status, await response.json(), response.headers, {})
        except (aiohttp.ClientError, TimeoutError):
            return None
        if answer.status >= 500 and answer.code != "UNAVAILABLE":  # a busy store; the caller retries
            self.unexpected.append(f"{method} {path}: {answer.status} {answer.body}")
        return answer

    async def call_until_answered(
        self, by: StaffAccount, method: str, path: str, body: Any = None, **headers: str
    ) -> Answer:
        """Retry at both app processes until one of them responds."""
        processes = cycle(range(2))

        async def answered() -> Answer | None:
            answer = await self.call(by, method, path, body, next(processes), **headers)
            return answer if answer is not None and answer.status < 500 else None

        return await eventually(answered, 60, 0.1)

    async def report(self, message: dict[str, Any], *, forged: bool, process: int) -> tuple[int, str] | None:
        """Post a callback, genuine or forged."""
        signed = CallbackSender(SimulatorState.of(lambda: 0), _FORGER if forged else KEYS.platform).signed(message)
        try:
            async with self.http.post(f"{self.processes[process].url}/api/esign/callback", data=signed) as response:
                return response.status, await response.text()
        except (aiohttp.ClientError, TimeoutError):
            return None

    async def disconnect_dashboards(self, rng: random.Random) -> None:
        """Close random connections until cancelled."""
        while True:
            await asyncio.sleep(rng.uniform(0.2, 1.0))
            await rng.choice(self.dashboards).do("drop", client=rng.randrange(3))


_FORGER = new_key()


@asynccontextmanager
async def chaos_environment(
    mongodb_uri: str, redis_url: str, database: str, folder: Path
) -> AsyncIterator[ChaosEnvironment]:
    install_clients()
    async with AsyncExitStack() as stack:
        provider = await stack.enter_async_context(simulated_provider())
        ports = free_port(), free_port()
        settings = [
            # Callbacks about contracts of one app process go to the other one.
            contract_settings(
                *(mongodb_uri, redis_url, database, provider.url, port, other),
                timeout_seconds=ESIGN_TIMEOUT_SECONDS,
            )
            for port, other in (ports, ports[::-1])
        ]
        base = await stack.enter_async_context(open_infrastructure(settings[0]))
        await wire_areas(base, settings[0]).prepare_stores()
        stores = Stores(base)
        workers = [
            KillableAppProcess(each, folder / f"worker-{number}.log", SCHEDULE) for number, each in enumerate(settings)
        ]
        for worker in workers:
            stack.push_async_callback(worker.stop)
        await asyncio.gather(*(worker.start() for worker in workers))
        timeout = aiohttp.ClientTimeout(total=CALL_SECONDS)
        connector = aiohttp.TCPConnector(limit=0)
        http = await stack.enter_async_context(aiohttp.ClientSession(connector=connector, timeout=timeout))
        employee = StaffAccount(*await stores.hired(Role.EMPLOYEE))
        environment = ChaosEnvironment(
            provider,
            workers,
            stores,
            http,
            [StaffAccount(*await stores.hired(Role.ADMIN)), StaffAccount(*await stores.hired(Role.MANAGER))],
            employee,
            *await _insert_party_records(stores, employee),
            SideEffectRecorder(stores.bus),
        )
        recording = asyncio.create_task(environment.side_effects.run())
        stack.callback(recording.cancel)
        tokens = [*(person.token for person in environment.managers), environment.employee.token]
        for port in ports:
            clients = official_clients(
                port, 3, "/contracts", "none of them", tokens[0], tokens=tokens, keep=KEPT_FIELDS
            )
            environment.dashboards.append(await stack.enter_async_context(clients))
        for each in environment.dashboards:
            await each.all_connected()
        yield environment


async def _insert_party_records(stores: Stores, owner: StaffAccount) -> tuple[str, str]:
    """`owner`: an employee may only name a customer of their own."""
    owned = {"name": "王芳", "version": 1, "assignedTo": ObjectId(owner.id)}
    customer = await stores.database["customers"].insert_one(owned)
    worker = await stores.database["resumes"].insert_one({"name": "赵阿姨", "releasedForContract": True})
    return str(customer.inserted_id), str(worker.inserted_id)
