"""User statistics over HTTP: permissions, and counts of the log-ins before."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.shared.authority import Role
from domain.shared.business_day import BUSINESS_ZONE, business_day
from domain.shared.events import event_from_record
from domain.users.events import CountedUserEvent
from integrations.wiring.users import login_journal
from tests.app_process import Answer
from tests.user_api import UserApi

PATHS = ("", "/trend", "/activity", "/regions")


async def record_login_journal(user_api: UserApi) -> None:
    """Delivers all stored events to the login journal, as the outbox relay does in a running process."""
    events = [event_from_record(record) for record in await user_api.told() if record["type"].startswith("user.")]
    journal = login_journal(user_api.stores.base)
    await journal.follow([event for event in events if isinstance(event, CountedUserEvent)])
    await journal.flush()


async def read(user_api: UserApi, path: str, query: Any = None, role: Role = Role.MANAGER) -> Answer:
    return await user_api.call("GET", f"/statistics{path}", token=await user_api.staff_token(role), query=query)


@pytest.fixture
async def noon(strict: UserApi) -> UserApi:
    today = datetime.now(BUSINESS_ZONE).replace(hour=12, minute=0, second=0, microsecond=0)
    strict.clock.time = today.astimezone(strict.clock.time.tzinfo)
    return strict


async def test_only_staff_with_the_permission_read_statistics(strict: UserApi) -> None:
    user = (await strict.login()).data["accessToken"]

    for path in PATHS:
        assert (await strict.call("GET", f"/statistics{path}")).status == 401
        assert (await strict.call("GET", f"/statistics{path}", token=user)).status == 401
        assert (await read(strict, path, role=Role.EMPLOYEE)).code == "PERMISSION_DENIED"
        assert (await read(strict, path, role=Role.OPERATOR)).status == 200


async def test_log_ins_count_on_their_day(noon: UserApi) -> None:
    await noon.login("王芳")
    await noon.login("王芳")
    await noon.register("李静", "13800138000")
    await record_login_journal(noon)

    overview = (await read(noon, "")).data

    assert overview.items() >= {
        "total": 2, "todayRegistered": 2, "todayActive": 2, "todayLogins": 3, "todayFailed": 0, "withPhone": 1,
        "online": 0, "date": str(business_day(noon.clock.time)),
    }.items()  # fmt: skip
    assert overview["version"] > 0


async def test_the_next_business_day_starts_at_midnight_in_shanghai(noon: UserApi) -> None:
    await noon.login("王芳")
    await record_login_journal(noon)

    noon.clock.advance(12 * 3600 - 1)
    before = (await read(noon, "")).data
    noon.clock.advance(1)
    after = (await read(noon, "")).data

    assert (before["todayRegistered"], after["todayRegistered"], after["total"]) == (1, 0, 1)


async def test_a_trend_has_every_day_and_ends_today(noon: UserApi) -> None:
    await noon.login("王芳")
    noon.clock.advance(86_400)
    await noon.login("李静")
    await noon.login("王芳")
    await record_login_journal(noon)

    trend = (await read(noon, "/trend", {"days": "7"})).data
    activity = (await read(noon, "/activity", {"days": "7"})).data

    today = business_day(noon.clock.time)
    assert [day["date"] for day in trend["days"]] == [str(today - timedelta(days=back)) for back in range(6, -1, -1)]
    assert [day["registered"] for day in trend["days"]] == [0, 0, 0, 0, 0, 1, 1]
    assert [day["cumulative"] for day in trend["days"]] == [0, 0, 0, 0, 0, 1, 2]
    assert [(day["dau"], day["mau"]) for day in activity["days"][-2:]] == [(1, 1), (2, 2)]
    assert activity["silent"] == 0
    weeks = (await read(noon, "/trend", {"days": "30", "by": "month"})).data["days"]
    assert sum(point["registered"] for point in weeks) == 2


async def test_regions_add_up_to_the_total(noon: UserApi) -> None:
    await noon.login("王芳", province="广东省", city="深圳市")
    await noon.login("李静", province="广东省", city="广州市")
    await noon.login("赵敏")
    await record_login_journal(noon)

    regions = (await read(noon, "/regions")).data

    assert regions["total"] == 3
    assert [(each["province"], each["count"]) for each in regions["regions"]] == [("广东", 2), ("未知", 1)]
    assert {city["city"] for city in regions["regions"][0]["cities"]} == {"深圳", "广州"}


async def test_a_period_out_of_bounds_is_refused(strict: UserApi) -> None:
    for path, query in (
        ("/trend", {"days": "0"}),
        ("/trend", {"days": "91"}),
        ("/trend", {"by": "year"}),
        ("/activity", {"days": "x"}),
    ):
        answer = await read(strict, path, query)

        assert (answer.status, answer.code) == (400, "INVALID_REQUEST")
