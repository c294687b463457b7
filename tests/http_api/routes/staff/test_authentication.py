"""Staff log in, stay logged in, log out: today's paths and fields."""

from collections.abc import Mapping
from typing import Any

import pytest

from domain.audit.model import AuditRecorded
from domain.shared.actor import SYSTEM
from domain.shared.authority import Role
from http_api.core.rate_limits import RateLimit
from tests.backend import Answer, Backend

PASSWORD = "correct horse"


async def ask(running: Backend, method: str, path: str, body: object = None, token: str = "", **headers: str) -> Answer:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if token:
        sent["Authorization"] = f"Bearer {token}"
    async with running.client.request(method, f"/api/auth{path}", json=body, headers=sent) as response:
        return Answer(response.status, await response.json(), response.headers)


async def log_in(running: Backend, password: str = PASSWORD, username: str = "li_jing", **headers: str) -> Answer:
    return await ask(running, "POST", "/login", {"username": username, "password": password}, **headers)


@pytest.fixture
async def office(strict: Backend) -> Backend:
    """李经理 works here. Cookies are for https only, so none is sent unless a test does it."""
    await strict.services.staff.create("li_jing", "李经理", PASSWORD, Role.MANAGER, SYSTEM)
    return strict


async def change(running: Backend, **fields: object) -> None:
    staff = await running.stores.staff.find_by_username("li_jing")
    assert staff is not None
    await running.stores.staff.save(staff.model_copy(update=fields), ())
    await running.stores.authorities.forget(staff.id)


def cookie_of(answer: Answer) -> str:
    shown: str = answer.headers["Set-Cookie"]
    return shown.split(";", 1)[0]


async def test_a_log_in_answers_as_todays_system_does(office: Backend) -> None:
    answer = await log_in(office, X_Forwarded_For="1.2.4.8", User_Agent="CRM 1.0")

    assert (answer.status, answer.body["message"]) == (200, "登录成功")
    user: Mapping[str, Any] = answer.data["user"]
    assert {"access_token", "refresh_token", "expires_in"} <= answer.data.keys()
    assert (user["username"], user["name"], user["role"], user["roleLabel"]) == ("li_jing", "李经理", "manager", "经理")
    assert "miniprogram-user:all" in user["permissions"]
    assert "assword" not in str(answer.body)
    me = await ask(office, "GET", "/me", token=answer.data["access_token"])
    assert {**me.data, "updatedAt": ""} == {**user, "updatedAt": ""}
    session = await ask(office, "GET", "/session", token=answer.data["access_token"])
    assert session.data["user"] == {"id": user["id"], "username": "li_jing", "role": "manager", "name": "李经理"}
    [recent] = session.data["recentLogins"]
    assert (recent["ip"], recent["userAgent"]) == ("1.2.4.8", "CRM 1.0")


async def test_an_imported_title_is_shown_as_the_role_that_it_means(office: Backend) -> None:
    await change(office, role="经理")

    answer = await log_in(office)
    session = await ask(office, "GET", "/session", token=answer.data["access_token"])

    assert answer.data["user"]["role"] == session.data["user"]["role"] == "manager"


async def test_a_bare_openid_sent_along_is_not_stored(office: Backend) -> None:
    body = {"username": "li_jing", "password": PASSWORD, "openid": "oSomebodyElse"}

    assert (await ask(office, "POST", "/login", body)).status == 200

    assert "oSomebodyElse" not in str(await office.stores.database["users"].find_one({}))


async def test_an_unknown_name_and_a_wrong_password_look_the_same(office: Backend) -> None:
    unknown = await log_in(office, username="nobody")
    wrong = await log_in(office, "wrong")

    assert unknown.status == wrong.status == 401
    assert unknown.code == wrong.code == "BAD_CREDENTIALS"
    assert unknown.body["message"] == wrong.body["message"] == "用户名或密码错误"


async def test_guessing_is_stopped_for_the_guesser_and_not_for_the_owner(office: Backend) -> None:
    answers = [await log_in(office, "wrong", X_Forwarded_For="8.8.8.8") for _ in range(6)]
    guessed = await log_in(office, X_Forwarded_For="8.8.8.8")
    owner = await log_in(office, X_Forwarded_For="1.2.4.8")

    assert (answers[-1].status, guessed.status, owner.status) == (429, 429, 200)
    assert 0 < int(guessed.headers["Retry-After"]) <= guessed.body["details"]["retryAfterSeconds"]


async def test_whoever_tries_many_names_from_one_address_is_stopped_too(office: Backend) -> None:
    answers = [await log_in(office, "x", f"somebody{number}", X_Forwarded_For="8.8.8.8") for number in range(51)]

    assert [answer.status for answer in answers] == [401] * 50 + [429]
    assert (await log_in(office, X_Forwarded_For="1.2.4.8")).status == 200


@pytest.mark.parametrize(
    ("fields", "code"), [({"suspended": True}, "STAFF_SUSPENDED"), ({"active": False}, "STAFF_DISABLED")]
)
async def test_who_does_not_work_here_is_out_at_once_and_stays_out(
    office: Backend, fields: dict[str, object], code: str
) -> None:
    token = (await log_in(office)).data["access_token"]

    await change(office, **fields)

    used = await ask(office, "GET", "/me", token=token)
    again = await log_in(office)
    guessed = await log_in(office, "wrong")
    assert (used.status, used.code) == (again.status, again.code) == (403, code)
    assert guessed.code == "BAD_CREDENTIALS"  # only whoever knows the password is told more


async def test_a_browser_renews_by_a_cookie_that_no_script_can_read(office: Backend) -> None:
    first = await log_in(office)
    flags = first.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Secure", "Path=/api/auth"} <= set(flags.split("; "))

    renewed = await ask(office, "POST", "/refresh", {}, Cookie=cookie_of(first))

    assert renewed.status == 200
    assert renewed.data["token"] == renewed.data["access_token"]
    assert renewed.data["refresh_token"] is None
    assert cookie_of(renewed) != cookie_of(first)
    assert (await ask(office, "GET", "/me", token=renewed.data["access_token"])).status == 200


async def test_a_refresh_token_that_is_shown_twice_ends_its_session(office: Backend) -> None:
    first = (await log_in(office)).data

    renewed = await ask(office, "POST", "/refresh", {"refreshToken": first["refresh_token"]})
    office.clock.advance(11)
    copied = await ask(office, "POST", "/refresh", {"refreshToken": first["refresh_token"]})

    assert (renewed.status, copied.status, copied.code) == (200, 401, "SESSION_ENDED")
    assert (await ask(office, "GET", "/me", token=renewed.data["access_token"])).status == 401
    assert (await ask(office, "POST", "/refresh", {"refreshToken": renewed.data["refresh_token"]})).status == 401


async def test_a_page_that_was_reloaded_before_the_answer_came_stays_signed_in(office: Backend) -> None:
    first = await log_in(office)

    lost = await ask(office, "POST", "/refresh", {}, Cookie=cookie_of(first))
    again = await ask(office, "POST", "/refresh", {}, Cookie=cookie_of(first))
    later = await ask(office, "POST", "/refresh", {}, Cookie=cookie_of(again))

    assert [lost.status, again.status, later.status] == [200, 200, 200]
    assert cookie_of(again) == cookie_of(lost) != cookie_of(later)


async def test_an_older_client_renews_with_the_token_that_is_still_good(office: Backend) -> None:
    token = (await log_in(office)).data["access_token"]

    renewed = await ask(office, "POST", "/refresh", token=token)

    assert renewed.status == 200
    assert (await ask(office, "GET", "/me", token=renewed.data["token"])).status == 200
    await ask(office, "POST", "/logout", token=token)
    assert (await ask(office, "POST", "/refresh", token=renewed.data["token"])).code == "SESSION_ENDED"
    assert (await ask(office, "POST", "/refresh", token="nonsense")).code == "NOT_AUTHENTICATED"
    assert (await ask(office, "POST", "/refresh")).code == "SESSION_ENDED"


async def test_a_log_out_ends_this_session_and_no_other(office: Backend) -> None:
    here, there = (await log_in(office)).data, (await log_in(office)).data

    out = await ask(office, "POST", "/logout", token=here["access_token"])

    assert (out.status, out.body["message"]) == (200, "登出成功")
    assert "Max-Age=0" in out.headers["Set-Cookie"]
    assert (await ask(office, "GET", "/me", token=here["access_token"])).code == "SESSION_ENDED"
    assert (await ask(office, "POST", "/refresh", {"refreshToken": here["refresh_token"]})).code == "SESSION_ENDED"
    assert (await ask(office, "GET", "/me", token=there["access_token"])).status == 200


async def test_an_account_that_asked_too_much_can_still_log_out(office: Backend) -> None:
    login = (await log_in(office)).data
    token, allowed = login["access_token"], RateLimit.WRITE.value
    for _ in range(allowed.limit):
        await office.stores.limiter.hit(
            f"rate:{RateLimit.WRITE.name}:staff:{login['user']['id']}", allowed.limit, allowed.window_seconds
        )

    refused = await office.call("PATCH", "/6123456789abcdef01234567/status", {"status": "active"}, token)
    out = await ask(office, "POST", "/logout", token=token)

    assert (refused.status, out.status) == (429, 200)


async def test_log_ins_and_log_outs_are_audited(office: Backend) -> None:
    token = (await log_in(office, X_Forwarded_For="1.2.4.8", X_Request_Id="request-0001")).data["access_token"]
    await ask(office, "POST", "/logout", token=token)

    staff = await office.stores.database["users"].find_one({})

    assert staff is not None
    rows = [event for event in staff["outbox"] if event["type"] == AuditRecorded.type][-2:]
    assert [row["actor"]["action"] for row in rows] == ["staff.login", "staff.logout"]
    assert (rows[0]["actor"]["name"], rows[0]["actor"]["address"]) == ("李经理", "1.2.4.8")
    assert rows[0]["actor"]["requestId"] == "request-0001"
