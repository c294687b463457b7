"""The nginx configuration of deploy/: sticky sessions, forwarded headers, caching, limits, errors and logs."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from tests.http_api.connections.raw_client import RawClient, post
from tests.journeys.support.nginx_proxy import NGINX, Proxied, socketio_client, two_processes_behind_nginx
from tests.waiting import eventually

pytestmark = pytest.mark.skipif(NGINX is None, reason="needs nginx: apt-get install nginx")


@pytest.fixture
async def proxied(tmp_path: Path) -> AsyncIterator[Proxied]:
    async with two_processes_behind_nginx(tmp_path) as running:
        yield running


@pytest.fixture
async def http(proxied: Proxied) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(proxied.url) as session:
        yield session


async def raw_client(proxied: Proxied, sent: bytes) -> RawClient:
    client = RawClient(*await asyncio.open_connection("127.0.0.1", URL(proxied.url).port))
    await client.send(sent)
    return client


async def process_of_client(url: str, transports: list[str] | None) -> str:
    """The name of the process that created the sid of a client and answered all its five events."""
    async with socketio_client(url, transports) as client:
        answers = {await client.call("processName", {}, timeout=5) for _ in range(5)}
        assert answers == {client.eio.sid.partition(".")[0]}
        return str(answers.pop())


@pytest.mark.parametrize("transports", [["polling"], ["websocket"], ["polling", "websocket"]])
async def test_a_client_stays_with_the_process_that_created_its_sid(proxied: Proxied, transports: list[str]) -> None:
    answered_by = Counter(await asyncio.gather(*(process_of_client(proxied.url, transports) for _ in range(20))))

    assert set(answered_by) == {"app1", "app2"}


async def test_rest_requests_go_to_every_process(http: aiohttp.ClientSession) -> None:
    seen = set()
    for _ in range(20):
        async with http.get("/api/echo") as response:
            seen.add((await response.json())["worker"])

    assert seen == {"app1", "app2"}


async def test_forwarded_headers_of_a_client_are_replaced(http: aiohttp.ClientSession) -> None:
    forged = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.example",
        "X-Request-Id": "chosen-by-the-client",
        "Forwarded": "for=203.0.113.9",
    }

    async with http.get("/api/echo", headers=forged) as response:
        received = (await response.json())["headers"]

    assert received["X-Forwarded-For"] == "127.0.0.1"
    assert received["X-Forwarded-Proto"] == "http"
    assert received["X-Forwarded-Host"] == received["Host"]
    assert len(received["X-Request-ID"]) == 32
    assert "Forwarded" not in received


async def test_when_a_process_is_down_the_other_serves_and_clients_can_reconnect(proxied: Proxied) -> None:
    await proxied.processes[0].stop()

    async with aiohttp.ClientSession(proxied.url) as http:
        for _ in range(10):
            async with http.post("/api/echo", data=b"{}") as response:
                assert (await response.json())["worker"] == "app2"
        async with http.get("/socket.io/?EIO=4&transport=polling&sid=app1.forgotten") as response:
            assert response.status == 503

    assert await process_of_client(proxied.url, ["polling"]) == "app2"


async def test_an_unknown_process_name_in_a_sid_is_answered_by_any_process(http: aiohttp.ClientSession) -> None:
    for sid in ("app9.x", "127.0.0.1:22.x", "app1"):
        async with http.get("/socket.io/", params={"EIO": "4", "transport": "polling", "sid": sid}) as response:
            assert response.status == 400


async def test_assets_of_the_dashboard_are_cached_by_nginx(proxied: Proxied, http: aiohttp.ClientSession) -> None:
    seen = []
    for _ in range(3):
        async with http.get("/assets/main.0123abcd.js") as response:
            seen.append(response.headers["X-Cache"])
            assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"

    assert seen == ["MISS", "HIT", "HIT"]
    assert proxied.requests("/assets/main.0123abcd.js") == 1


@pytest.mark.parametrize("path", ["/metrics", "//metrics", "/api/../metrics", "/metrics?x=1", "/%6detrics"])
async def test_metrics_are_not_public(proxied: Proxied, http: aiohttp.ClientSession, path: str) -> None:
    async with http.get(URL(proxied.url + path, encoded=True)) as response:
        assert response.status == 404

    assert proxied.requests("/metrics") == 0


@pytest.mark.parametrize(
    ("language", "message"), [("zh-CN", "请求内容过大"), ("en-GB,en", "The request body is too large")]
)
async def test_a_body_that_is_too_large_is_refused_with_the_envelope_of_the_api(
    proxied: Proxied, http: aiohttp.ClientSession, language: str, message: str
) -> None:
    async with http.post("/api/echo", data=b"x" * 600_000, headers={"Accept-Language": language}) as response:
        assert response.status == 413
        answer = await response.json()

    assert (answer["success"], answer["code"], answer["message"]) == (False, "BODY_TOO_LARGE", message)
    assert isinstance(answer["timestamp"], int)
    assert proxied.requests("/api/echo") == 0


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /secret-8417 HTTP/8.4\r\nHost: x\r\n\r\n",
        b"secret-8417\r\n\r\n",
        b"GET / HTTP/1.1\r\n8417\r\n\r\n",
        b"GET /" + b"8417" * 9_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"8417" * 9_000 + b"\r\n\r\n",
    ],
    ids=["version", "nonsense", "header", "long line", "long header"],
)
async def test_a_malformed_request_is_answered_with_the_envelope_and_without_an_echo(
    proxied: Proxied, sent: bytes
) -> None:
    client = await raw_client(proxied, sent)

    answer = await client.answer()

    assert (answer.status, answer.code, answer.headers["Server"]) == (400, "BAD_REQUEST", "nginx")
    assert "8417" not in answer.body.decode()


async def test_an_address_has_five_hundred_requests_at_a_time_and_more_are_refused(proxied: Proxied) -> None:
    begun = [await raw_client(proxied, post(2, b"x", "/api/echo")) for _ in range(500)]

    refused = await (await raw_client(proxied, post(1, b"x", "/api/echo"))).answer()
    await begun[0].send(b"x")
    answered = await begun[0].answer()

    assert (refused.status, refused.code, refused.headers["Retry-After"]) == (503, "UNAVAILABLE", "5")
    assert answered.status == 200
    for client in begun:
        await client.close()


async def test_without_any_process_the_response_has_retry_after(proxied: Proxied, http: aiohttp.ClientSession) -> None:
    for process in proxied.processes:
        await process.stop()

    async with http.get("/api/echo") as response:
        assert response.status == 503
        assert response.headers["Retry-After"] == "5"
        assert (await response.json())["code"] == "UNAVAILABLE"


async def test_the_access_log_has_no_query_strings_because_a_sid_is_secret(
    proxied: Proxied, http: aiohttp.ClientSession
) -> None:
    async with http.get("/api/echo?code=one-time") as response:
        request_id = (await response.json())["headers"]["X-Request-ID"]
    await process_of_client(proxied.url, ["polling"])

    log = proxied.access_log.read_text()
    entries = [json.loads(line) for line in log.splitlines()]
    assert [entry["path"] for entry in entries if entry["requestId"] == request_id] == ["/api/echo"]
    assert any(entry["path"] == "/socket.io/" for entry in entries)
    assert "one-time" not in log
    assert "sid" not in log


CODE = "eyAbCdEf-0123456789_xyzXYZ"
LOGGED = {
    f"/api/interview/invites/{CODE}/redeem": "/api/interview/invites/*",
    f"/api/interview/i/{CODE}": "/api/interview/i/*",
    f"/api/interview/i/{CODE}/": "/api/interview/i/*",
    "/api/contracts/check-customer/13812345678": "/api/contracts/check-customer/*",
    "/api/contracts/check-customer/%31%33812345678": "/api/contracts/check-customer/*",
    "/api/contracts/65f0c0ffee0000000000beef/preview": "/api/contracts/65f0c0ffee0000000000beef/preview",
    "/api/miniprogram-users/": "/api/miniprogram-users/",
    "/api/docs/openapi.json": "/api/docs/openapi.json",
    f"/{CODE}": "/*",
    "/": "/",
}


async def logged(proxied: Proxied, count: int) -> list[dict[str, Any]]:
    """nginx logs a request after its response."""
    await eventually(lambda: proxied.access_log.read_text().count("\n") == count)
    return [json.loads(line) for line in proxied.access_log.read_text().splitlines()]


async def test_the_access_log_has_no_codes_and_no_phone_numbers(proxied: Proxied, http: aiohttp.ClientSession) -> None:
    for path in LOGGED:
        async with http.get(URL(f"{proxied.url}{path}?phone=13912345678", encoded=True)) as response:
            await response.read()

    entries = await logged(proxied, len(LOGGED))
    assert [entry["path"] for entry in entries] == list(LOGGED.values())
    assert {(entry["method"], entry["workerStatus"]) for entry in entries} == {("GET", "404")}


async def test_the_error_log_quotes_no_request(proxied: Proxied, http: aiohttp.ClientSession) -> None:
    for process in proxied.processes:
        await process.stop()

    async with http.get(f"/api/interview/i/{CODE}?phone=13912345678") as response:
        assert response.status == 503

    [entry] = await logged(proxied, 1)
    errors = (proxied.access_log.parent / "error.log").read_text()
    assert [line for line in errors.splitlines() if "request" in line or CODE in line] == []
    assert (entry["path"], entry["status"], entry["workerStatus"]) == ("/api/interview/i/*", 503, "502, 502")
