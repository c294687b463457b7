"""Single calls: retries, deadlines, the circuit breaker, and secrets that must not leak."""

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from domain.shared.errors import UpstreamFailed, UpstreamTimedOut
from integrations.breaker import CircuitBreaker
from integrations.wechat.error_codes import WeChatRefused
from integrations.wechat.http import WeChatHttp
from tests.integrations.wechat.conftest import Calls
from tests.integrations.wechat.simulated import Phone
from tests.servers import free_port

SESSION, STABLE = "/sns/jscode2session", "/cgi-bin/stable_token"
CREDENTIALS = {"grant_type": "client_credential", "appid": "wxsim0000000000001", "secret": "sim-secret-of-no-value"}


def http(phone: Phone, calls: Calls, base_url: str = "", total: float = 0.1, **options: Any) -> WeChatHttp:
    return WeChatHttp(
        phone.session,
        base_url or phone.base_url,
        lambda operation, outcome, seconds: calls.append((operation, outcome)),
        timeout=aiohttp.ClientTimeout(total=total),
        pause_seconds=0.001,
        **options,
    )


async def test_a_repeatable_call_is_retried_after_a_timeout(phone: Phone, calls: Calls) -> None:
    await phone.admin("faults", path=STABLE, delaySeconds=5)

    answer = await http(phone, calls).post(STABLE, CREDENTIALS, repeatable=True)

    assert answer["access_token"]
    assert calls == [("stable_token", "timeout"), ("stable_token", "0")]


async def test_a_call_that_is_not_repeatable_is_not_retried_after_a_timeout(phone: Phone, calls: Calls) -> None:
    await phone.admin("faults", path=STABLE, delaySeconds=5)

    with pytest.raises(UpstreamTimedOut):
        await http(phone, calls).post(STABLE, CREDENTIALS)
    assert len(calls) == 1


async def test_every_call_is_tried_three_times_when_wechat_is_unreachable(phone: Phone, calls: Calls) -> None:
    with pytest.raises(UpstreamFailed):
        await http(phone, calls, f"http://127.0.0.1:{free_port()}").get(SESSION, {"js_code": "c"})
    assert calls == [("jscode2session", "unreachable")] * 3


@pytest.mark.parametrize("status", [302, 404, 500, 502])
async def test_only_status_200_is_an_answer(phone: Phone, calls: Calls, status: int) -> None:
    await phone.admin("faults", path=SESSION, status=status, body="{}")

    with pytest.raises(UpstreamFailed):
        await http(phone, calls).get(SESSION, {})
    assert calls == [("jscode2session", "malformed")]


async def test_characters_are_sent_unescaped(phone: Phone, calls: Calls) -> None:
    async def echo(request: web.Request) -> web.Response:
        assert "王芳".encode() in await request.read()
        return web.Response(text='{"errcode": 0}', content_type="text/plain")

    app = web.Application()
    app.router.add_post("/echo", echo)
    async with TestServer(app) as server:
        answer = await http(phone, calls, str(server.make_url("")), total=5).post("/echo", {"name": "王芳"})

    assert answer == {"errcode": 0}


async def test_consecutive_failures_open_the_circuit_and_one_success_closes_it(phone: Phone, calls: Calls) -> None:
    client = http(phone, calls, breaker=CircuitBreaker(failures=2, open_seconds=0.05))
    await phone.admin("faults", path=SESSION, status=500, times=2)
    for _ in range(4):
        with pytest.raises(UpstreamFailed):
            await client.get(SESSION, {})

    await asyncio.sleep(0.06)  # until the circuit lets a call through
    for _ in range(2):
        with pytest.raises(WeChatRefused):  # an error answer counts as success
            await client.get(SESSION, {})

    outcomes = [outcome for _, outcome in calls]
    assert outcomes == ["malformed", "malformed", "open_circuit", "open_circuit", "41002", "41002"]


async def _unreachable(phone: Phone, calls: Calls) -> None:
    await http(phone, calls, f"http://127.0.0.1:{free_port()}").get(SESSION, SECRETS)


async def _timed_out(phone: Phone, calls: Calls) -> None:
    await phone.admin("faults", path=SESSION, delaySeconds=5)
    await http(phone, calls).get(SESSION, SECRETS)


async def _malformed(phone: Phone, calls: Calls) -> None:
    await phone.admin("faults", path=SESSION, body="<html>")
    await http(phone, calls).get(SESSION, SECRETS)


async def _refused(phone: Phone, calls: Calls) -> None:
    await http(phone, calls).get(SESSION, SECRETS)


async def _no_address(phone: Phone, calls: Calls) -> None:
    await http(phone, calls, "http://").get(SESSION, SECRETS)


SECRETS = {"appid": "wxsim0000000000001", "secret": "top-secret", "js_code": "secret-code"}


@pytest.mark.parametrize("fail", [_unreachable, _timed_out, _malformed, _refused, _no_address])
async def test_no_failure_reveals_a_secret(
    phone: Phone, calls: Calls, caplog: pytest.LogCaptureFixture, fail: Callable[[Phone, Calls], Awaitable[None]]
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises((UpstreamFailed, WeChatRefused)) as failure:
        await fail(phone, calls)

    chain: BaseException | None = failure.value
    output = caplog.text + "".join(traceback.format_exception(failure.value))
    while chain is not None:
        output += repr(chain)
        chain = chain.__cause__ or chain.__context__
    assert "secret-code" not in output
    assert "top-secret" not in output


async def test_a_refusal_is_logged_with_its_rid_and_a_level_by_cause(
    phone: Phone, calls: Calls, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "error.wechat"):
        for errcode in (40029, 40001, 40125):
            await phone.admin("faults", path=SESSION, errcode=errcode)
            with pytest.raises(WeChatRefused):
                await http(phone, calls).get(SESSION, {})
        with pytest.raises(WeChatRefused):
            await http(phone, calls).post(STABLE, {**CREDENTIALS, "secret": "wrong"})

    assert [record.levelname for record in caplog.records] == ["INFO", "WARNING", "ERROR", "ERROR"]
    assert all("rid " in record.getMessage() and len(record.getMessage()) > 60 for record in caplog.records)
