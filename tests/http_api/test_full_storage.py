"""Requests while nothing can be stored: writes are refused as full, reads go on, and the readiness names the cause."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from redis.asyncio import Redis

from tests.app_process import Answer, RunningProcess, running_process, settings_of
from tests.file_samples import picture
from tests.http_api.routes.files.file_api import FileApi
from tests.servers import MongoServer
from tests.small_disk import SmallDisk, small_disk
from tests.waiting import eventually

USERS = "/api/miniprogram-users"
TRUSTING = {"accept_unverified_openid": True}
OUT_OF_DISK_SPACE = 14031
WRITES = ["insert", "update", "findAndModify", "delete"]


async def log_in(running: RunningProcess, number: int) -> Answer:
    return await running.call("POST", f"{USERS}/login", {"openid": f"oFull{number:023d}"})


def assert_refused_as_full(answer: Answer) -> None:
    assert (answer.status, answer.code) == (503, "STORAGE_FULL"), answer
    assert int(answer.headers["Retry-After"]) > 0
    assert "存储空间已满" in answer.body["message"]


async def causes(running: RunningProcess) -> dict[str, str]:
    """The checks that are not up, with their cause."""
    checks = (await running.call("GET", "/health/ready")).body["checks"]
    return {name: check.get("cause", "") for name, check in checks.items() if check["status"] != "up"}


async def nothing_is_down(running: RunningProcess) -> bool:
    return await causes(running) == {}


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    with small_disk(30) as disk:
        yield disk


@pytest.fixture
async def embedded(
    mongodb_uri: str, redis_url: str, redis: Redis, database: "AsyncIOMotorDatabase[dict[str, Any]]", disk: SmallDisk
) -> AsyncIterator[RunningProcess]:
    """An app process whose store has its data on `disk`, as far as it knows."""
    settings = settings_of(
        mongodb_uri, redis_url, database.name, wechat=TRUSTING, stores={"embedded_data_dir": disk.path}
    ).with_group("files", dir=disk.path / "files")
    async with running_process(settings, jobs=False) as running:
        yield running


async def test_on_a_full_disk_nothing_is_saved_and_everything_can_be_read(
    embedded: RunningProcess, disk: SmallDisk
) -> None:
    _, staff = await embedded.stores.hired()
    user = (await log_in(embedded, 1)).data
    disk.fill(leave_bytes=1024 * 1024)

    assert_refused_as_full(await log_in(embedded, 1))
    assert_refused_as_full(await log_in(embedded, 2))
    assert (await embedded.call("GET", f"{USERS}/{user['id']}", token=staff)).data["loginCount"] == 1
    assert (await embedded.call("GET", USERS, token=staff)).data["total"] == 1
    assert (await embedded.call("GET", "/health/live")).status == 200

    disk.clear()
    assert (await log_in(embedded, 1)).status == 200
    assert (await log_in(embedded, 2)).status == 201


async def test_on_a_full_disk_no_file_is_stored_and_trying_again_works(
    embedded: RunningProcess, disk: SmallDisk
) -> None:
    _, token = await embedded.stores.hired()
    api = FileApi(embedded, disk.path / "files")
    kept = await api.post("/api/auth/avatar", picture(color="red"), token, field="avatar")
    disk.fill(leave_bytes=1024 * 1024)

    assert_refused_as_full(await api.post("/api/auth/avatar", picture(color="blue"), token, field="avatar"))
    assert (await api.get("/api/auth/me", token)).data["avatar"] == kept.data["avatar"]
    link = (await api.get(f"{kept.data['avatar']}/link", token)).data["url"]
    assert (await api.get(link)).status == 200

    disk.clear()
    assert (await api.post("/api/auth/avatar", picture(color="blue"), token, field="avatar")).status == 200


async def test_on_a_full_disk_the_readiness_is_red_and_names_the_cause(
    embedded: RunningProcess, disk: SmallDisk
) -> None:
    assert await causes(embedded) == {}

    disk.fill(leave_bytes=1024 * 1024)
    assert await causes(embedded) == {"mongodb": "STORAGE_FULL"}

    disk.clear()
    assert await causes(embedded) == {}


async def test_on_a_full_disk_staff_may_sign_in_to_see_what_is_wrong(embedded: RunningProcess, disk: SmallDisk) -> None:
    staff_id, token = await embedded.stores.hired()
    disk.fill(leave_bytes=1024 * 1024)

    assert (await embedded.call("GET", "/api/auth/me", token=token)).data["id"] == staff_id
    assert (await embedded.call("POST", "/api/auth/logout", token=token)).status == 200


@pytest.fixture
def external_mongodb() -> Iterator[MongoServer]:
    server = MongoServer("--enable-test-commands")
    server.start()
    yield server
    server.dispose()


async def answer_writes_with(server: MongoServer, code: int | None) -> None:
    """The server's own way to fail commands for tests. None: no longer."""
    mode, data = ("off", {}) if code is None else ("alwaysOn", {"failCommands": WRITES, "errorCode": code})
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(server.uri)
    await client.admin.command({"configureFailPoint": "failCommand", "mode": mode, "data": data})
    client.close()


async def test_an_external_store_that_is_full_is_reported_by_its_own_answers(
    external_mongodb: MongoServer, redis_url: str, redis: Redis
) -> None:
    settings = settings_of(external_mongodb.uri, redis_url, "full", wechat=TRUSTING)
    async with running_process(settings, jobs=False) as running:
        _, staff = await running.stores.hired()
        assert (await log_in(running, 1)).status == 201
        await answer_writes_with(external_mongodb, OUT_OF_DISK_SPACE)

        assert_refused_as_full(await log_in(running, 1))
        assert_refused_as_full(await log_in(running, 2))
        assert await causes(running) == {"mongodb": "STORAGE_FULL"}
        assert (await running.call("GET", USERS, token=staff)).data["total"] == 1
        assert (await running.call("GET", "/health/live")).status == 200

        await answer_writes_with(external_mongodb, None)
        assert (await log_in(running, 2)).status == 201
        await eventually(lambda: nothing_is_down(running))


async def test_a_redis_server_that_refuses_writes_is_named_by_the_readiness(
    mongodb_uri: str, database: "AsyncIOMotorDatabase[dict[str, Any]]", own_redis: Any
) -> None:
    async with running_process(settings_of(mongodb_uri, own_redis.url, database.name), jobs=False) as running:
        await running.stores.redis.config_set("maxmemory", "1")

        assert await causes(running) == {"redis": "STORAGE_FULL"}
