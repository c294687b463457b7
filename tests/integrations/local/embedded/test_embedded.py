"""The embedded stack with its real MongoDB-wire and Redis servers."""

import asyncio
import json
import logging
import os
import signal
import stat
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.errors import DuplicateKeyError, OperationFailure, PyMongoError
from redis.asyncio import Redis
from redis.exceptions import AuthenticationError, RedisError

from integrations.local.embedded.data_directory import LOCK_FILE, LockedDataDirectory
from integrations.local.embedded.errors import DataDirectoryInUse, EmbeddedServerFailed
from integrations.local.embedded.mongodb import secantus_program
from integrations.local.embedded.stack import EmbeddedAddresses, EmbeddedStack
from tests.integrations.local.processes.supervised import ROOT, is_alive, until_gone
from tests.servers import MongoServer
from tests.waiting import eventually

LOGGER = logging.getLogger("test.embedded")

PROGRAM = """
import asyncio, json, logging, sys
from pathlib import Path
from integrations.local.embedded.stack import EmbeddedStack

async def main():
    stack = EmbeddedStack(Path(sys.argv[1]), True, True, logging.getLogger())
    addresses = await stack.start()
    print(json.dumps([addresses.mongodb_uri, addresses.redis_url, stack.pids]), flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


@asynccontextmanager
async def running_stack(data_dir: Path, mongodb: bool = True, redis: bool = True) -> AsyncIterator["RunningStack"]:
    stack = EmbeddedStack(data_dir, mongodb, redis, LOGGER)
    addresses = await stack.start()
    try:
        yield RunningStack(stack, addresses)
    finally:
        await stack.stop()


class RunningStack:
    def __init__(self, stack: EmbeddedStack, addresses: EmbeddedAddresses) -> None:
        self.stack = stack
        self.addresses = addresses

    @property
    def mongodb(self) -> AsyncMongoClient[dict[str, Any]]:
        assert self.addresses.mongodb_uri is not None
        return AsyncMongoClient(self.addresses.mongodb_uri)

    @property
    def redis(self) -> Redis:
        assert self.addresses.redis_url is not None
        return Redis.from_url(self.addresses.redis_url)


def command_line_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_both_servers_keep_their_data_over_a_restart(tmp_path: Path) -> None:
    async with running_stack(tmp_path / "data") as first, first.mongodb as mongodb, first.redis as redis:
        await mongodb.shop.orders.insert_one({"_id": 1})
        await redis.set("key", "value")
        pids = first.stack.pids
    assert not any(is_alive(pid) for pid in pids)

    async with running_stack(tmp_path / "data") as second, second.mongodb as mongodb, second.redis as redis:
        assert await mongodb.shop.orders.find_one() == {"_id": 1}
        assert await redis.get("key") == b"value"


class MongoServerWithOplog(MongoServer):
    """As the product started its server before, and as a backup by change stream would need it."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._data = directory / "mongodb/data"

    def command(self) -> list[str]:
        without_oplog = super().command()
        kept = [option for option in without_oplog if option != "--standalone"]
        return [str(self._data) if option == str(self.directory / "data") else option for option in kept]


@pytest.fixture
def with_oplog(tmp_path: Path) -> Iterator[MongoServerWithOplog]:
    server = MongoServerWithOplog(tmp_path / "data")
    yield server
    server.dispose()


async def test_the_mongodb_server_keeps_no_oplog(tmp_path: Path) -> None:
    async with running_stack(tmp_path / "data", redis=False) as stack, stack.mongodb as mongodb:
        await mongodb.shop.orders.insert_one({"_id": 1})

        assert await mongodb.local["oplog.rs"].find_one() is None
        assert "setName" not in await mongodb.admin.command("hello")


async def test_a_directory_that_was_written_with_an_oplog_opens_without_one_and_with_one_again(
    tmp_path: Path, with_oplog: MongoServerWithOplog
) -> None:
    (tmp_path / "data/mongodb").mkdir(parents=True)
    with_oplog.start()
    async with AsyncMongoClient[dict[str, Any]](with_oplog.uri) as mongodb:
        await mongodb.shop.orders.create_index("number", unique=True)
        await mongodb.shop.orders.insert_many([{"_id": each, "number": each} for each in range(100)])
        assert await mongodb.local["oplog.rs"].find_one() is not None
    with_oplog.kill()

    async with running_stack(tmp_path / "data", redis=False) as stack, stack.mongodb as mongodb:
        assert await mongodb.shop.orders.count_documents({"number": {"$gte": 0}}) == 100
        await mongodb.shop.orders.update_many({}, {"$inc": {"number": 1000}})
        await mongodb.shop.orders.insert_one({"_id": 100, "number": 1100})

    with_oplog.start()
    async with AsyncMongoClient[dict[str, Any]](with_oplog.uri) as mongodb:
        assert await mongodb.shop.orders.count_documents({"number": {"$gte": 1000}}) == 101
        with pytest.raises(DuplicateKeyError):
            await mongodb.shop.orders.insert_one({"number": 1100})
        async with await mongodb.shop.orders.watch() as changes:
            await mongodb.shop.orders.insert_one({"_id": 101, "number": 1101})
            assert (await changes.next())["documentKey"] == {"_id": 101}


async def test_both_servers_refuse_clients_without_the_secret(tmp_path: Path) -> None:
    async with running_stack(tmp_path / "data") as stack:
        mongodb_uri, redis_url = stack.addresses.mongodb_uri, stack.addresses.redis_url
        assert mongodb_uri is not None
        assert redis_url is not None
        host = mongodb_uri.rpartition("@")[2].partition("/")[0]

        async with AsyncMongoClient[dict[str, Any]](f"mongodb://{host}/?directConnection=true") as stranger:
            with pytest.raises(OperationFailure):
                await stranger.shop.orders.insert_one({})
        async with Redis.from_url("redis://" + redis_url.rpartition("@")[2]) as other:
            with pytest.raises(AuthenticationError):
                await other.get("key")


async def test_secrets_are_neither_on_a_command_line_nor_readable_by_other_users(tmp_path: Path) -> None:
    async with running_stack(tmp_path / "data") as stack:
        uri, url = stack.addresses.mongodb_uri, stack.addresses.redis_url
        assert uri is not None
        assert url is not None
        secrets = [address.partition("@")[0].rpartition(":")[2].encode() for address in (uri, url)]

        for command_line in map(command_line_of, stack.stack.pids):
            assert not any(secret in command_line for secret in secrets)

    assert mode_of(tmp_path / "data") == 0o700
    assert mode_of(tmp_path / "data/mongodb") == mode_of(tmp_path / "data/redis") == 0o700
    assert mode_of(tmp_path / "data/mongodb/credentials.json") == 0o600


async def test_an_existing_directory_keeps_its_permissions(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir(mode=0o755)

    async with running_stack(tmp_path / "mine", mongodb=False):
        assert mode_of(tmp_path / "mine") == 0o755
        assert mode_of(tmp_path / "mine/redis") == 0o700


async def test_a_killed_server_is_restarted_at_the_same_address_with_its_data(tmp_path: Path) -> None:
    async with running_stack(tmp_path / "data") as stack, stack.mongodb as mongodb, stack.redis as redis:
        await mongodb.shop.orders.insert_one({"_id": 1})
        await redis.xadd("stream", {"n": "1"})
        await redis.waitaof(1, 0, 2000)
        killed = stack.stack.pids

        for pid in killed:
            os.kill(pid, signal.SIGKILL)

        async with asyncio.timeout(20):
            assert await until_answered(lambda: mongodb.shop.orders.find_one()) == {"_id": 1}
            assert await until_answered(lambda: redis.xlen("stream")) == 1
        assert not set(killed) & set(stack.stack.pids)


async def until_answered(request: Callable[[], Awaitable[Any]]) -> Any:
    """Repeat a request while its server is restarted."""

    async def answer() -> tuple[Any] | None:
        try:
            return (await request(),)
        except (PyMongoError, RedisError):
            return None

    return (await eventually(answer, 20))[0]


async def test_a_second_stack_on_the_same_directory_names_the_process_that_uses_it(tmp_path: Path) -> None:
    async with running_stack(tmp_path / "data", mongodb=False):
        with pytest.raises(EmbeddedServerFailed, match=rf"进程 {os.getpid()}.*\n.*process {os.getpid()}"):
            await EmbeddedStack(tmp_path / "data", False, True, LOGGER).start()


async def test_the_servers_end_with_a_killed_parent_and_the_next_start_takes_over(tmp_path: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM, str(tmp_path / "data")),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert parent.stdout is not None
    uri, _, pids = json.loads(await parent.stdout.readline())
    async with AsyncMongoClient[dict[str, Any]](uri) as mongodb:
        await mongodb.shop.orders.insert_one({"_id": 1})

    parent.kill()
    await parent.wait()

    async with running_stack(tmp_path / "data") as stack, stack.mongodb as mongodb:
        assert await mongodb.shop.orders.find_one() == {"_id": 1}
        for pid in pids:
            await until_gone(pid)


HANGING_SERVER = """
import fcntl, os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
lock = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
fcntl.flock(lock, fcntl.LOCK_EX)
os.pwrite(lock, sys.argv[2].encode(), 0)
print(flush=True)
time.sleep(60)
"""


async def hanging_server(lock: Path, owner: int) -> asyncio.subprocess.Process:
    """A server that holds the lock of a directory and ignores SIGTERM. `owner`: the process that took the lock."""
    program = (sys.executable, "-c", HANGING_SERVER, str(lock), str(owner))
    server = await asyncio.create_subprocess_exec(*program, stdout=asyncio.subprocess.PIPE)
    assert server.stdout is not None
    await server.stdout.readline()
    return server


async def test_an_orphaned_server_that_hangs_is_killed_by_the_next_start(tmp_path: Path) -> None:
    dead = await asyncio.create_subprocess_exec("true")
    await dead.wait()
    server = await hanging_server(tmp_path / LOCK_FILE, dead.pid)
    first, second = LockedDataDirectory(tmp_path), LockedDataDirectory(tmp_path)

    waiting = [asyncio.create_task(each.lock(orphan_seconds=1.5)) for each in (first, second)]

    assert await server.wait() == -signal.SIGKILL
    done, _ = await asyncio.wait(waiting)
    refusals = [task.exception() for task in done]
    # This process waited for the lock, too, twice: no waiting process is killed, and one of them has the directory.
    assert [type(refusal) for refusal in refusals].count(type(None)) == 1
    assert any(isinstance(refusal, DataDirectoryInUse) for refusal in refusals)
    first.unlock()
    second.unlock()


async def test_a_server_whose_parent_lives_is_left_alone(tmp_path: Path) -> None:
    server = await hanging_server(tmp_path / LOCK_FILE, os.getpid())

    with pytest.raises(DataDirectoryInUse):
        await LockedDataDirectory(tmp_path).lock(orphan_seconds=0.2)

    assert server.returncode is None
    server.kill()
    await server.wait()


def test_the_error_of_a_missing_program_names_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedServerFailed) as failed:
        secantus_program(tmp_path / "python", search_path="")

    chinese, english = str(failed.value).splitlines()
    assert "请安装 MongoDB 7 / 8，并设置环境变量 MONGODB_URI" in chinese
    assert "Install MongoDB 7 / 8 and set MONGODB_URI" in english


async def test_when_one_server_cannot_start_the_error_gives_the_reason_and_no_server_is_left_running(
    tmp_path: Path,
) -> None:
    (tmp_path / "redis").mkdir()
    (tmp_path / "redis/appendonlydir").write_text("not a directory")
    stack = EmbeddedStack(tmp_path, True, True, LOGGER, retry_for_seconds=0)

    with pytest.raises(EmbeddedServerFailed, match=r"(?s)appendonlydir.*REDIS_URL"):
        await stack.start()

    assert stack.pids == []
    (tmp_path / "redis/appendonlydir").unlink()
    async with running_stack(tmp_path, mongodb=False) as second:
        assert len(second.stack.pids) == 1


async def test_no_server_is_started_when_none_is_requested(tmp_path: Path) -> None:
    async with running_stack(tmp_path / "data", mongodb=False, redis=False) as stack:
        assert stack.addresses == EmbeddedAddresses(None, None)

    assert not (tmp_path / "data").exists()


async def test_lost_credentials_do_not_lose_the_data(tmp_path: Path) -> None:
    async with running_stack(tmp_path / "data", redis=False) as first, first.mongodb as mongodb:
        await mongodb.shop.orders.insert_one({"_id": 1})
    (tmp_path / "data/mongodb/credentials.json").write_text("{")

    async with running_stack(tmp_path / "data", redis=False) as second, second.mongodb as mongodb:
        assert await mongodb.shop.orders.find_one() == {"_id": 1}
