"""Single calls: format, timeouts, retries, size limits, and no personal data in exceptions and logs."""

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from domain.shared.errors import UpstreamFailed, UpstreamTimedOut
from integrations.breaker import CircuitBreaker
from integrations.esign.codes import EsignRefused
from integrations.esign.http import MAX_RESPONSE_BYTES
from integrations.local.simulators.esign.keys import SIMULATED_APP_ID
from tests.integrations.esign.simulated import KEYS, SimulatedProvider
from tests.servers import free_port

STATUS, GET = "/contract/status", "/contract/getContract"
ANSWERS_OK = '{"code": 100000, "data": {"seen": true}}'

Respond = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def answering(respond: Respond) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", respond)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


def text(body: str, status: int = 200) -> Respond:
    async def respond(request: web.Request) -> web.StreamResponse:
        return web.Response(text=body, status=status, headers={"Location": "/elsewhere"} if status == 302 else None)

    return respond


async def test_a_request_has_three_multipart_fields_and_a_signature_header(provider: SimulatedProvider) -> None:
    state: dict[str, Any] = {}

    async def keep(request: web.Request) -> web.StreamResponse:
        head = request.method, request.path, request.content_type
        headers = request.headers["timestamp"], request.headers["sign"]
        state.update(head=head, headers=headers, form=dict(await request.post()))
        return web.Response(text=ANSWERS_OK)

    async with answering(keep) as url:
        data = await provider.http(url).call(STATUS, {"name": "王芳", "b": 1, "a": None})

    timestamp, sign = state["headers"]
    expected = str(int(provider.clock.now().timestamp() * 1000) + 600_000)
    assert state["head"] == ("POST", STATUS, "multipart/form-data")
    assert state["form"] == {"appId": SIMULATED_APP_ID, "timestamp": expected, "bizData": '{"b":1,"name":"王芳"}'}
    assert timestamp == expected
    assert len(sign) == 344  # base64 of 2048 bits
    assert data == {"seen": True}


async def test_the_provider_accepts_our_signature(provider: SimulatedProvider) -> None:
    with pytest.raises(EsignRefused) as refused:
        await provider.http().call(STATUS, {"contractNo": "CON-1"})

    assert refused.value.code == 100066  # no such contract: the signature was accepted


async def test_another_agencys_key_is_refused(provider: SimulatedProvider) -> None:
    with pytest.raises(EsignRefused) as refused:
        await provider.http(key=KEYS.platform).call(STATUS, {"contractNo": "CON-1"})

    assert refused.value.code == 100016


async def test_a_timed_out_call_is_not_retried_at_once(provider: SimulatedProvider) -> None:
    await provider.fault(STATUS, delay_seconds=5)

    with pytest.raises(UpstreamTimedOut):
        await provider.http(total_seconds=0.1).call(STATUS, {"contractNo": "CON-1"})

    assert provider.calls == [("status", "timeout")]


async def test_a_broken_connection_is_retried_once(provider: SimulatedProvider) -> None:
    await provider.fault("/user/setDefaultSeal", lose_answer=True)

    await provider.http().call("/user/setDefaultSeal", {"account": "a"})

    assert provider.calls == [("setDefaultSeal", "malformed"), ("setDefaultSeal", "100000")]
    assert provider.state.calls["/user/setDefaultSeal"] == 2


async def test_a_refused_connection_is_tried_twice(provider: SimulatedProvider) -> None:
    with pytest.raises(UpstreamFailed):
        await provider.http(f"http://127.0.0.1:{free_port()}").call(STATUS, {})

    assert provider.calls == [("status", "unreachable")] * 2


@pytest.mark.parametrize(
    "respond",
    [
        text("busy", 500),
        text("busy", 502),
        text(ANSWERS_OK, 302),
        text(ANSWERS_OK, 404),
        text("<html>"),
        text("[]"),
        text("{}"),
        text('{"code": "100000"}'),
        text('{"code": true}'),
        text("[" * 100_000),
        text('{"code": 100000, "data": "' + "x" * MAX_RESPONSE_BYTES + '"}'),
    ],
)
async def test_a_malformed_response_is_a_failure(provider: SimulatedProvider, respond: Respond) -> None:
    async with answering(respond) as url:
        with pytest.raises(UpstreamFailed):
            await provider.http(url).call(STATUS, {})

    assert provider.calls == [("status", "malformed")] * 2


async def test_redirects_are_not_followed(provider: SimulatedProvider) -> None:
    paths: list[str] = []

    async def elsewhere(request: web.Request) -> web.StreamResponse:
        paths.append(request.path)
        if request.path == "/elsewhere":
            return web.Response(text=ANSWERS_OK)
        return web.Response(status=307, headers={"Location": "/elsewhere"})

    async with answering(elsewhere) as url:
        with pytest.raises(UpstreamFailed):
            await provider.http(url).call(STATUS, {})

    assert "/elsewhere" not in paths


@pytest.mark.parametrize("code", [0, -1, 100016, 100066, 999999])
async def test_every_code_except_success_is_a_refusal(provider: SimulatedProvider, code: int) -> None:
    async with answering(text(f'{{"code": {code}, "msg": "成功", "data": {{}}}}')) as url:
        with pytest.raises(EsignRefused) as refused:
            await provider.http(url).call(STATUS, {})

    assert refused.value.code == code
    assert provider.calls == [("status", str(code))]


async def test_the_circuit_opens_after_consecutive_failures_and_closes_with_a_response(
    provider: SimulatedProvider,
) -> None:
    http = provider.http(breaker=CircuitBreaker(failures=2, open_seconds=0.05))
    await provider.fault(STATUS, times=2, status=500)
    for _ in range(2):
        with pytest.raises(UpstreamFailed):
            await http.call(STATUS, {})

    await asyncio.sleep(0.06)  # until the circuit lets a call through
    with pytest.raises(EsignRefused):
        await http.call(STATUS, {"contractNo": "CON-1"})

    assert [outcome for _, outcome in provider.calls] == ["malformed", "malformed", "open_circuit", "100066"]


SECRETS = [{"name": "欧阳晓晓", "mobile": "13800138000", "idCard": "110101199003070011"}]


async def _unreachable(provider: SimulatedProvider) -> None:
    await provider.http(f"http://127.0.0.1:{free_port()}").call(STATUS, SECRETS)


async def _timed_out(provider: SimulatedProvider) -> None:
    await provider.fault(STATUS, delay_seconds=5)
    await provider.http(total_seconds=0.1).call(STATUS, SECRETS)


async def _malformed(provider: SimulatedProvider) -> None:
    async with answering(text("<html>110101199003070011 13800138000 欧阳晓晓")) as url:
        await provider.http(url).call(STATUS, SECRETS)


async def _refused(provider: SimulatedProvider) -> None:
    body = '{"code": 100004, "msg": "110101199003070011 13800138000 欧阳晓晓", "data": null}'
    async with answering(text(body)) as url:
        await provider.http(url).call(STATUS, SECRETS)


async def _lost(provider: SimulatedProvider) -> None:
    await provider.fault(STATUS, times=2, lose_answer=True)
    await provider.http().call(STATUS, SECRETS)


@pytest.mark.parametrize("fail", [_unreachable, _timed_out, _malformed, _refused, _lost])
async def test_no_failure_contains_a_personal_number_or_a_key(
    provider: SimulatedProvider, caplog: pytest.LogCaptureFixture, fail: Callable[[SimulatedProvider], Awaitable[None]]
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises((UpstreamFailed, EsignRefused)) as failure:
        await fail(provider)

    output = caplog.text + "".join(traceback.format_exception(failure.value))
    chain: BaseException | None = failure.value
    while chain is not None:
        output += repr(chain)
        chain = chain.__cause__ or chain.__context__
    assert "esign status" in output
    for secret in (*SECRETS[0].values(), "PRIVATE KEY", KEYS.merchant_private_pem[40:80]):
        assert secret not in output
