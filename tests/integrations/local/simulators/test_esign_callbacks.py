"""Callbacks of the e-sign simulator, their faults, and the control API."""

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from tests.integrations.esign.simulated import KEYS, SimulatedProvider, simulated
from tests.integrations.local.simulators.test_esign import OK, code, ready, state


@pytest.fixture
async def provider() -> AsyncIterator[SimulatedProvider]:
    async with simulated() as provider:
        yield provider


def is_signed(message: dict[str, Any], *without: str, sha256: bool = False) -> bool:
    covered = {name: message[name] for name in sorted(message) if name not in ("sign", *without)}
    text = json.dumps(covered, ensure_ascii=False, separators=(",", ":")).encode()
    algorithm = SHA256() if sha256 else SHA1()  # noqa: S303  # prescribed by the provider
    try:
        KEYS.platform.public_key().verify(base64.b64decode(message["sign"]), text, PKCS1v15(), algorithm)
    except Exception:
        return False
    return True


async def test_a_callback_is_sent_for_every_signer_and_for_the_completed_contract(provider: SimulatedProvider) -> None:
    await ready(provider)

    for account in ("ann", "bob"):
        await provider.do("C-1", "sign", account=account)

    messages = await provider.listener.until(4)
    assert sorted(message.get("account", "") for message in messages) == ["", "agency", "ann", "bob"]
    assert {(message["action"], message["status"]) for message in messages} == {("signCompleted", "2")}
    assert all(is_signed(message) for message in messages)


async def test_a_callback_is_retried_until_the_response_is_ok(provider: SimulatedProvider) -> None:
    await provider.knobs(retry_seconds=[0.01, 0.01, 0.01, 0.01])
    provider.listener.answers = [(500, "ok"), (200, "fail"), (200, "OK"), (302, "ok")]
    await ready(provider)

    await provider.do("C-1", "expire")
    messages = await provider.listener.until(5)

    assert messages == [messages[0]] * 5
    assert (await _calls(provider))["callbacksDelivered"] == 1


async def test_a_callback_is_given_up_after_its_last_retry(provider: SimulatedProvider) -> None:
    await provider.knobs(retry_seconds=[0.01])
    provider.listener.answers = [(500, "")] * 2
    await ready(provider)
    await provider.do("C-1", "expire")
    await provider.listener.until(2)

    await ready(provider, "C-2")
    await provider.do("C-2", "expire")
    messages = await provider.listener.until(3)

    assert [message["contractNo"] for message in messages] == ["C-1", "C-1", "C-2"]


async def test_callbacks_can_be_dropped_duplicated_and_reordered(provider: SimulatedProvider) -> None:
    await provider.knobs(drop=1)
    await ready(provider)
    await provider.do("C-1", "expire")
    await provider.knobs(drop=0, duplicates=2, delay_seconds=0.05)
    await ready(provider, "C-2")
    for account in ("ann", "bob"):
        await provider.do("C-2", "sign", account=account)

    messages = await provider.listener.until(12)

    assert {message["contractNo"] for message in messages} == {"C-2"}
    assert sorted(message.get("account", "") for message in messages) == sorted(["", "agency", "ann", "bob"] * 3)


@pytest.mark.parametrize(
    ("settings", "without", "sha256", "valid"),
    [
        ({"json_body": True}, (), False, True),
        ({"sha256": True}, (), True, True),
        ({"leave_out": ["remark", "account"]}, ("remark", "account"), False, True),
        ({"corrupt_signature": True}, (), False, False),
    ],
)
async def test_a_callback_can_have_every_known_format(
    provider: SimulatedProvider, settings: dict[str, Any], without: tuple[str, ...], sha256: bool, valid: bool
) -> None:
    await provider.knobs(**settings)
    await ready(provider)

    await provider.do("C-1", "reject", remark="不同意")

    (message,) = await provider.listener.until(1)
    assert is_signed(message, *without, sha256=sha256) is valid


async def test_values_can_be_double_encoded(provider: SimulatedProvider) -> None:
    await provider.knobs(double_encoded=True)
    await ready(provider)

    await provider.do("C-1", "expire")

    assert (await provider.listener.until(1))[0]["signTime"] == "2026-05-01%2016%3A00%3A00"


async def test_a_callback_can_precede_the_response_to_create_contract(provider: SimulatedProvider) -> None:
    await provider.knobs(callback_before_answer=True)

    await ready(provider)

    assert [message["status"] for message in provider.listener.received] == ["0"]


# Control API


async def test_calls_fail_as_often_as_injected_and_then_work_again(provider: SimulatedProvider) -> None:
    path = "/contract/status"
    await ready(provider)
    await provider.fault(path, times=2, code=0)
    await provider.fault(path, status=503)

    codes = [await code(provider, path, {"contractNo": "C-1"}) for _ in range(2)]
    async with provider.session.post(provider.url + path) as response:
        assert response.status == 503
    after = await code(provider, path, {"contractNo": "C-1"})

    assert (codes, after) == ([0, 0], OK)
    assert (await _calls(provider))[path] == 4


async def test_a_call_whose_response_is_lost_was_carried_out(provider: SimulatedProvider) -> None:
    await ready(provider)
    await provider.fault("/contract/withdraw", lose_answer=True)

    with pytest.raises(aiohttp.ClientError):
        await code(provider, "/contract/withdraw", {"contractNo": "C-1", "withdrawReason": "改期"})

    assert (await state(provider))["status"] == 7


async def test_invalid_control_requests_are_refused(provider: SimulatedProvider) -> None:
    await ready(provider)

    for what, body in (
        ("clock", {"advance_seconds": -1}),
        ("faults", {"path": "/x"}),
        ("C-1/sign", {"order": "first"}),
    ):
        async with provider.session.post(f"{provider.url}/_sim/{what}", json=body) as response:
            assert response.status == 400
    async with provider.session.post(f"{provider.url}/_sim/C-1/dance", json={}) as response:
        assert response.status == 404
    assert (await provider.order("C-9/sign", 409))["code"] == 100066


async def test_a_restarted_simulator_loads_its_records_and_continues(tmp_path: Path) -> None:
    state_file = tmp_path / "remembered.json"
    async with simulated(state_file) as first:
        await first.knobs(auto_sign_seconds=3600)
        await ready(first)
        for account in ("ann", "bob"):
            await first.do("C-1", "sign", account=account)

    async with simulated(state_file) as second:
        await second.until_status("C-1", 2)
        signers = (await state(second))["signUser"]

    assert [row["signStatus"] for row in signers] == [2, 2, 2]


async def _calls(provider: SimulatedProvider) -> dict[str, int]:
    async with provider.session.get(f"{provider.url}/_sim/calls") as response:
        return dict(await response.json())
