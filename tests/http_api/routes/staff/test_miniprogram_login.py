"""Log-in of staff in their mini-program: only WeChat's word binds an identity to an account."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from pydantic import SecretStr
from redis.asyncio import Redis

from domain.shared.authority import Role
from integrations.local.simulators.wechat.state import SIM_PROGRAM
from integrations.settings.groups import StaffMiniprogramSettings
from tests.app_process import Answer, RunningProcess, running_process, settings_of
from tests.integrations.wechat.simulated import Phone, simulated_wechat
from tests.user_api import UserApi

NUMBER = "13800138000"


@dataclass
class StaffApp:
    running: RunningProcess
    phone: Phone

    async def login(self, number: str = "", **more: object) -> Answer:
        body: dict[str, object] = {"code": await self.phone.login_code("李静"), **more}
        if number:
            body["phoneCode"] = await self.phone.phone_code("李静", number)
        return await self.running.call("POST", "/api/auth/miniprogram-login", body)


@pytest.fixture
async def app(
    mongodb_uri: str, redis_url: str, redis: Redis, database: "AsyncIOMotorDatabase[dict[str, object]]"
) -> AsyncIterator[StaffApp]:
    async with simulated_wechat() as phone:
        phone.clock.time = datetime.now(UTC).replace(microsecond=0)
        program = StaffMiniprogramSettings(appid=SIM_PROGRAM.app_id, appsecret=SecretStr(SIM_PROGRAM.secret))
        wechat = {"wechat_api_base": phone.base_url}
        settings = settings_of(mongodb_uri, redis_url, database.name, wechat=wechat, staff_miniprogram=program)
        async with running_process(settings, clock=phone.clock, realtime=False, jobs=False) as running:
            yield StaffApp(running, phone)


async def test_a_verified_phone_binds_once_and_the_identity_logs_in_from_then_on(app: StaffApp) -> None:
    member, _ = await app.running.stores.hired(Role.EMPLOYEE, phone=NUMBER)

    unbound = await app.login(phone=NUMBER)
    bound = await app.login(NUMBER)
    again = await app.login()

    assert (unbound.status, unbound.code) == (401, "STAFF_WECHAT_NOT_BOUND")
    assert bound.data["user"]["id"] == again.data["user"]["id"] == member
    me = await app.running.call("GET", "/api/auth/me", token=again.data["access_token"])
    assert me.data["id"] == member


async def test_a_phone_without_an_active_account_or_with_two_binds_nothing(app: StaffApp) -> None:
    await app.running.stores.hired(Role.EMPLOYEE, phone=NUMBER, suspended=True)
    suspended = await app.login(NUMBER)
    for _ in range(2):
        await app.running.stores.hired(Role.EMPLOYEE, phone=NUMBER)
    ambiguous = await app.login(NUMBER)

    assert [(each.status, each.code) for each in (suspended, ambiguous)] == [(401, "STAFF_PHONE_UNKNOWN")] * 2


async def test_a_suspended_account_with_a_bound_identity_is_refused(app: StaffApp) -> None:
    member, _ = await app.running.stores.hired(Role.EMPLOYEE, phone=NUMBER)
    assert (await app.login(NUMBER)).status == 200
    staff = await app.running.stores.staff.find(member)
    assert staff is not None
    await app.running.stores.staff.save(staff.model_copy(update={"suspended": True}), ())

    assert (await app.login()).code == "STAFF_SUSPENDED"
    [refused] = await app.running.stores.database["staff_login_logs"].find({"result": "failed"}).to_list(None)
    assert (refused["method"], refused["reason"]) == ("wechat", "STAFF_SUSPENDED")


async def test_without_settings_the_route_says_so(strict: UserApi) -> None:
    answer = await strict.running.call("POST", "/api/auth/miniprogram-login", {"code": "a-code"})

    assert (answer.status, answer.code) == (422, "STAFF_MINIPROGRAM_OFF")
