"""Contracts in a running system: workers over real stores, the simulated provider, staff with their rights."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from domain.contracts.model import Contract
from domain.contracts.services import ContractServices
from domain.contracts.signing.polling_schedule import PollingSchedule
from domain.sessions.model import Session, secret_digest
from domain.shared.authority import Role
from domain.shared.events import DomainEvent
from domain.staff.access import StaffAccess
from domain.staff.events import StaffAccessChanged
from domain.staff.model import Staff
from domain.users.identity import WeChatIdentity
from domain.users.model import User
from integrations.local.simulators.esign import (
    HOUSEKEEPING_TEMPLATE,
    SIMULATED_APP_ID,
    TRAINING_TEMPLATE,
    DevelopmentKeys,
    SimulatorState,
    create_app,
)
from integrations.local.simulators.esign.app import STATE
from integrations.local.simulators.esign.keys import new_key
from integrations.settings import Settings
from integrations.wiring.contracts import ContractStores
from integrations.wiring.opened import Integrations, opened
from realtime.edge import RealtimeEdge
from run import Areas, http_app, realtime_edge
from tests.background import feed_of, job_runner
from tests.domain.contracts.builders import id_card
from tests.servers import free_port

MACHINE_SECRET = "the machines' secret, long enough for all"
KEYS = DevelopmentKeys(new_key(), new_key())
QUICK = PollingSchedule(delays_seconds=(0.3, 0.5, 1.0), sweep_seconds=0.2, unknown_callbacks_seconds=30)
PATIENCE_SECONDS = 10.0


@dataclass
class Answer:
    status: int
    body: Any

    @property
    def data(self) -> Any:
        return self.body["data"]

    @property
    def code(self) -> str | None:
        return self.body.get("code") if isinstance(self.body, dict) else None


@dataclass
class Provider:
    """The simulated provider, and the people who sign there."""

    url: str
    state: SimulatorState
    http: aiohttp.ClientSession

    async def do(self, contract_no: str, deed: str, **more: Any) -> int:
        async with self.http.post(f"{self.url}/_sim/{contract_no}/{deed}", json=more) as response:
            return response.status

    async def order(self, what: str, **body: Any) -> Any:
        async with self.http.post(f"{self.url}/_sim/{what}", json=body) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def fault(self, path: str, times: int = 1, **fault: Any) -> None:
        await self.order("faults", path=path, times=times, fault=fault)

    def status_of(self, contract_no: str) -> int:
        return self.state.records.contracts[contract_no].status


@dataclass
class Worker:
    """One worker of the product, as run.py would start it, with contracts wired in."""

    stores: Integrations
    contract_stores: ContractStores
    services: ContractServices
    access: StaffAccess
    edge: RealtimeEdge
    url: str
    http: aiohttp.ClientSession
    background: "asyncio.Future[Any]"
    runner: web.AppRunner
    followed: list[DomainEvent] = field(default_factory=list)

    async def call(
        self, method: str, path: str, body: object = None, token: str = "", query: Any = None, **headers: str
    ) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        url = self.url + path
        async with self.http.request(method, url, json=body, params=query, headers=sent) as response:
            if response.content_type == "application/json":
                return Answer(response.status, await response.json())
            return Answer(response.status, await response.read())

    async def die(self) -> None:
        """As kill -9 would have it: nothing is finished, nothing is said."""
        self.background.cancel()
        await asyncio.gather(self.background, return_exceptions=True)
        await self.services.reconciler.close()

    async def contract(self, contract_id: str) -> Contract:
        found = await self.contract_stores.contracts.find(contract_id)
        assert found is not None
        return found

    async def until(
        self, contract_id: str, holds: Callable[[Contract], bool], seconds: float = PATIENCE_SECONDS
    ) -> Contract:
        deadline = time.monotonic() + seconds
        while True:
            contract = await self.contract(contract_id)
            if holds(contract):
                return contract
            if time.monotonic() > deadline:
                raise AssertionError(f"still {contract.contract_status}: {contract.history[-3:]}")
            await asyncio.sleep(0.01)

    async def sent(self, contract_id: str) -> Contract:
        """Once the provider has it."""
        return await self.until(contract_id, lambda c: c.esign_attempt is not None and c.esign_attempt.sent)

    async def staff(self, role: Role = Role.ADMIN, name: str = "") -> "Member":
        member_id, token = await hired(self.stores, role, name)
        return Member(self, member_id, token, role)

    async def mini_program_user(self, phone: str, *, verified: bool = True) -> str:
        """Their access token."""
        now, ids = self.stores.clock.now(), self.stores.ids
        identity = WeChatIdentity(app_id="wx1", open_id=f"o{ids.next_id()}")
        session = Session(
            id=ids.next_id(),
            refresh_hash=secret_digest("secret"),
            started_at=now,
            used_at=now,
            expires_at=now.replace(year=now.year + 1),
        )
        user = User.registered(ids.next_id(), identity, now).with_phone(phone, verified, now)
        user = user.model_copy(update={"sessions": (session,), "last_login_at": now})
        await self.stores.users.save(user, [])
        return self.stores.tokens.issue("mp", user.id, session.id, now)[0]


@dataclass
class Member:
    """A member of staff at their computer."""

    worker: Worker
    id: str
    token: str
    role: Role

    async def call(self, method: str, path: str, body: object = None, query: Any = None, **headers: str) -> Answer:
        return await self.worker.call(method, f"/api{path}", body, self.token, query, **headers)

    async def create(self, number: int = 1, **more: Any) -> str:
        """A draft; its id."""
        answer = await self.call("POST", "/contracts/miniprogram/create", home(number, **more))
        assert answer.status == 201, answer.body
        return str(answer.data["id"])

    async def signing(self, number: int = 1, **more: Any) -> Contract:
        """A contract that its parties can sign now."""
        contract_id = await self.create(number, **more)
        answer = await self.call("POST", f"/contracts/{contract_id}/initiate-signing", {})
        assert answer.status == 200, answer.body
        return await self.worker.sent(contract_id)

    async def active(self, provider: Provider, number: int = 1, **more: Any) -> Contract:
        contract = await self.signing(number, **more)
        await provider.do(contract.esign_contract_no, "sign", order=1)
        await provider.do(contract.esign_contract_no, "sign", order=2)
        return await self.worker.until(contract.id, lambda c: c.contract_status == "active")


async def hired(stores: Integrations, role: Role = Role.ADMIN, name: str = "") -> tuple[str, str]:
    """A new member of staff who has logged in: the id and the access token."""
    now, ids = stores.clock.now(), stores.ids
    session = Session(
        id=ids.next_id(),
        refresh_hash=secret_digest("secret"),
        started_at=now,
        used_at=now,
        expires_at=now.replace(year=now.year + 1),
    )
    member = Staff(
        id=ids.next_id(),
        username=f"{role}-{ids.next_id()}",
        name=name or f"{role}",
        role=role,
        sessions=(session,),
        created_at=now,
        updated_at=now,
    )
    await stores.staff.save(member, [])
    return member.id, stores.tokens.issue("staff", member.id, session.id, now)[0]


def home(number: int = 1, **more: Any) -> dict[str, Any]:
    """What the CRM sends for a housekeeping contract."""
    return {
        "contractType": "月嫂",
        "customerName": "王芳",
        "customerPhone": f"138{number:08d}",
        "customerIdCard": id_card(number),
        "workerName": "赵阿姨",
        "workerPhone": f"139{number:08d}",
        "workerIdCard": id_card(number, "19751111"),
        "startDate": "2026-05-01",
        "endDate": "2027-10-31",
        "workerSalary": 8800,
        "customerServiceFee": 3000.5,
        "templateNo": HOUSEKEEPING_TEMPLATE,
        **more,
    }


def course(number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "customerName": "孙丽",
        "customerPhone": f"137{number:08d}",
        "customerIdCard": id_card(number, "19880808"),
        "courseAmount": 6800,
        "serviceFeeAmount": 6800,
        "intendedCourses": ["高级母婴护理"],
        "templateNo": TRAINING_TEMPLATE,
        **more,
    }


@asynccontextmanager
async def simulated_provider() -> AsyncIterator[Provider]:
    app = create_app({SIMULATED_APP_ID: KEYS.merchant.public_key()}, KEYS.platform)
    server = TestServer(app)
    await server.start_server(access_log=None)
    async with aiohttp.ClientSession() as http:
        yield Provider(str(server.make_url("")).rstrip("/"), app[STATE], http)
    await server.close()


def worker_settings(
    mongodb_uri: str, redis_url: str, database: str, provider_url: str, port: int, callback_port: int = 0, **more: Any
) -> Settings:
    """`callback_port`: where the provider reports to; this worker's own unless it is said."""
    return Settings(
        app_env="test",
        port=port,
        mongodb_uri=SecretStr(mongodb_uri),
        mongodb_database=database,
        redis_url=SecretStr(redis_url),
        jwt_secret=SecretStr("a key of tests that is long enough for anybody"),
        service_secret=SecretStr(MACHINE_SECRET),
        rate_limit_factor=1000,
        esign_app_id=SIMULATED_APP_ID,
        esign_host=provider_url,
        esign_private_key=SecretStr(KEYS.merchant_private_pem),
        esign_public_key=KEYS.platform_public_pem,
        esign_notify_url=f"http://127.0.0.1:{callback_port or port}/api/esign/callback",
        esign_company_name="安心家政",
        esign_company_account="agency-001",
        esign_seal_no="seal-001",
        esign_account_key=SecretStr("a key of tests that makes accounts of cards"),
        **more,
    )


@asynccontextmanager
async def working(
    mongodb_uri: str,
    redis_url: str,
    database: str,
    provider: Provider,
    pace: PollingSchedule = QUICK,
    port: int = 0,
    callback_port: int = 0,
) -> AsyncIterator[Worker]:
    settings = worker_settings(mongodb_uri, redis_url, database, provider.url, port or free_port(), callback_port)
    async with serving(settings, pace) as worker:
        yield worker


@asynccontextmanager
async def serving(settings: Settings, pace: PollingSchedule = QUICK) -> AsyncIterator[Worker]:
    url = f"http://127.0.0.1:{settings.port}"
    async with AsyncExitStack() as stack:
        registry = CollectorRegistry()
        stores = await stack.enter_async_context(opened(settings, registry))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        await stores.create_indexes()
        services = stores.contract_services(pace)
        access = StaffAccess(stores.staff, stores.authorities, stores.clock)
        stores.followers[StaffAccessChanged] = [access]
        areas = Areas(services, *stores.interview_services("test"))
        edge = realtime_edge(settings, stores, access, areas, registry, several=False)
        app = http_app(settings, stores, access, areas, registry, several=False)
        edge.attach(app)
        feed, feeding = feed_of(stores.bus, services.projection, edge.hub)
        jobs = (*stores.background, *edge.background, *services.reconciler.background, *services.projection.background)
        background = asyncio.ensure_future(job_runner((feeding, *jobs), stores.lease).run())
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", settings.port).start()
        await feed.until_started()
        yield Worker(stores, stores.contracts, services, access, edge, url, http, background, runner)
        background.cancel()
        with suppress(asyncio.CancelledError):
            await background
        await services.reconciler.close()
        await stores.journal.end()
        await edge.server.shutdown()
        await runner.cleanup()


def public(answer: Mapping[str, Any]) -> dict[str, Any]:
    """An answer's data without what differs from call to call."""
    return {name: value for name, value in answer.items() if name not in ("updatedAt", "createdAt", "version")}
