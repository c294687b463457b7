"""The WeChat simulator responds as WeChat's documentation says."""

import base64
import hashlib
import hmac
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from integrations.local.simulators.wechat.app import create_app
from integrations.local.simulators.wechat.state import SIM_PROGRAM, MiniProgram
from tests.integrations.wechat.simulated import Phone, simulated_wechat

SESSION, STABLE, LEGACY = "/sns/jscode2session", "/cgi-bin/stable_token", "/cgi-bin/token"
PHONE_NUMBER, CHECK_SESSION = "/wxa/business/getuserphonenumber", "/wxa/checksession"
OTHER = MiniProgram("wxsim0000000000002", "another-secret", SIM_PROGRAM.open_platform)
UNBOUND = MiniProgram("wxsim0000000000003", "third-secret")


@pytest.fixture
async def phone() -> AsyncIterator[Phone]:
    async with simulated_wechat((SIM_PROGRAM, OTHER, UNBOUND)) as phone:
        yield phone


def login(code: str, program: MiniProgram = SIM_PROGRAM, changes: Mapping[str, str] | None = None) -> dict[str, str]:
    query = {"appid": program.app_id, "secret": program.secret, "js_code": code, "grant_type": "authorization_code"}
    return {name: value for name, value in {**query, **(changes or {})}.items() if value}


def credentials(**changes: object) -> dict[str, object]:
    return {
        "grant_type": "client_credential",
        "appid": SIM_PROGRAM.app_id,
        "secret": SIM_PROGRAM.secret,
        **changes,
    }


async def stable(phone: Phone, **changes: object) -> Any:
    return await phone.ask("POST", STABLE, {}, credentials(**changes))


async def legacy_token(phone: Phone) -> str:
    query = {name: str(value) for name, value in credentials().items()}
    return str((await phone.ask("GET", LEGACY, query))["access_token"])


async def errcode_for_token(phone: Phone, token: str) -> int:
    """The errcode of a call with this token. 41008: the token is valid, the code is missing."""
    return int(
        (await phone.ask("POST", PHONE_NUMBER, {"access_token": token} if token else {}, {"openid": ""}))["errcode"]
    )


async def test_a_login_code_gives_the_openid_once(phone: Phone) -> None:
    code = await phone.login_code()

    answer = await phone.ask("GET", SESSION, login(code))
    again = await phone.ask("GET", SESSION, login(code))

    assert answer == {
        "openid": await phone.open_id(),
        "unionid": answer["unionid"],
        "session_key": answer["session_key"],
    }
    assert re.fullmatch(r"o[\w-]{27}", answer["openid"])
    assert len(base64.b64decode(answer["session_key"])) == 16
    assert again["errcode"] == 40163
    assert re.fullmatch(r".+, rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}", again["errmsg"])


async def test_the_openid_differs_by_program_and_the_unionid_by_platform(phone: Phone) -> None:
    answers = [
        await phone.ask("GET", SESSION, login(await phone.login_code(appId=program.app_id), program))
        for program in (SIM_PROGRAM, OTHER, UNBOUND)
    ]

    assert len({answer["openid"] for answer in answers}) == 3
    assert answers[0]["unionid"] == answers[1]["unionid"]
    assert "unionid" not in answers[2]


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"appid": ""}, 41002),
        ({"secret": ""}, 41004),
        ({"js_code": ""}, 41008),
        ({"appid": "wxunknown"}, 40013),
        ({"secret": "wrong"}, 40125),
        ({"grant_type": "password"}, 40002),
        ({"js_code": "never-issued"}, 40029),
        ({"appid": OTHER.app_id, "secret": OTHER.secret}, 40029),
    ],
)
async def test_an_invalid_code_exchange_is_refused(phone: Phone, changes: dict[str, str], errcode: int) -> None:
    code = await phone.login_code()

    assert (await phone.ask("GET", SESSION, login(code, changes=changes)))["errcode"] == errcode
    assert "openid" in await phone.ask("GET", SESSION, login(code))


async def test_a_login_code_expires_after_five_minutes(phone: Phone) -> None:
    code, late = await phone.login_code(), await phone.login_code()
    await phone.admin("clock", advanceSeconds=299)
    assert "openid" in await phone.ask("GET", SESSION, login(code))

    await phone.admin("clock", advanceSeconds=1)

    assert (await phone.ask("GET", SESSION, login(late)))["errcode"] == 40029


async def test_the_login_code_of_a_risky_person_is_refused(phone: Phone) -> None:
    await phone.admin("risk", person="王芳", risky=True)
    assert (await phone.ask("GET", SESSION, login(await phone.login_code())))["errcode"] == 40226

    await phone.admin("risk", person="王芳", risky=False)
    assert "openid" in await phone.ask("GET", SESSION, login(await phone.login_code()))


async def test_the_stable_token_is_replaced_five_minutes_before_it_expires_and_both_work_meanwhile(
    phone: Phone,
) -> None:
    first = await stable(phone)
    phone.clock.advance(6899)
    repeated = await stable(phone)
    phone.clock.advance(1)
    second = await stable(phone)

    assert first["expires_in"] == 7200
    assert repeated == {"access_token": first["access_token"], "expires_in": 301}
    assert second["access_token"] != first["access_token"]
    assert await errcode_for_token(phone, first["access_token"]) == 41008
    assert await errcode_for_token(phone, second["access_token"]) == 41008
    phone.clock.advance(300)
    assert await errcode_for_token(phone, first["access_token"]) == 42001
    assert await errcode_for_token(phone, second["access_token"]) == 41008


async def test_a_forced_refresh_revokes_the_old_token_and_has_limits(phone: Phone) -> None:
    first = await stable(phone)
    second = await stable(phone, force_refresh=True)

    assert await errcode_for_token(phone, first["access_token"]) == 40001
    assert await errcode_for_token(phone, second["access_token"]) == 41008
    assert (await stable(phone, force_refresh=True))["errcode"] == 45011
    for _ in range(19):
        phone.clock.advance(30)
        assert "access_token" in await stable(phone, force_refresh=True)
    phone.clock.advance(30)
    assert (await stable(phone, force_refresh=True))["errcode"] == 45009


async def test_the_legacy_endpoint_supersedes_its_own_tokens_only(phone: Phone) -> None:
    stable_token = (await stable(phone))["access_token"]
    first, second = await legacy_token(phone), await legacy_token(phone)

    assert await errcode_for_token(phone, first) == 41008
    phone.clock.advance(300)
    assert await errcode_for_token(phone, first) == 40001
    assert await errcode_for_token(phone, second) == 41008
    assert await errcode_for_token(phone, stable_token) == 41008


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        (credentials(appid=""), 41002),
        (credentials(secret=""), 41004),
        (credentials(appid="wxunknown"), 40013),
        (credentials(secret="wrong"), 40125),
        (credentials(grant_type="other"), 40002),
        (credentials(appid=7), 47001),
        (["a list"], 47001),
        (None, 44002),
    ],
)
async def test_an_invalid_token_request_is_refused(phone: Phone, body: object, errcode: int) -> None:
    assert (await phone.ask("POST", STABLE, {}, body))["errcode"] == errcode


async def test_wrong_methods_and_missing_tokens_are_refused(phone: Phone) -> None:
    assert (await phone.ask("POST", SESSION, {}))["errcode"] == 43001
    assert (await phone.ask("GET", STABLE, {}))["errcode"] == 43002
    assert await errcode_for_token(phone, "") == 41001
    assert await errcode_for_token(phone, "invented") == 40001


async def test_a_phone_code_gives_the_number_once_and_for_its_openid_only(phone: Phone) -> None:
    query = {"access_token": (await stable(phone))["access_token"]}
    code = await phone.phone_code()
    stranger = await phone.open_id("李雷")

    refused = await phone.ask("POST", PHONE_NUMBER, query, {"code": code, "openid": stranger})
    answer = await phone.ask("POST", PHONE_NUMBER, query, {"code": code, "openid": await phone.open_id()})
    again = await phone.ask("POST", PHONE_NUMBER, query, {"code": code})

    assert refused["errcode"] == 40003
    assert answer["errcode"] == 0
    assert answer["phone_info"] == {
        "phoneNumber": "13800138000",
        "purePhoneNumber": "13800138000",
        "countryCode": "86",
        "watermark": {"timestamp": int(phone.clock.now().timestamp()), "appid": SIM_PROGRAM.app_id},
    }
    assert again["errcode"] == 40163


async def test_a_foreign_number_has_its_country_code(phone: Phone) -> None:
    query = {"access_token": (await stable(phone))["access_token"]}
    code = await phone.phone_code(phone="98765432", countryCode=852)

    info = (await phone.ask("POST", PHONE_NUMBER, query, {"code": code}))["phone_info"]

    assert (info["phoneNumber"], info["purePhoneNumber"], info["countryCode"]) == ("+85298765432", "98765432", 852)


async def test_check_session_verifies_the_signature_of_the_session_key(phone: Phone) -> None:
    answer = await phone.ask("GET", SESSION, login(await phone.login_code()))
    signature = hmac.new(base64.b64decode(answer["session_key"]), b"", hashlib.sha256).hexdigest()
    query = {
        "access_token": (await stable(phone))["access_token"],
        "openid": answer["openid"],
        "signature": signature,
        "sig_method": "hmac_sha256",
    }

    assert (await phone.ask("GET", CHECK_SESSION, query))["errcode"] == 0
    assert (await phone.ask("GET", CHECK_SESSION, query | {"signature": "0" * 64}))["errcode"] == 87009
    assert (await phone.ask("GET", CHECK_SESSION, query | {"openid": "unknown"}))["errcode"] == 40003
    await phone.ask("GET", SESSION, login(await phone.login_code()))
    assert (await phone.ask("GET", CHECK_SESSION, query))["errcode"] == 87009


async def test_a_fault_occurs_as_often_as_it_was_injected(phone: Phone) -> None:
    await phone.admin("faults", path=SESSION, errcode=-1, times=2)
    code = await phone.login_code()

    answers = [await phone.ask("GET", SESSION, login(code)) for _ in range(3)]

    assert [answer.get("errcode", 0) for answer in answers] == [-1, -1, 0]


async def test_invalid_control_requests_are_refused(phone: Phone) -> None:
    async with phone.session.post(f"{phone.base_url}/__sim__/codes", json={"person": ""}) as response:
        assert response.status == 400
    async with phone.session.post(f"{phone.base_url}/__sim__/codes", json={"person": "a", "appId": "no"}) as response:
        assert response.status == 404


async def test_requests_from_other_machines_are_refused() -> None:
    @web.middleware
    async def from_another_machine(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        return await handler(request.clone(remote="192.168.1.7"))

    app = create_app()
    app.middlewares.insert(0, from_another_machine)
    async with TestClient(TestServer(app)) as client:
        response = await client.post("/__sim__/codes", json={"person": "王芳"})

    assert response.status == 403
