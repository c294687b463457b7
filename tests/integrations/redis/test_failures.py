"""Translation of errors of the Redis client into errors of the domain."""

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as NotConnected
from redis.exceptions import OutOfMemoryError, ResponseError

from domain.shared.errors import DomainError, StorageFull, Unavailable
from integrations.redis.failures import redis_failures
from tests.servers import RedisServer

AOF = "MISCONF Errors writing to the AOF file: No space left on device"
RDB = "MISCONF Valkey is configured to save RDB snapshots, but it's currently unable to persist to disk."


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (ResponseError(AOF), StorageFull),
        (ResponseError(RDB), StorageFull),
        (ResponseError(f"Command # 2 (SET k v) of pipeline caused error: {AOF}"), StorageFull),
        (ResponseError(f"{AOF} script: 00, on @user_script:1."), StorageFull),
        (OutOfMemoryError("command not allowed when used memory > 'maxmemory'."), StorageFull),
        (OSError(28, "No space left on device"), StorageFull),
        (ResponseError("Command # 1 (SET ROOM 1) of pipeline caused error: WRONGTYPE"), Unavailable),
        (NotConnected("Connection refused"), Unavailable),
        (TimeoutError(), Unavailable),
    ],
)
def test_an_error_of_the_client_has_one_meaning(error: Exception, meaning: type[DomainError]) -> None:
    with pytest.raises(DomainError) as raised, redis_failures():
        raise error

    assert type(raised.value) is meaning


async def test_a_server_without_memory_refuses_commands_pipelines_and_scripts_as_full(own_redis: RedisServer) -> None:
    async with Redis.from_url(own_redis.url) as redis:
        await redis.config_set("maxmemory", "1")
        pipeline = redis.pipeline(transaction=False)
        pipeline.set("k", "v")

        with pytest.raises(StorageFull), redis_failures():
            await redis.set("k", "v")
        with pytest.raises(StorageFull), redis_failures():
            await pipeline.execute()
        with pytest.raises(StorageFull), redis_failures():
            await redis.eval("return redis.call('SET', 'k', 'v')", 0)
