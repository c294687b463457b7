"""The access token that all app processes share."""

import asyncio
from typing import Any

import pytest
from redis.asyncio import Redis

from domain.shared.errors import UpstreamFailed
from integrations.local.simulators.wechat.state import SIM_PROGRAM
from integrations.wechat.http import WeChatHttp
from integrations.wechat.tokens import AccessTokenStore
from tests.integrations.wechat.conftest import Calls, NewClient
from tests.integrations.wechat.simulated import Phone
from tests.servers import RedisServer
from tests.waiting import eventually

STABLE = "/cgi-bin/stable_token"
KEY, LOCK = f"wechat:{{{SIM_PROGRAM.app_id}}}:token", f"wechat:{{{SIM_PROGRAM.app_id}}}:token:lock"


def store(phone: Phone, redis: Redis, **options: Any) -> AccessTokenStore:
    http = WeChatHttp(phone.session, phone.base_url, pause_seconds=0.001)
    return AccessTokenStore(redis, http, phone.clock, SIM_PROGRAM.app_id, SIM_PROGRAM.secret, **options)


async def test_concurrent_callers_of_several_processes_fetch_one_token(phone: Phone, redis: Redis) -> None:
    await phone.admin("faults", path=STABLE, delaySeconds=0.1)
    processes = [store(phone, redis) for _ in range(4)]

    tokens = await asyncio.gather(*(processes[i % 4].current() for i in range(40)))

    assert len(set(tokens)) == 1
    assert await phone.calls(STABLE) == 1
    assert await redis.keys("*") == [KEY.encode()]
    assert 6890 <= await redis.ttl(KEY) <= 6900


async def test_an_expiring_token_is_shared_for_at_least_a_minute(phone: Phone, redis: Redis) -> None:
    await phone.admin("faults", path=STABLE, body='{"access_token": "t", "expires_in": 120}')

    await store(phone, redis).current()

    assert 59 <= await redis.ttl(KEY) <= 60


async def test_a_process_reads_the_shared_token_again_after_a_while(phone: Phone, redis: Redis) -> None:
    patient, eager = store(phone, redis), store(phone, redis, local_cache_seconds=0)
    first = await patient.current()
    await eager.current()
    await redis.set(KEY, "newer")

    assert await patient.current() == first
    assert await eager.current() == "newer"


async def test_only_the_rejected_token_is_invalidated(phone: Phone, redis: Redis) -> None:
    tokens = store(phone, redis)
    first = await tokens.current()

    await redis.set(KEY, "newer")
    await tokens.invalidate(first)

    assert await redis.get(KEY) == b"newer"
    assert await tokens.current() == "newer"


@pytest.mark.parametrize("invalidation", ["killed", "expired", "superseded in redis"])
async def test_a_call_with_an_invalid_token_is_repeated_with_a_new_one(
    new_client: NewClient, phone: Phone, redis: Redis, calls: Calls, invalidation: str
) -> None:
    client, own = new_client(), await phone.open_id()
    await client.phone_number(await phone.phone_code(), own)
    if invalidation == "killed":
        await phone.admin("tokens/kill")
    elif invalidation == "expired":
        phone.clock.advance(7200)
    else:
        await redis.set(KEY, "of-another-time")
        client = new_client()
    calls.clear()

    assert await client.phone_number(await phone.phone_code(phone="13900139000"), own) == "13900139000"

    operations = [operation for operation, _ in calls]
    assert operations == ["getuserphonenumber", "stable_token", "getuserphonenumber"]


async def test_processes_with_the_same_invalid_token_fetch_one_new_token(
    new_client: NewClient, phone: Phone, calls: Calls
) -> None:
    clients, own = [new_client() for _ in range(3)], await phone.open_id()
    for client in clients:
        await client.phone_number(await phone.phone_code(), own)
    await phone.admin("tokens/kill")
    calls.clear()

    codes = [await phone.phone_code() for _ in range(9)]
    numbers = await asyncio.gather(*(clients[i % 3].phone_number(code, own) for i, code in enumerate(codes)))

    assert set(numbers) == {"13800138000"}
    assert calls.count(("stable_token", "0")) == 1


async def test_a_late_token_does_not_replace_a_newer_one(phone: Phone, redis: Redis) -> None:
    await phone.admin("faults", path=STABLE, delaySeconds=0.15)
    slow = asyncio.ensure_future(store(phone, redis).current())
    for _ in range(1000):
        if await redis.exists(LOCK):
            break
    await redis.set(LOCK, "the next holder")  # as if the slow one's lock had expired
    await redis.set(KEY, "newer")

    await slow

    assert await redis.get(KEY) == b"newer"
    assert await redis.get(LOCK) == b"the next holder"


async def test_waiting_callers_share_a_failure_and_no_lock_remains(phone: Phone, redis: Redis) -> None:
    await phone.admin("faults", path=STABLE, errcode=40125)
    tokens = store(phone, redis)

    outcomes = await asyncio.gather(*(tokens.current() for _ in range(10)), return_exceptions=True)

    assert {type(outcome) for outcome in outcomes} == {UpstreamFailed}
    assert await phone.calls(STABLE) == 1
    assert await redis.keys("*") == []
    assert await tokens.current()


async def test_a_cancelled_caller_does_not_cancel_the_others(phone: Phone, redis: Redis) -> None:
    await phone.admin("faults", path=STABLE, delaySeconds=0.5)
    tokens = store(phone, redis)
    leaving, staying = asyncio.ensure_future(tokens.current()), asyncio.ensure_future(tokens.current())
    await eventually(lambda: phone.calls(STABLE))

    leaving.cancel()

    assert await staying
    assert leaving.cancelled()


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        '{"access_token": ""}',
        '{"access_token": 7, "expires_in": 7200}',
        '{"access_token": "t", "expires_in": "1"}',
    ],
)
async def test_an_answer_without_a_token_is_a_failure(phone: Phone, redis: Redis, body: str) -> None:
    await phone.admin("faults", path=STABLE, body=body, times=3)

    with pytest.raises(UpstreamFailed):
        await store(phone, redis).current()
    assert await redis.keys("*") == []


async def test_a_process_without_redis_fetches_its_own_token(phone: Phone) -> None:
    server = RedisServer()
    server.start()
    redis = Redis.from_url(server.url)
    tokens = store(phone, redis)
    shared = await tokens.current()
    server.dispose()

    assert await store(phone, redis).current() == shared
    await tokens.invalidate(shared)
    assert await tokens.current() == shared
    await redis.aclose()
