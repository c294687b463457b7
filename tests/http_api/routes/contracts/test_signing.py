"""Routes of signing: start, links, status, withdraw, void, start again, and the document."""

import base64
import hashlib

import pytest

from domain.contracts.history import Cause
from domain.contracts.statuses import SignerRole
from domain.shared.authority import Role
from tests.contract_api import ContractApi, Provider, StaffMember, housekeeping_form


async def test_both_paths_of_every_signing_route_do_the_same(
    admin: StaffMember, api: ContractApi, provider: Provider
) -> None:
    """The whole course of a contract, on the CRM's paths and on the mini-program's."""
    outcomes = []
    for number, path in ((1, "/contracts/{id}/{verb}"), (2, "/contracts/miniprogram/{verb}/{id}")):
        contract_id = await admin.create(number)

        async def call(verb: str, body: object, path: str = path, contract_id: str = contract_id) -> str:
            answer = await admin.call("POST", path.format(id=contract_id, verb=verb), body)
            assert answer.status == 200, (verb, answer.body)
            return str(answer.data["contractStatus"])

        steps = [await call("initiate-signing", {})]
        await api.sent(contract_id)
        await call("withdraw", {"reason": "改期"})
        await api.until(contract_id, lambda c: c.contract_status == "cancelled")
        steps.append(await call("sync-esign-status", {}))
        again = "reinitiate-esign" if number == 1 else "reinitiate-signing"
        steps.append(await call(again, {}))
        sent = await api.sent(contract_id)
        for order in (1, 2):
            await provider.do(sent.esign_contract_no, "sign", order=order)
        await api.until(contract_id, lambda c: c.contract_status == "active")
        steps.append(await call("invalidate", {"reason": "协商解除"}))
        history = (await api.contract(contract_id)).history
        # How many signer changes are noticed between two steps depends on timing.
        timing_dependent = (Cause.NEXT_SIGNER, Cause.SIGNER_ACTED)
        outcomes.append([*steps, [entry.cause for entry in history if entry.cause not in timing_dependent]])

    assert outcomes[0] == outcomes[1]
    assert outcomes[0][:4] == ["signing", "cancelled", "signing", "active"]


async def test_starting_names_the_missing_fields(admin: StaffMember) -> None:
    contract_id = await admin.create(workerIdCard=None, customerIdCard=None)

    answer = await admin.call("POST", f"/contracts/{contract_id}/initiate-signing", {})

    assert (answer.status, answer.code) == (422, "PARTIES_INCOMPLETE")
    assert set(answer.body["details"]["missing"]) == {"workerIdCard", "customerIdCard"}


async def test_starting_with_an_unknown_template_is_refused(admin: StaffMember) -> None:
    contract_id = await admin.create()

    answer = await admin.call("POST", f"/contracts/{contract_id}/initiate-signing", {"templateNo": "TN-NOWHERE"})

    assert (answer.status, answer.code) == (422, "ESIGN_TEMPLATE_MISSING")
    assert (await admin.call("GET", f"/contracts/{contract_id}")).data["contractStatus"] == "draft"


async def test_starting_with_an_outdated_version_is_a_conflict(admin: StaffMember) -> None:
    contract_id = await admin.create()
    read = (await admin.call("GET", f"/contracts/{contract_id}")).data["version"]
    await admin.call("PUT", f"/contracts/{contract_id}", {"workerSalary": 1})

    answer = await admin.call("POST", f"/contracts/{contract_id}/initiate-signing", {"version": read})

    assert (answer.status, answer.code) == (409, "VERSION_CONFLICT")


async def test_starting_twice_creates_one_attempt(admin: StaffMember) -> None:
    contract = await admin.signing()

    again = await admin.call("POST", f"/contracts/{contract.id}/initiate-signing", {})
    reinitiated = await admin.call("POST", f"/contracts/{contract.id}/reinitiate-esign", {})

    assert (again.status, again.code) == (422, "CONTRACT_STEP_NOT_ALLOWED")
    assert (reinitiated.status, reinitiated.code) == (422, "CONTRACT_STEP_NOT_ALLOWED")
    assert contract.esign_contract_no == f"{contract.contract_number}-1"


async def test_no_request_waits_for_a_hanging_provider(
    admin: StaffMember, api: ContractApi, provider: Provider
) -> None:
    contract_id = await admin.create()
    await admin.call("POST", "/esign/template/data", {"templateIdent": housekeeping_form()["templateNo"]})
    await provider.fault("/contract/createContract", times=1, delay_seconds=3)

    answer = await admin.call("POST", f"/contracts/{contract_id}/initiate-signing", {})

    assert (answer.status, answer.data["contractStatus"], answer.data["attempt"]["sent"]) == (200, "signing", False)
    early = await admin.call("POST", f"/contracts/{contract_id}/resend-sign-urls", {})
    assert (early.status, early.code) == (422, "SIGN_LINKS_NOT_READY")
    await api.sent(contract_id)


async def test_only_the_current_signer_gets_a_link(admin: StaffMember, api: ContractApi, provider: Provider) -> None:
    contract = await admin.signing()

    before = (await admin.call("POST", f"/contracts/{contract.id}/resend-sign-urls", {})).data
    await provider.do(contract.esign_contract_no, "sign", order=1)
    await api.until(contract.id, lambda c: c.signers[0].state == "signed")
    after = (await admin.call("POST", f"/contracts/miniprogram/resend-sign-urls/{contract.id}", {})).data

    assert [(link["role"], bool(link["signUrl"])) for link in before["signUrls"]] == [
        (SignerRole.CUSTOMER, True),
        (SignerRole.WORKER, False),
    ]
    assert [(link["role"], bool(link["signUrl"])) for link in after["signUrls"]] == [
        (SignerRole.CUSTOMER, False),
        (SignerRole.WORKER, True),
    ]
    assert before["contractNo"] == contract.esign_contract_no
    assert "****" in before["signUrls"][0]["mobile"]
    draft = await admin.create(2)
    of_the_draft = await admin.call("POST", f"/contracts/{draft}/resend-sign-urls", {})
    assert (of_the_draft.status, of_the_draft.code) == (422, "CONTRACT_NOT_SIGNED")


async def test_a_sync_finds_signatures_without_a_callback(
    admin: StaffMember, api: ContractApi, provider: Provider
) -> None:
    contract = await admin.signing()
    await provider.order("knobs", drop=1)
    await provider.do(contract.esign_contract_no, "sign", order=1)

    answer = await admin.call("POST", f"/contracts/{contract.id}/sync-esign-status", {})
    everything = await admin.call("POST", "/contracts/miniprogram/sync-all-esign-status", {})

    assert (answer.status, answer.data["signedCount"], answer.data["contractStatus"]) == (200, 1, "signing")
    assert (everything.data["synced"], everything.data["contracts"][0]["signedCount"]) == (1, 1)


async def test_a_document_is_handed_out_only_after_all_parties_have_signed(
    admin: StaffMember, provider: Provider
) -> None:
    contract = await admin.signing()
    early = [
        await admin.call("POST", f"/contracts/{contract.id}/download-contract", {"force": 1}),
        await admin.call("POST", f"/contracts/miniprogram/download-contract/{contract.id}", {"force": 1}),
        await admin.call("GET", f"/contracts/{contract.id}/document"),
        await admin.call("GET", f"/esign/download-contract/{contract.esign_contract_no}"),
    ]

    assert [(answer.status, answer.code) for answer in early] == [(422, "CONTRACT_NOT_SIGNED")] * 4


async def test_the_signed_document_is_available_as_a_file_and_as_base64(admin: StaffMember, provider: Provider) -> None:
    contract = await admin.active(provider)

    file = await admin.call("GET", f"/contracts/{contract.id}/document")
    wrapped = [
        await admin.call("POST", f"/contracts/{contract.id}/download-contract", {}),
        await admin.call("POST", f"/contracts/miniprogram/download-contract/{contract.id}", {"downloadFileType": 1}),
        await admin.call("GET", f"/esign/download-contract/{contract.contract_number}"),
    ]

    assert file.body.startswith(b"%PDF")
    for answer in wrapped:
        assert (answer.status, answer.data["fileName"]) == (200, f"{contract.contract_number}.pdf")
        assert base64.b64decode(answer.data["data"]) == file.body
        assert answer.data["md5"] == hashlib.md5(file.body, usedforsecurity=False).hexdigest()
        assert (answer.body["success"], answer.data["size"]) == (True, len(file.body))
        assert {"requestId", "timestamp", "message"} <= answer.body.keys()


async def test_a_withdrawal_takes_effect_when_the_provider_confirms(admin: StaffMember, api: ContractApi) -> None:
    contract = await admin.signing()

    answer = await admin.call("POST", f"/contracts/{contract.id}/withdraw", {"reason": "客户改期"})

    assert answer.status == 200, answer.body
    ended = await api.until(contract.id, lambda c: c.contract_status == "cancelled")
    assert (ended.cancel_reason, ended.cancel_note) == ("withdrawn", "客户改期")
    shown = (await admin.call("GET", f"/contracts/{contract.id}")).data
    assert (shown["cancelReasonText"], shown["closure"]) == ("撤销", None)


async def test_a_fully_signed_contract_cannot_be_withdrawn_only_voided(admin: StaffMember, provider: Provider) -> None:
    contract = await admin.active(provider)

    withdrawn = await admin.call("POST", f"/contracts/{contract.id}/withdraw", {"reason": "算了"})
    voided = await admin.call("POST", f"/contracts/{contract.id}/invalidate", {"reason": "协商解除"})

    assert (withdrawn.status, withdrawn.code) == (422, "CONTRACT_STEP_NOT_ALLOWED")
    assert (voided.status, voided.data["contractStatus"]) == (200, "active")


async def test_a_voiding_takes_effect_when_all_parties_have_signed_it(
    admin: StaffMember, api: ContractApi, provider: Provider
) -> None:
    contract = await admin.active(provider)
    await admin.call("POST", f"/contracts/{contract.id}/cancel", {"reason": "协商解除"})
    await api.until(contract.id, lambda c: c.closure is not None and c.closure.accepted)

    assert (await api.contract(contract.id)).contract_status == "active"
    for order in (1, 2):
        await provider.do(contract.esign_contract_no, "sign", order=order)

    ended = await api.until(contract.id, lambda c: c.contract_status == "cancelled")
    assert (ended.cancel_reason, ended.cancel_note) == ("voided", "协商解除")
    again = await admin.call("POST", f"/contracts/{contract.id}/reinitiate-esign", {})
    assert (again.status, again.code) == (422, "CONTRACT_STEP_NOT_ALLOWED")


async def test_only_managers_can_void(api: ContractApi, provider: Provider) -> None:
    operator, manager = await api.staff(Role.OPERATOR), await api.staff(Role.MANAGER)
    contract = await operator.active(provider)

    for path in (
        f"/contracts/{contract.id}/invalidate",
        f"/contracts/{contract.id}/cancel",
        f"/esign/invalidate-contract/{contract.contract_number}",
    ):
        assert (await operator.call("POST", path, {"reason": "解除"})).status == 403
    answer = await manager.call("POST", f"/esign/invalidate-contract/{contract.esign_contract_no}", {"reason": "解除"})
    assert answer.status == 200


async def test_a_discarded_draft_cannot_be_signed_again(admin: StaffMember) -> None:
    contract_id = await admin.create()

    answer = await admin.call("POST", f"/contracts/{contract_id}/cancel", {"reason": "客户不要了"})

    assert (answer.data["contractStatus"], answer.data["cancelReasonText"]) == ("cancelled", "草稿作废")
    again = await admin.call("POST", f"/contracts/{contract_id}/initiate-signing", {})
    assert (again.status, again.code) == (422, "CONTRACT_STEP_NOT_ALLOWED")


async def test_a_refused_contract_keeps_the_reason_and_can_be_signed_again(
    admin: StaffMember, api: ContractApi, provider: Provider
) -> None:
    contract = await admin.signing()
    await provider.do(contract.esign_contract_no, "reject", order=1, remark="价格不对")
    ended = await api.until(contract.id, lambda c: c.contract_status == "cancelled")

    in_english = await admin.call("GET", f"/contracts/{contract.id}", Accept_Language="en")
    answer = await admin.call("POST", f"/contracts/miniprogram/reinitiate-signing/{contract.id}", {})

    assert ended.cancel_reason == "rejected"
    assert ended.cancel_note == "客户：价格不对"
    assert in_english.data["cancelNote"] == in_english.data["history"][0]["note"] == "Customer: 价格不对"
    assert (answer.status, answer.data["contractStatus"], answer.data["cancelReason"]) == (200, "signing", None)
    assert (await api.sent(contract.id)).esign_contract_no == f"{contract.contract_number}-2"


async def test_legacy_esign_paths_find_contracts_by_either_number(admin: StaffMember, api: ContractApi) -> None:
    contract = await admin.signing()

    for number in (contract.contract_number, contract.esign_contract_no):
        status = await admin.call("GET", f"/esign/contract-status/{number}")
        preview = await admin.call("GET", f"/esign/preview-contract/{number}")
        assert (status.status, status.data["contractStatus"]) == (200, "signing")
        assert preview.data["previewUrl"].startswith("http")
    done = await admin.call("POST", f"/esign/withdraw-contract/{contract.esign_contract_no}", {"reason": "改期"})
    assert done.status == 200
    ended = await api.until(contract.id, lambda c: c.contract_status == "cancelled")
    assert ended.cancel_reason == "withdrawn"
    draft = await api.contract(await admin.create(2))
    discarded = await admin.call("POST", f"/esign/cancel-contract/{draft.contract_number}", {"reason": "不要了"})
    assert discarded.data["contractStatus"] == "cancelled"


async def test_templates_come_from_the_provider_or_the_request_fails(admin: StaffMember, provider: Provider) -> None:
    await provider.fault("/template/list", times=10, code=-1)

    failed = await admin.call("GET", "/esign/templates")

    assert (failed.status, failed.code, failed.body["success"]) == (502, "UPSTREAM_FAILED", False)


async def test_template_fields_tell_which_come_from_the_terms(admin: StaffMember) -> None:
    listed = (await admin.call("GET", "/esign/templates")).data["list"]
    of_one = await admin.call("POST", "/esign/template/data", {"templateIdent": housekeeping_form()["templateNo"]})

    assert housekeeping_form()["templateNo"] in [each["templateNo"] for each in listed]
    fields = {each["key"]: each for each in of_one.data["controls"]}
    assert fields["客户姓名"]["fromTerms"] is True
    assert any(not each["fromTerms"] for each in fields.values())
    unknown = await admin.call("POST", "/esign/template/data", {"templateIdent": "TN-NOWHERE"})
    assert (unknown.status, unknown.code) == (422, "ESIGN_TEMPLATE_MISSING")


@pytest.mark.parametrize("again", ["/contracts/{id}/sync-insurance", "/contracts/miniprogram/sync-insurance/{id}"])
async def test_insurance_is_synchronised_again_only_for_a_contract_in_force(
    admin: StaffMember, provider: Provider, again: str
) -> None:
    contract = await admin.active(provider)
    draft = await admin.create(2)

    asked = await admin.call("POST", again.format(id=contract.id), {})
    refused = await admin.call("POST", again.format(id=draft), {})

    assert (asked.status, asked.data["insuranceSyncPending"]) == (200, True)
    assert (refused.status, refused.code) == (422, "CONTRACT_STEP_NOT_ALLOWED")


async def test_before_signing_staff_see_what_is_sent_to_whom(admin: StaffMember) -> None:
    contract_id = await admin.create(41)

    shown = await admin.call("GET", f"/contracts/{contract_id}/signing-preview")

    assert [recipient["role"] for recipient in shown.data["recipients"]] == ["customer", "worker", "agency"]
    assert shown.data["recipients"][0]["phone"] == "138****0041"
    values = {field["key"]: field["values"] for field in shown.data["fields"]}
    assert values["客户电话"] == ["138****0041"]
    assert str(housekeeping_form(41)["customerIdCard"]) not in str(shown.data)


async def test_staff_confirm_onboarding_and_record_payments(admin: StaffMember, provider: Provider) -> None:
    contract = await admin.active(provider, 42)

    onboarded = await admin.call("POST", f"/contracts/{contract.id}/confirm-onboard", {})
    unpayable = {"amount": 300_050, "paymentNumber": "R-0042", "paidAt": "2026-05-01T02:00:00Z"}
    refused = await admin.call("POST", f"/contracts/{contract.id}/record-payment", unpayable)

    assert (onboarded.status, onboarded.data["onboardStatus"]) == (200, "confirmed")
    assert (refused.status, refused.code) == (422, "CONTRACT_STEP_NOT_ALLOWED")
