"""The contracts API for tests: an app process over real stores, the simulated provider, staff with their rights."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from aiohttp.test_utils import TestServer

from domain.contracts.model import Contract
from domain.contracts.services import ContractServices
from domain.contracts.signing.polling_schedule import PollingSchedule
from domain.sessions.model import Session, secret_digest
from domain.shared.authority import Role
from domain.tasks.model import TaskLimits
from domain.users.identity import WeChatIdentity
from domain.users.model import User
from integrations.local.simulators.esign.app import STATE, create_app
from integrations.local.simulators.esign.keys import SIMULATED_APP_ID
from integrations.local.simulators.esign.state import SimulatorState
from integrations.local.simulators.esign.templates import HOUSEKEEPING_TEMPLATE, TRAINING_TEMPLATE
from integrations.settings import Settings
from realtime.edge import RealtimeEdge
from tests.app_process import KEYS, Answer, RunningProcess, Stores, running_process, settings_of
from tests.domain.contracts.builders import id_card
from tests.servers import free_port
from tests.waiting import eventually

QUICK = PollingSchedule(delays_seconds=(0.3, 0.5, 1.0), sweep_seconds=0.2, unknown_callbacks_seconds=30)
PATIENCE_SECONDS = 10.0


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
class ContractApi:
    """One app process of the product, with people at its contracts."""

    running: RunningProcess

    @property
    def stores(self) -> Stores:
        return self.running.stores

    @property
    def services(self) -> ContractServices:
        return self.running.services.contracts

    @property
    def edge(self) -> RealtimeEdge:
        assert self.running.process.edge is not None
        return self.running.process.edge

    @property
    def url(self) -> str:
        return self.running.url

    @property
    def http(self) -> aiohttp.ClientSession:
        return self.running.http

    async def call(
        self, method: str, path: str, body: object = None, token: str = "", query: Any = None, **headers: str
    ) -> Answer:
        return await self.running.call(method, path, body, token, query, headers=headers)

    async def die(self) -> None:
        """As kill -9 would have it: nothing is finished, nothing is said."""
        await self.running.die()

    async def contract(self, contract_id: str) -> Contract:
        found = await self.stores.contracts.contracts.find(contract_id)
        assert found is not None
        return found

    async def until(
        self, contract_id: str, holds: Callable[[Contract], bool], seconds: float = PATIENCE_SECONDS
    ) -> Contract:
        async def found() -> Contract | None:
            contract = await self.contract(contract_id)
            return contract if holds(contract) else None

        try:
            return await eventually(found, seconds, 0.01)
        except AssertionError as error:
            contract = await self.contract(contract_id)
            raise AssertionError(f"still {contract.contract_status}: {contract.history[-3:]}") from error

    async def sent(self, contract_id: str) -> Contract:
        """Once the provider has it."""
        return await self.until(contract_id, lambda c: c.esign_attempt is not None and c.esign_attempt.sent)

    async def staff(self, role: Role = Role.ADMIN, name: str = "") -> "StaffMember":
        member_id, token = await self.stores.hired(role, name)
        return StaffMember(self, member_id, token, role)

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
class StaffMember:
    """A member of staff at their computer."""

    api: ContractApi
    id: str
    token: str
    role: Role

    async def call(self, method: str, path: str, body: object = None, query: Any = None, **headers: str) -> Answer:
        return await self.api.call(method, f"/api{path}", body, self.token, query, **headers)

    async def create(self, number: int = 1, **more: Any) -> str:
        """A draft; its id."""
        answer = await self.call("POST", "/contracts/miniprogram/create", housekeeping_form(number, **more))
        assert answer.status == 201, answer.body
        return str(answer.data["id"])

    async def signing(self, number: int = 1, **more: Any) -> Contract:
        """A contract that its parties can sign now."""
        contract_id = await self.create(number, **more)
        answer = await self.call("POST", f"/contracts/{contract_id}/initiate-signing", {})
        assert answer.status == 200, answer.body
        return await self.api.sent(contract_id)

    async def active(self, provider: Provider, number: int = 1, **more: Any) -> Contract:
        contract = await self.signing(number, **more)
        await provider.do(contract.esign_contract_no, "sign", order=1)
        await provider.do(contract.esign_contract_no, "sign", order=2)
        return await self.api.until(contract.id, lambda c: c.contract_status == "active")


def an_hour_ago() -> str:
    """When a payment was made."""
    return (datetime.now(UTC) - timedelta(hours=1)).isoformat(timespec="seconds")


def housekeeping_form(number: int = 1, **more: Any) -> dict[str, Any]:
    """The form that the CRM sends for a housekeeping contract."""
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


def training_form(number: int = 1, **more: Any) -> dict[str, Any]:
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


def contract_settings(
    mongodb_uri: str, redis_url: str, database: str, provider_url: str, port: int, callback_port: int = 0, **esign: Any
) -> Settings:
    """`callback_port`: where the provider reports to; this process's own unless it is said."""
    return settings_of(
        *(mongodb_uri, redis_url, database),
        port=port,
        callback_port=callback_port,
        esign_url=provider_url,
        esign=esign,
    )


@asynccontextmanager
async def contract_api(
    mongodb_uri: str,
    redis_url: str,
    database: str,
    provider: Provider,
    schedule: PollingSchedule = QUICK,
    port: int = 0,
    callback_port: int = 0,
    *,
    realtime: bool = True,
    tasks: TaskLimits | None = None,
) -> AsyncIterator[ContractApi]:
    port = port or free_port()
    settings = contract_settings(mongodb_uri, redis_url, database, provider.url, port, callback_port)
    async with contract_api_of(settings, schedule, realtime=realtime, tasks=tasks) as api:
        yield api


@asynccontextmanager
async def contract_api_of(
    settings: Settings,
    schedule: PollingSchedule = QUICK,
    *,
    realtime: bool = True,
    tasks: TaskLimits | None = None,
) -> AsyncIterator[ContractApi]:
    async with running_process(
        settings, realtime=realtime, contracts={"schedule": schedule}, tasks={"limits": tasks}
    ) as running:
        yield ContractApi(running)


def public(answer: Mapping[str, Any]) -> dict[str, Any]:
    """An answer's data without what differs from call to call."""
    return {name: value for name, value in answer.items() if name not in ("updatedAt", "createdAt", "version")}
