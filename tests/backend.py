"""The HTTP edge over real stores and the simulated WeChat: what tests of mini-program users talk to."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import CollectorRegistry

from domain.presence.service import Connections
from domain.services import Services
from domain.shared.actor import SYSTEM
from domain.shared.authority import Role
from domain.shared.ip_addresses import parse_networks
from domain.shared.login_throttle import LoginThrottle
from domain.staff.access import StaffAccess
from domain.staff.service import StaffSessions
from domain.statistics.service import StatisticsService
from domain.users.ports import RegionFinder
from domain.users.services import UserPorts, user_services
from http_api.app import AppDependencies, build_app
from http_api.core.authentication import RequestAuthenticator
from integrations.local.simulators.wechat import SIM_PROGRAM, MiniProgram
from integrations.mongo.statistics.store import StatisticsStore
from integrations.mongo.users.listing import MongoUserList
from integrations.redis.push_slots import RedisPushSlots
from integrations.settings import Settings
from integrations.wechat.client import wechat_client
from integrations.wiring.opened import Integrations, opened
from tests.integrations.clocks import SettableClock
from tests.integrations.wechat.simulated import Phone, simulated_wechat

MACHINE_SECRET = "the machines' secret, long enough"
USERS = "/api/miniprogram-users"


@dataclass
class Answer:
    status: int
    body: dict[str, Any]
    headers: Any

    @property
    def data(self) -> Any:
        return self.body["data"]

    @property
    def code(self) -> str | None:
        return self.body.get("code")


@dataclass
class Backend:
    client: "TestClient[Any, Any]"
    phone: Phone
    clock: SettableClock
    stores: Integrations
    services: Services
    ports: UserPorts

    @property
    def collection(self) -> Any:
        return self.stores.database["miniprogram_users"]

    async def call(
        self, method: str, path: str, body: object = None, token: str = "", query: Any = None, **headers: str
    ) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        async with self.client.request(method, USERS + path, json=body, params=query, headers=sent) as response:
            return Answer(response.status, await response.json(), response.headers)

    async def login(self, person: str = "王芳", /, **more: object) -> Answer:
        """`person` opens the mini-program."""
        code = await self.phone.login_code(person, **self._app())
        return await self.call("POST", "/login", {"code": code, **more})

    async def register(self, person: str = "王芳", /, number: str = "", **more: object) -> Answer:
        body: dict[str, object] = {"code": await self.phone.login_code(person, **self._app()), **more}
        if number:
            body["phoneCode"] = await self.phone.phone_code(person, number, **self._app())
        return await self.call("POST", "/register", body)

    async def bind(self, token: str, person: str, number: str, **more: object) -> Answer:
        code = await self.phone.phone_code(person, number, **self._app())
        return await self.call("POST", "/phone/bind", {"phoneCode": code, **more}, token)

    def _app(self) -> dict[str, str]:
        return {"appId": self.stores.wechat.app_id}

    async def staff_token(self, role: Role = Role.ADMIN, **fields: object) -> str:
        username = f"{role}{len(fields)}"
        if await self.stores.staff.find_by_username(username) is None:
            staff = await self.services.staff.create(username, "李经理", "correct horse", role, SYSTEM)
            await self.stores.staff.save(staff.model_copy(update=fields), ())
        return (await self.services.staff.login(username, "correct horse", SYSTEM)).tokens.access_token

    async def told(self) -> list[dict[str, Any]]:
        """Every event that the accounts' outboxes hold; nothing relays them in these tests."""
        documents = await self.collection.find({}, {"outbox": 1}).sort("_id", 1).to_list(None)
        return sorted((event for document in documents for event in document["outbox"]), key=lambda each: each["id"])

    async def refusals(self) -> list[dict[str, Any]]:
        """The rows of refused attempts in the login log, oldest first."""
        rows = self.stores.database["miniprogram_login_logs"].find({"result": "failed"})
        return await rows.sort("_id", 1).to_list(None)

    async def user(self, user_id: str) -> Any:
        user = await self.stores.users.find(user_id)
        assert user is not None
        return user


@asynccontextmanager
async def backend(
    mongodb_uri: str,
    redis_url: str,
    database: str,
    accept_unverified: bool = False,
    program: MiniProgram = SIM_PROGRAM,
    regions: RegionFinder | None = None,
) -> AsyncIterator[Backend]:
    """One worker without its relay. Two of them on one database are two workers."""
    async with AsyncExitStack() as stack:
        phone = await stack.enter_async_context(simulated_wechat((program,)))
        phone.clock.time = datetime.now(UTC).replace(microsecond=0)
        settings = Settings(
            app_env="test",
            mongodb_uri=mongodb_uri,
            mongodb_database=database,
            redis_url=redis_url,
            jwt_secret="a key of tests that is long enough for anybody",
            password_rounds=10,
        )
        stores = await stack.enter_async_context(opened(settings, CollectorRegistry()))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        wechat = wechat_client(http, stores.redis, phone.clock, phone.base_url, program.app_id, program.secret)
        stores = _replaced(stores, wechat=wechat)
        await stores.create_indexes()
        ports = UserPorts(
            users=stores.users,
            listing=MongoUserList(stores.users),
            credentials=stores.user_credentials,
            journal=stores.journal,
            audit=stores.audit,
            provider=wechat,
            regions=regions or stores.regions,
            staff=stores.staff_directory,
            hasher=stores.hasher,
            tokens=stores.tokens,
            limiter=stores.limiter,
            spreadsheets=stores.spreadsheets,
            clock=phone.clock,
            ids=stores.ids,
        )
        staff = StaffSessions(
            stores.staff,
            stores.staff_credentials,
            stores.hasher,
            stores.tokens,
            LoginThrottle(stores.limiter, "staff"),
            stores.authorities,
            phone.clock,
            stores.ids,
        )
        users = user_services(
            ports,
            accept_unverified=accept_unverified,
            digest_key="a key of tests that is long enough for digests",
        )
        # These tests call no route of the other areas.
        others: dict[str, Any] = dict.fromkeys(Services.__dataclass_fields__)
        slots = RedisPushSlots(stores.redis)
        statistics = StatisticsService(StatisticsStore(stores.database), stores.presence, slots, phone.clock)
        connections = Connections(stores.presence, stores.bus, stores.audit, phone.clock, stores.ids)
        services = Services(
            **{**others, "staff": staff, "users": users, "statistics": statistics, "connections": connections}
        )
        authenticator = RequestAuthenticator(
            tokens=stores.tokens,
            staff=StaffAccess(stores.staff, stores.authorities, phone.clock),
            users=services.users.sessions,
            limiter=stores.limiter,
            clock=phone.clock,
            trusted_proxies=parse_networks("127.0.0.1"),
            machine_secret=MACHINE_SECRET,
        )
        app = build_app(services, authenticator, AppDependencies(checks=(), registry=CollectorRegistry()))
        client = await stack.enter_async_context(TestClient(TestServer(app)))
        yield Backend(client, phone, phone.clock, stores, services, ports)


def _replaced(stores: Integrations, **changes: Any) -> Integrations:
    return Integrations(**{**{name: getattr(stores, name) for name in stores.__dataclass_fields__}, **changes})
