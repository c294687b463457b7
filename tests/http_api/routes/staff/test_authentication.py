"""Login, refresh and logout of staff, with the paths and fields of the legacy system."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import pytest
from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from domain.audit.model import AuditRecorded
from domain.sessions.model import MAX_SESSIONS, secret_digest
from domain.shared.actor import SYSTEM
from domain.shared.authority import Role
from domain.shared.login_throttle import ACCOUNT
from domain.shared.password_strength import WeakPassword
from http_api.core.rate_limits import RateLimit
from tests.app_process import Answer
from tests.user_api import UserApi
from tests.user_api import user_api as user_api_process

PASSWORD = "correct horse"


async def send(
    running: UserApi, method: str, path: str, body: object = None, token: str = "", **headers: str
) -> Answer:
    return await running.running.call(method, f"/api/auth{path}", body, token, headers=headers)


async def log_in(running: UserApi, password: str = PASSWORD, username: str = "li_jing", **headers: str) -> Answer:
    return await send(running, "POST", "/login", {"username": username, "password": password}, **headers)


@pytest.fixture
async def user_api(strict: UserApi) -> UserApi:
    """A backend with one manager, 李经理. Cookies are for https only, so none is sent unless a test does it."""
    await create_manager(strict)
    return strict


async def create_manager(running: UserApi) -> None:
    await running.services.staff.administration.create_by_operator("li_jing", "李经理", PASSWORD, Role.MANAGER, SYSTEM)


async def change_staff(running: UserApi, **fields: object) -> None:
    staff = await running.stores.staff.find_by_username("li_jing")
    assert staff is not None
    await running.stores.staff.save(staff.model_copy(update=fields), ())
    await running.stores.authorities.forget(staff.id)


def device_of(answer: Answer) -> str:
    header: str = next(each for each in answer.headers.getall("Set-Cookie") if each.startswith("staff_device="))
    return header.split(";", 1)[0]


def cookie_of(answer: Answer) -> str:
    header: str = answer.headers["Set-Cookie"]
    return header.split(";", 1)[0]


async def test_a_login_answers_like_the_legacy_system(user_api: UserApi) -> None:
    answer = await log_in(user_api, X_Forwarded_For="1.2.4.8", User_Agent="CRM 1.0")

    assert (answer.status, answer.body["message"]) == (200, "登录成功")
    user: Mapping[str, Any] = answer.data["user"]
    assert {"access_token", "refresh_token", "expires_in"} <= answer.data.keys()
    assert (user["username"], user["name"], user["role"], user["roleLabel"]) == ("li_jing", "李经理", "manager", "经理")
    assert "miniprogram-user:all" in user["permissions"]
    assert user["capabilities"] == ["contract:see-all"]  # a manager does not merge accounts
    assert PASSWORD not in str(answer.body)
    me = await send(user_api, "GET", "/me", token=answer.data["access_token"])
    assert {**me.data, "updatedAt": ""} == {**user, "updatedAt": ""}
    session = await send(user_api, "GET", "/session", token=answer.data["access_token"])
    assert session.data["user"] == {"id": user["id"], "username": "li_jing", "role": "manager", "name": "李经理"}
    [recent] = session.data["recentLogins"]
    assert (recent["ip"], recent["userAgent"]) == ("1.2.4.8", "CRM 1.0")


async def test_an_imported_role_label_is_shown_as_its_role(user_api: UserApi) -> None:
    await change_staff(user_api, role="经理")

    answer = await log_in(user_api)
    session = await send(user_api, "GET", "/session", token=answer.data["access_token"])

    assert answer.data["user"]["role"] == session.data["user"]["role"] == "manager"


async def test_a_bare_openid_is_not_stored(user_api: UserApi) -> None:
    body = {"username": "li_jing", "password": PASSWORD, "openid": "oAnotherPerson"}

    assert (await send(user_api, "POST", "/login", body)).status == 200

    assert "oAnotherPerson" not in str(await user_api.stores.database["users"].find_one({}))


async def test_an_unknown_name_and_a_wrong_password_get_the_same_answer(user_api: UserApi) -> None:
    unknown = await log_in(user_api, username="unknown")
    wrong = await log_in(user_api, "wrong")

    assert unknown.status == wrong.status == 401
    assert unknown.code == wrong.code == "BAD_CREDENTIALS"
    assert unknown.body["message"] == wrong.body["message"] == "用户名或密码错误"


@pytest.mark.parametrize("password", ["aaaaaaaa", "password1", "zhang_wei1"])
async def test_staff_get_no_password_that_is_guessed_first(user_api: UserApi, password: str) -> None:
    create = user_api.services.staff.administration.create_by_operator

    with pytest.raises(WeakPassword):
        await create("zhang_wei", "张伟", password, Role.EMPLOYEE, SYSTEM)
    await create("zhang_wei", "张伟", PASSWORD, Role.EMPLOYEE, SYSTEM)
    with pytest.raises(WeakPassword):
        await user_api.services.staff.passwords.set_by_username("zhang_wei", password, SYSTEM)


async def test_password_guessing_locks_out_the_guesser_and_not_the_owner(user_api: UserApi) -> None:
    answers = [await log_in(user_api, "wrong", X_Forwarded_For="8.8.8.8") for _ in range(6)]
    guessed = await log_in(user_api, X_Forwarded_For="8.8.8.8")
    owner = await log_in(user_api, X_Forwarded_For="1.2.4.8")

    assert (answers[-1].status, guessed.status, owner.status) == (429, 429, 200)
    assert 0 < int(guessed.headers["Retry-After"]) <= guessed.body["details"]["retryAfterSeconds"]


async def test_fifty_wrong_passwords_of_a_visitor_lock_no_staff_member_at_the_address(user_api: UserApi) -> None:
    answers = [await log_in(user_api, "x", f"unknown{number}", X_Forwarded_For="8.8.8.8") for number in range(50)]

    assert {answer.status for answer in answers} == {401}
    assert (await log_in(user_api, X_Forwarded_For="8.8.8.8")).status == 200


async def guess_from_everywhere(running: UserApi) -> None:
    for number in range(ACCOUNT.free):
        assert (await log_in(running, "wrong", X_Forwarded_For=f"8.8.4.{number}")).status == 401


async def test_the_owner_on_a_known_browser_logs_in_while_others_guess_from_many_addresses(user_api: UserApi) -> None:
    browser = device_of(await log_in(user_api))

    await guess_from_everywhere(user_api)

    stranger = await log_in(user_api, X_Forwarded_For="9.9.9.9")
    assert (stranger.status, stranger.code, stranger.headers["Retry-After"]) == (429, "RATE_LIMITED", "60")
    assert stranger.body["message"] == "密码错误次数过多，请 1 分钟后再试"
    assert (await log_in(user_api, X_Forwarded_For="9.9.9.9", Cookie=browser)).status == 200


@pytest.fixture
async def slow_hashes(
    mongodb_uri: str, redis_url: str, redis: Redis, database: "AsyncIOMotorDatabase[dict[str, object]]"
) -> AsyncIterator[UserApi]:
    """Passwords cost what they cost at least in production."""
    async with user_api_process(mongodb_uri, redis_url, database.name, password_rounds=10) as running:
        await create_manager(running)
        yield running


async def test_a_flood_of_user_passwords_does_not_delay_staff_or_users_elsewhere(slow_hashes: UserApi) -> None:
    await slow_hashes.register(username="wang_fang", password=PASSWORD)

    async def user_logs_in(username: str, address: str, password: str = PASSWORD) -> Answer:
        credentials = {"username": username, "password": password}
        return await slow_hashes.call("POST", "/login-with-password", credentials, X_Forwarded_For=address)

    flood = [asyncio.ensure_future(user_logs_in(f"unknown_{number}", "8.8.8.8")) for number in range(120)]
    refused = await first_with_status(flood, 429)
    staff, user = await asyncio.gather(log_in(slow_hashes), user_logs_in("wang_fang", "1.2.4.8"))
    await asyncio.gather(*flood)

    assert int(refused.headers["Retry-After"]) > 0
    assert (staff.status, user.status) == (200, 200)


async def first_with_status(calls: "Sequence[asyncio.Future[Answer]]", status: int) -> Answer:
    for call in asyncio.as_completed(calls):
        answer = await call
        if answer.status == status:
            return answer
    raise AssertionError(f"none was answered with {status}")


async def test_a_client_without_cookies_is_known_by_a_header(user_api: UserApi) -> None:
    device = (await log_in(user_api)).headers["X-Device-Token"]

    await guess_from_everywhere(user_api)

    again = await log_in(user_api, X_Forwarded_For="9.9.9.9", X_Device_Token=device)
    assert again.status == 200
    assert again.headers["X-Device-Token"].split(".")[0] == device.split(".")[0]


async def test_the_cookie_of_a_known_browser_is_for_logins_only_and_unreadable_for_scripts(user_api: UserApi) -> None:
    cookie = next(each for each in (await log_in(user_api)).headers.getall("Set-Cookie") if "staff_device" in each)

    assert {"HttpOnly", "SameSite=Strict", "Secure", "Path=/api/auth"} <= set(cookie.split("; "))


@pytest.mark.parametrize("device", ["x" * 4000, "a.b.c", "~~~~", "staff_device"])
async def test_a_forged_device_is_an_unknown_one(user_api: UserApi, device: str) -> None:
    await guess_from_everywhere(user_api)

    assert (await log_in(user_api, X_Forwarded_For="9.9.9.9", X_Device_Token=device)).status == 429


async def test_wrong_passwords_are_answered_with_the_tries_that_are_left(user_api: UserApi) -> None:
    messages = [(await log_in(user_api, "wrong")).body["message"] for _ in range(6)]
    in_english = await log_in(user_api, Accept_Language="en")

    assert messages == [
        *["用户名或密码错误"] * 2,
        "用户名或密码错误，还可以再试 2 次，之后需等待 1 分钟",
        "用户名或密码错误，还可以再试 1 次，之后需等待 1 分钟",
        "用户名或密码错误，请 1 分钟后再试",
        "密码错误次数过多，请 1 分钟后再试",
    ]
    assert in_english.body["message"] == "Too many wrong passwords; please try again in 1 minute"
    user_api.clock.advance(60)
    assert (await log_in(user_api)).status == 200


@pytest.mark.parametrize(
    ("fields", "code"), [({"suspended": True}, "STAFF_SUSPENDED"), ({"active": False}, "STAFF_DISABLED")]
)
async def test_a_suspended_or_disabled_staff_member_is_refused_at_once(
    user_api: UserApi, fields: dict[str, object], code: str
) -> None:
    token = (await log_in(user_api)).data["access_token"]

    await change_staff(user_api, **fields)

    used = await send(user_api, "GET", "/me", token=token)
    again = await log_in(user_api)
    guessed = await log_in(user_api, "wrong")
    assert (used.status, used.code) == (again.status, again.code) == (403, code)
    assert guessed.code == "BAD_CREDENTIALS"  # the reason is shown only when the password is right


async def test_a_browser_refreshes_by_a_cookie_that_no_script_can_read(user_api: UserApi) -> None:
    first = await log_in(user_api)
    flags = first.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Secure", "Path=/api/auth"} <= set(flags.split("; "))

    renewed = await send(user_api, "POST", "/refresh", {}, Cookie=cookie_of(first))

    assert renewed.status == 200
    assert renewed.data["token"] == renewed.data["access_token"]
    assert renewed.data["refresh_token"] is None
    assert cookie_of(renewed) != cookie_of(first)
    assert (await send(user_api, "GET", "/me", token=renewed.data["access_token"])).status == 200


async def test_a_refresh_token_presented_twice_ends_its_session(user_api: UserApi) -> None:
    first = (await log_in(user_api)).data

    renewed = await send(user_api, "POST", "/refresh", {"refreshToken": first["refresh_token"]})
    user_api.clock.advance(11)
    copied = await send(user_api, "POST", "/refresh", {"refreshToken": first["refresh_token"]})

    assert (renewed.status, copied.status, copied.code) == (200, 401, "SESSION_ENDED")
    assert (await send(user_api, "GET", "/me", token=renewed.data["access_token"])).status == 401
    assert (await send(user_api, "POST", "/refresh", {"refreshToken": renewed.data["refresh_token"]})).status == 401


async def test_any_used_refresh_token_of_a_session_ends_it(user_api: UserApi) -> None:
    first = (await log_in(user_api)).data["refresh_token"]
    second = (await send(user_api, "POST", "/refresh", {"refreshToken": first})).data["refresh_token"]
    third = (await send(user_api, "POST", "/refresh", {"refreshToken": second})).data["refresh_token"]

    copied = await send(user_api, "POST", "/refresh", {"refreshToken": first})
    newest = await send(user_api, "POST", "/refresh", {"refreshToken": third})

    assert [(answer.status, answer.code) for answer in (copied, newest)] == [(401, "SESSION_ENDED")] * 2


async def test_a_session_of_a_former_version_goes_on(user_api: UserApi) -> None:
    """Its stored digest is of a secret without a signature."""
    login = (await log_in(user_api)).data
    staff_id, session_id, _ = login["refresh_token"].split(".")
    unsigned = {"sessions.0.refreshHash": secret_digest("unsigned")}
    await user_api.stores.database["users"].update_one({"_id": ObjectId(staff_id)}, {"$set": unsigned})

    old = {"refreshToken": f"{staff_id}.{session_id}.unsigned"}
    renewed = await send(user_api, "POST", "/refresh", old)
    repeated = await send(user_api, "POST", "/refresh", old)
    next_one = await send(user_api, "POST", "/refresh", {"refreshToken": renewed.data["refresh_token"]})

    assert [renewed.status, repeated.status, next_one.status] == [200, 200, 200]
    assert renewed.data["refresh_token"] == repeated.data["refresh_token"]


async def test_a_page_reloaded_before_the_answer_arrived_stays_signed_in(user_api: UserApi) -> None:
    first = await log_in(user_api)

    lost = await send(user_api, "POST", "/refresh", {}, Cookie=cookie_of(first))
    again = await send(user_api, "POST", "/refresh", {}, Cookie=cookie_of(first))
    later = await send(user_api, "POST", "/refresh", {}, Cookie=cookie_of(again))

    assert [lost.status, again.status, later.status] == [200, 200, 200]
    assert cookie_of(again) == cookie_of(lost) != cookie_of(later)


async def test_a_legacy_client_refreshes_with_a_valid_access_token(user_api: UserApi) -> None:
    token = (await log_in(user_api)).data["access_token"]

    renewed = await send(user_api, "POST", "/refresh", token=token)

    assert renewed.status == 200
    assert (await send(user_api, "GET", "/me", token=renewed.data["token"])).status == 200
    await send(user_api, "POST", "/logout", token=token)
    assert (await send(user_api, "POST", "/refresh", token=renewed.data["token"])).code == "SESSION_ENDED"
    assert (await send(user_api, "POST", "/refresh", token="malformed")).code == "NOT_AUTHENTICATED"
    assert (await send(user_api, "POST", "/refresh")).code == "SESSION_ENDED"


async def test_a_logout_ends_only_its_own_session(user_api: UserApi) -> None:
    here, there = (await log_in(user_api)).data, (await log_in(user_api)).data

    out = await send(user_api, "POST", "/logout", token=here["access_token"])

    assert (out.status, out.body["message"]) == (200, "登出成功")
    assert "Max-Age=0" in out.headers["Set-Cookie"]
    assert (await send(user_api, "GET", "/me", token=here["access_token"])).code == "SESSION_ENDED"
    assert (await send(user_api, "POST", "/refresh", {"refreshToken": here["refresh_token"]})).code == "SESSION_ENDED"
    assert (await send(user_api, "GET", "/me", token=there["access_token"])).status == 200


async def test_the_login_after_the_tenth_session_ends_the_oldest_at_once(user_api: UserApi) -> None:
    tokens = []
    for _ in range(MAX_SESSIONS + 1):
        tokens.append((await log_in(user_api)).data["access_token"])
        first = await send(user_api, "GET", "/me", token=tokens[0])
        assert first.status == (401 if len(tokens) > MAX_SESSIONS else 200)

    assert (await send(user_api, "GET", "/me", token=tokens[0])).code == "SESSION_ENDED"
    assert (await send(user_api, "GET", "/me", token=tokens[1])).status == 200


async def test_an_account_over_its_rate_limit_can_still_log_out(user_api: UserApi) -> None:
    login = (await log_in(user_api)).data
    token, allowed = login["access_token"], RateLimit.WRITE.value
    for _ in range(allowed.limit):
        await user_api.stores.limiter.hit(
            f"rate:{RateLimit.WRITE.name}:staff:{login['user']['id']}", allowed.limit, allowed.window_seconds
        )

    refused = await user_api.call("PATCH", "/6123456789abcdef01234567/status", {"status": "active"}, token)
    out = await send(user_api, "POST", "/logout", token=token)

    assert (refused.status, out.status) == (429, 200)


async def test_logins_and_logouts_are_audited(user_api: UserApi) -> None:
    token = (await log_in(user_api, X_Forwarded_For="1.2.4.8", X_Request_Id="request-0001")).data["access_token"]
    await send(user_api, "POST", "/logout", token=token)

    staff = await user_api.stores.database["users"].find_one({})

    assert staff is not None
    rows = [event for event in staff["outbox"] if event["type"] == AuditRecorded.type][-2:]
    assert [row["actor"]["action"] for row in rows] == ["staff.login", "staff.logout"]
    assert (rows[0]["actor"]["name"], rows[0]["actor"]["address"]) == ("李经理", "1.2.4.8")
    assert rows[0]["actor"]["requestId"] == "request-0001"
