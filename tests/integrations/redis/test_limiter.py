"""Shared rate limits, on a real Redis server and during its outages."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from domain.shared.errors import RateLimited
from integrations.redis.limiter import RedisRateLimiter
from tests.integrations.clocks import SettableClock
from tests.servers import RedisServer


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def limiter(redis: Redis, clock: SettableClock) -> RedisRateLimiter:
    return RedisRateLimiter(redis, clock)


async def refused(limiter: RedisRateLimiter, key: str, limit: int, window: int, cost: int = 1) -> int:
    """Expects a refusal, and returns its `retry_after_seconds`."""
    with pytest.raises(RateLimited) as error:
        await limiter.hit(key, limit, window, cost)
    return error.value.retry_after_seconds


async def test_the_use_after_the_last_is_refused_until_the_first_leaves_the_window(
    limiter: RedisRateLimiter, clock: SettableClock
) -> None:
    for _ in range(3):
        await limiter.hit("a", 3, 60)
        clock.advance(10)

    assert await refused(limiter, "a", 3, 60) == 30
    clock.advance(29.5)
    assert await refused(limiter, "a", 3, 60) == 1
    clock.advance(0.5)
    await limiter.hit("a", 3, 60)
    assert await refused(limiter, "a", 3, 60) == 10


async def test_refused_uses_do_not_prolong_the_wait(limiter: RedisRateLimiter, clock: SettableClock) -> None:
    await limiter.hit("a", 1, 10)
    for _ in range(20):
        clock.advance(0.4)
        await refused(limiter, "a", 1, 10)

    clock.advance(2)
    await limiter.hit("a", 1, 10)


async def test_keys_do_not_share_a_window(limiter: RedisRateLimiter) -> None:
    await limiter.hit("a", 1, 60)

    await limiter.hit("b", 1, 60)


async def test_a_cost_counts_as_that_many_uses_or_none(limiter: RedisRateLimiter, clock: SettableClock) -> None:
    await limiter.hit("a", 5, 60, cost=2)
    clock.advance(20)
    await limiter.hit("a", 5, 60, cost=2)

    assert await refused(limiter, "a", 5, 60, cost=3) == 40
    await limiter.hit("a", 5, 60)
    assert await refused(limiter, "a", 5, 60, cost=6) == 60


async def test_a_limit_of_zero_refuses_everything(limiter: RedisRateLimiter) -> None:
    assert await refused(limiter, "a", 0, 7) == 7


async def test_concurrent_processes_get_exactly_the_limit(redis_url: str, redis: Redis, clock: SettableClock) -> None:
    clients = [Redis.from_url(redis_url) for _ in range(3)]
    limiters = [RedisRateLimiter(client, clock) for client in clients]

    answers = await asyncio.gather(*(limiters[i % 3].hit("a", 25, 60) for i in range(120)), return_exceptions=True)
    for client in clients:
        await client.aclose()

    assert sum(answer is None for answer in answers) == 25
    assert sum(isinstance(answer, RateLimited) for answer in answers) == 95


async def test_windows_expire_and_their_keys_contain_no_personal_values(
    limiter: RedisRateLimiter, redis: Redis
) -> None:
    await limiter.hit("login:13800138000:" + "x" * 5000, 3, 60)

    (key,) = await redis.keys("*")
    assert 59_000 < await redis.pttl(key) <= 60_000
    assert len(key) < 50
    assert b"138" not in key


class Outage:
    """A limiter whose Redis server the test can kill and restart."""

    def __init__(self, server: RedisServer, limiter: RedisRateLimiter, fallbacks: list[int]) -> None:
        self.server = server
        self.limiter = limiter
        self.fallbacks = fallbacks


@pytest.fixture
async def outage(own_redis: RedisServer, clock: SettableClock) -> AsyncIterator[Outage]:
    client = Redis.from_url(own_redis.url, single_connection_client=True, socket_timeout=None)  # as in the application
    fallbacks: list[int] = []
    yield Outage(
        own_redis,
        RedisRateLimiter(client, clock, on_fallback=lambda: fallbacks.append(1), pause_seconds=0.05),
        fallbacks,
    )
    await client.aclose()


async def test_without_redis_the_process_applies_the_limit_by_itself_and_warns_once(
    outage: Outage, clock: SettableClock, caplog: pytest.LogCaptureFixture
) -> None:
    await outage.limiter.hit("a", 3, 60)
    outage.server.kill()

    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            await outage.limiter.hit("a", 3, 60)
        assert await refused(outage.limiter, "a", 3, 60) == 20
        clock.advance(20)
        await outage.limiter.hit("a", 3, 60)
        await asyncio.sleep(0.1)
        await outage.limiter.hit("b", 3, 60)

    assert len(outage.fallbacks) == 6
    assert [record.getMessage() for record in caplog.records] == [
        "rate limits are kept by this process alone: redis failed (ConnectionError)"
    ]


async def test_after_an_outage_the_limit_is_shared_again(outage: Outage) -> None:
    outage.server.kill()
    await outage.limiter.hit("a", 1, 60)
    outage.server.start()
    await asyncio.sleep(0.1)

    await outage.limiter.hit("a", 1, 60)

    assert len(outage.fallbacks) == 1
    assert await refused(outage.limiter, "a", 1, 60) == 60


async def test_a_redis_that_never_answers_delays_callers_only_briefly(clock: SettableClock) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    client = Redis(port=server.sockets[0].getsockname()[1])
    limiter = RedisRateLimiter(client, clock)

    async with asyncio.timeout(5):
        await limiter.hit("a", 1, 60)
        for _ in range(50):
            await refused(limiter, "a", 1, 60)

    await client.aclose()
    server.close()


async def test_while_one_caller_tries_a_silent_redis_again_no_other_waits(clock: SettableClock) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    client = Redis(port=server.sockets[0].getsockname()[1])
    limiter = RedisRateLimiter(client, clock, pause_seconds=1)
    await limiter.hit("first", 1, 60)
    await asyncio.sleep(1.05)

    trying = asyncio.create_task(limiter.hit("second", 1, 60))
    await asyncio.sleep(0.05)
    others = [asyncio.create_task(limiter.hit(f"other {number}", 1, 60)) for number in range(20)]

    done, _ = await asyncio.wait(others, timeout=0.1)
    assert len(done) == 20
    assert not trying.done()
    await trying
    await client.aclose()
    server.close()


async def test_a_key_of_another_type_does_not_affect_other_keys_of_the_batch(
    redis: Redis, clock: SettableClock
) -> None:
    fallbacks: list[int] = []
    limiter = RedisRateLimiter(redis, clock, on_fallback=lambda: fallbacks.append(1))
    await limiter.hit("spoilt", 1, 60)
    [name] = await redis.keys("limit:*")
    await redis.set(name, "text")

    await asyncio.gather(*(limiter.hit(key, 1, 60) for key in ("a", "spoilt", "b")))

    assert len(fallbacks) == 1
    for key in ("a", "b"):
        assert await refused(limiter, key, 1, 60) == 60
    assert len(fallbacks) == 1
