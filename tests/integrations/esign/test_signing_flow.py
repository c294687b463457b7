"""The signing of contracts in a whole app process with real stores and the simulated provider."""

import base64
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1
from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.contracts.events import CustomerFollowUpDue
from domain.contracts.model import Contract
from domain.contracts.statuses import CancelReason
from domain.contracts.statuses import ContractStatus as S
from tests.app_process import KEYS
from tests.contract_api import ContractApi, Provider, StaffMember, contract_api, simulated_provider
from tests.contract_side_effects import side_effects_of
from tests.domain.contracts.builders import id_card
from tests.waiting import eventually

Store = AsyncIOMotorDatabase[dict[str, Any]]
CALLBACK = "/api/esign/callback"


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with simulated_provider() as provider:
        yield provider


@pytest.fixture
async def api(mongodb_uri: str, redis_url: str, database: Store, provider: Provider) -> AsyncIterator[ContractApi]:
    async with contract_api(mongodb_uri, redis_url, database.name, provider) as api:
        yield api


@pytest.fixture
async def admin(api: ContractApi) -> StaffMember:
    return await api.staff()


def signed(**message: str) -> dict[str, str]:
    """A callback with a signature, computed independently of the simulator."""
    text = json.dumps(dict(sorted(message.items())), ensure_ascii=False, separators=(",", ":")).encode()
    signature = KEYS.platform.sign(text, PKCS1v15(), SHA1())  # noqa: S303  # the provider's algorithm
    return {**message, "sign": base64.b64encode(signature).decode()}


async def send(api: ContractApi, message: dict[str, str], form: str = "urlencoded") -> tuple[int, str]:
    url = api.url + CALLBACK
    if form == "json":
        request = api.http.post(url, json=message)
    elif form == "multipart":
        data = aiohttp.FormData(default_to_multipart=True)
        for name, value in message.items():
            data.add_field(name, value)
        request = api.http.post(url, data=data)
    else:
        request = api.http.post(url, data=message)
    async with request as response:
        return response.status, await response.text()


async def callbacks_processed(database: Store, count: int) -> None:
    """Wait until at least `count` callbacks are processed."""

    async def processed() -> bool:
        return await database["esign_events"].count_documents({"settledAt": {"$exists": True}}) >= count

    await eventually(processed)


def steps(contract: Contract) -> list[tuple[S | None, S | None]]:
    return [(entry.from_status, entry.to_status) for entry in contract.history if entry.is_transition][1:]


async def test_a_contract_comes_into_force_with_the_last_signature(provider: Provider, admin: StaffMember) -> None:
    contract = await admin.signing()
    no = contract.esign_contract_no

    await provider.do(no, "sign", order=1)
    one = await admin.api.until(contract.id, lambda c: c.signed_count() == 1)
    await provider.do(no, "sign", order=2)
    active = await admin.api.until(contract.id, lambda c: c.contract_status is S.ACTIVE)

    assert one.contract_status is S.SIGNING
    assert steps(active) == [(S.DRAFT, S.SIGNING), (S.SIGNING, S.ACTIVE)]
    assert active.signed_snapshot is not None
    assert [signer.signed_at is not None for signer in active.signers] == [True] * 3
    assert active.esign_status == "2"


async def test_a_refused_contract_is_cancelled_with_signer_and_reason(provider: Provider, admin: StaffMember) -> None:
    contract = await admin.signing()
    await provider.do(contract.esign_contract_no, "sign", order=1)

    await provider.do(contract.esign_contract_no, "reject", order=2, remark="工资不对")

    ended = await admin.api.until(contract.id, lambda c: c.contract_status is S.CANCELLED)
    assert (ended.cancel_reason, ended.cancel_note) == (CancelReason.REJECTED, "阿姨：工资不对")
    assert ended.cancel_note_text("en") == "Worker: 工资不对"


@pytest.mark.parametrize(
    ("deed", "reason"),
    [("expire", CancelReason.EXPIRED), ("fail", CancelReason.FAILED), ("delete", CancelReason.FAILED)],
)
async def test_each_end_of_the_process_reaches_the_contract(
    provider: Provider, admin: StaffMember, deed: str, reason: CancelReason
) -> None:
    contract = await admin.signing()

    await provider.do(contract.esign_contract_no, deed)

    ended = await admin.api.until(contract.id, lambda c: c.contract_status is S.CANCELLED)
    assert ended.cancel_reason is reason


async def test_without_callbacks_the_provider_is_polled(provider: Provider, admin: StaffMember) -> None:
    await provider.order("knobs", drop=1)

    contract = await admin.active(provider)

    assert steps(contract) == [(S.DRAFT, S.SIGNING), (S.SIGNING, S.ACTIVE)]


@pytest.mark.parametrize(
    "knobs",
    [
        {"duplicates": 3, "delay_seconds": 0.3},
        {"json_body": True},
        {"double_encoded": True},
        {"sha256": True},
        {"leave_out": ["remark"]},
        {"leave_out": ["remark", "account"]},
        {"callback_before_answer": True},
        {"signing_from_the_start": True},
    ],
    ids=str,
)
async def test_callbacks_in_every_form_lead_to_the_same_contract(
    provider: Provider, admin: StaffMember, database: Store, knobs: dict[str, Any]
) -> None:
    await provider.order("knobs", **knobs)

    contract = await admin.active(provider)

    assert steps(contract) == [(S.DRAFT, S.SIGNING), (S.SIGNING, S.ACTIVE)]
    assert await database["esign_events"].count_documents({}) >= 1


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/v2/user/addStranger", {"lose_answer": True}),
        ("/contract/createContract", {"lose_answer": True}),
        ("/contract/addSigner", {"lose_answer": True}),
        ("/contract/addSigner", {"status": 502}),
        ("/contract/createContract", {"code": 0}),
        ("/contract/getContract", {"code": -1}),
    ],
    ids=str,
)
async def test_an_interrupted_attempt_continues_and_is_created_once(
    provider: Provider, admin: StaffMember, path: str, fault: dict[str, Any]
) -> None:
    await provider.fault(path, times=3, **fault)

    contract = await admin.active(provider)

    assert contract.attempt_number == 1
    assert list(provider.state.records.contracts) == [contract.esign_contract_no]


async def test_another_app_process_finishes_what_a_killed_one_started(
    mongodb_uri: str, redis_url: str, database: Store, provider: Provider, api: ContractApi, admin: StaffMember
) -> None:
    await provider.fault("/contract/addSigner", times=2, status=502)
    contract_id = await admin.create()
    await admin.call("POST", f"/contracts/{contract_id}/initiate-signing", {})
    await api.until(contract_id, lambda c: c.esign_attempt is not None and c.esign_attempt.failures > 0)
    await api.die()

    async with contract_api(mongodb_uri, redis_url, database.name, provider) as other:
        contract = await other.sent(contract_id)

    assert contract.attempt_number == 1
    assert len(provider.state.records.contracts[contract.esign_contract_no].signers) == 3


async def test_lists_and_details_make_no_provider_calls(
    provider: Provider, admin: StaffMember, database: Store
) -> None:
    contract = await admin.active(provider)
    await callbacks_processed(database, 4)  # three signers and the whole contract
    asked = provider.state.calls.total()

    for path in ("/contracts", "/contracts/miniprogram/list?syncStatus=true", f"/contracts/{contract.id}"):
        assert (await admin.call("GET", path)).status == 200

    assert provider.state.calls.total() == asked


async def test_starting_to_sign_does_not_wait_for_a_hanging_provider(provider: Provider, admin: StaffMember) -> None:
    contract_id = await admin.create()
    for path in ("/template/data", "/v2/user/addStranger"):
        await provider.fault(path, times=10, delay_seconds=60)

    answer = await admin.call("POST", f"/contracts/{contract_id}/initiate-signing", {})

    assert (answer.status, answer.data["contractStatus"]) == (200, "signing")
    assert provider.state.records.contracts == {}


# Callbacks


@pytest.mark.parametrize("form", ["urlencoded", "json", "multipart"])
async def test_a_callback_is_answered_ok_and_stored_once(api: ContractApi, database: Store, form: str) -> None:
    message = signed(contractNo="CON1-1", account="p1", status="2", signTime="2026-05-01 16:00:00")

    answers = [await send(api, message, form) for _ in range(3)]

    assert answers == [(200, "ok")] * 3
    (stored,) = await database["esign_events"].find({}).to_list(10)
    assert (stored["contractNo"], stored["status"]) == ("CON1-1", "2")


async def test_a_forged_callback_is_refused_and_not_stored(
    api: ContractApi, provider: Provider, admin: StaffMember, database: Store
) -> None:
    contract = await admin.signing()
    asked = provider.state.calls["/contract/getContract"]
    genuine = signed(contractNo=contract.esign_contract_no, status="2", timestamp="1")
    forged = [
        {**genuine, "contractNo": "CON9-1"},
        {**genuine, "sign": "AAAA"},
        {name: value for name, value in genuine.items() if name != "sign"},
        {"contractNo": contract.esign_contract_no, "status": "2"},
        {},
    ]

    answers = [await send(api, message) for message in forged]
    async with api.http.post(api.url + CALLBACK, data=b"\xff{", headers={"Content-Type": "application/json"}) as r:
        answers.append((r.status, await r.text()))

    assert [status for status, _ in answers] == [401] * 6
    assert {text for _, text in answers} == {"invalid signature"}
    assert await database["esign_events"].count_documents({}) == 0
    assert (await api.contract(contract.id)).contract_status is S.SIGNING
    assert provider.state.calls["/contract/getContract"] - asked <= 5  # only the scheduled polls


async def test_a_forwarded_address_is_not_trusted(api: ContractApi) -> None:
    headers = {"X-Real-IP": "47.96.0.1", "X-Forwarded-For": "47.96.0.1"}

    async with api.http.post(api.url + CALLBACK, data={"contractNo": "C", "status": "2"}, headers=headers) as r:
        assert r.status == 401


async def test_the_status_in_a_genuine_callback_is_only_a_hint(
    api: ContractApi, provider: Provider, admin: StaffMember, database: Store
) -> None:
    """The callbacks are signed by the provider, but their status is wrong: a state query decides."""
    contract = await admin.signing()
    no = contract.esign_contract_no

    for status in ("2", "3", "4", "6", "7", "99", ""):
        assert (await send(api, signed(contractNo=no, status=status, timestamp=status)))[0] == 200
    await callbacks_processed(database, 7)

    assert (await api.contract(contract.id)).contract_status is S.SIGNING


async def test_a_replayed_callback_changes_nothing(
    api: ContractApi, provider: Provider, admin: StaffMember, database: Store
) -> None:
    contract = await admin.active(provider)
    await admin.call("POST", f"/contracts/miniprogram/invalidate/{contract.id}", {"reason": "双方协商"})
    for order in (1, 2):
        await provider.do(contract.esign_contract_no, "sign", order=order)
    void = await api.until(contract.id, lambda c: c.contract_status is S.CANCELLED)
    processed_before = [event async for event in database["esign_events"].find({})]

    for event in processed_before:
        again = signed(contractNo=event["contractNo"], status="2", timestamp=str(time.time()))
        await send(api, again)
    await callbacks_processed(database, len(processed_before) * 2)

    after = await api.contract(contract.id)
    assert (after.contract_status, after.cancel_reason) == (S.CANCELLED, CancelReason.VOIDED)
    assert after.version == void.version


async def test_a_callback_about_an_unknown_contract_is_retried(api: ContractApi, database: Store) -> None:
    await send(api, signed(contractNo="CON404-1", status="2", timestamp="1"))

    async def retried() -> Any:
        return await database["esign_events"].find_one({"tries": {"$gte": 2}})

    assert "settledAt" not in await eventually(retried)


# Events


async def test_each_side_effect_of_a_signed_contract_is_on_the_stream_once(
    api: ContractApi, provider: Provider, admin: StaffMember, database: Store
) -> None:
    await provider.order("knobs", duplicates=3)
    contract = await admin.active(provider)
    await api.stores.contracts.contracts.find(contract.id)

    async def all_published() -> bool:
        effects = await side_effects_of(api.stores.bus, contract.id)
        return sum(not isinstance(effect, CustomerFollowUpDue) for effect in effects) >= 7

    await eventually(all_published)
    await callbacks_processed(database, 1)

    effects = await side_effects_of(api.stores.bus, contract.id)
    kinds = [getattr(effect, "kind", effect.type) for effect in effects]
    assert len({effect.key for effect in effects}) == len(effects)
    # The customer's stages depend on when the draft was linked to a customer.
    assert sorted(kind for kind in kinds if kind != CustomerFollowUpDue.type) == [
        "CONTRACT_CREATED",
        "CONTRACT_PARTY_SIGNED",
        "CONTRACT_PARTY_SIGNED",
        "CONTRACT_SIGNED",
        "contract.insurance_sync",
        "contract_invite",
        "contract_signed",
    ]


async def test_a_change_of_worker_takes_effect_with_the_last_signature(
    api: ContractApi, provider: Provider, admin: StaffMember
) -> None:
    original = await admin.active(provider)
    new = {"workerName": "钱嫂", "workerPhone": "13700000009", "workerIdCard": id_card(50)}
    answer = await admin.call("POST", f"/contracts/change-worker/{original.id}", new)
    assert answer.status == 201, answer.body
    successor_id = answer.data["id"]
    await admin.call("POST", f"/contracts/{successor_id}/initiate-signing", {})
    successor = await api.sent(successor_id)
    meanwhile = await api.contract(original.id)

    for order in (1, 2):
        await provider.do(successor.esign_contract_no, "sign", order=order)
    replaced = await api.until(original.id, lambda c: c.contract_status is S.REPLACED)

    assert meanwhile.contract_status is S.ACTIVE
    assert replaced.replaced_by_contract_id == successor_id
    assert (await api.contract(successor_id)).contract_status is S.ACTIVE
