"""Hostile requests: each is refused with its 4xx status and code, and changes nothing."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import jwt
import pytest
import socketio
from yarl import URL

from integrations.security.tokens import JwtAccessTokens
from tests.journeys.support.people import USERS, data_of, log_in
from tests.journeys.support.running import Product
from tests.waiting import eventually

OPENID = "oBadInput000000000000000001"
JSON = {"Content-Type": "application/json"}
LOGIN = ("POST", f"{USERS}/login")
STAFF_LOGIN = ("POST", "/api/auth/login")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NESTED = b"[" * 100_000


@dataclass(frozen=True)
class Bad:
    """A bad request and its answer. USER in path and body stands for the account that must not change."""

    name: str
    call: tuple[str, str]
    status: int
    code: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=lambda: JSON)
    as_staff: bool = False


def staff(name: str, method: str, path: str, status: int, code: str, body: object = None) -> Bad:
    sent = b"" if body is None else json.dumps(body).encode()
    return Bad(name, (method, f"{USERS}{path}"), status, code, sent, as_staff=True)


REFUSED = [
    Bad("half an object", LOGIN, 400, "INVALID_REQUEST", b'{"openid":'),
    Bad("a list", LOGIN, 400, "INVALID_REQUEST", b"[]"),
    Bad("null", LOGIN, 400, "INVALID_REQUEST", b"null"),
    Bad("NaN", LOGIN, 400, "INVALID_REQUEST", b'{"gender": NaN}'),
    Bad("invalid UTF-8", LOGIN, 400, "INVALID_REQUEST", b'{"openid": "\xff\xfe"}'),
    Bad("half a surrogate", LOGIN, 400, "INVALID_REQUEST", b'{"openid": "o1", "nickname": "\\ud800"}'),
    Bad("deep nesting", LOGIN, 400, "INVALID_REQUEST", NESTED),
    Bad("a prototype", LOGIN, 400, "INVALID_REQUEST", b'{"openid": "o1", "__proto__": {}}'),
    Bad("an empty body", LOGIN, 400, "WX_CODE_REQUIRED"),
    Bad("a form", LOGIN, 400, "UNSUPPORTED_MEDIA_TYPE", b"openid=o1", FORM),
    Bad("plain text", LOGIN, 400, "UNSUPPORTED_MEDIA_TYPE", b'{"openid": "o1"}', {"Content-Type": "text/plain"}),
    Bad("a large body", LOGIN, 413, "BODY_TOO_LARGE", b" " * 300_000),
    Bad("a compression bomb", LOGIN, 413, "BODY_TOO_LARGE", gzip.compress(b" " * 9_000_000)),
    Bad(
        "a query for a password", STAFF_LOGIN, 400, "INVALID_REQUEST", b'{"username": "admin", "password": {"$ne": 1}}'
    ),
    Bad("a regex for a name", STAFF_LOGIN, 400, "INVALID_REQUEST", b'{"username": {"$regex": "."}, "password": "x"}'),
    Bad(
        "a huge password",
        STAFF_LOGIN,
        400,
        "INVALID_REQUEST",
        b'{"username":"admin","password":"%b"}' % (b"x" * 9999),
    ),
    Bad("a wrong password", STAFF_LOGIN, 401, "BAD_CREDENTIALS", b'{"username": "admin", "password": "wrong-one"}'),
    Bad(
        "a forged cookie",
        ("POST", "/api/auth/refresh"),
        401,
        "SESSION_ENDED",
        headers={"Cookie": "staff_refresh=a.b.c"},
    ),
    Bad("no such route", ("GET", "/api/nothing"), 404, "ROUTE_NOT_FOUND"),
    Bad("no such method", ("PUT", f"{USERS}/login"), 405, "METHOD_NOT_ALLOWED"),
    Bad("a path traversal", ("GET", "/assets/x/%2e%2e/%2e%2e/run.py"), 404, "ROUTE_NOT_FOUND"),
    Bad("no token", ("GET", USERS), 401, "NOT_AUTHENTICATED"),
    Bad("a password for a token", ("GET", USERS), 401, "NOT_AUTHENTICATED", headers={"Authorization": "Basic YTpi"}),
    staff("a page twice", "GET", "?page=1&page=2", 400, "INVALID_REQUEST"),
    staff("a page of letters", "GET", "?page=x", 400, "INVALID_REQUEST"),
    staff("a deep page of a log", "GET", "/USER/login-logs?page=1000000000", 400, "PAGE_TOO_DEEP"),
    staff("a page beyond the maximum", "GET", "/USER/login-logs?page=1000000001", 400, "INVALID_REQUEST"),
    staff("too many days", "GET", "/statistics/trend?days=91", 400, "INVALID_REQUEST"),
    staff("an id with a NUL byte", "GET", "/%00", 400, "INVALID_REQUEST"),
    staff("a query for an id", "GET", "/%7B%22$ne%22:1%7D", 404, "ROUTE_NOT_FOUND"),
    staff("an id in capitals", "GET", "/" + "A" * 24, 400, "INVALID_REQUEST"),
    staff("a role by edit", "PATCH", "/USER", 400, "INVALID_REQUEST", {"role": "admin"}),
    staff("an openid by edit", "PATCH", "/USER", 400, "INVALID_REQUEST", {"openid": "o2"}),
    staff("an operator in a field", "PATCH", "/USER", 400, "INVALID_REQUEST", {"$set": {"status": "blocked"}}),
    staff("an unknown version", "PATCH", "/USER", 409, "VERSION_CONFLICT", {"nickname": "x", "version": 99}),
    staff("an unknown status", "PATCH", "/USER/status", 400, "INVALID_REQUEST", {"status": "gone"}),
    staff("a long reason", "PATCH", "/USER/status", 400, "INVALID_REQUEST", {"status": "blocked", "reason": "x" * 201}),
    staff("an unknown merge target", "POST", "/USER/merge", 404, "USER_NOT_FOUND", {"into": "0" * 24, "reason": "x"}),
    staff("a merge with itself", "POST", "/USER/merge", 422, "MERGE_REFUSED", {"into": "USER", "reason": "x"}),
    staff("a password to reveal", "POST", "/USER/reveal", 400, "INVALID_REQUEST", {"fields": ["password"]}),
]


@pytest.fixture
async def admin(product: Product) -> AsyncIterator[aiohttp.ClientSession]:
    async with product.client(await product.admin_token()) as client:
        yield client


@pytest.fixture
async def user(admin: aiohttp.ClientSession) -> str:
    """Created once; found by the search afterwards, since a login would change it."""
    found = await data_of(admin, f"{USERS}?search={OPENID}")
    if found["list"]:
        return str(found["list"][0]["id"])
    created = await log_in(admin, OPENID)

    async def logged() -> bool:
        return bool((await data_of(admin, f"{USERS}/{created['id']}/login-logs"))["total"] == 1)

    await eventually(logged)
    return str(created["id"])


async def state_of(client: aiohttp.ClientSession, user_id: str) -> tuple[object, ...]:
    user = await data_of(client, f"{USERS}/{user_id}")
    log = await data_of(client, f"{USERS}/{user_id}/login-logs")
    return (await data_of(client, USERS))["total"], user, log["total"]


@pytest.mark.parametrize("bad", REFUSED, ids=lambda bad: bad.name)
async def test_a_bad_request_is_refused(product: Product, admin: aiohttp.ClientSession, user: str, bad: Bad) -> None:
    before = await state_of(admin, user)
    method, path = bad.call
    url = URL(product.url + path.replace("USER", user), encoded=True)
    headers = {**bad.headers, **({"Content-Encoding": "gzip"} if bad.body[:2] == b"\x1f\x8b" else {})}

    async with product.client() as stranger:
        caller = admin if bad.as_staff else stranger
        async with caller.request(
            method, url, data=bad.body.replace(b"USER", user.encode()), headers=headers
        ) as answer:
            body = await answer.json()

    assert (answer.status, body["code"], body["success"], body["data"]) == (bad.status, bad.code, False, None)
    assert body["requestId"] == answer.headers["X-Request-Id"]
    assert "Traceback" not in body["message"]
    assert await state_of(admin, user) == before


async def test_a_body_without_a_length_is_refused_at_the_size_limit(product: Product) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * 10_000

    async with product.client() as client, client.post(f"{USERS}/login", data=endless(), headers=JSON) as answer:
        assert answer.status == 413
        assert (await answer.json())["code"] == "BODY_TOO_LARGE"


def invalid_tokens(product: Product, genuine: str) -> dict[str, str]:
    command = [str(part) for part in product.process.args]  # type: ignore[union-attr]  # it was started by a list
    secret = (Path(command[command.index("--data-dir") + 1]) / "jwt-secret").read_text().strip()
    claims = jwt.decode(genuine, options={"verify_signature": False})
    lifetimes = {"staff": timedelta(minutes=30), "mp": timedelta(minutes=30)}
    ours: Any = JwtAccessTokens([secret], claims["iss"], lifetimes)  # type: ignore[arg-type]  # plain strings
    theirs = JwtAccessTokens(["k" * 48], claims["iss"], lifetimes)  # type: ignore[arg-type]  # plain strings
    now = datetime.now(UTC)
    of = (claims["sub"], claims["sid"])
    head, body, signature = genuine.split(".")
    return {
        "expired": ours.issue("staff", *of, now - timedelta(hours=1))[0],
        "for another audience": ours.issue("mp", *of, now)[0],
        "for both audiences": jwt.encode({**claims, "aud": ["staff", "mp"]}, secret, "HS256"),
        "of another issuer": jwt.encode({**claims, "iss": "elsewhere"}, secret, "HS256"),
        "of an ended session": ours.issue("staff", claims["sub"], "0" * 24, now)[0],
        "of an unknown staff member": ours.issue("staff", "0" * 24, claims["sid"], now)[0],
        "signed by another key": theirs.issue("staff", *of, now)[0],
        "signed by another algorithm": jwt.encode(claims, secret, "HS512"),
        "unsigned": jwt.encode(claims, "", "none"),
        "without its signature": f"{head}.{body}.",
        "of another body": f"{head}.{body[:-4]}AAAA.{signature}",
        "too long": genuine + "A" * 3000,
        "not a token": "令牌",
    }


async def test_an_invalid_token_is_refused_by_api_and_socket(product: Product) -> None:
    genuine = await product.admin_token()
    tokens = invalid_tokens(product, genuine)

    async with product.client() as client:
        for name, token in tokens.items():
            async with client.get(USERS, headers={"Authorization": f"Bearer {token}"}) as answer:
                assert answer.status == 401, name
                assert answer.headers["WWW-Authenticate"] == "Bearer"
                assert (await answer.json())["code"] in ("NOT_AUTHENTICATED", "SESSION_ENDED"), name
            assert await refusal_of(product, token) in ("INVALID_TOKEN", "TOKEN_EXPIRED", "SESSION_ENDED"), name

    async with product.client(genuine) as client:
        assert (await client.get(USERS)).status == 200


async def refusal_of(product: Product, token: str) -> str:
    """The error code that a Socket.IO connection with this token is refused with."""
    refusals: list[dict[str, Any]] = []
    client = socketio.AsyncClient(reconnection=False)
    client.on("connect_error", refusals.append, namespace="/statistics")
    with pytest.raises(socketio.exceptions.ConnectionError):
        await client.connect(
            product.url, auth={"token": token}, namespaces=["/statistics"], transports=["websocket"], wait_timeout=5
        )
    await client.shutdown()
    [refusal] = refusals
    return str(refusal.get("data", refusal)["code"])


async def test_malformed_http_is_answered_with_400_and_not_logged(product: Product) -> None:
    written = len(product.printed)
    for number in range(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", URL(product.url).port)
        writer.write(b"\x81\x89nonsense %d\r\n\r\n" % number)
        assert b" 400 " in await reader.readline()
        writer.close()
    async with product.client() as client:
        await log_in(client, "oAfterNonsense0000000000001")

    async def logged() -> bool:
        return "/api/miniprogram-users/login" in product.printed[written:]

    await eventually(logged)
    assert "nonsense" not in product.printed[written:]
    assert "Traceback" not in product.printed[written:]
