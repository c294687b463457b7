"""Fixtures: our WeChat client against the simulator and a real Redis."""

from collections.abc import AsyncIterator
from typing import Protocol

import aiohttp
import pytest
from redis.asyncio import Redis

from integrations.breaker import CircuitBreaker
from integrations.local.simulators.wechat.state import SIM_PROGRAM
from integrations.wechat.client import WeChatClient
from integrations.wechat.code_answers import CodeAnswerCache
from integrations.wechat.http import WeChatHttp
from integrations.wechat.tokens import AccessTokenStore
from tests.integrations.wechat.simulated import Phone, simulated_wechat

Calls = list[tuple[str, str]]


class NewClient(Protocol):
    def __call__(self, total_seconds: float = 5) -> WeChatClient:
        """The client of one app process, with its own copy of the token."""


@pytest.fixture
async def phone() -> AsyncIterator[Phone]:
    async with simulated_wechat() as phone:
        yield phone


@pytest.fixture
def calls() -> Calls:
    """Operation and outcome of every call that the clients made."""
    return []


@pytest.fixture
def new_client(phone: Phone, redis: Redis, calls: Calls) -> NewClient:
    def build(total_seconds: float = 5) -> WeChatClient:
        http = WeChatHttp(
            phone.session,
            phone.base_url,
            lambda operation, outcome, seconds: calls.append((operation, outcome)),
            timeout=aiohttp.ClientTimeout(total=total_seconds),
            pause_seconds=0.001,
            breaker=CircuitBreaker(failures=100),
        )
        tokens = AccessTokenStore(redis, http, phone.clock, SIM_PROGRAM.app_id, SIM_PROGRAM.secret)
        code_answers = CodeAnswerCache(redis, SIM_PROGRAM.app_id)
        return WeChatClient(http, tokens, code_answers, phone.clock, SIM_PROGRAM.app_id, SIM_PROGRAM.secret)

    return build


@pytest.fixture
def client(new_client: NewClient) -> WeChatClient:
    return new_client()
