"""Invalid input is refused with 400 and a stable code, and changes nothing."""

import gzip
from typing import Any

import pytest

from tests.user_api import USERS, UserApi

REFUSED_BODIES: list[dict[str, Any]] = [
    {"openid": {"$ne": None}},
    {"openid": ["o1"]},
    {"openid": 17},
    {"openid": "o1", "role": "admin"},
    {"openid": "o1", "status": "active"},
    {"openid": "o1", "phone": "12345"},
    {"openid": "o1", "phone": {"$gt": ""}},
    {"openid": "o" * 65},
    {"openid": "o1$"},
    {"openid": "o1", "nickname": "长" * 33},
    {"openid": "o1", "code": "0a1b\u200b"},
    {"openid": "o1", "gender": 3},
    {"openid": "o1", "gender": True},
    {"openid": "o1", "gender": "1"},
    {"openid": "o1", "avatar": "http://thirdwx.qlogo.cn/1.png"},
    {"openid": "o1", "avatar": "https://evil.example/1.png"},
    {"openid": "o1", "avatar": "https://thirdwx.qlogo.cn@evil.example/1.png"},
    {"openid": "o1", "avatarFile": "../../etc/passwd"},
    {"openid": "o1", "avatar": "javascript:alert(1)"},
    {"openid": "o1", "avatar": "https://thirdwx.qlogo.cn/\u202e1.png"},
]


@pytest.mark.parametrize("body", REFUSED_BODIES, ids=str)
async def test_an_invalid_login_body_changes_nothing(trusting: UserApi, body: dict[str, Any]) -> None:
    answer = await trusting.call("POST", "/login", body)

    assert (answer.status, answer.code) == (400, "INVALID_REQUEST")
    assert answer.body["details"]["fields"]
    assert await trusting.collection.count_documents({}) == 0


async def test_hidden_characters_of_a_wechat_profile_are_removed(trusting: UserApi) -> None:
    """Its user has not typed them, and must be able to log in."""
    profile = {"nickname": "\u2066王\u202e芳\x00\u2069 👩\u200d👧", "city": "深圳\u202d", "province": "\u3164"}

    answer = await trusting.call("POST", "/login", {"openid": "o1", **profile})

    assert answer.status == 201
    assert answer.data["nickname"] == "王芳 👩\u200d👧"
    stored = await trusting.collection.find_one({"openid": "o1"})
    assert stored is not None
    assert stored["city"] == "深圳"
    assert "province" not in stored


@pytest.mark.parametrize(
    ("language", "problem"),
    [
        ("zh-CN", "第 2 个字符 U+202E 会改变文字方向，请删除"),
        ("en", "character 2 (U+202E) changes the direction of text; remove it"),
    ],
)
async def test_a_name_that_staff_type_is_refused_with_the_character(
    trusting: UserApi, language: str, problem: str
) -> None:
    user = (await trusting.call("POST", "/login", {"openid": "o1", "nickname": "小王"})).data
    token = await trusting.staff_token()

    answer = await trusting.call(
        "PATCH", f"/{user['id']}", {"nickname": "王\u202e芳"}, token=token, Accept_Language=language
    )

    assert (answer.status, answer.code) == (400, "INVALID_REQUEST")
    assert answer.body["details"] == {"fields": [{"field": "nickname", "problem": problem}]}
    assert (await trusting.collection.find_one({}))["nickname"] == "小王"


GZIPPED = gzip.compress(b'{"openid": "o1"}')


@pytest.mark.parametrize(
    ("encoding", "sent"),
    [("gzip", b"\x1f\x8bxxxx"), ("gzip", b"{}"), ("deflate", GZIPPED), ("deflate", b"xx")],
    ids=["a wrong gzip", "plain JSON", "another encoding", "too short"],
)
async def test_a_body_that_contradicts_its_content_encoding_is_refused(
    trusting: UserApi, encoding: str, sent: bytes
) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": encoding}
    async with trusting.running.http.post(f"{trusting.running.url}{USERS}/login", data=sent, headers=headers) as answer:
        body = await answer.json()

    assert (answer.status, body["code"]) == (400, "BAD_CONTENT_ENCODING")


async def test_a_compressed_body_is_accepted(trusting: UserApi) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    async with trusting.running.http.post(
        f"{trusting.running.url}{USERS}/login", data=GZIPPED, headers=headers
    ) as answer:
        assert answer.status == 201


@pytest.mark.parametrize(
    "fields",
    [
        {"username": "ab"},
        {"username": "12345678901"},
        {"username": "王芳王芳"},
        {"username": "a" * 33},
        {"password": "short"},
        {"password": "密" * 25},
        {"password": "a" * 65},
        {"password": "aaaaaaaa"},
        {"password": "woaini1314"},
        {"password": "correct\thorse"},
    ],
    ids=str,
)
async def test_a_registration_with_a_bad_name_or_password_is_refused(trusting: UserApi, fields: dict[str, str]) -> None:
    answer = await trusting.call("POST", "/register", {"openid": "o1", **fields})

    assert (answer.status, answer.code) == (400, "INVALID_REQUEST")
    assert await trusting.collection.count_documents({}) == 0


async def test_a_password_made_of_the_account_name_is_refused_with_the_reason(trusting: UserApi) -> None:
    body = {"openid": "o1", "username": "wang_fang", "password": "Wang_Fang88"}

    answer = await trusting.call("POST", "/register", body)

    assert (answer.status, answer.code) == (400, "WEAK_PASSWORD")
    assert answer.body["message"] == "密码过于简单：密码不能由账号、姓名或手机号构成"
    assert await trusting.collection.count_documents({}) == 0


async def test_empty_texts_and_null_are_absent(trusting: UserApi) -> None:
    empty: dict[str, Any] = {"phone": "", "username": None, "nickname": "", "unionid": "", "password": None}

    one = await trusting.call("POST", "/register", {"openid": "o1", **empty})
    two = await trusting.call("POST", "/register", {"openid": "o2", **empty})

    assert one.status == two.status == 201
    assert (one.data["phone"], one.data["username"]) == (None, None)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"page": "1000000000"}, "PAGE_TOO_DEEP"),
        ({"page": "0"}, "INVALID_REQUEST"),
        ({"pageSize": "101"}, "INVALID_REQUEST"),
        ({"sort": "password"}, "INVALID_REQUEST"),
        ({"status": "gone"}, "INVALID_REQUEST"),
        ({"search": "x" * 65}, "INVALID_REQUEST"),
        ({"createdFrom": "2026-01-01T00:00:00"}, "INVALID_REQUEST"),
        ({"createdFrom": "0001-01-01T00:00:00+14:00"}, "INVALID_REQUEST"),
        ({"lastLoginTo": "9999-12-31T23:59:59-12:00"}, "INVALID_REQUEST"),
        ({"filter[$where]": "1"}, "INVALID_REQUEST"),
    ],
)
async def test_an_invalid_list_query_is_refused(strict: UserApi, query: dict[str, str], code: str) -> None:
    token = await strict.staff_token()

    answer = await strict.call("GET", "", token=token, query=query)

    assert (answer.status, answer.code) == (400, code)


@pytest.mark.parametrize("search", [".*", "(a+)+$", "[", "\\", "$where", "王.芳", "%00", "_", "🙂"])
async def test_a_search_treats_special_characters_literally(strict: UserApi, search: str) -> None:
    await strict.login("王芳", nickname="王芳")
    token = await strict.staff_token()

    answer = await strict.call("GET", "", token=token, query={"search": search})

    assert answer.status == 200
    assert answer.data["list"] == []


async def test_a_pasted_search_finds_in_spite_of_hidden_characters(strict: UserApi) -> None:
    await strict.login("王芳", nickname="王芳")
    token = await strict.staff_token()

    answer = await strict.call("GET", "", token=token, query={"search": "\u202d王\u200b芳\u202c"})

    assert [each["nickname"] for each in answer.data["list"]] == ["王芳"]


async def test_tokens_of_another_audience_are_refused(strict: UserApi) -> None:
    user = (await strict.login()).data
    staff = await strict.staff_token()

    assert (await strict.call("GET", "", token=user["accessToken"])).status == 401
    assert (await strict.call("GET", "/info", token=staff)).status == 401
    assert (await strict.call("GET", "/info", token=user["refreshToken"])).status == 401
    assert (await strict.call("GET", "/info", token=user["accessToken"] + "x")).status == 401
    strict.clock.advance(7201)
    assert (await strict.call("GET", "/info", token=user["accessToken"])).status == 401
    for malformed in ("x", "a.b.c", "..", "a.b.c.d", "0" * 24 + "." + "1" * 24 + ".s"):
        assert (await strict.call("POST", "/refresh", {"refreshToken": malformed})).code == "SESSION_ENDED"


async def test_a_malformed_id_is_refused_and_an_unknown_one_is_not_found(strict: UserApi) -> None:
    token = await strict.staff_token()

    assert (await strict.call("GET", "/not-an-id", token=token)).status == 400
    assert (await strict.call("GET", "/" + "0" * 24, token=token)).code == "USER_NOT_FOUND"


@pytest.mark.parametrize(
    ("language", "message", "problem"),
    [
        ("", "请求参数不正确：phone 手机号格式不正确", "手机号格式不正确"),
        ("zh-CN", "请求参数不正确：phone 手机号格式不正确", "手机号格式不正确"),
        ("en-GB", "The request is not valid: phone: not a mainland mobile number", "not a mainland mobile number"),
    ],
)
async def test_validation_messages_follow_the_language_of_the_caller(
    trusting: UserApi, language: str, message: str, problem: str
) -> None:
    answer = await trusting.call("POST", "/login", {"openid": "o1", "phone": "12345"}, Accept_Language=language)

    assert (answer.status, answer.code, answer.body["message"]) == (400, "INVALID_REQUEST", message)
    assert answer.body["details"] == {"fields": [{"field": "phone", "problem": problem}]}


async def test_a_repeated_query_parameter_is_named(strict: UserApi) -> None:
    token = await strict.staff_token()

    answer = await strict.call("GET", "", token=token, query=[("page", "1"), ("page", "2")])

    assert (answer.status, answer.body["message"]) == (400, "请求参数不正确：page 重复提交")
