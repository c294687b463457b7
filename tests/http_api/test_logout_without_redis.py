"""A logout ends its session, and says so, while Redis is away."""

from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.shared.actor import SYSTEM
from domain.shared.authority import Role
from tests.app_process import running_process, settings_of
from tests.servers import RedisServer
from tests.user_api import user_api
from tests.waiting import eventually

PASSWORD = "correct horse"


async def test_staff_and_mini_program_users_can_log_out(
    mongodb_uri: str, own_redis: RedisServer, database: "AsyncIOMotorDatabase[dict[str, Any]]"
) -> None:
    async with user_api(mongodb_uri, own_redis.url, database.name) as api:
        await api.services.staff.administration.create_by_operator("li_jing", "李经理", PASSWORD, Role.MANAGER, SYSTEM)
        body = {"username": "li_jing", "password": PASSWORD}
        staff = (await api.running.call("POST", "/api/auth/login", body)).data["access_token"]
        user = (await api.login()).data["accessToken"]
        own_redis.kill()

        staff_out = await api.running.call("POST", "/api/auth/logout", token=staff)
        user_out = await api.call("POST", "/logout", token=user)

        assert (staff_out.status, user_out.status) == (200, 200)
        assert "Max-Age=0" in staff_out.headers["Set-Cookie"]
        again = await api.running.call("GET", "/api/auth/me", token=staff)
        assert (again.status, again.code) == (401, "SESSION_ENDED")
        assert (await api.call("GET", "/info", token=user)).status == 401


async def test_a_cached_authority_of_the_ended_session_is_forgotten_when_redis_is_back(
    mongodb_uri: str, own_redis: RedisServer, database: "AsyncIOMotorDatabase[dict[str, Any]]"
) -> None:
    async with running_process(settings_of(mongodb_uri, own_redis.url, database.name), realtime=False) as running:
        _, token = await running.stores.hired()
        assert (await running.call("GET", "/api/auth/me", token=token)).status == 200
        own_redis.kill()
        assert (await running.call("POST", "/api/auth/logout", token=token)).status == 200
        own_redis.start()

        async def is_refused() -> bool:
            return (await running.call("GET", "/api/auth/me", token=token)).code == "SESSION_ENDED"

        await eventually(is_refused)
