"""Administration of mini-program users by staff: the list, one user, changes, export."""

import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest

from domain.shared.authority import Role
from domain.shared.model import iso_z
from tests.user_api import USERS, UserApi


async def _ids(strict: UserApi, token: str, **query: Any) -> list[str]:
    answer = await strict.call("GET", "", token=token, query=query)
    assert answer.status == 200, answer.body
    return [user["id"] for user in answer.data["list"]]


async def test_the_list_is_masked_and_paged(strict: UserApi) -> None:
    users = []
    for number, person in enumerate(("甲", "乙", "丙")):
        users.append((await strict.register(person, f"1380013800{number}", nickname=person)).data["id"])
        strict.clock.advance(1)
    token = await strict.staff_token()

    answer = await strict.call("GET", "", token=token, query={"page": 2, "pageSize": 2})

    assert {name: answer.data[name] for name in ("total", "page", "pageSize", "totalPages")} == {
        "total": 3,
        "page": 2,
        "pageSize": 2,
        "totalPages": 2,
    }
    (first,) = answer.data["list"]
    assert first["id"] == users[0]
    assert first["phone"] == "138****8000"
    assert "****" in first["openid"]
    assert "****" in first["identities"][0]["openid"]
    assert not {"sessions", "password", "outbox", "refreshHash"} & set(first)


async def test_filters_and_sorts_combine(strict: UserApi) -> None:
    start = strict.clock.now()
    a = (await strict.register("甲", "13800138000", province="广东省", city="深圳市")).data["id"]
    strict.clock.advance(60)
    b = (await strict.register("乙", province="北京市")).data["id"]
    strict.clock.advance(60)
    c = (await strict.register("丙", "13900139000")).data["id"]
    strict.clock.advance(60)
    await strict.login("甲")
    token = await strict.staff_token()
    await strict.call("PATCH", f"/{b}/status", {"status": "blocked", "reason": "测试"}, token)
    minute = iso_z(start + timedelta(seconds=60))
    await strict.flush_search_index()

    assert await _ids(strict, token) == [c, b, a]
    assert await _ids(strict, token, sort="createdAt") == [a, b, c]
    assert await _ids(strict, token, sort="-lastLoginAt") == [a, c, b]
    assert await _ids(strict, token, sort="-loginCount") == [a, c, b]
    assert await _ids(strict, token, status="blocked") == [b]
    assert await _ids(strict, token, status="active", sort="createdAt") == [a, c]
    assert await _ids(strict, token, hasPhone="true") == [c, a]
    assert await _ids(strict, token, hasPhone="false", sort="loginCount") == [b]
    assert await _ids(strict, token, province="广东省") == [a]
    assert await _ids(strict, token, province="未知") == [c]
    assert await _ids(strict, token, createdFrom=minute) == [c, b]
    assert await _ids(strict, token, createdTo=minute, sort="-lastLoginAt") == [a, b]
    assert await _ids(strict, token, lastLoginFrom=minute, hasPhone="true", province="广东") == [a]


async def test_a_search_finds_phone_account_name_nickname_and_openid(strict: UserApi) -> None:
    a = (await strict.register("甲", "13800138000", nickname="小明同学", username="wang_fang")).data
    strict.clock.advance(1)
    b = (await strict.register("乙", "13900139000", nickname="小红 Lily", username="lilei_01")).data["id"]
    token = await strict.staff_token()

    assert await _ids(strict, token, search="1380") == [a["id"]]
    assert await _ids(strict, token, search="+86 138 0013 8000") == [a["id"]]
    assert await _ids(strict, token, search="WANG_f") == [a["id"]]
    assert await _ids(strict, token, search=a["openid"]) == [a["id"]]
    assert await _ids(strict, token, search="小") == [b, a["id"]]
    assert await _ids(strict, token, search="小", sort="createdAt") == [a["id"], b]
    assert await _ids(strict, token, search="明同") == [a["id"]]
    assert await _ids(strict, token, search="lily") == [b]
    assert await _ids(strict, token, search="小", province="未知", hasPhone="true") == [b, a["id"]]
    assert await _ids(strict, token, search="同明") == []
    assert await _ids(strict, token, search="8000") == [a["id"]]


async def test_an_edit_with_an_outdated_version_is_refused_with_the_current_one(strict: UserApi) -> None:
    user = (await strict.login("王芳", nickname="小王")).data
    token = await strict.staff_token()
    seen = (await strict.call("GET", f"/{user['id']}", token=token)).data["version"]

    await strict.login("王芳")  # a login is no edit: the version of the form stays valid
    first = await strict.call("PATCH", f"/{user['id']}", {"nickname": "王小姐", "version": seen}, token)
    second = await strict.call("PATCH", f"/{user['id']}", {"nickname": "王女士", "version": seen}, token)

    assert first.status == 200
    assert (second.status, second.code) == (409, "VERSION_CONFLICT")
    assert second.body["details"]["version"] == first.data["version"]
    assert (await strict.user(user["id"])).nickname == "王小姐"


async def test_each_change_is_audited_with_actor_and_reason(strict: UserApi) -> None:
    user = (await strict.register("王芳", "13800138000")).data
    token = await strict.staff_token()

    await strict.call("PATCH", f"/{user['id']}", {"nickname": "小王"}, token)
    await strict.call("PATCH", f"/{user['id']}/status", {"status": "blocked", "reason": "恶意下单"}, token)
    await strict.call("POST", f"/{user['id']}/unbind-phone", {"reason": "号码已被回收"}, token)
    await strict.call("DELETE", f"/{user['id']}", {"reason": "用户申请注销"}, token)

    events = await strict.told()
    rows = {event["action"]: event for event in events if event["type"] == "audit"}
    assert rows["miniprogram-user.update"]["after"] == {"nickname": "小王"}
    assert rows["miniprogram-user.set-status"]["reason"] == "恶意下单"
    assert rows["miniprogram-user.set-status"]["actor"]["kind"] == "staff"
    assert rows["miniprogram-user.unbind-phone"]["before"] == {"phone": "138****8000"}
    assert rows["miniprogram-user.delete"]["after"]["deleted"] is True
    changes = [event["change"] for event in events if event["type"] == "user.changed"]
    assert changes == ["registered", "updated", "blocked", "updated", "deleted"]
    assert [event["type"] for event in events].count("user.deleted") == 1


async def test_blocking_needs_a_reason(strict: UserApi) -> None:
    user = (await strict.login()).data
    token = await strict.staff_token()

    answer = await strict.call("PATCH", f"/{user['id']}/status", {"status": "blocked", "reason": " "}, token)

    assert (answer.status, answer.code) == (400, "INVALID_REQUEST")


async def test_a_reveal_shows_the_requested_fields_and_is_audited(strict: UserApi) -> None:
    user = (await strict.register("王芳", "13800138000")).data
    token = await strict.staff_token()

    answer = await strict.call("POST", f"/{user['id']}/reveal", {"fields": ["phone"], "reason": "联系客户"}, token)

    assert answer.data == {"phone": "13800138000", "openid": None, "unionid": None}
    row = await strict.stores.database["audit_logs"].find_one({"action": "miniprogram-user.reveal"})
    assert row is not None
    assert (row["targetId"], row["after"]["revealed"], row["reason"]) == (user["id"], ["phone"], "联系客户")


async def test_the_login_log_shows_a_failed_login(strict: UserApi) -> None:
    user = (await strict.register("王芳", username="wang_fang", password="correct horse")).data
    await strict.call("POST", "/login-with-password", {"username": "wang_fang", "password": "x"})
    token = await strict.staff_token()

    answer = await strict.call("GET", f"/{user['id']}/login-logs", token=token)

    (row,) = answer.data["list"]
    assert (row["method"], row["result"], row["reason"], row["ip"]) == (
        "password",
        "failed",
        "BAD_CREDENTIALS",
        "127.0.0.1",
    )


async def test_the_login_log_counts_many_failures_of_a_minute(strict: UserApi) -> None:
    user = (await strict.login()).data
    account, session, _ = user["refreshToken"].split(".")
    for _ in range(47):
        await strict.call("POST", "/refresh", {"refreshToken": f"{account}.{session}.guessed"})
    token = await strict.staff_token()

    answer = await strict.call("GET", f"/{user['id']}/login-logs", token=token, query={"pageSize": 20})

    assert [row["count"] for row in answer.data["list"]] == [37] + [1] * 10
    assert {(row["reason"], row["ip"]) for row in answer.data["list"]} == {("SESSION_ENDED", "127.0.0.1")}


@pytest.mark.parametrize(
    ("role", "allowed"), [(Role.EMPLOYEE, set()), (Role.OPERATOR, {"view"}), (Role.MANAGER, {"view", "edit", "delete"})]
)
async def test_each_role_is_limited_to_its_permissions(strict: UserApi, role: Role, allowed: set[str]) -> None:
    user = (await strict.login()).data["id"]
    token = await strict.staff_token(role)
    calls = {
        "view": ("GET", f"/{user}", None),
        "edit": ("PATCH", f"/{user}", {"nickname": "小王"}),
        "delete": ("DELETE", f"/{user}", None),
    }

    for permission, (method, path, body) in calls.items():
        answer = await strict.call(method, path, body, token)
        assert answer.status == (200 if permission in allowed else 403), permission


async def test_an_export_is_a_spreadsheet_of_the_filtered_list(strict: UserApi) -> None:
    await strict.register("甲", "13800138000", nickname="=cmd|' /C calc'!A0", province="广东")
    await strict.register("乙", nickname="小红")
    token = await strict.staff_token()

    masked = await _export(strict, token, hasPhone="true")
    clear = await _export(strict, token, hasPhone="true", clear="true")

    assert masked.max_row == clear.max_row == 2
    row = [cell.value for cell in masked[2]]
    assert masked["B2"].data_type == "s"
    assert row[1:3] == ["=cmd|' /C calc'!A0", "138****8000"]
    assert clear["C2"].value == "13800138000"
    rows = await strict.stores.database["audit_logs"].find({"action": "miniprogram-user.export"}).to_list(None)
    assert sorted(row["after"]["clear"] for row in rows) == [False, True]


async def _export(strict: UserApi, token: str, **query: str) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    async with strict.running.http.get(
        f"{strict.running.url}{USERS}/export", params=query, headers=headers
    ) as response:
        assert response.status == 200
        assert response.content_type.endswith("spreadsheetml.sheet")
        assert "attachment" in response.headers["Content-Disposition"]
        return openpyxl.load_workbook(io.BytesIO(await response.read())).active
