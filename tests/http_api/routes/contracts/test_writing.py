"""Routes that create, edit, assign and renew contracts: validation, idempotency and optimistic locking."""

import asyncio
import re
from typing import Any

import pytest

from domain.shared.authority import Role
from tests.contract_api import ContractApi, Provider, StaffMember, housekeeping_form, training_form

CREATE = "/contracts/miniprogram/create"
SERVER_FIELDS = {
    "contractStatus": "active",
    "createdBy": "5" * 24,
    "isLatest": False,
    "contractNumber": "CON00000000000001",
    "esignStatus": "2",
    "esignContractNo": "CON-1",
    "paymentStatus": "paid",
    "onboardStatus": "confirmed",
    "version": 99,
}
INVALID_VALUES: tuple[tuple[str, Any], ...] = (
    ("customerPhone", "12345"),
    ("customerIdCard", "110101199003070012"),
    ("workerSalary", -1),
    ("workerSalary", 1.234),
    ("contractType", "保镖"),
    ("startDate", "2026-13-01"),
    ("startDate", "0001-01-01T00:00:00+14:00"),
    ("endDate", "9999-12-31"),
    ("endDate", "2020-01-01"),
    ("salaryPaymentDay", 32),
    ("customerName", ""),
)


async def test_a_new_contract_has_a_number_an_owner_and_amounts_in_yuan(admin: StaffMember) -> None:
    answer = await admin.call("POST", CREATE, housekeeping_form(customerServiceFee=3000.5))

    assert answer.status == 201
    made = answer.data
    assert made["contractStatus"] == "draft"
    assert made["contractStatusText"] == "草稿"
    assert re.fullmatch(r"CON\d{14}", made["contractNumber"])
    assert made["createdBy"] == {"_id": admin.id, "name": "admin", "phone": None}
    assert (made["workerSalary"], made["customerServiceFee"]) == (8800, 3000.5)
    assert made["id"] == made["_id"]
    assert made["isLatest"] is True
    assert made["signing"]["started"] is False
    assert [entry["cause"] for entry in made["history"]] == ["created"]


async def test_creating_in_the_crm_starts_signing_when_no_field_is_missing(
    admin: StaffMember, api: ContractApi
) -> None:
    answer = await admin.call("POST", "/contracts", housekeeping_form())

    assert answer.status == 201
    assert answer.data["contractStatus"] == "signing"
    assert answer.data["signing"] == {"started": True, "code": None, "message": None, "details": None}
    assert (await api.sent(answer.data["id"])).esign_contract_no == answer.data["contractNumber"] + "-1"


@pytest.mark.parametrize("missing", ["customerIdCard", "workerIdCard", "templateNo"])
async def test_an_incomplete_contract_stays_a_draft_and_lists_missing_fields(admin: StaffMember, missing: str) -> None:
    body = {name: value for name, value in housekeeping_form().items() if name != missing}

    answer = await admin.call("POST", "/contracts", body)

    assert answer.status == 201
    assert answer.data["contractStatus"] == "draft"
    assert {"templateNo": "esignTemplateNo"}.get(missing, missing) in answer.data["missingToSign"]


async def test_a_template_mismatch_leaves_a_draft_with_the_reason(admin: StaffMember) -> None:
    answer = await admin.call("POST", "/contracts", housekeeping_form(templateParams={"没有这一项": "值"}))

    assert answer.status == 201
    assert answer.data["contractStatus"] == "draft"
    assert answer.data["signing"]["code"] == "TEMPLATE_MISMATCH"
    assert answer.data["signing"]["details"]["unknown"] == ["没有这一项"]


async def test_invalid_terms_are_refused_by_field(admin: StaffMember) -> None:
    for name, invalid in INVALID_VALUES:
        answer = await admin.call("POST", CREATE, housekeeping_form(**{name: invalid}))

        assert (answer.status, answer.code) == (400, "INVALID_REQUEST"), name
        assert any(each["field"].startswith(name) for each in answer.body["details"]["fields"]), answer.body


async def test_creating_refuses_fields_that_the_server_sets(admin: StaffMember) -> None:
    for path in (CREATE, "/contracts", "/training-orders/miniprogram/create"):
        for name, value in SERVER_FIELDS.items():
            answer = await admin.call("POST", path, {**housekeeping_form(), name: value})

            assert (answer.status, answer.code) == (400, "INVALID_REQUEST")
            assert [each["field"] for each in answer.body["details"]["fields"]] == [name]
    assert (await admin.call("GET", "/contracts", query={"showAll": "true"})).data["total"] == 0


async def test_editing_refuses_fields_that_the_server_sets(admin: StaffMember, api: ContractApi) -> None:
    contract_id = await admin.create()
    before = await api.until(contract_id, lambda contract: bool(contract.customer_id))  # the last change of a creation

    for name, value in SERVER_FIELDS.items():
        for path in (f"/contracts/{contract_id}", f"/contracts/miniprogram/update/{contract_id}"):
            if name != "version":  # names the version that was read
                assert (await admin.call("PUT", path, {name: value, "remarks": "偷偷"})).status == 400, name

    assert await api.contract(contract_id) == before


async def test_a_second_contract_is_a_conflict_that_names_the_candidate(admin: StaffMember) -> None:
    first = await admin.create(1)

    answer = await admin.call("POST", CREATE, housekeeping_form(1, workerName="钱阿姨"))

    assert (answer.status, answer.code) == (409, "CONTRACT_EXISTS")
    assert answer.body["details"]["candidate"]["id"] == first
    assert answer.body["details"]["candidate"]["canChangeWorker"] is False
    second = await admin.call("POST", CREATE, housekeeping_form(1, workerName="钱阿姨", forceCreateNew=True))
    assert second.status == 201


async def test_a_candidate_outside_of_the_scope_shows_only_its_status(admin: StaffMember, api: ContractApi) -> None:
    await admin.create(1)
    employee = await api.staff(Role.EMPLOYEE)

    answer = await employee.call("POST", CREATE, housekeeping_form(1))

    assert answer.status == 409
    assert answer.body["details"]["candidate"] == {"contractStatus": "draft", "isYours": False}


async def test_a_training_order_does_not_block_a_housekeeping_contract(admin: StaffMember) -> None:
    phone = housekeeping_form(1)["customerPhone"]
    order = await admin.call("POST", "/training-orders/miniprogram/create", training_form(1, customerPhone=phone))

    assert order.status == 201
    assert (await admin.call("POST", CREATE, housekeeping_form(1))).status == 201


async def test_an_idempotency_key_with_the_same_body_returns_the_same_contract(admin: StaffMember) -> None:
    key = {"Idempotency_Key": "form-0001-abc"}

    first, again = [await admin.call("POST", CREATE, housekeeping_form(), **key) for _ in range(2)]

    assert (first.status, again.status) == (201, 200)
    assert first.data["id"] == again.data["id"]
    assert (await admin.call("GET", "/contracts")).data["total"] == 1


async def test_simultaneous_requests_with_the_same_key_create_one_contract(admin: StaffMember) -> None:
    key = {"Idempotency_Key": "form-0002-abc"}

    answers = await asyncio.gather(*(admin.call("POST", "/contracts", housekeeping_form(), **key) for _ in range(5)))

    assert sorted(answer.status for answer in answers) == [200, 200, 200, 200, 201]
    assert len({answer.data["id"] for answer in answers}) == 1
    assert (await admin.call("GET", "/contracts")).data["total"] == 1


async def test_an_idempotency_key_with_another_body_is_a_conflict(admin: StaffMember) -> None:
    key = {"Idempotency_Key": "form-0003-abc"}
    await admin.call("POST", CREATE, housekeeping_form(1), **key)

    other = await admin.call("POST", CREATE, housekeeping_form(2), **key)

    assert (other.status, other.code) == (409, "IDEMPOTENCY_KEY_REUSED")


async def test_equal_keys_of_two_staff_members_do_not_collide(admin: StaffMember, api: ContractApi) -> None:
    key = {"Idempotency_Key": "form-0004-abc"}
    operator = await api.staff(Role.OPERATOR)

    mine = await admin.call("POST", CREATE, housekeeping_form(1), **key)
    theirs = await operator.call("POST", CREATE, housekeeping_form(2), **key)

    assert (mine.status, theirs.status) == (201, 201)


@pytest.mark.parametrize("key", ["short", "x" * 129, "中文的键也不行-0001"])
async def test_a_malformed_idempotency_key_is_refused(admin: StaffMember, key: str) -> None:
    answer = await admin.call("POST", CREATE, housekeeping_form(), Idempotency_Key=key)

    assert (answer.status, answer.code) == (400, "INVALID_REQUEST")


async def test_an_edit_of_an_outdated_version_is_refused_with_the_current_version(
    admin: StaffMember, api: ContractApi
) -> None:
    contract_id = await admin.create()
    read = (await admin.call("GET", f"/contracts/{contract_id}")).data["version"]
    operator = await api.staff(Role.OPERATOR)
    theirs = await operator.call("PUT", f"/contracts/{contract_id}", {"remarks": "先到", "version": read})

    mine = await admin.call("PUT", f"/contracts/{contract_id}", {"remarks": "后到", "version": read})

    assert theirs.status == 200
    assert (mine.status, mine.code) == (409, "VERSION_CONFLICT")
    assert mine.body["details"] == {"version": theirs.data["version"]}
    again = await admin.call("PUT", f"/contracts/{contract_id}", {"remarks": "再来", "version": theirs.data["version"]})
    assert (again.status, again.data["remarks"]) == (200, "再来")


async def test_of_simultaneous_edits_of_one_version_one_succeeds(admin: StaffMember) -> None:
    contract_id = await admin.create()
    version = (await admin.call("GET", f"/contracts/{contract_id}")).data["version"]

    answers = await asyncio.gather(
        *(admin.call("PUT", f"/contracts/{contract_id}", {"remarks": f"第{n}个", "version": version}) for n in range(6))
    )

    assert sorted(answer.status for answer in answers) == [200, 409, 409, 409, 409, 409]


async def test_null_clears_a_term_and_a_masked_value_keeps_it(admin: StaffMember, api: ContractApi) -> None:
    contract_id = await admin.create(remarks="旧")
    shown = (await admin.call("GET", f"/contracts/{contract_id}")).data

    answer = await admin.call(
        "PUT",
        f"/contracts/{contract_id}",
        {
            "remarks": None,
            "customerPhone": shown["customerPhone"],
            "customerIdCard": shown["customerIdCard"],
            "workerSalary": 9000.01,
        },
    )

    assert answer.status == 200, answer.body
    stored = await api.contract(contract_id)
    assert (stored.remarks, stored.worker_salary_fen) == ("", 900_001)
    assert (stored.customer_phone, stored.customer_id_card) == (
        housekeeping_form()["customerPhone"],
        housekeeping_form()["customerIdCard"],
    )


async def test_only_contact_details_are_editable_once_signing_has_started(admin: StaffMember, api: ContractApi) -> None:
    contract = await admin.signing()

    frozen = await admin.call("PUT", f"/contracts/{contract.id}", {"workerSalary": 1, "customerAddress": "新地址"})
    contact = await admin.call("PUT", f"/contracts/{contract.id}", {"customerAddress": "新地址"})

    assert (frozen.status, frozen.code) == (422, "CONTRACT_TERMS_FROZEN")
    assert frozen.body["details"]["fields"] == ["workerSalary"]
    assert (contact.status, contact.data["customerAddress"]) == (200, "新地址")


async def test_assigning_moves_a_contract_to_the_new_owners_scope(api: ContractApi, admin: StaffMember) -> None:
    owner, other = await api.staff(Role.EMPLOYEE, "甲"), await api.staff(Role.EMPLOYEE, "乙")
    contract_id = await owner.create()

    answer = await admin.call("PATCH", f"/contracts/{contract_id}/assign", {"assignedTo": other.id, "reason": "休假"})

    assert (answer.status, answer.data["createdBy"]["name"]) == (200, "乙")
    assert (await owner.call("GET", f"/contracts/{contract_id}")).status == 404
    assert (await other.call("GET", f"/contracts/{contract_id}")).status == 200
    assert answer.data["history"][0]["cause"] == "assigned"
    assert answer.data["history"][0]["note"] == "休假"


async def test_a_contract_is_not_assigned_to_unknown_or_inactive_staff(admin: StaffMember, api: ContractApi) -> None:
    contract_id = await admin.create()

    answer = await admin.call("PATCH", f"/contracts/{contract_id}/assign", {"assignedTo": "a" * 24})

    assert (answer.status, answer.code) == (400, "INVALID_REQUEST")
    listed = (await admin.call("GET", "/contracts/assignable-users")).data["users"]
    assert [each["id"] for each in listed] == [admin.id]


@pytest.mark.parametrize("path", ["/contracts/change-worker/{id}", "/contracts/miniprogram/change-worker/{id}"])
async def test_a_predecessor_is_replaced_only_when_its_successor_is_signed(
    admin: StaffMember, api: ContractApi, provider: Provider, path: str
) -> None:
    original = await admin.active(provider)

    answer = await admin.call(
        "POST",
        path.format(id=original.id),
        {"workerName": "钱阿姨", "workerPhone": "13700137000", "workerSalary": 9000},
    )

    assert answer.status == 201, answer.body
    successor = answer.data
    assert successor["replacesContractId"] == original.id
    assert (successor["customerName"], successor["workerName"]) == (original.customer_name, "钱阿姨")
    assert (await api.contract(original.id)).contract_status == "active"
    card = {"workerIdCard": housekeeping_form(7)["workerIdCard"]}
    assert (await admin.call("PUT", f"/contracts/{successor['id']}", card)).status == 200
    started = await admin.call("POST", f"/contracts/{successor['id']}/initiate-signing", {})
    assert started.status == 200, started.body
    sent = await api.sent(successor["id"])
    await provider.do(sent.esign_contract_no, "sign", order=1)
    assert (await api.contract(original.id)).contract_status == "active"
    await provider.do(sent.esign_contract_no, "sign", order=2)
    replaced = await api.until(original.id, lambda c: c.contract_status == "replaced")
    assert replaced.replaced_by_contract_id == successor["id"]
    assert (await api.contract(successor["id"])).contract_status == "active"


async def test_a_contract_has_one_open_successor_at_a_time(admin: StaffMember, provider: Provider) -> None:
    original = await admin.active(provider)
    body = {"workerName": "钱阿姨", "workerPhone": "13700137000"}
    await admin.call("POST", f"/contracts/change-worker/{original.id}", body)

    second = await admin.call("POST", f"/contracts/change-worker/{original.id}", body)

    assert (second.status, second.code) == (409, "SUCCESSOR_EXISTS")


async def test_only_a_contract_in_force_can_change_the_worker_or_be_renewed(admin: StaffMember) -> None:
    draft = await admin.create()

    changed = await admin.call("POST", f"/contracts/change-worker/{draft}", {"workerName": "钱阿姨"})
    renewed = await admin.call("POST", f"/contracts/{draft}/renew", {"endDate": "2028-10-31"})

    assert (changed.status, changed.code) == (422, "CONTRACT_STEP_NOT_ALLOWED")
    assert (renewed.status, renewed.code) == (422, "CONTRACT_STEP_NOT_ALLOWED")


async def test_a_renewal_starts_the_day_after_the_end_and_exists_once(admin: StaffMember, provider: Provider) -> None:
    original = await admin.active(provider)

    first = await admin.call("POST", f"/contracts/{original.id}/renew", {"endDate": "2028-10-31"})
    second = await admin.call("POST", f"/contracts/{original.id}/renew", {"endDate": "2028-10-31"})

    assert first.status == 201, first.body
    assert (first.data["startDate"], first.data["endDate"]) == ("2027-11-01", "2028-10-31")
    assert first.data["renewsContractId"] == original.id
    assert (second.status, second.code) == (409, "RENEWAL_EXISTS")


async def test_errors_are_in_chinese_or_english(admin: StaffMember) -> None:
    chinese = await admin.call("GET", f"/contracts/{'a' * 24}")
    english = await admin.call("GET", f"/contracts/{'a' * 24}", Accept_Language="en-GB")

    assert (chinese.status, chinese.code, chinese.body["message"]) == (404, "CONTRACT_NOT_FOUND", "合同不存在")
    assert (english.code, english.body["message"]) == ("CONTRACT_NOT_FOUND", "No such contract")
