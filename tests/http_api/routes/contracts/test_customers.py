"""Routes of customers and students, for logged-in users and for machines: only their own contracts."""

import asyncio
from typing import Any

from domain.contracts.model import Contract
from tests.app_process import MACHINE_SECRET, Answer
from tests.contract_api import ContractApi, Provider, StaffMember, an_hour_ago, training_form

OWN = "/api/miniprogram/contracts"
STUDENTS = "/api/miniprogram/training-orders/baobei"


async def machine(api: ContractApi, method: str, path: str, body: object = None, **query: str) -> Answer:
    return await api.call(method, path, body, query=query or None, X_Service_Secret=MACHINE_SECRET)


async def signed_order(admin: StaffMember, api: ContractApi, provider: Provider, number: int = 1) -> Contract:
    """A training order that all parties have signed and that is not paid yet."""
    made = await admin.call("POST", "/training-orders/miniprogram/create", training_form(number))
    assert made.status == 201, made.body
    started = await admin.call("POST", f"/training-orders/miniprogram/initiate-signing/{made.data['id']}", {})
    assert started.status == 200, started.body
    sent = await api.until(made.data["id"], lambda c: c.signers[0].state == "signed")
    await provider.do(sent.esign_contract_no, "sign", order=2)
    return await api.until(sent.id, lambda c: c.contract_status == "signed")


def payment(contract: Contract, **more: Any) -> dict[str, Any]:
    return {
        "phone": contract.customer_phone,
        "amount": 680_000,
        "sqb_sn": f"7895{contract.contract_number}",
        "paidAt": an_hour_ago(),
        **more,
    }


async def test_both_kinds_of_callers_get_the_same_fields_of_a_contract(
    admin: StaffMember, api: ContractApi, provider: Provider
) -> None:
    contract = await admin.active(provider)
    token = await api.mini_program_user(contract.customer_phone)

    mine = await api.call("GET", f"{OWN}/mine/{contract.id}", token=token)
    by_machine = await machine(api, "GET", f"{OWN}/{contract.id}", phone=contract.customer_phone)
    listed = await api.call("GET", f"{OWN}/mine", token=token)

    assert mine.status == 200, mine.body
    assert mine.data == by_machine.data == listed.data["contracts"][0]
    assert mine.data["signerStatuses"]["customerSigned"] is True
    assert mine.data["signerStatuses"]["nannySigned"] is True
    assert mine.data["signerStatuses"]["customerSignedAt"] is not None
    text = str(mine.body)
    assert contract.customer_id_card not in text
    assert contract.worker_id_card not in text
    assert not mine.data.keys() & {"templateParams", "esignSignUrls", "customerIdCard", "workerIdCard", "history"}


async def test_customers_do_not_see_drafts(admin: StaffMember, api: ContractApi) -> None:
    contract = await api.contract(await admin.create())
    token = await api.mini_program_user(contract.customer_phone)

    assert (await api.call("GET", f"{OWN}/mine", token=token)).data == {"contracts": []}
    assert (await api.call("GET", f"{OWN}/mine/{contract.id}", token=token)).status == 404


async def test_an_unverified_phone_gives_no_access(admin: StaffMember, api: ContractApi) -> None:
    contract = await admin.signing()
    token = await api.mini_program_user(contract.customer_phone, verified=False)

    answer = await api.call("GET", f"{OWN}/mine", token=token)

    assert (answer.status, answer.code) == (403, "PHONE_NOT_VERIFIED")


async def test_a_machine_secret_without_its_last_character_is_refused(admin: StaffMember, api: ContractApi) -> None:
    contract = await admin.signing()
    path = f"{OWN}/{contract.id}?phone={contract.customer_phone}"

    statuses = [
        (await api.call("GET", path, X_Service_Secret=secret)).status
        for secret in (MACHINE_SECRET[:-1], MACHINE_SECRET + "x", "秘密", " ")
    ]

    assert statuses == [401] * 4
    assert (await api.call("GET", path, X_Service_Secret=MACHINE_SECRET)).status == 200
    without_phone = await machine(api, "GET", OWN)
    assert (without_phone.status, without_phone.code) == (400, "INVALID_REQUEST")


async def test_a_customer_signs_with_their_own_link(admin: StaffMember, api: ContractApi, provider: Provider) -> None:
    contract = await admin.signing()
    token = await api.mini_program_user(contract.customer_phone)

    link = await api.call("GET", f"{OWN}/mine/{contract.id}/signing-url", token=token)
    assert link.data["alreadySigned"] is False
    async with api.http.post(link.data["signingUrl"], data={"action": "sign"}) as page:
        assert page.status == 200
    await api.until(contract.id, lambda c: c.signers[0].state == "signed")
    after = await machine(api, "GET", f"{OWN}/{contract.id}/signing-url", phone=contract.customer_phone)

    assert after.data == {"signingUrl": None, "alreadySigned": True}


async def test_an_ended_contract_has_no_sign_link(admin: StaffMember, api: ContractApi, provider: Provider) -> None:
    contract = await admin.signing()
    await provider.do(contract.esign_contract_no, "expire")
    await api.until(contract.id, lambda c: c.contract_status == "cancelled")

    answer = await machine(api, "GET", f"{OWN}/{contract.id}/signing-url", phone=contract.customer_phone)

    assert (answer.status, answer.code) == (422, "CONTRACT_STEP_NOT_ALLOWED")


async def test_onboarding_is_confirmed_once_and_only_while_in_force(
    admin: StaffMember, api: ContractApi, provider: Provider
) -> None:
    contract = await admin.signing()
    early = await machine(api, "POST", f"{OWN}/{contract.id}/confirm-onboard", {"phone": contract.customer_phone})
    for order in (1, 2):
        await provider.do(contract.esign_contract_no, "sign", order=order)
    await api.until(contract.id, lambda c: c.contract_status == "active")
    token = await api.mini_program_user(contract.customer_phone)

    first = await api.call("POST", f"{OWN}/mine/{contract.id}/confirm-onboard", {}, token)
    again = await machine(api, "POST", f"{OWN}/{contract.id}/confirm-onboard", {"phone": contract.customer_phone})

    assert (early.status, early.code) == (422, "CONTRACT_STEP_NOT_ALLOWED")
    assert (first.status, first.data["onboardStatus"]) == (200, "confirmed")
    assert (again.status, again.data["onboardConfirmedAt"]) == (200, first.data["onboardConfirmedAt"])
    stored = await api.contract(contract.id)
    assert [str(entry.cause) for entry in stored.history].count("onboarded") == 1
    assert stored.onboard_confirmed_by == contract.customer_phone


async def test_a_payment_of_the_due_amount_brings_a_training_into_force_once(
    admin: StaffMember, api: ContractApi, provider: Provider
) -> None:
    order = await signed_order(admin, api, provider)
    path = f"{STUDENTS}/{order.id}/payment-confirm"

    shown = await machine(api, "GET", f"{STUDENTS}/{order.id}/status", phone=order.customer_phone)
    answers = await asyncio.gather(*(machine(api, "POST", path, payment(order)) for _ in range(4)))
    later = await machine(api, "POST", f"{OWN}/{order.id}/payment-confirm", payment(order))

    assert (shown.data["contractStatus"], shown.data["amountDue"]) == ("signed", 680_000)
    assert [answer.status for answer in [*answers, later]] == [200] * 5
    assert {answer.data["contractStatus"] for answer in answers} == {"active"}
    stored = await api.contract(order.id)
    assert (stored.payment_status, stored.payment_amount) == ("paid", 680_000)
    assert [str(entry.cause) for entry in stored.history].count("paid") == 1


async def test_a_payment_of_another_amount_or_customer_changes_nothing(
    admin: StaffMember, api: ContractApi, provider: Provider
) -> None:
    order = await signed_order(admin, api, provider)
    path = f"{STUDENTS}/{order.id}/payment-confirm"

    less = await machine(api, "POST", path, payment(order, amount=1))
    stranger = await machine(api, "POST", path, payment(order, phone="13000000000"))
    negative = await machine(api, "POST", path, payment(order, amount=-680_000))
    without_secret = await api.call("POST", path, payment(order))

    assert (less.status, less.code, less.body["details"]) == (422, "PAYMENT_AMOUNT_MISMATCH", {"amountDue": 680_000})
    assert (stranger.status, stranger.code) == (404, "CONTRACT_NOT_FOUND")
    assert negative.status == 400
    assert without_secret.status == 401
    assert (await api.contract(order.id)).payment_status == "unpaid"


async def test_a_payment_id_pays_one_order(admin: StaffMember, api: ContractApi, provider: Provider) -> None:
    first = await signed_order(admin, api, provider, 1)
    second = await signed_order(admin, api, provider, 2)
    await machine(api, "POST", f"{STUDENTS}/{first.id}/payment-confirm", payment(first))
    used = payment(second, sqb_sn=payment(first)["sqb_sn"])

    reused = await machine(api, "POST", f"{STUDENTS}/{second.id}/payment-confirm", used)
    twice = await machine(api, "POST", f"{STUDENTS}/{first.id}/payment-confirm", payment(first, sqb_sn="another-1"))

    assert (reused.status, reused.code) == (409, "PAYMENT_ID_USED")
    assert (twice.status, twice.code) == (409, "ALREADY_PAID")
    assert (await api.contract(second.id)).contract_status == "signed"


async def test_an_order_cannot_be_paid_before_all_parties_have_signed(admin: StaffMember, api: ContractApi) -> None:
    made = await admin.call("POST", "/training-orders/miniprogram/create", training_form())
    await admin.call("POST", f"/training-orders/miniprogram/initiate-signing/{made.data['id']}", {})
    order = await api.sent(made.data["id"])

    answer = await machine(api, "POST", f"{STUDENTS}/{order.id}/payment-confirm", payment(order))

    assert (answer.status, answer.code) == (422, "CONTRACT_STEP_NOT_ALLOWED")


async def test_a_student_finds_their_order_and_signs_it(
    admin: StaffMember, api: ContractApi, provider: Provider
) -> None:
    made = await admin.call("POST", "/training-orders/miniprogram/create", training_form())
    await admin.call("POST", f"/training-orders/miniprogram/initiate-signing/{made.data['id']}", {})
    order = await api.until(made.data["id"], lambda c: c.signers[0].state == "signed")

    listed = await machine(api, "GET", f"{STUDENTS}/my-order", phone=order.customer_phone)
    link = await machine(api, "GET", f"{STUDENTS}/{order.id}/signing-url", phone=order.customer_phone)

    assert [each["id"] for each in listed.data["contracts"]] == [order.id]
    assert listed.data["contracts"][0]["intendedCourses"] == ["高级母婴护理"]
    async with api.http.post(link.data["signingUrl"], data={"action": "sign"}) as page:
        assert page.status == 200
    assert await api.until(order.id, lambda c: c.contract_status == "signed")


async def test_a_training_ends_by_graduation_or_a_refund_that_keeps_the_fees(
    admin: StaffMember, api: ContractApi, provider: Provider
) -> None:
    finished = await signed_order(admin, api, provider, 1)
    returned = await signed_order(admin, api, provider, 2)
    unpaid = await admin.call("POST", f"/training-orders/{finished.id}/graduate", {})
    for order in (finished, returned):
        await machine(api, "POST", f"{STUDENTS}/{order.id}/payment-confirm", payment(order))

    graduated = [await admin.call("POST", f"/training-orders/{finished.id}/graduate", {}) for _ in range(2)]
    too_much = await admin.call("POST", f"/training-orders/{returned.id}/refund", {"refundAmount": 6800.01})
    refunded = await admin.call("POST", f"/contracts/{returned.id}/mark-refunded", {"refundAmount": 2000})

    assert (unpaid.status, unpaid.code) == (422, "CONTRACT_STEP_NOT_ALLOWED")
    assert [(each.status, each.data["contractStatus"]) for each in graduated] == [(200, "graduated")] * 2
    assert (too_much.status, too_much.code) == (422, "REFUND_TOO_HIGH")
    assert (refunded.data["contractStatus"], refunded.data["paymentStatus"]) == ("refunded", "refunded")
    assert (refunded.data["refundAmount"], refunded.data["courseAmount"]) == (2000, 6800)
