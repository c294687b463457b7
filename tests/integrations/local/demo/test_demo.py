"""The demonstration: a consistent history of users, and simulated phones that survive failures of the API."""

import asyncio
import ipaddress
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from motor.motor_asyncio import AsyncIOMotorDatabase
from pydantic import SecretStr
from redis.asyncio import Redis

from domain.shared.business_day import business_day, days_ending
from domain.shared.paging import PageRequest
from domain.shared.phone import normalise_phone
from domain.shared.places.region import Region
from domain.statistics import counters
from domain.statistics.counters import Counters
from domain.statistics.daily_counters import DailyCounters
from domain.statistics.increments import bucket_name, region_name
from domain.users.model import User
from integrations.geo.regions import Ip2RegionFinder
from integrations.local.demo.people import REGULARS, newcomer, regulars, seeded_random
from integrations.local.demo.places import PLACES
from integrations.local.demo.simulated_phones import USERS, VISITS_A_DAY, SimulatedPhones
from integrations.local.demo.start import start_demo
from integrations.local.demo.user_seed import generate_user_histories, seed_users
from integrations.local.demo.visit_schedule import random_registration_days, random_visits
from integrations.local.simulators.wechat.state import SIM_PROGRAM
from integrations.mongo.statistics.rebuild import rebuild_statistics
from integrations.mongo.statistics.store import StatisticsStore
from integrations.settings import Settings, SettingsRefused
from integrations.wiring.areas import wire_areas
from integrations.wiring.infrastructure import Infrastructure, open_infrastructure
from integrations.wiring.users import login_journal, user_repository
from tests.app_process import settings_of
from tests.integrations.local.demo.unreachable import UnreachableApi
from tests.integrations.wechat.simulated import simulated_wechat
from tests.user_api import user_api
from tests.waiting import eventually


def settings(mongodb_uri: str, redis_url: str, database: str) -> Settings:
    wechat = {"miniprogram_appid": SIM_PROGRAM.app_id, "miniprogram_appsecret": SecretStr(SIM_PROGRAM.secret)}
    return settings_of(mongodb_uri, redis_url, database, wechat=wechat, esign={"app_id": "a real one"})


@pytest.fixture(scope="module")
def seeded_settings(mongodb_uri: str, redis_url: str) -> Settings:
    """Settings of a database with a seeded demonstration. It is not dropped: that takes longer than all these tests."""
    known = settings(mongodb_uri, redis_url, f"demo_{uuid.uuid4().hex[:12]}")

    async def begin() -> None:
        async with AsyncExitStack() as stack:
            base = await stack.enter_async_context(open_infrastructure(known))
            await wire_areas(base, known).prepare_stores()
            await start_demo(known, "http://127.0.0.1:9", stack)

    asyncio.run(begin())
    return known


@pytest.fixture
async def base(seeded_settings: Settings) -> AsyncIterator[Infrastructure]:
    async with open_infrastructure(seeded_settings) as base:
        yield base


async def stored(base: Infrastructure) -> list[User]:
    users = user_repository(base)
    return [users.from_document(document) for document in await users.collection.find({}).to_list(None)]


# --- places and people


def test_a_running_day_has_about_as_many_visits_as_a_day_of_the_history() -> None:
    rng, now = seeded_random("visits"), datetime(2026, 11, 25, 12, tzinfo=UTC)
    visits: Counter[date] = Counter()
    for day in random_registration_days(rng, now, REGULARS):
        schedule = random_visits(rng, day, now)
        visits.update(map(business_day, (schedule.registered_at, *schedule.later)))

    recent = sorted(visits[day] for day in days_ending(business_day(now) - timedelta(days=1), 14))

    assert 2 * recent[7] > VISITS_A_DAY


def test_each_ip_range_lies_in_its_city() -> None:
    finder = Ip2RegionFinder()

    for place in PLACES:
        for network in place.networks:
            first, second, third = network.split(".")
            for step in range(16):
                address = f"{first}.{second}.{int(third) + step}.77"
                assert finder.region_of(address) == Region(province=place.province, city=place.city), address

    finder.close()


def test_phones_and_usernames_of_invented_people_are_unique() -> None:
    people = [*regulars(), *(newcomer(str(number)) for number in range(200))]
    usernames = [person.username for person in people if person.username]

    assert len({person.phone for person in regulars()}) == REGULARS
    assert len(set(usernames)) == len(usernames)
    assert all(normalise_phone(person.phone) == person.phone for person in people)
    assert not {person.phone for person in regulars()} & {person.phone for person in people[REGULARS:]}
    assert newcomer("a") == newcomer("a") != newcomer("b")


# --- the history


async def test_the_statistics_of_the_history_match_the_stored_accounts(base: Infrastructure) -> None:
    users = await stored(base)
    daily = await all_daily_counters(base)
    registered = Counter(business_day(user.created_at) for user in users)
    assert daily.user_count == len(users) == REGULARS
    assert daily.users_with_phone == sum(user.has_phone for user in users)
    assert daily.total[counters.LOGINS] == sum(user.login_count for user in users)
    assert _shown(daily.total, "regions.") == Counter(region_name(user.region) for user in users)
    assert _shown(daily.total, "loginCounts.") == Counter(bucket_name(user.login_count) for user in users)
    assert {day: counted[counters.REGISTERED] for day, counted in daily.days.items() if registered[day]} == registered


async def test_a_rebuild_of_the_statistics_changes_nothing(base: Infrastructure) -> None:
    before = await all_daily_counters(base)

    await rebuild_statistics(base.database)

    after = await all_daily_counters(base)
    assert _shown(after.total) == _shown(before.total)
    assert {day: _shown(counted) for day, counted in after.days.items()} == {
        day: _shown(counted) for day, counted in before.days.items()
    }


async def test_the_login_log_has_every_log_in_of_an_account(base: Infrastructure) -> None:
    busiest = max(await stored(base), key=lambda user: user.login_count)
    page = await login_journal(base).page_of(busiest.id, PageRequest(page=1, page_size=100))
    entered = [row for row in page.list if row.result == "success" and row.method != "refresh"]
    assert len(entered) == busiest.login_count
    assert entered[0].at == busiest.last_login_at
    assert entered[0].address == busiest.last_login_ip


async def all_daily_counters(base: Infrastructure) -> DailyCounters:
    return await StatisticsStore(base.database).daily_counters(date(2000, 1, 1), counters.GROUPS)


def _shown(counted: Counters, prefix: str = "") -> dict[str, int]:
    return {name: count for name, count in counted.items() if count and name.startswith(prefix)}


async def test_the_history_has_all_statuses_and_many_provinces(base: Infrastructure) -> None:
    users = await stored(base)
    now = base.clock.now()
    statuses = Counter(user.shown_status(now) for user in users)
    assert set(statuses) == {"active", "inactive", "blocked"}
    assert all(user.status_reason and not user.sessions for user in users if user.status == "blocked")
    assert 0.6 < sum(user.has_phone for user in users) / len(users) < 0.8
    assert len({user.region.province for user in users}) > 20
    assert all(user.created_at <= user.last_login_at <= now for user in users if user.last_login_at)
    audited = await base.database["audit_logs"].count_documents({"action": "miniprogram-user.set-status"})
    assert audited == statuses["blocked"]


async def test_the_history_is_deterministic_for_a_point_in_time(base: Infrastructure) -> None:
    class StoppedClock:
        def now(self) -> Any:
            return moment

    moment = base.clock.now()
    stopped = replace(base, clock=StoppedClock())

    assert generate_user_histories(stopped, SIM_PROGRAM.app_id) == generate_user_histories(stopped, SIM_PROGRAM.app_id)


async def test_a_database_with_users_is_not_seeded(base: Infrastructure) -> None:
    before = await stored(base)

    assert await seed_users(base, SIM_PROGRAM.app_id) == 0
    assert await stored(base) == before


# --- phones


class ApiStub:
    """A stub of the API: ready at the third request, then answering with `status`."""

    def __init__(self) -> None:
        self.ready_requests = 0
        self.status = 200
        self.calls: list[tuple[str, dict[str, Any], str]] = []
        self.pictures: list[object] = []

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/health/ready", self.ready)
        app.router.add_post(USERS + "/{action}", self.act)
        return app

    async def ready(self, request: web.Request) -> web.Response:
        self.ready_requests += 1
        return web.Response(status=200 if self.ready_requests > 2 else 503)

    async def act(self, request: web.Request) -> web.Response:
        if request.match_info["action"] == "avatar":
            self.pictures.append(await request.post())
            return web.json_response({})
        body = await request.json()
        self.calls.append((request.match_info["action"], body, request.headers["X-Forwarded-For"]))
        if self.status == 200:
            is_new = request.match_info["action"] == "register"
            data = {"refreshToken": f"token-{len(self.calls)}", "accessToken": "t", "isNewUser": is_new}
            return web.json_response({"data": data})
        return web.Response(status=self.status, text="<html>no JSON at all</html>")

    def actions(self) -> set[str]:
        return {action for action, _, _ in self.calls}


@asynccontextmanager
async def simulated_phones(api_url: str, simulator_url: str) -> AsyncIterator["asyncio.Task[None]"]:
    phones = asyncio.create_task(SimulatedPhones(api_url, simulator_url, speed=2000).run())
    yield phones
    phones.cancel()
    with suppress(asyncio.CancelledError):
        await phones


@pytest.fixture
async def api_stub() -> AsyncIterator[tuple[ApiStub, str]]:
    api_stub = ApiStub()
    server = TestServer(api_stub.app())
    await server.start_server()
    yield api_stub, str(server.make_url(""))
    await server.close()


async def test_phones_wait_for_the_api_and_then_take_every_action(api_stub: tuple[ApiStub, str]) -> None:
    api, url = api_stub
    everything = {"login", "register", "refresh", "login-with-password"}

    async with simulated_wechat() as wechat, simulated_phones(url, wechat.base_url):
        await eventually(lambda: api.actions() == everything and len(api.calls) > 60 and api.pictures)

    assert api.ready_requests == 3
    bodies = [body for action, body, _ in api.calls if action in ("login", "register")]
    assert all(body["code"] and body["nickname"] for body in bodies)
    assert any("phoneCode" in body for body in bodies)
    codes = [body["code"] for body in bodies]
    assert len(set(codes)) == len(codes)
    refreshed = [body["refreshToken"] for action, body, _ in api.calls if action == "refresh"]
    assert len(set(refreshed)) == len(refreshed)
    assert all(ipaddress.ip_address(address).is_global for _, _, address in api.calls)


async def test_phones_survive_failures_of_the_api(api_stub: tuple[ApiStub, str]) -> None:
    api, url = api_stub

    async with simulated_wechat() as wechat, simulated_phones(url, wechat.base_url) as phones:
        for status in (500, 401, 429, 200):
            api.status = status
            api.calls.clear()
            await eventually(lambda: len(api.calls) > 5)

        assert not phones.done()


async def test_phones_survive_an_api_that_cannot_be_reached() -> None:
    async with UnreachableApi().listening() as api, simulated_phones(api.url, api.url) as phones:
        await eventually(lambda: api.attempts > 2)

        assert not phones.done()


async def failed_logins(database: "AsyncIOMotorDatabase[dict[str, Any]]") -> list[dict[str, Any]]:
    return [row async for row in database["miniprogram_login_logs"].find({"result": "failed"})]


async def test_the_real_api_creates_accounts_for_simulated_phones(
    mongodb_uri: str, redis_url: str, redis: Redis, database: "AsyncIOMotorDatabase[dict[str, Any]]"
) -> None:
    async with user_api(mongodb_uri, redis_url, database.name) as office:
        url = office.running.url

        async def enough_activity() -> bool:
            return len(await stored(office.stores.base)) >= 25 and bool(await failed_logins(database))

        async with simulated_phones(url, office.phone.base_url):
            await eventually(enough_activity, 60)

        users = await stored(office.stores.base)
        assert len({user.region.province for user in users}) > 3
        assert any(user.phone_verified_at for user in users)
        # RATE_LIMITED: too many wrong passwords were tried for one account.
        assert {row["reason"] for row in await failed_logins(database)} <= {"BAD_CREDENTIALS", "RATE_LIMITED"}


async def test_production_refuses_the_demonstration(mongodb_uri: str, redis_url: str) -> None:
    known = settings(mongodb_uri, redis_url, "never").model_copy(update={"app_env": "production"})

    async with AsyncExitStack() as stack:
        with pytest.raises(SettingsRefused):
            await start_demo(known, "http://127.0.0.1:9", stack)


def task_names() -> set[str]:
    return {task.get_name() for task in asyncio.all_tasks()}


async def test_the_phones_of_a_start_end_with_its_stack(
    seeded_settings: Settings, api_stub: tuple[ApiStub, str]
) -> None:
    api, url = api_stub
    async with simulated_wechat() as wechat, AsyncExitStack() as stack:
        await start_demo(seeded_settings.with_group("wechat", wechat_api_base=wechat.base_url), url, stack)
        await eventually(lambda: len(api.calls) > 0)
        assert "demo-phones" in task_names()

        await stack.aclose()

        assert "demo-phones" not in task_names()
