"""An app process for tests: wired by the product's own builders, over real stores, with some ports replaced."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import aiohttp
from pydantic import SecretStr

import run
from domain.services import Services
from domain.sessions.model import Session, secret_digest
from domain.shared.authority import Role
from domain.shared.ports import Clock
from domain.staff.model import Staff
from http_api.connections.limits import ConnectionLimits
from integrations.local.simulators.esign.keys import SIMULATED_APP_ID, DevelopmentKeys, new_key
from integrations.mongo.interviews.rooms import MongoInterviewRoomRepository
from integrations.mongo.staff import MongoStaffRepository
from integrations.mongo.users.users import MongoUserCredentials, MongoUserRepository
from integrations.redis.authority import RedisAuthorityCache
from integrations.redis.interviews.media_presence import RedisMediaPresence
from integrations.redis.presence import RedisPresenceStore
from integrations.settings import (
    AccountSettings,
    EsignSettings,
    HttpSettings,
    Settings,
    StoreSettings,
    TokenSettings,
    WeChatSettings,
)
from integrations.settings.groups import Profile
from integrations.wiring.areas import wire_areas
from integrations.wiring.contracts import ContractStores
from integrations.wiring.infrastructure import Infrastructure, open_infrastructure
from integrations.wiring.interviews import interview_rooms
from integrations.wiring.staff import staff_repository
from integrations.wiring.users import user_repository
from tests.servers import free_port

JWT_SECRET = "a key of tests that is long enough for anybody"
MACHINE_SECRET = "the machines' secret, long enough for all"
KEYS = DevelopmentKeys(new_key(), new_key())
DESCRIPTORS = 4096
PASSWORD_ROUNDS = 5
"""Less than the settings allow: a hash at their least cost takes longer than the rest of a test."""
NOTHING: Mapping[str, Any] = MappingProxyType({})
PREPARED = "prepared_"
"""Begins the names of databases that have the indexes of all areas."""


@dataclass
class Answer:
    """An answer of the HTTP API; `body` is parsed if it is JSON."""

    status: int
    body: Any
    headers: Any
    cookies: Mapping[str, str]

    @property
    def data(self) -> Any:
        return self.body["data"]

    @property
    def code(self) -> str | None:
        return self.body.get("code") if isinstance(self.body, dict) else None


class Stores:
    """Stores that tests read directly, by repositories of their own."""

    def __init__(self, base: Infrastructure) -> None:
        self.base = base
        self.clock, self.ids, self.database, self.redis, self.bus = (
            *(base.clock, base.ids, base.database),
            *(base.redis, base.bus),
        )
        self.tokens, self.limiter, self.outbox, self.lease = base.tokens, base.limiter, base.outbox, base.lease
        self.staff: MongoStaffRepository = staff_repository(base)
        self.users: MongoUserRepository = user_repository(base)
        self.contracts = ContractStores.of(base)
        self.interviews: MongoInterviewRoomRepository = interview_rooms(base)
        self.presence = RedisPresenceStore(base.redis)
        self.authorities = RedisAuthorityCache(base.redis)
        self.media_presence = RedisMediaPresence(base.redis)
        self.user_credentials = MongoUserCredentials(base.database)

    async def hired(self, role: str = Role.ADMIN, name: str = "", **fields: Any) -> tuple[str, str]:
        """A new member of staff who has logged in: the id and the access token."""
        now = self.clock.now()
        session = self._session(now)
        member = Staff(
            id=self.ids.next_id(),
            username=f"{role}-{self.ids.next_id()}",
            name=name or f"{role}",
            role=role,
            sessions=(session,),
            created_at=now,
            updated_at=now,
        )
        await self.staff.save(member.model_copy(update=fields), [])
        return member.id, self.tokens.issue("staff", member.id, session.id, now)[0]

    def _session(self, now: Any) -> Session:
        return Session(
            id=self.ids.next_id(),
            refresh_hash=secret_digest("secret"),
            started_at=now,
            used_at=now,
            expires_at=now.replace(year=now.year + 1),
        )


@dataclass
class RunningProcess:
    """An app process that serves, as run.py would start it."""

    process: run.AppProcess
    stores: Stores
    url: str
    http: aiohttp.ClientSession
    jobs: "asyncio.Future[None] | None"

    @property
    def services(self) -> Services:
        return self.process.services

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        token: str = "",
        query: Any = None,
        cookies: Mapping[str, str] = NOTHING,
        headers: Mapping[str, str] = NOTHING,
    ) -> Answer:
        """Each call shows the cookies that are given, and no others."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        if cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        async with self.http.request(
            method, self.url + path, json=body, params=query, headers=sent, allow_redirects=False
        ) as response:
            given = {name: morsel.value for name, morsel in response.cookies.items()}
            if response.content_type == "application/json":
                content: Any = await response.json()
            elif response.content_type.startswith("text/"):
                content = await response.text()
            else:
                content = await response.read()
            return Answer(response.status, content, response.headers.copy(), {**cookies, **given})

    async def die(self) -> None:
        """As by kill -9: no job finishes, nothing is written any more."""
        if self.jobs is not None:
            self.jobs.cancel()
            await asyncio.gather(self.jobs, return_exceptions=True)
            await self.services.contracts.reconciler.close()


def settings_of(
    mongodb_uri: str,
    redis_url: str,
    database: str,
    *,
    port: int = 0,
    callback_port: int = 0,
    app_env: Profile = "test",
    esign_url: str = "http://127.0.0.1:1",
    esign: Mapping[str, Any] = NOTHING,
    wechat: Mapping[str, Any] = NOTHING,
    http: Mapping[str, Any] = NOTHING,
    stores: Mapping[str, Any] = NOTHING,
    **groups: Any,
) -> Settings:
    """`callback_port`: where the e-sign provider reports to; the process's own port unless it is said."""
    port = port or free_port()
    return Settings(
        app_env=app_env,
        http=HttpSettings(
            **{
                "port": port,
                "service_secret": SecretStr(MACHINE_SECRET),
                "rate_limit_factor": 1000,
                "trusted_proxies": "127.0.0.1",
                **http,
            }
        ),
        stores=StoreSettings(
            mongodb_uri=SecretStr(mongodb_uri), mongodb_database=database, redis_url=SecretStr(redis_url), **stores
        ),
        tokens=TokenSettings(jwt_secret=SecretStr(JWT_SECRET)),
        accounts=AccountSettings(password_rounds=10),
        wechat=WeChatSettings(**{"accept_unverified_openid": False, **wechat}),
        esign=EsignSettings(
            **{
                "app_id": SIMULATED_APP_ID,
                "host": esign_url,
                "private_key": SecretStr(KEYS.merchant_private_pem),
                "public_key": KEYS.platform_public_pem,
                "notify_url": f"http://127.0.0.1:{callback_port or port}/api/esign/callback",
                "company_name": "安心家政",
                "company_account": "agency-001",
                "seal_no": "seal-001",
                "account_key": SecretStr("a key of tests that makes accounts of cards"),
                **esign,
            }
        ),
        **groups,
    )


async def prepare_database(mongodb_uri: str, redis_url: str, name: str) -> None:
    """Creates the indexes of all areas."""
    settings = settings_of(mongodb_uri, redis_url, name)
    async with open_infrastructure(settings) as base:
        areas = wire_areas(base, settings)
        await areas.prepare_stores()
        await areas.close()


@asynccontextmanager
async def running_process(
    settings: Settings,
    *,
    clock: Clock | None = None,
    realtime: bool = True,
    jobs: bool = True,
    limits: ConnectionLimits | None = None,
    password_rounds: int = PASSWORD_ROUNDS,
    **replaced: Mapping[str, Any],
) -> AsyncIterator[RunningProcess]:
    """`jobs` False: nothing runs in the background. `replaced`: by area, what takes the place of its usual ports."""
    accounts = settings.accounts.model_copy(update={"password_rounds": password_rounds})
    settings = settings.model_copy(update={"accounts": accounts})
    async with AsyncExitStack() as stack:
        base = await stack.enter_async_context(open_infrastructure(settings, clock=clock))
        http = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
        areas = wire_areas(base, settings, **replaced)
        stack.push_async_callback(areas.close)
        if settings.stores.mongodb_database.startswith(PREPARED):
            # The documents of a new database that tests rely on.
            await areas.services.staff.roles.seed()
            await areas.services.customers.dictionaries.seed()
            await areas.services.notifications.templates.seed()
        else:
            await areas.prepare_stores()
        process = run.compose(base, areas, settings, realtime=realtime)
        running = asyncio.ensure_future(process.jobs.run()) if jobs else None
        server = await run.listen(process, settings.http, limits or run.connection_limits(settings, DESCRIPTORS))
        if running is not None:
            await process.feed.until_started()
        url = f"http://{settings.http.host}:{settings.http.port}"
        try:
            yield RunningProcess(process, Stores(base), url, http, running)
        finally:
            if running is not None:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
            if process.edge is not None:
                await process.edge.server.shutdown()
            await server.close()
