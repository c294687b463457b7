"""The e-sign simulator behaves as the real provider is known to behave."""

import base64
import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA1

from integrations.local.simulators.esign.keys import SIMULATED_APP_ID, development_keys
from integrations.local.simulators.esign.templates import HOUSEKEEPING_TEMPLATE, TEMPLATES
from tests.integrations.esign.simulated import KEYS, SimulatedProvider, simulated

TEN_MINUTES = 600
OK = 100000


@pytest.fixture
async def provider() -> AsyncIterator[SimulatedProvider]:
    async with simulated() as provider:
        yield provider


def canonical_json(business: Any) -> str:
    return json.dumps(business, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


async def call(
    provider: SimulatedProvider,
    path: str,
    business: Any,
    *,
    text: str = "",
    ahead: float = TEN_MINUTES,
    key: RSAPrivateKey = KEYS.merchant,
    app_id: str = SIMULATED_APP_ID,
    multipart: bool = True,
    without: str = "",
    sign: str | None = None,
) -> dict[str, Any]:
    """Send a request as the documentation describes it, independent of our client. Returns the whole response."""
    text = text or canonical_json(business)
    timestamp = str(int((provider.clock.now().timestamp() + ahead) * 1000))
    digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    signed = key.sign(f"{text}{digest}{app_id}{timestamp}".encode(), PKCS1v15(), SHA1())  # noqa: S303
    form = aiohttp.FormData(default_to_multipart=multipart)
    for name, value in {"appId": app_id, "timestamp": timestamp, "bizData": text}.items():
        if name != without:
            form.add_field(name, value)
    headers = {"sign": base64.b64encode(signed).decode() if sign is None else sign}
    async with provider.session.post(provider.url + path, data=form, headers=headers) as response:
        assert response.status == 200
        answer: dict[str, Any] = await response.json()
        return answer


async def code(provider: SimulatedProvider, path: str, business: Any, **more: Any) -> int:
    return int((await call(provider, path, business, **more))["code"])


async def data(provider: SimulatedProvider, path: str, business: Any) -> Any:
    answer = await call(provider, path, business)
    assert answer["code"] == OK, answer
    return answer["data"]


def template_values() -> list[dict[str, Any]]:
    controls = TEMPLATES[HOUSEKEEPING_TEMPLATE]["controls"]
    texts = {control["dataKey"]: "值" for control in controls if control["required"]}
    return [{"templateNo": HOUSEKEEPING_TEMPLATE, "fileName": "a.pdf", "fillData": texts, "componentData": []}]


def a_contract(provider: SimulatedProvider, number: str = "C-1", **changes: Any) -> dict[str, Any]:
    contract = {
        "contractNo": number,
        "contractName": "家政服务合同",
        "validityTime": 30,
        "signOrder": 2,
        "templates": template_values(),
        "notifyUrl": f"{provider.listener.url}?of=all",
        "userNotifyUrl": f"{provider.listener.url}?of=one",
        "callbackUrl": f"{provider.listener.url}?of=end",
        "refuseOn": 1,
        **changes,
    }
    return {name: value for name, value in contract.items() if value is not None}


def a_signer(account: str, order: int, number: str = "C-1", **changes: Any) -> dict[str, Any]:
    return {
        "contractNo": number,
        "account": account,
        "signType": 3,
        "signOrder": str(order),
        "signMark": f"mark-{account}",
        **changes,
    }


async def ready(
    provider: SimulatedProvider, number: str = "C-1", *, seal: bool = True, **changes: Any
) -> list[dict[str, Any]]:
    """Create a contract with two people and the seal of the agency. Returns the signers of the response."""
    for account in ("ann", "bob"):
        await call(provider, "/v2/user/addStranger", {"account": account, "userType": 2, "name": account})
    await data(provider, "/contract/createContract", a_contract(provider, number, **changes))
    rows = [a_signer("ann", 1, number), a_signer("bob", 2, number)]
    rows += [a_signer("agency", 3, number, signType=2, sealNo="s-1")] if seal else []
    return list((await data(provider, "/contract/addSigner", rows))["signUser"])


async def state(provider: SimulatedProvider, number: str = "C-1") -> dict[str, Any]:
    return dict(await data(provider, "/contract/getContract", {"contractNo": number}))


async def statuses(provider: SimulatedProvider) -> list[int]:
    return [row["signStatus"] for row in (await state(provider))["signUser"]]


# Validation of requests


@pytest.mark.parametrize(
    ("expected", "wrong"),
    [
        (OK, {}),
        (100004, {"multipart": False}),
        (100004, {"without": "appId"}),
        (100004, {"without": "timestamp"}),
        (100004, {"without": "bizData"}),
        (100004, {"app_id": "900000002"}),
        (100016, {"sign": ""}),
        (100016, {"sign": "AAAA"}),
        (100016, {"key": KEYS.platform}),
        (100016, {"ahead": -1}),
        (100016, {"ahead": 0}),
        (OK, {"ahead": 15 * 60}),
        (100016, {"ahead": 15 * 60 + 1}),
        (100016, {"text": '{"rows":10,"page":1}'}),
        (100016, {"text": '{"page": 1}'}),
        (100016, {"text": '{"name":"\\u738b"}'}),
        (100004, {"text": "page=1"}),
    ],
)
async def test_a_request_must_be_signed_fresh_and_in_canonical_form(
    provider: SimulatedProvider, expected: int, wrong: dict[str, Any]
) -> None:
    assert await code(provider, "/template/list", {"page": 1, "rows": 10}, **wrong) == expected


async def test_only_post_is_accepted(provider: SimulatedProvider) -> None:
    async with provider.session.get(f"{provider.url}/template/list") as response:
        assert (await response.json())["code"] == 100004


# Endpoints and error codes


@pytest.mark.parametrize(
    ("expected", "path", "business"),
    [
        (100579, "/v2/user/addStranger", {"userType": 2}),
        (100004, "/v2/user/addStranger", {"account": "eve", "userType": 3}),
        (100577, "/v2/user/addStranger", {"account": "e" * 51, "userType": 2}),
        (100021, "/v2/user/addStranger", {"account": "ann", "userType": 2}),
        (100025, "/user/getUser", {"account": "nobody"}),
        (100082, "/user/getUser", {"account": "ann"}),
        (100025, "/seal/makeOnline", {"account": "nobody"}),
        (100050, "/template/data", {"templateIdent": "TN-NONE"}),
        (100056, "/contract/status", {}),
        (100056, "/contract/getContract", {"contractNo": ""}),
        (100066, "/contract/status", {"contractNo": "C-2"}),
        (100055, "/contract/createContract", {"contractNo": "C-1", "contractName": "again"}),
        (100004, "/contract/createContract", {"contractNo": "C-2", "contractName": "a/b"}),
        (100004, "/contract/createContract", {"contractNo": "C-2", "contractName": "笑😀"}),
        (100577, "/contract/createContract", {"contractNo": "C" * 41, "contractName": "long"}),
        (100577, "/contract/createContract", {"contractNo": "C-2", "contractName": "n" * 121}),
        (100581, "/contract/createContract", {"contractNo": "C-2", "contractName": "n", "signOrder": 3}),
        (100605, "/contract/createContract", {"contractNo": "C-2", "contractName": "n", "validityDate": "soon"}),
        (
            100050,
            "/contract/createContract",
            {"contractNo": "C-2", "contractName": "n", "templates": [{"templateNo": "T"}]},
        ),
        (
            100626,
            "/contract/createContract",
            {"contractNo": "C-2", "contractName": "n", "templates": [{"templateNo": HOUSEKEEPING_TEMPLATE}]},
        ),
        (100004, "/contract/addSigner", {"contractNo": "C-1"}),
        (100004, "/contract/addSigner", []),
        (100074, "/contract/addSigner", [a_signer("ann", 1)]),
        (100066, "/contract/addSigner", [a_signer("ann", 1, "C-2")]),
        (100004, "/contract/addSigner", [a_signer("ann", 1), a_signer("bob", 1, "C-2")]),
        (100084, "/contract/previewContract", [{"contractNo": "C-1", "account": "eve"}]),
        (100061, "/contract/downloadContract", {"contractNo": "C-1", "force": 0}),
        (100577, "/contract/withdraw", {"contractNo": "C-1", "withdrawReason": "长" * 51}),
        (100061, "/contract/cancellation", {"contractNo": "C-1"}),
        (100605, "/contract/delayValidityTime", {"contractNo": "C-1", "validityDate": "2020-01-01 00:00:00"}),
    ],
)
async def test_each_invalid_call_has_its_error_code(
    provider: SimulatedProvider, expected: int, path: str, business: Any
) -> None:
    await ready(provider)

    assert await code(provider, path, business) == expected


@pytest.mark.parametrize(
    ("expected", "signer"),
    [
        (100025, a_signer("nobody", 1)),
        (100581, a_signer("ann", 0)),
        (100004, a_signer("ann", 1, signType=1)),
        (100004, a_signer("agency", 1, signType=2)),
        (100577, a_signer("ann", 1, noticeMobile="1" * 12)),
    ],
)
async def test_a_signer_must_exist_and_be_complete(
    provider: SimulatedProvider, expected: int, signer: dict[str, Any]
) -> None:
    await data(provider, "/v2/user/addStranger", {"account": "ann", "userType": 2})
    await data(provider, "/contract/createContract", a_contract(provider))

    assert await code(provider, "/contract/addSigner", [signer]) == expected


async def test_verified_users_have_a_seal(provider: SimulatedProvider) -> None:
    person = await data(provider, "/v2/user/addPersonalUser", {"account": "ann", "name": "Ann", "serialNo": "1"})
    company = await data(provider, "/v2/user/addEnterpriseUser", {"account": "agency", "companyName": "安心"})

    assert person["sealNo"] != company["sealNo"]
    assert (await data(provider, "/user/getUser", {"account": "agency"}))["name"] == "安心"
    assert str(await data(provider, "/seal/makeOnline", {"account": "agency"})).startswith(provider.url)
    assert await code(provider, "/user/setDefaultSeal", {"account": "agency", "sealNo": company["sealNo"]}) == OK


async def test_status_and_get_contract_agree(provider: SimulatedProvider) -> None:
    rows = await ready(provider)

    contract, status = await state(provider), await data(provider, "/contract/status", {"contractNo": "C-1"})

    assert [row["signMark"] for row in rows] == ["mark-ann", "mark-bob", "mark-agency"]
    assert status == {"contractNo": "C-1", "contractName": "家政服务合同", "status": 0}
    assert {name: contract[name] for name in status} == status
    assert [row["userType"] for row in contract["signUser"]] == [2, 2, 1]


# Clock and download


async def test_a_contract_expires_unless_its_validity_is_extended(provider: SimulatedProvider) -> None:
    until = "2026-05-03 16:00:00"  # two days from now, China Standard Time
    await ready(provider, "C-1", validityTime=None, validityDate=until)
    await ready(provider, "C-2", validityTime=1)
    await data(provider, "/contract/delayValidityTime", {"contractNo": "C-2", "validityDate": "2026-05-05 16:00:00"})

    await provider.advance(2 * 86_400 - 1)
    before = (await state(provider))["status"]
    await provider.advance(1)

    assert (before, (await state(provider))["status"], (await state(provider, "C-2"))["status"]) == (0, 3, 0)
    assert [message["status"] for message in await provider.listener.until(1)] == ["3"]


async def test_the_control_api_advances_the_clock(provider: SimulatedProvider) -> None:
    await ready(provider)

    await provider.order("clock", advance_seconds=31 * 86_400)

    assert provider.state.records.contracts["C-1"].status == 3


async def test_a_signed_contract_can_be_downloaded_as_a_valid_pdf(provider: SimulatedProvider) -> None:
    await ready(provider, seal=False)
    unsigned = await data(provider, "/contract/downloadContract", {"contractNo": "C-1", "force": 1})
    for order in (1, 2):
        await provider.do("C-1", "sign", order=order)

    answer = await data(provider, "/contract/downloadContract", {"contractNo": "C-1", "force": 0})

    document = base64.b64decode(answer["data"])
    assert document.startswith(b"%PDF-1.4\n")
    assert document.endswith(b"%%EOF\n")
    start = int(document.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    assert document[start:].startswith(b"xref\n0 5\n")
    for line in document[start:].split(b"\n")[3:7]:
        offset = int(line[:10])
        assert document[offset:].split(b"\n")[0].endswith(b" 0 obj")
    assert answer["md5"] == hashlib.md5(document, usedforsecurity=False).hexdigest()
    assert (answer["size"], answer["fileType"]) == (len(document), 0)
    assert base64.b64decode(unsigned["data"]).startswith(b"%PDF-")


async def test_the_keys_are_kept_in_the_directory(tmp_path: Any) -> None:
    keys = development_keys(tmp_path)

    again = development_keys(tmp_path)

    assert again.merchant_private_pem == keys.merchant_private_pem
    assert again.platform_public_pem == keys.platform_public_pem
    assert (tmp_path / "merchant.pem").stat().st_mode & 0o777 == 0o600
