"""The log of wrong password tries, on a real Redis server and during its outages."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from domain.shared.login_throttle import Taken, TryBudget
from integrations.redis.try_log import LocalTryLog, RedisTryLog
from tests.domain.shared.login_fakes import MemoryTryLog
from tests.integrations.clocks import SettableClock
from tests.servers import RedisServer

BUDGET = TryBudget(free=3, window=3600, longest_delay=240)
OTHER = TryBudget(free=5, window=600, longest_delay=900)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def log(redis: Redis, clock: SettableClock) -> RedisTryLog:
    return RedisTryLog(redis, clock)


def counts_of(taken: Taken | int) -> tuple[int, ...] | int:
    return taken if isinstance(taken, int) else taken.counts


async def test_it_counts_and_delays_as_the_rule_says(redis: Redis, clock: SettableClock, log: RedisTryLog) -> None:
    pauses = [0, 1, 0, 30, 60, 0, 110, 10, 240, 240, 239.5, 0.5, 400, 3000, 0, 0, 0, 0]
    budgets = {"a": BUDGET, "b": OTHER}
    reference, local = MemoryTryLog(clock), LocalTryLog()

    for number, pause in enumerate(pauses):
        clock.advance(pause)
        by_redis = counts_of(await log.take(budgets))
        by_process = counts_of(local.take(budgets, str(number), clock.now().timestamp()))

        assert by_redis == by_process == counts_of(await reference.take(budgets))


async def test_a_try_is_counted_on_all_keys_or_on_none(log: RedisTryLog) -> None:
    for _ in range(3):
        await log.take({"a": BUDGET})

    assert await log.take({"a": BUDGET, "b": BUDGET}) == 60
    assert counts_of(await log.take({"b": BUDGET})) == (1,)


async def test_a_try_given_back_and_a_forgotten_key_do_not_count(log: RedisTryLog) -> None:
    first = await log.take({"a": BUDGET, "b": BUDGET})
    assert isinstance(first, Taken)
    await log.take({"a": BUDGET, "b": BUDGET})

    await log.give_back(["b"], first.try_id)
    await log.forget("a")

    assert counts_of(await log.take({"a": BUDGET, "b": BUDGET})) == (1, 2)


async def test_concurrent_processes_never_exceed_a_budget(redis_url: str, redis: Redis, clock: SettableClock) -> None:
    clients = [Redis.from_url(redis_url, single_connection_client=True) for _ in range(3)]
    logs = [RedisTryLog(client, clock) for client in clients]

    answers = await asyncio.gather(*(logs[number % 3].take({"a": BUDGET}) for number in range(60)))
    for client in clients:
        await client.aclose()

    assert sum(isinstance(answer, Taken) for answer in answers) == BUDGET.free


async def test_keys_expire_and_contain_no_personal_values(redis: Redis, log: RedisTryLog) -> None:
    await log.take({"mp:13800138000": BUDGET})

    (key,) = await redis.keys("*")
    assert 3_599_000 < await redis.pttl(key) <= 3_600_000
    assert b"138" not in key


async def test_guessing_stays_limited_while_redis_is_away(own_redis: RedisServer, clock: SettableClock) -> None:
    client, fallbacks = Redis.from_url(own_redis.url), list[int]()
    log = RedisTryLog(client, clock, on_fallback=lambda: fallbacks.append(1), pause_seconds=60)
    own_redis.kill()

    taken = [await log.take({"a": BUDGET}) for _ in range(4)]
    await log.forget("a")
    again = await log.take({"a": BUDGET})
    await client.aclose()

    assert [counts_of(each) for each in taken] == [(1,), (2,), (3,), 60]
    assert counts_of(again) == (1,)
    assert len(fallbacks) == 5


@given(st.lists(st.tuples(st.floats(0, 600), st.sampled_from("abc")), max_size=60))
def test_a_process_alone_counts_as_the_rule_says(steps: Sequence[tuple[float, str]]) -> None:
    log, instants, now = LocalTryLog(), dict[str, list[float]](), 0.0
    for number, (pause, key) in enumerate(steps):
        now += pause
        expected = BUDGET.wait(instants.get(key, []), now)
        taken = log.take({key: BUDGET}, str(number), now)
        assert isinstance(taken, int) == (expected > 0)
        if isinstance(taken, Taken):
            instants.setdefault(key, []).append(now)


def test_the_least_recently_used_keys_are_dropped_beyond_the_limit() -> None:
    log = LocalTryLog(max_keys=2)
    for number, key in enumerate("abc"):
        log.take({key: BUDGET}, str(number), 0)

    assert counts_of(log.take({"c": BUDGET}, "3", 0)) == (2,)
    assert counts_of(log.take({"a": BUDGET}, "4", 0)) == (1,)
