"""Health checks, metrics and the headers of every response, as an app process serves them in each profile."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from prometheus_client import CollectorRegistry, Counter
from pydantic import SecretStr
from redis.asyncio import Redis
from yarl import URL

from http_api.metrics_page import MetricsAccess, MetricsPage
from integrations.metrics import MAX_OUTCOMES, provider_calls
from integrations.settings.groups import Profile
from tests.app_process import RunningProcess, running_process, settings_of
from tests.waiting import eventually

TOKEN = "a token of tests for Prometheus"
FORWARDED = {"X_Forwarded_For": "203.0.113.7"}


@pytest.fixture
async def serve(
    mongodb_uri: str, redis_url: str, redis: Redis, database: "AsyncIOMotorDatabase[dict[str, object]]"
) -> AsyncIterator[Any]:
    """Starts an app process of a profile, with settings of HTTP."""
    async with asyncio.timeout(60):
        stack: list[Any] = []

        async def start(app_env: Profile = "production", **http: object) -> RunningProcess:
            settings = settings_of(mongodb_uri, redis_url, database.name, app_env=app_env, http=http)
            process = running_process(settings, realtime=False, jobs=False)
            stack.append(process)
            running: RunningProcess = await process.__aenter__()
            return running

        yield start
        for process in stack:
            await process.__aexit__(None, None, None)


async def test_health_has_three_paths_and_says_ok_when_ready(serve: Any) -> None:
    running = await serve()

    answers = [await running.call("GET", path) for path in ("/health", "/api/health", "/health/ready")]

    for answer in answers:
        assert (answer.status, answer.body["status"]) == (200, "ok")
        assert {name: check["status"] for name, check in answer.body["checks"].items()} == {
            "mongodb": "up",
            "redis": "up",
        }


@pytest.mark.parametrize(("profile", "sent"), [("production", "max-age=31536000"), ("test", None)])
async def test_production_tells_browsers_to_use_https_only(serve: Any, profile: Profile, sent: str | None) -> None:
    running = await serve(profile)

    for path in ("/", "/health/live", "/api/auth/me", "/nowhere"):
        assert (await running.call("GET", path)).headers.get("Strict-Transport-Security") == sent


async def test_the_metrics_of_production_without_a_token_are_for_the_host_itself(serve: Any) -> None:
    running = await serve(trusted_proxies="")

    assert (await running.call("GET", "/metrics")).status == 200
    for passed_on in ({"X_Forwarded_For": "127.0.0.1"}, FORWARDED, {"Forwarded": "for=203.0.113.7"}):
        refused = await running.call("GET", "/metrics", headers=passed_on)
        assert (refused.status, refused.code) == (403, "PERMISSION_DENIED")


async def test_a_request_that_a_trusted_proxy_passes_on_is_not_local(serve: Any) -> None:
    running = await serve(trusted_proxies="127.0.0.1")

    assert (await running.call("GET", "/metrics", headers=FORWARDED)).status == 403


async def test_metrics_with_a_token_are_for_those_who_show_it(serve: Any) -> None:
    running = await serve(metrics_token=SecretStr(TOKEN))

    assert (await running.call("GET", "/metrics", token=TOKEN, headers=FORWARDED)).status == 200
    for token in ("", "wrong", TOKEN + "x", "é"):
        refused = await running.call("GET", "/metrics", token=token)
        assert (refused.status, refused.code) == (401, "NOT_AUTHENTICATED")
        assert refused.headers["WWW-Authenticate"] == "Bearer"


async def test_a_bearer_token_of_any_bytes_is_refused(serve: Any) -> None:
    running = await serve(metrics_token=SecretStr(TOKEN))
    url = URL(running.url)
    reader, writer = await asyncio.open_connection(url.host, url.port)

    writer.write(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer \xff\xe9\x80\r\n\r\n")
    answer = await reader.read()
    writer.close()

    assert answer.startswith(b"HTTP/1.1 401 ")


async def test_in_other_profiles_metrics_are_open(serve: Any) -> None:
    running = await serve("test")

    assert (await running.call("GET", "/metrics", headers=FORWARDED)).status == 200


async def test_no_label_has_a_value_that_a_client_chose(serve: Any) -> None:
    running = await serve("test")
    for number, method in enumerate(("PROPFIND", "SEARCH", "MKCOL", "REPORT", "NOTIFY")):
        await running.call(method, "/api/contracts")
        await running.call("GET", f"/nowhere/{number}")
        await running.call("GET", f"/api/interview/i/{number:030}")

    async def rendered() -> str:
        text: str = (await running.call("GET", "/metrics")).body
        return text if 'route="/api/interview/i/{code}"' in text else ""

    text = await eventually(rendered)
    assert 'method="other",route="unknown",status="405"' in text
    assert "SEARCH" not in text
    assert "nowhere" not in text


async def test_the_size_of_metrics_grows_with_routes_and_statuses_apart(serve: Any) -> None:
    """The buckets of a histogram for each status of each route would be megabytes."""
    running = await serve("test")
    for headers in ({}, {"Accept": "x"}):
        for method in ("GET", "POST"):
            await running.call(method, "/api/contracts", headers=headers)

    async def rendered() -> str:
        text: str = (await running.call("GET", "/metrics")).body
        return text if 'method="POST",route="/api/contracts"' in text else ""

    buckets = [line for line in (await eventually(rendered)).splitlines() if "http_request_seconds_bucket" in line]
    assert buckets
    assert "status=" not in "".join(buckets)


def test_the_codes_of_a_provider_have_a_bounded_number_of_labels() -> None:
    registry = CollectorRegistry()
    observe = provider_calls(registry)("wechat")

    for code in range(10_000):
        observe("getPhoneNumber", str(code), 0.1)

    [metric] = registry.collect()
    outcomes = {sample.labels["outcome"] for sample in metric.samples}
    assert len(outcomes) == MAX_OUTCOMES + 1
    assert "other" in outcomes


class CountingRegistry(CollectorRegistry):
    renderings = 0

    def collect(self) -> Any:
        self.renderings += 1
        return super().collect()


async def test_many_readers_at_once_cost_one_rendering() -> None:
    registry = CountingRegistry()
    Counter("events", "Events", registry=registry)
    page = MetricsPage(registry, False, MetricsAccess())

    texts = await asyncio.gather(*(page.text() for _ in range(200)))

    assert (registry.renderings, len(set(texts))) == (1, 1)


async def test_a_reader_who_leaves_does_not_end_the_rendering_for_others() -> None:
    registry = CountingRegistry()
    page = MetricsPage(registry, False, MetricsAccess())
    leaving, staying = asyncio.ensure_future(page.text()), asyncio.ensure_future(page.text())
    await asyncio.sleep(0)

    leaving.cancel()

    assert isinstance(await staying, bytes)


async def test_metrics_are_rendered_again_after_a_second() -> None:
    registry = CollectorRegistry()
    counter = Counter("events", "Events", registry=registry)
    page = MetricsPage(registry, False, MetricsAccess())
    await page.text()

    counter.inc(7)

    async def is_new() -> bool:
        return b"events_total 7.0" in await page.text()

    await eventually(is_new)
