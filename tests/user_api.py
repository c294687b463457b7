"""The HTTP edge over real stores and the simulated WeChat: what tests of mini-program users talk to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from domain.services import Services
from domain.shared.actor import SYSTEM
from domain.shared.authority import Role
from domain.users.ports import RegionFinder
from domain.users.services import UserPorts
from integrations.geo.regions import Ip2RegionFinder
from integrations.local.simulators.wechat.state import SIM_PROGRAM, MiniProgram
from integrations.mongo.outbox import NUMBER, WRITER
from integrations.mongo.users.users import MongoUserRepository
from integrations.settings import WeChatSettings
from integrations.wiring.users import login_journal, user_ports, user_repository
from tests.app_process import PASSWORD_ROUNDS, Answer, RunningProcess, Stores, running_process, settings_of
from tests.integrations.clocks import SettableClock
from tests.integrations.wechat.simulated import Phone, simulated_wechat

MACHINE_SECRET = "the machines' secret, long enough"
USERS = "/api/miniprogram-users"


@dataclass
class UserApi:
    running: RunningProcess
    phone: Phone
    clock: SettableClock
    settings: WeChatSettings

    @property
    def stores(self) -> Stores:
        return self.running.stores

    @property
    def services(self) -> Services:
        return self.running.services

    @property
    def ports(self) -> UserPorts:
        base = self.stores.base
        return user_ports(base, self.settings, user_repository(base), login_journal(base), Ip2RegionFinder())

    @property
    def collection(self) -> Any:
        return self.stores.database["miniprogram_users"]

    async def call(
        self, method: str, path: str, body: object = None, token: str = "", query: Any = None, **headers: str
    ) -> Answer:
        return await self.running.call(method, USERS + path, body, token, query, headers=headers)

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
        return {"appId": self.settings.miniprogram_appid}

    async def staff_token(self, role: Role = Role.ADMIN, **fields: object) -> str:
        username = f"{role}{len(fields)}"
        if await self.stores.staff.find_by_username(username) is None:
            create = self.services.staff.administration.create_by_operator
            staff = await create(username, "李经理", "correct horse", role, SYSTEM)
            await self.stores.staff.save(staff.model_copy(update=fields), ())
        return (await self.services.staff.sessions.login(username, "correct horse", SYSTEM)).tokens.access_token

    async def told(self) -> list[dict[str, Any]]:
        """Every event that the accounts' outboxes hold; nothing relays them in these tests."""
        documents = await self.collection.find({}, {"outbox": 1}).sort("_id", 1).to_list(None)
        events = [event for document in documents for event in document["outbox"]]
        fields = [{name: event[name] for name in event if name not in (WRITER, NUMBER)} for event in events]
        return sorted(fields, key=lambda each: str(each["id"]))

    async def flush_search_index(self) -> None:
        """Does now what the app process does a few seconds after a login."""
        for area in self.running.process.areas.all:
            for repository in area.repositories:
                if isinstance(repository, MongoUserRepository):
                    await repository.search.flush()

    async def refusals(self) -> list[dict[str, Any]]:
        """The rows of refused attempts in the login log, oldest first."""
        rows = self.stores.database["miniprogram_login_logs"].find({"result": "failed"})
        return await rows.sort("_id", 1).to_list(None)

    async def user(self, user_id: str) -> Any:
        user = await self.stores.users.find(user_id)
        assert user is not None
        return user


@asynccontextmanager
async def user_api(
    mongodb_uri: str,
    redis_url: str,
    database: str,
    accept_unverified: bool = False,
    program: MiniProgram = SIM_PROGRAM,
    regions: RegionFinder | None = None,
    password_rounds: int = PASSWORD_ROUNDS,
) -> AsyncIterator[UserApi]:
    """One app process without background jobs. Two of them on one database are two processes."""
    async with simulated_wechat((program,)) as phone:
        phone.clock.time = datetime.now(UTC).replace(microsecond=0)
        settings = settings_of(
            *(mongodb_uri, redis_url, database),
            app_env="production",  # cookies are for https only
            http={"rate_limit_factor": 1},
            wechat={
                "accept_unverified_openid": accept_unverified,
                "miniprogram_appid": program.app_id,
                "miniprogram_appsecret": SecretStr(program.secret),
                "wechat_api_base": phone.base_url,
            },
        )
        replaced = {"regions": regions} if regions else {}
        async with running_process(
            settings,
            clock=phone.clock,
            realtime=False,
            jobs=False,
            password_rounds=password_rounds,
            users=replaced,
        ) as running:
            yield UserApi(running, phone, phone.clock, settings.wechat)
