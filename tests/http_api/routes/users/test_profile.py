"""A mini-program user's own account over HTTP."""

from domain.shared.authority import Role
from tests.user_api import UserApi


async def test_info_shows_the_sessions_own_account(strict: UserApi) -> None:
    user = (await strict.register("王芳", "13800138000", nickname="小王")).data

    answer = await strict.call("GET", "/info", token=user["accessToken"])

    assert answer.status == 200
    assert answer.body["message"] == "查询成功"
    assert (answer.data["id"], answer.data["phone"], answer.data["hasPhone"]) == (user["id"], "13800138000", True)
    assert (answer.data["role"], answer.data["isAdmin"], answer.data["isStaff"]) == ("customer", False, False)


async def test_an_openid_in_the_request_must_belong_to_the_account(strict: UserApi) -> None:
    token = (await strict.login("王芳")).data["accessToken"]
    other = (await strict.login("李雷")).data["openid"]

    own = await strict.call("GET", "/info", token=token, query={"openid": await strict.phone.open_id("王芳")})
    foreign = await strict.call("GET", "/info", token=token, query={"openid": other})
    update = await strict.call("PATCH", "/update-profile", {"openid": other, "nickname": "x"}, token)

    assert own.status == 200
    assert (foreign.status, foreign.code) == (403, "NOT_YOUR_ACCOUNT")
    assert update.code == "NOT_YOUR_ACCOUNT"


async def test_an_update_changes_fields_and_removes_empty_ones(strict: UserApi) -> None:
    token = (await strict.login(nickname="小王", city="深圳市", province="广东省")).data["accessToken"]

    answer = await strict.call(
        "PATCH", "/update-profile", {"nickname": "王小姐", "city": "", "avatar": None, "gender": 2}, token
    )

    assert (answer.data["nickname"], answer.data["city"], answer.data["gender"]) == ("王小姐", None, 2)
    assert (answer.data["province"], answer.data["regionSource"]) == ("广东", "profile")
    stored = await strict.collection.find_one({})
    assert "city" not in stored
    assert "" not in stored.values()


async def test_a_bare_phone_in_a_profile_is_ignored(strict: UserApi) -> None:
    token = (await strict.login()).data["accessToken"]

    answer = await strict.call("PATCH", "/update-profile", {"phone": "13800138000"}, token)

    assert answer.status == 200
    assert answer.data["hasPhone"] is False


async def test_a_phone_is_bound_with_a_code_and_unbound(strict: UserApi) -> None:
    token = (await strict.login("王芳")).data["accessToken"]

    without = await strict.call("POST", "/phone/bind", {"phone": "13800138000"}, token)
    bound = await strict.bind(token, "王芳", "13800138000")
    unbound = await strict.call("POST", "/phone/unbind", token=token)

    assert (without.status, without.code) == (400, "PHONE_CODE_REQUIRED")
    assert bound.data["phone"] == "13800138000"
    assert unbound.data["hasPhone"] is False
    kinds = [event["type"] for event in await strict.told()]
    assert kinds.count("user.phone_changed") == 2
    assert kinds.count("audit") == 3  # the registration, too


async def test_a_phone_code_of_another_person_is_refused(strict: UserApi) -> None:
    token = (await strict.login("王芳")).data["accessToken"]
    code = await strict.phone.phone_code("李雷", "13900139000")

    answer = await strict.call("POST", "/phone/bind", {"phoneCode": code}, token)

    assert (answer.status, answer.code) == (401, "PHONE_CODE_INVALID")


async def test_a_first_password_needs_an_account_name_and_ends_other_sessions(strict: UserApi) -> None:
    other_device = (await strict.login()).data["accessToken"]
    token = (await strict.login()).data["accessToken"]

    nameless = await strict.call("POST", "/password", {"newPassword": "correct horse"}, token)
    named = await strict.call("POST", "/password", {"newPassword": "correct horse", "username": "wang_fang"}, token)

    assert (nameless.status, nameless.code) == (422, "USERNAME_REQUIRED")
    assert named.status == 200
    assert (await strict.call("GET", "/info", token=token)).status == 200
    assert (await strict.call("GET", "/info", token=other_device)).code == "SESSION_ENDED"
    credentials = {"username": "wang_fang", "password": "correct horse"}
    assert (await strict.call("POST", "/login-with-password", credentials)).status == 200


async def test_a_password_changes_only_with_the_old_one_or_the_phone(strict: UserApi) -> None:
    token = (await strict.register("王芳", "13800138000", username="wang_fang", password="correct horse")).data[
        "accessToken"
    ]

    bare = await strict.call("POST", "/password", {"newPassword": "battery staple"}, token)
    wrong = await strict.call("POST", "/password", {"newPassword": "battery staple", "oldPassword": "x"}, token)
    other_phone = await strict.call(
        "POST",
        "/password",
        {"newPassword": "battery staple", "phoneCode": await strict.phone.phone_code("王芳", "13900139000")},
        token,
    )
    by_old = await strict.call(
        "POST", "/password", {"newPassword": "battery staple", "oldPassword": "correct horse"}, token
    )
    by_phone = await strict.call(
        "POST",
        "/password",
        {"newPassword": "third password", "phoneCode": await strict.phone.phone_code("王芳", "13800138000")},
        token,
    )

    assert (bare.status, bare.code) == (422, "PASSWORD_PROOF_REQUIRED")
    assert (wrong.status, wrong.code) == (422, "OLD_PASSWORD_WRONG")
    assert (other_phone.status, other_phone.code) == (422, "PHONE_NOT_YOURS")
    assert by_old.status == by_phone.status == 200
    credentials = {"username": "wang_fang", "password": "third password"}
    assert (await strict.call("POST", "/login-with-password", credentials)).status == 200


async def test_active_staff_members_are_recognised_by_their_verified_phone(strict: UserApi) -> None:
    await strict.staff_token(Role.EMPLOYEE, phone="13800138000", is_admin=True)
    await strict.staff_token(Role.OPERATOR, phone="13900139000", suspended=False, is_active=True)

    admin = (await strict.register("王芳", "13800138000")).data
    staff = (await strict.register("李雷", "13900139000")).data

    info = await strict.call("GET", "/info", token=admin["accessToken"])
    assert (info.data["role"], info.data["isAdmin"], info.data["isStaff"]) == ("admin", True, True)
    info = await strict.call("GET", "/info", token=staff["accessToken"])
    assert (info.data["role"], info.data["isAdmin"], staff["isStaff"]) == ("staff", False, True)
