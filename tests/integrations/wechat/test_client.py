"""Identities and phone numbers from WeChat, and every error that WeChat may answer instead."""

import asyncio
import json

import pytest
from redis.asyncio import Redis

from domain.shared.errors import DomainError, RateLimited, UpstreamFailed, UpstreamTimedOut
from domain.users.errors import PhoneCodeInvalid, WxCodeInvalid, WxUserRefused
from integrations.local.simulators.wechat.state import SIM_PROGRAM
from integrations.wechat.client import WeChatClient, wechat_client
from tests.integrations.wechat.conftest import Calls, NewClient
from tests.integrations.wechat.simulated import Phone

SESSION, NUMBER = "/sns/jscode2session", "/wxa/business/getuserphonenumber"


async def test_a_login_code_gives_the_identity(client: WeChatClient, phone: Phone) -> None:
    identity = await client.exchange_code(await phone.login_code())

    assert identity.app_id == client.app_id == SIM_PROGRAM.app_id
    assert identity.open_id == await phone.open_id()
    assert identity.union_id.startswith("u")


async def test_a_phone_code_gives_the_number(client: WeChatClient, phone: Phone) -> None:
    code = await phone.phone_code(phone="13900139000")

    assert await client.phone_number(code, await phone.open_id()) == "13900139000"


async def test_the_builder_returns_a_working_client(phone: Phone, redis: Redis) -> None:
    client = wechat_client(phone.session, redis, phone.clock, phone.base_url, SIM_PROGRAM.app_id, SIM_PROGRAM.secret)

    assert (await client.exchange_code(await phone.login_code())).open_id == await phone.open_id()


@pytest.mark.parametrize(
    ("errcode", "error"),
    [
        (-1, UpstreamFailed),
        (40001, UpstreamFailed),
        (40013, UpstreamFailed),
        (40029, WxCodeInvalid),
        (40125, UpstreamFailed),
        (40163, WxCodeInvalid),
        (40164, UpstreamFailed),
        (40226, WxUserRefused),
        (41002, UpstreamFailed),
        (41004, UpstreamFailed),
        (41008, UpstreamFailed),
        (45009, RateLimited),
        (45011, RateLimited),
        (48001, UpstreamFailed),
        (50002, UpstreamFailed),
        (61004, UpstreamFailed),
        (99999, UpstreamFailed),
    ],
)
async def test_every_errcode_of_a_login_code_has_its_domain_error(
    client: WeChatClient, phone: Phone, errcode: int, error: type[DomainError]
) -> None:
    await phone.admin("faults", path=SESSION, errcode=errcode, times=3)

    with pytest.raises(error) as refused:
        await client.exchange_code(await phone.login_code())
    assert type(refused.value) is error


@pytest.mark.parametrize(
    ("errcode", "error"),
    [
        (-1, UpstreamFailed),
        (40001, UpstreamFailed),
        (40003, PhoneCodeInvalid),
        (40013, PhoneCodeInvalid),
        (40014, UpstreamFailed),
        (40029, PhoneCodeInvalid),
        (40163, PhoneCodeInvalid),
        (40164, UpstreamFailed),
        (41001, UpstreamFailed),
        (42001, UpstreamFailed),
        (43002, UpstreamFailed),
        (44002, UpstreamFailed),
        (45009, RateLimited),
        (45011, RateLimited),
        (47001, UpstreamFailed),
        (48001, UpstreamFailed),
        (50002, UpstreamFailed),
        (99999, UpstreamFailed),
    ],
)
async def test_every_errcode_of_a_phone_code_has_its_domain_error(
    client: WeChatClient, phone: Phone, errcode: int, error: type[DomainError]
) -> None:
    await phone.admin("faults", path=NUMBER, errcode=errcode, times=3)

    with pytest.raises(error) as refused:
        await client.phone_number(await phone.phone_code(), await phone.open_id())
    assert type(refused.value) is error


@pytest.mark.parametrize("errcode", [40001, 40013, 40125, 40164, -1])
async def test_a_refused_access_token_is_a_failure_of_the_provider(
    client: WeChatClient, phone: Phone, errcode: int
) -> None:
    await phone.admin("faults", path="/cgi-bin/stable_token", errcode=errcode, times=3)

    with pytest.raises(UpstreamFailed):
        await client.phone_number(await phone.phone_code(), await phone.open_id())


async def test_the_minute_quota_ends_with_the_minute(client: WeChatClient, phone: Phone) -> None:
    phone.clock.advance(42)
    await phone.admin("faults", path=SESSION, errcode=45011)

    with pytest.raises(RateLimited) as limited:
        await client.exchange_code(await phone.login_code())

    assert limited.value.retry_after_seconds == 18


async def test_a_busy_wechat_is_called_again(client: WeChatClient, phone: Phone, calls: Calls) -> None:
    await phone.admin("faults", path=SESSION, errcode=-1, times=2)

    await client.exchange_code(await phone.login_code())

    assert calls == [("jscode2session", "-1"), ("jscode2session", "-1"), ("jscode2session", "0")]


async def test_a_repeated_code_gives_the_same_identity_for_ten_seconds(
    new_client: NewClient, phone: Phone, redis: Redis
) -> None:
    code = await phone.login_code()

    first, again = await new_client().exchange_code(code), await new_client().exchange_code(code)

    assert first == again
    assert await phone.calls(SESSION) == 1
    (key,) = await redis.keys("wechat:*answered*")
    assert 9 <= await redis.ttl(key) <= 10
    assert code.encode() not in key
    await redis.flushdb()
    with pytest.raises(WxCodeInvalid):
        await new_client().exchange_code(code)


async def test_concurrent_requests_with_one_code_get_one_identity(new_client: NewClient, phone: Phone) -> None:
    code = await phone.login_code()

    identities = await asyncio.gather(*(new_client().exchange_code(code) for _ in range(5)))

    assert len({identity.open_id for identity in identities}) == 1


async def test_a_repeated_phone_code_gives_the_number_to_the_same_openid_only(
    new_client: NewClient, phone: Phone
) -> None:
    code, own = await phone.phone_code(), await phone.open_id()

    assert await new_client().phone_number(code, own) == await new_client().phone_number(code, own)
    with pytest.raises(PhoneCodeInvalid):
        await new_client().phone_number(code, await phone.open_id("李雷"))


async def test_a_phone_code_of_another_person_is_refused(client: WeChatClient, phone: Phone) -> None:
    with pytest.raises(PhoneCodeInvalid):
        await client.phone_number(await phone.phone_code("李雷"), await phone.open_id("王芳"))


@pytest.mark.parametrize("country", ["852", 1])
async def test_a_foreign_number_is_refused(client: WeChatClient, phone: Phone, country: str | int) -> None:
    code = await phone.phone_code(phone="13800138000", countryCode=country)

    with pytest.raises(PhoneCodeInvalid) as refused:
        await client.phone_number(code, await phone.open_id())
    assert refused.value.details == {"reason": "foreign_number"}


async def test_the_country_code_may_be_a_json_number(client: WeChatClient, phone: Phone) -> None:
    assert await client.phone_number(await phone.phone_code(countryCode=86), await phone.open_id()) == "13800138000"


def phone_answer(phone: Phone, age: float = 0, app_id: str = SIM_PROGRAM.app_id, number: str = "13800138000") -> str:
    watermark = {"timestamp": phone.clock.now().timestamp() - age, "appid": app_id}
    info = {"phoneNumber": number, "purePhoneNumber": number, "countryCode": "86", "watermark": watermark}
    return json.dumps({"errcode": 0, "errmsg": "ok", "phone_info": info})


@pytest.mark.parametrize(
    ("age", "app_id", "number", "reason"),
    [
        (601, SIM_PROGRAM.app_id, "13800138000", "watermark"),
        (-601, SIM_PROGRAM.app_id, "13800138000", "watermark"),
        (0, "wxanother", "13800138000", "watermark"),
        (0, SIM_PROGRAM.app_id, "01088886666", "not_mobile"),
    ],
)
async def test_a_number_with_an_old_or_foreign_watermark_is_refused(
    client: WeChatClient, phone: Phone, age: float, app_id: str, number: str, reason: str
) -> None:
    await phone.admin("faults", path=NUMBER, body=phone_answer(phone, age, app_id, number))

    with pytest.raises(PhoneCodeInvalid) as refused:
        await client.phone_number("code", "openid")
    assert refused.value.details == {"reason": reason}


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html>",
        "[]",
        "7",
        '{"errcode": "0"}',
        '{"errcode": 0}',
        '{"openid": 7}',
        '{"openid": ""}',
        "x" * 70_000,
        "[" * 60_000,
    ],
)
async def test_a_malformed_answer_is_a_failure_of_the_provider(client: WeChatClient, phone: Phone, body: str) -> None:
    await phone.admin("faults", path=SESSION, body=body)
    await phone.admin("faults", path=NUMBER, body=body)

    with pytest.raises(UpstreamFailed):
        await client.exchange_code("code")
    with pytest.raises(UpstreamFailed):
        await client.phone_number("code", "openid")


@pytest.mark.parametrize("code", ["", "x" * 257, "编号", "a\nb", "\ud800"])
async def test_a_malformed_code_is_refused_without_a_call(client: WeChatClient, calls: Calls, code: str) -> None:
    with pytest.raises(WxCodeInvalid):
        await client.exchange_code(code)
    with pytest.raises(PhoneCodeInvalid):
        await client.phone_number(code, "openid")
    assert calls == []


async def test_a_timed_out_exchange_is_not_repeated(new_client: NewClient, phone: Phone, calls: Calls) -> None:
    impatient = new_client(total_seconds=0.1)
    await phone.admin("faults", path=SESSION, delaySeconds=5)

    with pytest.raises(UpstreamTimedOut):
        await impatient.exchange_code(await phone.login_code())
    assert calls == [("jscode2session", "timeout")]
