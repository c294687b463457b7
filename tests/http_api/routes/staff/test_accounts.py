"""Staff accounts: the administrator's routes, and what a change does to the sessions of its owner."""

import asyncio
from typing import Any

import pytest

from domain.audit.model import AuditRecorded
from domain.shared.authority import Role
from domain.shared.events import event_from_record
from domain.staff.login_log import StaffLoginRecorded
from integrations.mongo.outbox import NUMBER, WRITER
from tests.app_process import Answer
from tests.user_api import UserApi

USERS = "/api/users"
PASSWORD = "plum tree 42"
NOBODY = "f" * 24


async def call(it: UserApi, method: str, path: str = "", body: object = None, token: str = "", **query: Any) -> Answer:
    return await it.running.call(method, USERS + path, body, token or await it.staff_token(), query=query)


async def own(it: UserApi, method: str, path: str, body: object = None, token: str = "") -> Answer:
    return await it.running.call(method, f"/api/auth{path}", body, token)


async def an_account(it: UserApi, username: str = "li_jing", **fields: object) -> dict[str, Any]:
    body = {"username": username, "password": PASSWORD, "name": "李静", "role": "employee", **fields}
    answer = await call(it, "POST", "", body)
    assert answer.status == 201, answer.body
    return dict(answer.data)


async def log_in(it: UserApi, username: str = "li_jing", password: str = PASSWORD) -> Answer:
    return await own(it, "POST", "/login", {"username": username, "password": password})


async def a_department(it: UserApi, name: str = "城东门店") -> str:
    answer = await it.running.call("POST", "/api/departments", {"name": name}, await it.staff_token())
    return str(answer.data["id"])


async def test_the_list_is_searched_filtered_and_paged_like_the_legacy_one(strict: UserApi) -> None:
    department = await a_department(strict)
    for number in range(3):
        await an_account(strict, f"li_{number}", name=f"李{number}", phone=f"1380013800{number}")
    manager = await an_account(
        strict, "wang", name="王经理", role="经理", departmentId=department, email="w@example.com"
    )

    first = await call(strict, "GET", pageSize=2)
    found = [
        [each["username"] for each in (await call(strict, "GET", **query)).data["items"]]
        for query in (
            {"search": "EXAMPLE.com"},
            {"search": "13800138001"},
            {"search": ".*"},
            {"role": "manager"},
            {"department": department},
            {"status": "suspended"},
        )
    ]

    assert {key: first.data[key] for key in ("total", "page", "pageSize", "totalPages")} == {
        **{"total": 5, "page": 1},
        **{"pageSize": 2, "totalPages": 3},
    }
    assert found == [["wang"], ["li_1"], [], ["wang"], ["wang"], []]
    assert (manager["role"], manager["roleLabel"], manager["department"]) == ("manager", "经理", "城东门店")


async def test_an_initial_password_opens_nothing_but_its_change(strict: UserApi) -> None:
    await an_account(strict, role="admin")
    token = (await log_in(strict)).data["access_token"]

    closed = [(await call(strict, "GET", token=token)), await own(strict, "GET", "/sessions", token=token)]
    me = await own(strict, "GET", "/me", token=token)
    change = {"currentPassword": PASSWORD, "newPassword": "seven quiet rivers"}
    changed = await own(strict, "POST", "/change-password", change, token)

    assert [(answer.status, answer.code) for answer in closed] == [(403, "PASSWORD_CHANGE_REQUIRED")] * 2
    assert (me.data["mustChangePassword"], me.data["permissions"]) == (True, [])
    assert changed.status == 200
    assert (await call(strict, "GET", token=token)).status == 200


async def test_changing_the_password_ends_the_other_sessions_only(strict: UserApi) -> None:
    await an_account(strict)
    other = (await log_in(strict)).data
    token = (await log_in(strict)).data["access_token"]

    wrong = await own(
        strict, "POST", "/change-password", {"currentPassword": "no", "newPassword": "a new one 77"}, token
    )
    same = await own(strict, "POST", "/change-password", {"currentPassword": PASSWORD, "newPassword": PASSWORD}, token)
    new = {"currentPassword": PASSWORD, "newPassword": "seven quiet rivers"}
    changed = await own(strict, "POST", "/change-password", new, token)

    assert [(wrong.status, wrong.code), (same.status, same.code)] == [
        (422, "WRONG_PASSWORD"),
        (400, "PASSWORD_UNCHANGED"),
    ]
    assert changed.status == 200
    assert (await own(strict, "GET", "/me", token=token)).status == 200
    assert (await own(strict, "GET", "/me", token=other["access_token"])).code == "SESSION_ENDED"
    refreshed = await own(strict, "POST", "/refresh", {"refreshToken": other["refresh_token"]})
    assert refreshed.code == "SESSION_ENDED"
    assert ((await log_in(strict)).status, (await log_in(strict, password="seven quiet rivers")).status) == (401, 200)


async def test_a_reset_password_is_shown_once_and_ends_every_session(strict: UserApi) -> None:
    account = await an_account(strict)
    before = (await log_in(strict)).data["access_token"]

    answer = await call(strict, "POST", f"/{account['id']}/reset-password")

    assert (await own(strict, "GET", "/me", token=before)).code == "SESSION_ENDED"
    assert (await log_in(strict)).status == 401
    renewed = await log_in(strict, password=answer.data["password"])
    assert renewed.data["user"]["mustChangePassword"] is True
    rows = await strict.stores.database["users"].find({}).to_list(None)
    assert answer.data["password"] not in str(rows)


@pytest.mark.parametrize(
    ("method", "path", "undo"), [("PATCH", "/suspend", ("PATCH", "/resume", None)), ("DELETE", "", ("PATCH", "", 1))]
)
async def test_an_account_that_is_closed_has_no_session_left(
    strict: UserApi, method: str, path: str, undo: tuple[str, str, Any]
) -> None:
    account = await an_account(strict)
    tokens = (await log_in(strict)).data
    back, back_path, active = undo

    closed = await call(strict, method, f"/{account['id']}{path}", {"reason": "休假"} if path else None)
    refused = await own(strict, "GET", "/me", token=tokens["access_token"])
    login = await log_in(strict)
    opened = await call(strict, back, f"/{account['id']}{back_path}", {"active": True} if active else None)

    assert (closed.status, opened.status) == (200, 200)
    assert refused.code == "SESSION_ENDED"
    assert login.code == ("STAFF_SUSPENDED" if path else "STAFF_DISABLED")
    assert (await own(strict, "POST", "/refresh", {"refreshToken": tokens["refresh_token"]})).status == 401
    assert (await log_in(strict)).status == 200


@pytest.mark.parametrize(
    ("method", "path", "undo"), [("PATCH", "/suspend", ("/resume", None)), ("DELETE", "", ("", {"active": True}))]
)
async def test_an_account_whose_phone_another_has_got_meanwhile_stays_closed(
    strict: UserApi, method: str, path: str, undo: tuple[str, object]
) -> None:
    account = await an_account(strict, phone="13812345678")
    await call(strict, method, f"/{account['id']}{path}", {} if path else None)
    other = await an_account(strict, "wang_fang", phone="13812345678")

    refused = await call(strict, "PATCH", f"/{account['id']}{undo[0]}", undo[1])
    await call(strict, "DELETE", f"/{other['id']}")
    opened = await call(strict, "PATCH", f"/{account['id']}{undo[0]}", undo[1])

    assert (refused.status, refused.code) == (409, "STAFF_PHONE_TAKEN")
    assert (opened.status, opened.data["active"], opened.data["suspended"]) == (200, True, False)


async def test_a_department_that_a_former_account_names_becomes_one_with_an_id(strict: UserApi) -> None:
    manager, token = await strict.stores.hired(Role.MANAGER, department="月嫂部")
    colleague, _ = await strict.stores.hired(Role.EMPLOYEE, department=" 月嫂部 ")
    known, _ = await strict.stores.hired(Role.EMPLOYEE)

    for _ in range(2):
        await strict.services.staff.former_departments.convert()

    shown = {each["id"]: each for each in (await call(strict, "GET", pageSize=100)).data["items"]}
    [department] = await strict.services.staff.departments.list()
    assert (department.department.name, department.users_count) == ("月嫂部", 2)
    assert shown[manager]["departmentId"] == shown[colleague]["departmentId"] == department.department.id
    assert shown[manager]["department"] == "月嫂部"
    assert shown[known]["departmentId"] is None
    assert (await own(strict, "GET", "/me", token=token)).status == 200  # the sessions go on


async def test_nobody_closes_or_demotes_themselves(strict: UserApi) -> None:
    admin, token = await strict.stores.hired()
    await strict.stores.hired()
    before = (await call(strict, "GET", f"/{admin}")).data

    answers = [
        await call(strict, "PATCH", f"/{admin}/suspend", {}, token),
        await call(strict, "DELETE", f"/{admin}", None, token),
        await call(strict, "PATCH", f"/{admin}", {"role": "manager"}, token),
        await call(strict, "PATCH", f"/{admin}", {"active": False}, token),
        await call(strict, "POST", f"/{admin}/reset-password", None, token),
    ]

    assert [(answer.status, answer.code) for answer in answers] == [(422, "OWN_ACCOUNT")] * 5
    assert (await call(strict, "GET", f"/{admin}")).data == before


async def test_two_administrators_who_remove_each_other_are_not_both_gone(strict: UserApi) -> None:
    one, token_of_one = await strict.stores.hired()
    two, token_of_two = await strict.stores.hired()

    await asyncio.gather(
        call(strict, "DELETE", f"/{two}", None, token_of_one), call(strict, "DELETE", f"/{one}", None, token_of_two)
    )

    assert await strict.stores.staff.administrators()


async def test_an_editor_manages_no_account_that_holds_more(strict: UserApi) -> None:
    role = {"name": "人事", "code": "people", "permissions": ["user:all", "customer:view"]}
    await strict.running.call("POST", "/api/roles", role, await strict.staff_token())
    _, editor = await strict.stores.hired(role="people")
    employee, admin = await an_account(strict), (await strict.stores.hired())[0]
    new = {"username": "zhao", "password": PASSWORD, "name": "赵", "role": "people"}

    allowed = await call(strict, "POST", "", new, editor)
    refused = [
        await call(strict, "POST", "", {**new, "username": "qian", "role": "admin"}, editor),
        await call(strict, "PATCH", f"/{allowed.data['id']}", {"role": "employee"}, editor),
        await call(strict, "PATCH", f"/{employee['id']}", {"name": "新"}, editor),
        await call(strict, "PATCH", f"/{admin}/suspend", {}, editor),
        await call(strict, "POST", f"/{admin}/reset-password", None, editor),
        await call(strict, "DELETE", f"/{admin}", None, editor),
    ]

    assert allowed.status == 201
    assert [(answer.status, answer.code) for answer in refused] == [(403, "GRANTS_MORE_THAN_HELD")] * len(refused)


async def test_what_is_wrong_with_an_account_is_refused_and_changes_nothing(strict: UserApi) -> None:
    account = await an_account(strict, phone="13800138000")
    other = await an_account(strict, "wang")
    path = f"/{other['id']}"
    new = {"username": "zhao", "password": PASSWORD, "name": "赵", "role": "employee"}
    before = (await call(strict, "GET", search="李静")).data

    answers = [
        await call(strict, "POST", "", {**new, "username": "LI_JING"}),
        await call(strict, "POST", "", {**new, "role": "nobody"}),
        await call(strict, "POST", "", {**new, "departmentId": NOBODY}),
        await call(strict, "POST", "", {**new, "password": "zhao_19x7"}),
        await call(strict, "POST", "", {**new, "username": "ab"}),
        await call(strict, "PATCH", path, {"role": "nobody"}),
        await call(strict, "PATCH", path, {"departmentId": NOBODY}),
        await call(strict, "PATCH", path, {"phone": "13800138000"}),
        await call(strict, "PATCH", path, {"name": "新", "version": 99}),
        await call(strict, "PATCH", path, {"email": "no"}),
        await call(strict, "PATCH", path, {"monthlyTask": -1}),
        await call(strict, "PATCH", f"/{NOBODY}/suspend", {}),
        await call(strict, "GET", "/li_jing"),
    ]

    assert [(answer.status, answer.code) for answer in answers] == [
        (409, "USERNAME_TAKEN"),
        (400, "UNKNOWN_ROLE"),
        (400, "UNKNOWN_DEPARTMENT"),
        (400, "WEAK_PASSWORD"),
        (400, "INVALID_REQUEST"),
        (400, "UNKNOWN_ROLE"),
        (400, "UNKNOWN_DEPARTMENT"),
        (409, "STAFF_PHONE_TAKEN"),
        (409, "VERSION_CONFLICT"),
        *[(400, "INVALID_REQUEST")] * 2,
        (404, "STAFF_NOT_FOUND"),
        (400, "INVALID_REQUEST"),
    ]
    assert (await call(strict, "GET", search="李静")).data == before
    assert account["phone"] == "13800138000"


async def test_departments_are_created_renamed_and_deleted_while_empty(strict: UserApi) -> None:
    token, department = await strict.staff_token(), await a_department(strict)
    member = await an_account(strict, departmentId=department)
    path = f"/api/departments/{department}"

    taken = await strict.running.call("POST", "/api/departments", {"name": "城东门店"}, token)
    renamed = await strict.running.call("PATCH", path, {"name": "城西门店"}, token)
    used = await strict.running.call("DELETE", path, None, token)
    await call(strict, "PATCH", f"/{member['id']}", {"departmentId": ""})
    deleted = await strict.running.call("DELETE", path, None, token)
    gone = await strict.running.call("PATCH", path, {"name": "城北门店"}, token)

    assert (taken.status, taken.code) == (409, "DEPARTMENT_NAME_TAKEN")
    assert (renamed.data["name"], renamed.data["usersCount"]) == ("城西门店", 1)
    assert (used.status, used.code) == (422, "DEPARTMENT_IN_USE")
    assert deleted.status == 200
    assert (gone.status, gone.code) == (404, "DEPARTMENT_NOT_FOUND")
    denied = await strict.running.call(
        "POST", "/api/departments", {"name": "新"}, await strict.staff_token(Role.MANAGER)
    )
    assert denied.status == 403


async def test_a_phone_is_shown_in_clear_to_editors_only(strict: UserApi) -> None:
    account = await an_account(strict, phone="13800138000")

    seen = await call(strict, "GET", f"/{account['id']}", token=await strict.staff_token(Role.MANAGER))

    assert seen.data["phone"] == "138****8000"


async def test_the_monthly_task_is_set_and_read(strict: UserApi) -> None:
    account = await an_account(strict)

    await call(strict, "PATCH", f"/{account['id']}/monthly-task", {"monthlyTask": 20})
    answer = await call(strict, "GET", f"/{account['id']}/monthly-task", token=await strict.staff_token(Role.MANAGER))

    assert answer.data == {
        **{"userId": account["id"], "name": "李静", "monthlyTask": 20},
        **{"role": "employee", "department": None},
    }


async def test_people_edit_their_own_profile_and_end_their_own_sessions(strict: UserApi) -> None:
    _, token = await strict.stores.hired(Role.EMPLOYEE)
    other, _ = await strict.stores.hired(Role.EMPLOYEE)

    edited = await own(strict, "PATCH", "/me", {"name": "新名", "phone": "138 0013 8000"}, token)
    refused = await own(strict, "PATCH", "/me", {"role": "admin"}, token)
    [session] = (await own(strict, "GET", "/sessions", token=token)).data
    foreign = await strict.stores.staff.find(other)
    assert foreign is not None
    not_mine = await own(strict, "DELETE", f"/sessions/{foreign.sessions[0].id}", token=token)
    ended = await own(strict, "DELETE", f"/sessions/{session['id']}", token=token)

    assert (edited.data["name"], edited.data["phone"]) == ("新名", "13800138000")
    assert refused.code == "INVALID_REQUEST"
    assert session["current"] is True
    assert (not_mine.status, not_mine.code, ended.status) == (404, "SESSION_NOT_FOUND", 200)
    assert (await own(strict, "GET", "/me", token=token)).code == "SESSION_ENDED"


async def test_the_audit_row_of_an_edit_names_what_changed_with_the_phone_masked(strict: UserApi) -> None:
    account = await an_account(strict, phone="13800138000")

    await call(strict, "PATCH", f"/{account['id']}", {"role": "manager", "phone": "13900139000"})

    document = await strict.stores.database["users"].find_one({"username": "li_jing"})
    assert document is not None
    rows = [event for event in document["outbox"] if event["type"] == AuditRecorded.type]
    assert rows[-1]["action"] == "staff.update"
    assert rows[-1]["before"] == {"role": "employee", "phone": "138****8000"}
    assert rows[-1]["after"] == {"role": "manager", "phone": "139****9000"}


async def test_the_login_log_names_refusals_and_marks_new_places_and_devices(strict: UserApi) -> None:
    account = await an_account(strict)
    login = {"username": "li_jing", "password": PASSWORD}

    async def come(address: str, body: dict[str, str]) -> Answer:
        headers = {"X_Forwarded_For": address}
        return await strict.running.call("POST", "/api/auth/login", body, headers=headers)

    await come("1.2.4.8", login)
    await come("1.2.4.8", {**login, "password": "wrong"})
    await come("9.9.9.9", {"username": "my secret password", "password": "x"})
    await come("8.8.8.8", login)
    document = await strict.stores.database["users"].find_one({"username": "li_jing"})
    assert document is not None
    for area in strict.running.process.areas.all:
        for follower in area.subscriptions.get(StaffLoginRecorded, ()):
            await follower.follow([event_from_record(_plain(each)) for each in document["outbox"]])

    token = await strict.staff_token()
    answer = await strict.running.call("GET", "/api/staff-login-logs", token=token, query={"staff": account["id"]})
    unknown = await strict.running.call("GET", "/api/staff-login-logs", token=token, query={"result": "failed"})

    rows = [(each["result"], each["reason"], each["ip"], each["newPlace"]) for each in answer.data["list"]]
    assert sorted(rows, key=str) == [
        ("failed", "BAD_CREDENTIALS", "1.2.4.8", False),
        ("success", None, "1.2.4.8", False),
        ("success", None, "8.8.8.8", True),
    ]
    assert [each["newDevice"] for each in answer.data["list"] if each["ip"] == "8.8.8.8"] == [True]
    assert "secret" not in str(unknown.data)
    denied = await strict.running.call("GET", "/api/staff-login-logs", token=await strict.staff_token(Role.MANAGER))
    assert denied.status == 403


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in (WRITER, NUMBER)}
