"""Registration, login, refresh and logout of mini-program users, over HTTP with the simulated WeChat."""

import asyncio

import bcrypt

from domain.shared.login_throttle import ACCOUNT
from tests.app_process import MACHINE_SECRET, PASSWORD_ROUNDS
from tests.user_api import UserApi


async def test_the_first_login_creates_the_account(strict: UserApi) -> None:
    answer = await strict.login("王芳", nickname="小王")

    assert answer.status == 201
    assert answer.body["message"] == "首次登录，已创建用户"
    user = answer.data
    assert user["isNewUser"] is True
    assert user["_id"] == user["id"]
    assert (user["nickname"], user["loginCount"], user["status"], user["role"]) == ("小王", 1, "active", "customer")
    assert (user["hasPhone"], user["isStaff"], user["phone"]) == (False, False, None)
    assert user["tokenType"] == "Bearer"
    assert user["expiresIn"] > 0
    assert user["openid"] == await strict.phone.open_id("王芳")


async def test_the_second_login_finds_the_account(strict: UserApi) -> None:
    first = await strict.login()
    strict.clock.advance(60)

    again = await strict.login()

    assert again.status == 200
    assert again.body["message"] == "登录成功"
    assert again.data["isNewUser"] is False
    assert again.data["id"] == first.data["id"]
    assert again.data["loginCount"] == 2
    assert again.data["lastLoginAt"] > first.data["lastLoginAt"]


async def test_a_login_without_a_code_is_refused_and_logged(strict: UserApi) -> None:
    answer = await strict.call("POST", "/login", {"openid": "o-another-person", "phone": "13800138000"})

    assert (answer.status, answer.code) == (400, "WX_CODE_REQUIRED")
    assert [row["reason"] for row in await strict.refusals()] == ["WX_CODE_REQUIRED"]
    assert await strict.collection.count_documents({}) == 0


async def test_a_machine_with_the_secret_may_send_a_bare_openid(strict: UserApi) -> None:
    wrong = await strict.call("POST", "/login", {"openid": "o-1"}, X_Service_Secret="guessed")
    right = await strict.call("POST", "/login", {"openid": "o-1"}, X_Service_Secret=MACHINE_SECRET)

    assert wrong.status == 400
    assert right.status == 201


async def test_the_legacy_client_works_unchanged_in_development(trusting: UserApi) -> None:
    body = {
        "openid": "oTest123",
        "phone": "138 0013 8000",
        "nickname": "小王",
        "avatar": "https://thirdwx.qlogo.cn/mmopen/1.png",
        "avatarFile": "",
        "gender": 1,
        "city": "深圳市",
        "province": "广东省",
        "country": "中国",
        "language": "zh_CN",
    }

    first = await trusting.call("POST", "/login", body)
    phone_only = await trusting.call("POST", "/login", {"phone": "13800138000"})

    assert first.status == 201
    assert (first.data["phone"], first.data["province"], first.data["city"]) == ("13800138000", "广东", "深圳")
    assert (first.data["regionSource"], first.data["avatarFile"]) == ("profile", None)
    assert phone_only.data["id"] == first.data["id"]
    unknown = await trusting.call("POST", "/login", {"phone": "13900139000"})
    assert (unknown.status, unknown.code) == (404, "USER_NOT_REGISTERED")


async def test_a_code_unknown_to_wechat_is_refused(strict: UserApi) -> None:
    answer = await strict.call("POST", "/login", {"code": "made-up"})

    assert (answer.status, answer.code) == (401, "WX_CODE_INVALID")
    assert (await strict.refusals())[0]["reason"] == "WX_CODE_INVALID"


async def test_a_login_fills_empty_fields_and_a_registration_replaces_them(strict: UserApi) -> None:
    await strict.login(nickname="小王")

    logged_in = await strict.login(nickname="别名", city="深圳", province="广东", gender=2)
    registered = await strict.register(nickname="王小姐", gender=1, city="")

    assert (logged_in.data["nickname"], logged_in.data["city"], logged_in.data["gender"]) == ("小王", "深圳", 2)
    assert (registered.data["nickname"], registered.data["city"], registered.data["gender"]) == ("王小姐", "深圳", 1)
    assert registered.status == 200


async def test_registration_with_a_verified_phone_account_and_password(strict: UserApi) -> None:
    registered = await strict.register("王芳", "13800138000", username="Wang_Fang", password="correct horse")
    by_password = await strict.call(
        "POST", "/login-with-password", {"username": "wang_fang", "password": "correct horse"}
    )

    assert registered.status == 201
    assert (registered.data["hasPhone"], registered.data["phone"]) == (True, "13800138000")
    assert by_password.status == 200
    assert by_password.data["id"] == registered.data["id"]
    assert (by_password.data["isNewUser"], by_password.data["loginCount"]) == (False, 2)
    stored = await strict.collection.find_one({})
    assert "password" not in stored
    assert "correct horse" not in str(stored)


async def test_an_unknown_account_and_a_wrong_password_get_the_same_answer(strict: UserApi) -> None:
    await strict.register(username="wang_fang", password="correct horse")

    unknown = await strict.call("POST", "/login-with-password", {"username": "nobody_", "password": "x"})
    wrong = await strict.call("POST", "/login-with-password", {"username": "wang_fang", "password": "x"})

    assert unknown.status == wrong.status == 401
    assert unknown.code == wrong.code == "BAD_CREDENTIALS"
    assert unknown.body["message"] == wrong.body["message"] == "账号或密码错误"
    assert [row["reason"] for row in await strict.refusals()] == ["BAD_CREDENTIALS"] * 2


async def test_password_guessing_locks_out_the_guesser_and_not_the_owner(strict: UserApi) -> None:
    await strict.register(username="wang_fang", password="correct horse")
    guess = {"username": "wang_fang", "password": "wrong"}

    answers = [await strict.call("POST", "/login-with-password", guess, X_Forwarded_For="8.8.8.8") for _ in range(6)]
    guessed = await strict.call(
        "POST", "/login-with-password", {**guess, "password": "correct horse"}, X_Forwarded_For="8.8.8.8"
    )
    owner = await strict.call(
        "POST", "/login-with-password", {**guess, "password": "correct horse"}, X_Forwarded_For="1.2.4.8"
    )

    assert answers[-1].status == 429
    assert guessed.status == 429
    assert int(guessed.headers["Retry-After"]) > 0
    assert owner.status == 200


async def test_a_device_that_logged_in_by_wechat_is_known_to_password_logins(strict: UserApi) -> None:
    registered = await strict.register(username="wang_fang", password="correct horse")
    phone = registered.headers["X-Device-Token"]
    credentials = {"username": "wang_fang", "password": "correct horse"}
    for number in range(ACCOUNT.free):
        wrong = {**credentials, "password": "wrong"}
        await strict.call("POST", "/login-with-password", wrong, X_Forwarded_For=f"8.8.4.{number}")

    stranger = await strict.call("POST", "/login-with-password", credentials, X_Forwarded_For="9.9.9.9")
    owner = await strict.call(
        "POST", "/login-with-password", credentials, X_Forwarded_For="9.9.9.9", X_Device_Token=phone
    )

    assert "X-Device-Token" not in (await strict.login("李雷")).headers  # no account name, so no log-in by password
    assert (stranger.status, stranger.body["message"]) == (429, "密码错误次数过多，请 1 分钟后再试")
    assert owner.status == 200


async def test_a_login_renews_a_hash_of_a_lower_cost(strict: UserApi) -> None:
    user_id = (await strict.register(username="wang_fang", password="correct horse")).data["id"]
    imported = bcrypt.hashpw(b"correct horse", bcrypt.gensalt(PASSWORD_ROUNDS - 1)).decode()
    await strict.stores.user_credentials.store(user_id, imported)

    for _ in range(2):
        answer = await strict.call(
            "POST", "/login-with-password", {"username": "wang_fang", "password": "correct horse"}
        )
        assert answer.status == 200

    stored = await strict.stores.user_credentials.hash_of(user_id)
    assert stored is not None
    assert stored.startswith(f"$2b${PASSWORD_ROUNDS:02}$")


async def test_fifty_concurrent_first_logins_create_one_account(strict: UserApi) -> None:
    codes = [await strict.phone.login_code("王芳") for _ in range(50)]

    answers = await asyncio.gather(*(strict.call("POST", "/login", {"code": code}) for code in codes))

    assert {answer.status for answer in answers} == {200, 201}
    assert sum(answer.data["isNewUser"] for answer in answers) == 1
    assert len({answer.data["id"] for answer in answers}) == 1
    stored = await strict.collection.find_one({})
    assert stored["loginCount"] == 50
    assert len([event for event in stored["outbox"] if event["type"] == "user.active"]) == 50


async def test_a_refresh_rotates_the_token_and_a_copied_token_ends_the_session(strict: UserApi) -> None:
    tokens = (await strict.login()).data

    renewed = await strict.call("POST", "/refresh", {"refreshToken": tokens["refreshToken"]})
    repeated = await strict.call("POST", "/refresh", {"refreshToken": tokens["refreshToken"]})
    strict.clock.advance(11)
    copied = await strict.call("POST", "/refresh", {"refreshToken": tokens["refreshToken"]})
    after = await strict.call("GET", "/info", token=renewed.data["accessToken"])

    assert renewed.status == 200
    assert repeated.data["refreshToken"] == renewed.data["refreshToken"] != tokens["refreshToken"]
    assert set(renewed.data) == {"accessToken", "refreshToken", "tokenType", "expiresIn"}
    assert (copied.status, copied.code) == (401, "SESSION_ENDED")
    assert after.status == 401
    assert [row["method"] for row in await strict.refusals()] == ["refresh"]


async def test_a_refresh_counts_as_activity_but_not_as_a_login(strict: UserApi) -> None:
    tokens = (await strict.login()).data
    strict.clock.advance(3600)

    await strict.call("POST", "/refresh", {"refreshToken": tokens["refreshToken"]})

    user = await strict.user(tokens["id"])
    assert user.login_count == 1
    assert user.last_active_at == strict.clock.now()
    methods = [event.get("method") for event in await strict.told() if event["type"] == "user.active"]
    assert methods == ["openid", "refresh"]


async def test_a_logout_invalidates_both_tokens(strict: UserApi) -> None:
    tokens = (await strict.login()).data

    answer = await strict.call("POST", "/logout", token=tokens["accessToken"])

    assert (answer.status, answer.data) == (200, None)
    assert (await strict.call("GET", "/info", token=tokens["accessToken"])).code == "SESSION_ENDED"
    assert (await strict.call("POST", "/refresh", {"refreshToken": tokens["refreshToken"]})).code == "SESSION_ENDED"


async def test_the_address_from_the_proxy_gives_the_region(strict: UserApi) -> None:
    code = await strict.phone.login_code()

    answer = await strict.call("POST", "/login", {"code": code}, X_Forwarded_For="114.114.114.114")

    assert answer.data["lastLoginIp"] == "114.114.114.114"
    assert answer.data["regionSource"] == "ip"
    assert answer.data["region"]["province"] == "江苏"
    assert answer.data["province"] is None
