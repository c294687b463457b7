"""A storm of log-ins by password, small: a colleague gets in, and names without an account do not stand out.

The full form, with figures, is `python -m tests.benchmarks.password_storm`.
"""

import asyncio
import random
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from domain.shared.actor import SYSTEM
from domain.shared.authority import Role
from tests.app_process import Answer
from tests.user_api import UserApi
from tests.user_api import user_api as user_api_process
from tests.waiting import eventually

PASSWORD = "correct horse"
LOG_INS, PAIRS = 120, 8


@pytest.fixture
async def slow_hashes(
    mongodb_uri: str, redis_url: str, redis: Redis, database: "AsyncIOMotorDatabase[dict[str, object]]"
) -> AsyncIterator[UserApi]:
    """Passwords cost what they cost at least in production."""
    async with user_api_process(mongodb_uri, redis_url, database.name, password_rounds=10) as running:
        yield running


async def log_in(user_api: UserApi, username: str, password: str, address: str, device: str = "") -> Answer:
    headers = {"X_Forwarded_For": address, **({"X_Device_Token": device} if device else {})}
    body = {"username": username, "password": password}
    return await user_api.running.call("POST", "/api/auth/login", body, headers=headers)


async def test_a_colleague_on_a_known_device_gets_in_while_many_addresses_guess(slow_hashes: UserApi) -> None:
    create = slow_hashes.services.staff.administration.create_by_operator
    await create("li_jing", "李静", PASSWORD, Role.MANAGER, SYSTEM)
    device = (await log_in(slow_hashes, "li_jing", PASSWORD, "100.64.9.1")).headers["X-Device-Token"]
    rng, answers = random.Random(1), Counter[int]()

    async def guess(number: int) -> None:
        name = rng.choice(("li_jing", f"nobody_{number}"))
        answers[(await log_in(slow_hashes, name, "a wrong guess", f"100.64.1.{number}")).status] += 1

    storm = [asyncio.create_task(guess(number)) for number in range(LOG_INS)]
    await eventually(lambda: answers[503], 20)  # too many wait
    colleague = await log_in(slow_hashes, "li_jing", PASSWORD, "100.64.9.2", device)
    unverified = LOG_INS - answers.total()
    await asyncio.gather(*storm)

    assert colleague.status == 200
    assert unverified > LOG_INS / 5  # requests that came before still wait
    assert set(answers) <= {401, 429, 503}


async def test_a_name_without_an_account_is_refused_as_slowly_as_a_wrong_password(slow_hashes: UserApi) -> None:
    create = slow_hashes.services.staff.administration.create_by_operator
    await create("li_jing", "李静", PASSWORD, Role.MANAGER, SYSTEM)
    seconds: dict[str, list[float]] = {"li_jing": [], "nobody": []}
    for number in range(PAIRS):
        for place, (name, taken) in enumerate(seconds.items()):
            began = time.perf_counter()
            answer = await log_in(slow_hashes, name, "a wrong guess", f"100.64.{place}.{number}")
            taken.append(time.perf_counter() - began)
            assert answer.status == 401

    known, unknown = map(statistics.median, seconds.values())
    assert 0.5 < known / unknown < 2  # without a hash for the unknown name it would be a tenth
