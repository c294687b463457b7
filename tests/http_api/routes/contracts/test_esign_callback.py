"""The route of provider callbacks: verified, stored before the answer, and used only as a hint."""

import asyncio
import base64
import json
import time
from datetime import UTC, datetime
from typing import Any

import aiohttp
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA1

from domain.shared.errors import Unavailable
from http_api.core.provider_callbacks import MAX_FIELDS, MAX_VALUE_LENGTH
from http_api.core.rate_limits import RateLimit
from http_api.routes.contracts.esign_callback import endpoints
from integrations.local.simulators.esign.keys import new_key
from tests.app_process import KEYS
from tests.contract_api import ContractApi, Provider, StaffMember
from tests.waiting import eventually

PATH = "/api/esign/callback"
NOW = datetime(2026, 5, 1, tzinfo=UTC)


def message(contract_no: str, **more: Any) -> dict[str, Any]:
    return {
        "action": "signCompleted",
        "contractNo": contract_no,
        "status": "2",
        "signTime": "2026-05-01 16:00:00",
        "timestamp": str(int(time.time() * 1000)),
        **more,
    }


def signed(fields: dict[str, Any], key: RSAPrivateKey = KEYS.platform) -> dict[str, Any]:
    text = json.dumps({name: str(fields[name]) for name in sorted(fields)}, ensure_ascii=False, separators=(",", ":"))
    signature = key.sign(text.encode(), PKCS1v15(), SHA1())  # noqa: S303  # as the provider does
    return {**fields, "sign": base64.b64encode(signature).decode()}


async def post(api: ContractApi, **sent: Any) -> tuple[int, str, str]:
    async with api.http.post(api.url + PATH, **sent) as answer:
        return answer.status, answer.content_type, await answer.text()


async def stored(api: ContractApi) -> int:
    """The number of stored callbacks."""
    collection = api.stores.contracts.contracts.collection.database["esign_events"]
    return int(await collection.count_documents({}))


OK = (200, "text/plain", "ok")
FORGED = (401, "text/plain", "invalid signature")


async def test_form_json_and_multipart_bodies_are_accepted(api: ContractApi) -> None:
    def multipart(fields: dict[str, Any]) -> aiohttp.FormData:
        form = aiohttp.FormData(default_to_multipart=True)
        for name, value in fields.items():
            form.add_field(name, value)
        return form

    answers = [
        await post(api, data=signed(message("CON0001-1"))),
        await post(api, json=signed(message("CON0002-1"))),
        await post(api, data=multipart(signed(message("CON0003-1", remark="已签/同意")))),
    ]

    assert answers == [OK] * 3
    assert await stored(api) == 3


async def test_a_callback_is_stored_once_before_it_is_answered_ok(api: ContractApi) -> None:
    callback = signed(message("CON0001-1"))

    for _ in range(3):
        assert await post(api, data=callback) == OK
        assert await stored(api) == 1


async def test_a_callback_is_not_acknowledged_while_the_store_is_down(api: ContractApi) -> None:
    class Down:
        async def store(self, _: object) -> bool:
            raise Unavailable

    api.services.callbacks._store = Down()  # type: ignore[assignment]  # only the store fails

    status, _, body = await post(api, data=signed(message("CON0001-1")))

    assert status == 503
    assert "ok" not in body


async def test_a_forged_callback_is_refused_and_changes_nothing(
    admin: StaffMember, api: ContractApi, provider: Provider
) -> None:
    await provider.order("knobs", drop=1)
    contract = await admin.signing()
    genuine = signed(message(contract.esign_contract_no))
    forgeries: list[dict[str, Any]] = [
        {"data": signed(message(contract.esign_contract_no), new_key())},
        {"data": message(contract.esign_contract_no)},
        {"data": {**genuine, "status": "4"}},
        {"data": {**genuine, "contractNo": "CON0001-1"}},
        {"data": {**genuine, "sign": ""}},
        {"json": {**genuine, "sign": None}},
        {"json": [genuine]},
        {"json": "2"},
        {"data": b"{", "headers": {"Content-Type": "application/json"}},
        {"data": b"[" * 10_000, "headers": {"Content-Type": "application/json"}},
        {"data": b'{"contractNo":"\\ud800","sign":"x"}', "headers": {"Content-Type": "application/json"}},
        {"data": b"\xff\xfe=%FF&sign=%80", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
        {"data": b"--x", "headers": {"Content-Type": "multipart/form-data"}},
        {"data": b"--x\r\nnonsense", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
        {"data": b"a=b", "headers": {"Content-Type": "application/x-www-form-urlencoded; charset=bogus"}},
        {"data": b"hello", "headers": {"Content-Type": "text/xml"}},
        {"data": b""},
        {"data": {**genuine, "x-real-ip": "10.0.0.1"}, "headers": {"X-Real-IP": "10.0.0.1", "sign": "x"}},
    ]

    answers = [await post(api, **sent) for sent in forgeries]

    assert answers == [FORGED] * len(forgeries)
    assert (await post(api, data={**genuine, "remark": "x" * 20_000}))[0] == 413
    assert await stored(api) == 0
    after = await api.contract(contract.id)
    assert (after.contract_status, after.signed_count(), after.cancel_reason) == ("signing", 0, None)


async def test_size_and_number_of_fields_of_a_body_are_limited(api: ContractApi) -> None:
    many = {f"f{number}": "x" for number in range(MAX_FIELDS)}

    too_big = await post(api, data=signed(message("CON0001-1", remark="x" * 300_000)))
    too_many = await post(api, data=signed(message("CON0001-1", **many)))
    too_long = await post(api, data=signed(message("CON0001-1", remark="x" * (MAX_VALUE_LENGTH + 1))))

    assert too_big[0] == 413
    assert (too_many, too_long) == (FORGED, FORGED)
    assert await stored(api) == 0


async def test_the_providers_state_decides_not_the_status_in_the_callback(
    admin: StaffMember, api: ContractApi, provider: Provider
) -> None:
    await provider.order("knobs", drop=1)
    contract = await admin.signing()
    false_reports = [
        signed(message(contract.esign_contract_no)),
        signed(message(contract.esign_contract_no, status="4", remark="拒绝")),
        signed(message(contract.esign_contract_no, account=contract.signers[0].account)),
    ]

    for report in false_reports:
        assert await post(api, data=report) == OK
    await all_processed(api)

    after = await api.contract(contract.id)
    assert (after.contract_status, after.signed_count(), after.cancel_reason) == ("signing", 0, None)


async def all_processed(api: ContractApi) -> None:
    """Wait until every stored callback is processed."""
    collection = api.stores.contracts.contracts.collection.database["esign_events"]

    async def processed() -> bool:
        return await collection.count_documents({"settledAt": {"$exists": False}}) == 0

    await eventually(processed)


async def test_callbacks_of_signers_in_any_order_and_twice_complete_only_with_the_last_signature(
    admin: StaffMember, api: ContractApi, provider: Provider
) -> None:
    await provider.order("knobs", drop=1)
    contract = await admin.signing()
    number, (customer, household_worker, _) = contract.esign_contract_no, contract.signers
    await provider.do(number, "sign", order=1)
    of_customer = signed(message(number, account=customer.account))
    assert await post(api, data=of_customer) == OK
    await api.until(contract.id, lambda c: c.signed_count() == 1)
    assert (await api.contract(contract.id)).contract_status == "signing"
    await provider.do(number, "sign", order=2)
    await eventually(lambda: provider.status_of(number) == 2)

    complete, of_household_worker = signed(message(number)), signed(message(number, account=household_worker.account))
    answers = await asyncio.gather(
        *(post(api, data=each) for each in (complete, of_household_worker, of_customer, complete, of_household_worker))
    )
    await all_processed(api)

    assert answers == [OK] * 5
    done = await api.contract(contract.id)
    assert done.contract_status == "active"
    assert [str(entry.cause) for entry in done.history].count("all-signed") == 1


async def test_a_callback_about_an_earlier_attempt_changes_nothing(
    admin: StaffMember, api: ContractApi, provider: Provider
) -> None:
    contract = await admin.signing()
    await provider.do(contract.esign_contract_no, "reject", order=1)
    await api.until(contract.id, lambda c: c.contract_status == "cancelled")

    assert await post(api, data=signed(message(contract.esign_contract_no))) == OK
    await all_processed(api)
    assert (await api.contract(contract.id)).contract_status == "cancelled"
    await admin.call("POST", f"/contracts/{contract.id}/reinitiate-esign", {})
    await api.sent(contract.id)
    assert await post(api, data=signed(message(contract.esign_contract_no))) == OK
    await all_processed(api)

    assert (await api.contract(contract.id)).contract_status == "signing"


async def test_a_callback_about_an_unknown_contract_is_kept(api: ContractApi) -> None:
    assert await post(api, data=signed(message("CON00000000000009-1"))) == OK
    await asyncio.sleep(0)

    collection = api.stores.contracts.contracts.collection.database["esign_events"]
    kept = await collection.find_one({"contractNo": "CON00000000000009-1"})

    assert kept is not None
    assert "settledAt" not in kept


def test_callbacks_have_their_own_rate_limit() -> None:
    [route] = [each for each in endpoints.all if each.path == PATH]

    assert route.rate_limit is RateLimit.CALLBACK
    assert RateLimit.CALLBACK.value.limit > 10 * RateLimit.WRITE.value.limit
