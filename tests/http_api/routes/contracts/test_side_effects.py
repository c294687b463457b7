"""The side effects of each step of a contract are on the event stream once, despite repetitions."""

import asyncio
from collections.abc import Sequence

from domain.contracts.events import ContractSideEffect
from domain.contracts.model import Contract
from domain.contracts.side_effects import SideEffects
from domain.contracts.statuses import ContractStatus
from tests.app_process import MACHINE_SECRET
from tests.contract_api import ContractApi, Provider, StaffMember, an_hour_ago, housekeeping_form, training_form
from tests.contract_side_effects import side_effects_of
from tests.http_api.routes.contracts.test_reading import known_people
from tests.waiting import eventually

Effect = tuple[str, str]
"""(type, kind, stage or policy)"""


async def effects(api: ContractApi, contract_id: str, at_least: int) -> list[Effect]:
    """All side effects of the contract as (type, kind), once the event stream holds at least so many."""

    async def enough() -> list[ContractSideEffect] | None:
        found = await side_effects_of(api.stores.bus, contract_id)
        return found if len(found) >= at_least else None

    found = await eventually(enough, 20)
    assert len({effect.key for effect in found}) == len(found)
    return sorted(_shown(effect) for effect in found)


def _shown(effect: ContractSideEffect) -> Effect:
    fields = effect.to_record()
    return effect.type.removeprefix("contract."), str(fields.get("kind") or fields.get("stage") or fields.get("policy"))


STARTED: list[Effect] = [
    ("customer_follow_up", "signing"),
    ("inbox_message", "contract_invite"),
    ("staff_notice", "CONTRACT_CREATED"),
    ("worker_follow_up", "reserved"),
]
COMPLETED: list[Effect] = [
    ("customer_follow_up", "signed"),
    ("inbox_message", "contract_signed"),
    ("insurance_sync", "bind"),
    ("staff_notice", "CONTRACT_PARTY_SIGNED"),
    ("staff_notice", "CONTRACT_PARTY_SIGNED"),
    ("staff_notice", "CONTRACT_SIGNED"),
    ("worker_follow_up", "on-service"),
]
CANCELLED: list[Effect] = [
    ("customer_follow_up", "released"),
    ("inbox_message", "contract_cancelled"),
    ("staff_notice", "CONTRACT_CANCELLED"),
    ("worker_follow_up", "released"),
]


async def started(admin: StaffMember, api: ContractApi) -> str:
    made = await admin.call("POST", "/contracts", await known_people(api))
    assert made.data["contractStatus"] == "signing", made.body
    return str((await api.sent(made.data["id"])).id)


async def test_a_signed_contract_requests_each_side_effect_once_despite_repeated_callbacks(
    admin: StaffMember, api: ContractApi, provider: Provider
) -> None:
    await provider.order("knobs", duplicates=3, delay_seconds=0.05)
    contract_id = await started(admin, api)
    number = (await api.contract(contract_id)).esign_contract_no
    for order in (1, 2):
        await provider.do(number, "sign", order=order)
    contract = await api.until(contract_id, lambda c: c.contract_status == "active")
    for _ in range(3):
        await admin.call("POST", f"/contracts/{contract_id}/sync-esign-status", {})
        await api.call(
            "POST",
            f"/api/miniprogram/contracts/{contract_id}/confirm-onboard",
            {"phone": contract.customer_phone},
            X_Service_Secret=MACHINE_SECRET,
        )
    onboarded: list[Effect] = [("inbox_message", "nanny_confirmed")]
    expected = sorted([*STARTED, *COMPLETED, *onboarded])

    assert await effects(api, contract_id, len(expected)) == expected
    await asyncio.sleep(1)  # the provider repeats its callbacks meanwhile
    assert await effects(api, contract_id, len(expected)) == expected


async def test_a_side_effect_that_is_relayed_again_after_a_crash_is_on_the_stream_once(
    admin: StaffMember, api: ContractApi, provider: Provider
) -> None:
    contract_id = await started(admin, api)
    assert await effects(api, contract_id, len(STARTED)) == STARTED
    relayed = await side_effects_of(api.stores.bus, contract_id)
    again = _of_the_step_into_signing(api, await api.contract(contract_id))

    await api.stores.bus.publish(relayed)
    await api.stores.bus.publish(relayed)

    assert len(again) == 3
    assert {effect.key for effect in again} < {effect.key for effect in relayed}
    assert await effects(api, contract_id, len(STARTED)) == STARTED


def _of_the_step_into_signing(api: ContractApi, contract: Contract) -> Sequence[ContractSideEffect]:
    draft = contract.model_copy(update={"contract_status": ContractStatus.DRAFT})
    return SideEffects(api.stores.ids.next_id, api.stores.clock.now()).of(draft, contract)


async def test_a_refused_contract_releases_customer_and_worker_and_a_second_attempt_sends_no_invitation(
    admin: StaffMember, api: ContractApi, provider: Provider
) -> None:
    contract_id = await started(admin, api)
    await provider.do((await api.contract(contract_id)).esign_contract_no, "reject", order=1, remark="不合适")
    await api.until(contract_id, lambda c: c.contract_status == "cancelled")
    refused = await effects(api, contract_id, len(STARTED) + len(CANCELLED))
    await admin.call("POST", f"/contracts/{contract_id}/reinitiate-esign", {})

    second: list[Effect] = [("customer_follow_up", "signing"), ("worker_follow_up", "reserved")]
    expected = sorted([*STARTED, *CANCELLED, *second])

    assert refused == sorted([*STARTED, *CANCELLED])
    assert await effects(api, contract_id, len(expected)) == expected


async def test_a_change_of_worker_releases_the_former_worker_and_amends_the_insurance(
    admin: StaffMember, api: ContractApi, provider: Provider
) -> None:
    contract_id = await started(admin, api)
    original = await api.contract(contract_id)
    for order in (1, 2):
        await provider.do(original.esign_contract_no, "sign", order=order)
    await api.until(contract_id, lambda c: c.contract_status == "active")
    body = {"workerName": "钱阿姨", "workerPhone": "13700137000", "workerIdCard": housekeeping_form(7)["workerIdCard"]}
    made = await admin.call("POST", f"/contracts/change-worker/{contract_id}", body)
    await admin.call("POST", f"/contracts/{made.data['id']}/initiate-signing", {})
    sent = await api.sent(made.data["id"])
    for order in (1, 2):
        await provider.do(sent.esign_contract_no, "sign", order=order)
    await api.until(contract_id, lambda c: c.contract_status == "replaced")

    expected = sorted([*STARTED, *COMPLETED, ("worker_follow_up", "released")])
    assert await effects(api, contract_id, len(expected)) == expected
    assert ("insurance_sync", "amend") in await effects(api, made.data["id"], 8)


async def test_a_deletion_request_notifies_administrators_and_its_decision_the_author(
    admin: StaffMember, api: ContractApi
) -> None:
    contract_id = await admin.create()
    for decision in ("reject", "approve"):
        asked = await admin.call("POST", f"/contracts/{contract_id}/request-deletion", {"reason": "重复"})
        await admin.call("POST", f"/contract-approvals/{asked.data['id']}/{decision}", {"comment": "好"})

    assert await effects(api, contract_id, 5) == sorted(
        ("staff_notice", kind)
        for kind in (
            "CONTRACT_CREATED",
            *["CONTRACT_APPROVAL_REQUESTED"] * 2,
            "CONTRACT_APPROVAL_REJECTED",
            "CONTRACT_APPROVAL_APPROVED",
        )
    )


async def test_a_repeated_payment_sends_one_message_to_the_student(
    admin: StaffMember, api: ContractApi, provider: Provider
) -> None:
    made = await admin.call("POST", "/training-orders/miniprogram/create", training_form())
    await admin.call("POST", f"/training-orders/miniprogram/initiate-signing/{made.data['id']}", {})
    order = await api.until(made.data["id"], lambda c: c.signers[0].state == "signed")
    await provider.do(order.esign_contract_no, "sign", order=2)
    await api.until(order.id, lambda c: c.contract_status == "signed")
    paid = {
        "phone": order.customer_phone,
        "amount": 680_000,
        "sqb_sn": "7895252051234567",
        "paidAt": an_hour_ago(),
    }
    path = f"/api/miniprogram/contracts/{order.id}/payment-confirm"
    for _ in range(3):
        assert (await api.call("POST", path, paid, X_Service_Secret=MACHINE_SECRET)).status == 200

    assert await effects(api, order.id, 6) == sorted(
        [
            ("staff_notice", "CONTRACT_CREATED"),
            ("inbox_message", "contract_invite"),
            ("inbox_message", "contract_signed"),
            ("staff_notice", "CONTRACT_SIGNED"),
            ("staff_notice", "CONTRACT_PARTY_SIGNED"),
            ("inbox_message", "payment_done"),
        ]
    )
