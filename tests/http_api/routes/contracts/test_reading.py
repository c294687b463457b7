"""Routes that read contracts: data scope, masking, search, and the paths of both clients."""

from typing import Any

import pytest
from bson import ObjectId

from domain.shared.authority import Role
from tests.contract_api import ContractApi, Provider, StaffMember, housekeeping_form, training_form

ALIASED_PATHS = (
    ("/contracts", "/contracts/miniprogram/list"),
    ("/contracts/statistics", "/contracts/miniprogram/statistics"),
    ("/contracts/search-by-worker?name=赵", "/contracts/miniprogram/search-worker?name=赵"),
    ("/contracts/{id}", "/contracts/miniprogram/detail/{id}"),
    ("/contracts/number/{number}", "/contracts/miniprogram/by-number/{number}"),
    ("/contracts/customer/{customer}", "/contracts/miniprogram/by-customer/{customer}"),
    ("/contracts/worker/{worker}", "/contracts/miniprogram/by-worker-id/{worker}"),
    ("/contracts/check-customer/{phone}", "/contracts/miniprogram/check-customer/{phone}"),
    ("/contracts/history/{phone}", "/contracts/miniprogram/history/{phone}"),
    ("/contracts/{id}/esign-info", "/contracts/miniprogram/esign-info/{id}"),
    ("/contracts/{id}/signers-status", "/contracts/miniprogram/signers-status/{id}"),
    ("/contracts/{id}/preview", "/contracts/miniprogram/preview/{id}"),
)
CUSTOMER_ID, WORKER_ID = "c" * 24, "d" * 24


async def known_people(api: ContractApi, number: int = 1) -> dict[str, Any]:
    """Store a customer and a worker; returns a form that refers to them by id."""
    body = housekeeping_form(number)
    customer = {
        "name": body["customerName"],
        "phone": body["customerPhone"],
        "idCardNumber": body["customerIdCard"],
        "address": "朝阳区一号",
    }
    resume = {
        "name": body["workerName"],
        "phone": body["workerPhone"],
        "idNumber": body["workerIdCard"],
        "currentAddress": "河北",
        "releasedForContract": True,
    }
    database = api.stores.contracts.contracts.collection.database
    await database["customers"].insert_one({"_id": ObjectId(CUSTOMER_ID), "version": 1, **customer})
    await database["resumes"].insert_one({"_id": ObjectId(WORKER_ID), **resume})
    kept = ("contractType", "startDate", "endDate", "workerSalary", "customerServiceFee", "templateNo")
    return {"customerId": CUSTOMER_ID, "workerId": WORKER_ID, **{name: body[name] for name in kept}}


def unversioned(data: Any) -> Any:
    """The data without versions, which state queries of the provider increase as well."""
    if isinstance(data, list):
        return [unversioned(each) for each in data]
    if isinstance(data, dict):
        return {name: unversioned(value) for name, value in data.items() if name not in ("version", "updatedAt")}
    return data


async def listed(member: StaffMember, **query: Any) -> list[str]:
    answer = await member.call("GET", "/contracts", query={name: str(value) for name, value in query.items()})
    assert answer.status == 200, answer.body
    return [each["contractNumber"] for each in answer.data["contracts"]]


async def test_both_paths_of_a_read_route_give_the_same_answer(
    api: ContractApi, admin: StaffMember, provider: Provider
) -> None:
    made = await admin.call("POST", "/contracts", await known_people(api))
    assert made.data["contractStatus"] == "signing", made.body
    contract = await api.sent(made.data["id"])
    for order in (1, 2):
        await provider.do(contract.esign_contract_no, "sign", order=order)
    await api.until(contract.id, lambda c: c.contract_status == "active")
    names = {
        "id": contract.id,
        "number": contract.contract_number,
        "customer": CUSTOMER_ID,
        "worker": WORKER_ID,
        "phone": contract.customer_phone,
    }

    for crm, mini in ALIASED_PATHS:
        one, other = [await admin.call("GET", path.format(**names)) for path in (crm, mini)]

        assert (one.status, other.status) == (200, 200), (crm, one.body, other.body)
        assert unversioned(one.data) == unversioned(other.data), crm


async def test_party_records_fill_missing_fields_of_the_form(api: ContractApi, admin: StaffMember) -> None:
    answer = await admin.call("POST", "/contracts/miniprogram/create", await known_people(api))

    assert answer.status == 201, answer.body
    stored = await api.contract(answer.data["id"])
    assert stored.customer_id_card == housekeeping_form()["customerIdCard"]
    assert (stored.customer_address, stored.worker_address) == ("朝阳区一号", "河北")
    assert answer.data["customerId"]["_id"] == CUSTOMER_ID
    unknown = await admin.call("POST", "/contracts/miniprogram/create", housekeeping_form(2, workerId="e" * 24))
    assert (unknown.status, unknown.code) == (400, "UNKNOWN_PARTY")


async def test_a_blacklisted_or_unreleased_worker_is_refused_with_a_code(api: ContractApi, admin: StaffMember) -> None:
    body = await known_people(api)
    database = api.stores.contracts.contracts.collection.database
    await database["resumes"].update_one({}, {"$set": {"releasedForContract": False, "userId": "another member"}})
    unreleased = await admin.call("POST", "/contracts/miniprogram/create", body)
    await database["aunt_blacklists"].insert_one({"phone": housekeeping_form(5)["workerPhone"], "status": "active"})
    blacklisted = await admin.call("POST", "/contracts/miniprogram/create", housekeeping_form(5))

    assert (unreleased.status, unreleased.code) == (409, "RESUME_NOT_RELEASED")
    assert (blacklisted.status, blacklisted.code) == (422, "AUNT_BLACKLISTED")


async def test_the_list_is_paged_newest_first_and_filtered(admin: StaffMember, api: ContractApi) -> None:
    for number in (1, 2, 3):
        await admin.create(number, customerName=f"客户{number}", remarks="x")
    order = await admin.call("POST", "/training-orders/miniprogram/create", training_form(4))
    signing = await admin.signing(5)

    page = (await admin.call("GET", "/contracts", query={"page": 2, "limit": 3})).data

    assert (page["total"], page["page"], page["limit"], page["totalPages"]) == (4, 2, 3, 2)
    assert [each["customerName"] for each in page["contracts"]] == ["客户1"]
    assert await listed(admin, status="signing") == [signing.contract_number]
    assert await listed(admin, orderCategory="training") == [order.data["contractNumber"]]
    assert len(await listed(admin, showAll="true")) == 5
    assert await listed(admin, createdTo="2020-01-01") == []
    assert len(await listed(admin, ownerId=admin.id)) == 4
    orders = (await admin.call("GET", "/training-orders")).data
    assert [each["id"] for each in orders["contracts"]] == [order.data["id"]]
    too_deep = await admin.call("GET", "/contracts", query={"page": 1_000_000, "limit": 100})
    assert (too_deep.status, too_deep.code) == (400, "PAGE_TOO_DEEP")


@pytest.mark.parametrize("hostile", ["(", "a.*", "\\", "$where", "%00", "' or 1=1", "客户[1"])
async def test_a_search_input_is_never_a_pattern(admin: StaffMember, hostile: str) -> None:
    await admin.create(1, customerName="客户1")

    answer = await admin.call("GET", "/contracts", query={"search": hostile})

    assert (answer.status, answer.data["total"]) == (200, 0)


async def test_a_search_finds_by_number_name_and_phone(admin: StaffMember, api: ContractApi) -> None:
    contract_id = await admin.create(1, customerName="诸葛亮", workerName="黄阿姨")
    await admin.create(2)
    contract = await api.contract(contract_id)

    for text in ("诸葛", "黄阿姨", contract.contract_number, contract.customer_phone, contract.worker_phone):
        assert await listed(admin, search=text) == [contract.contract_number], text
    assert await listed(admin, search=contract.worker_id_card) == [contract.contract_number]


async def test_statistics_count_contracts_within_the_data_scope(admin: StaffMember, api: ContractApi) -> None:
    employee = await api.staff(Role.EMPLOYEE)
    await admin.create(1)
    await employee.create(2, contractType="保洁")

    everything = (await admin.call("GET", "/contracts/statistics")).data
    own = (await employee.call("GET", "/contracts/statistics")).data

    assert everything == {"total": 2, "byContractType": {"月嫂": 1, "保洁": 1}, "thisMonth": 2, "thisYear": 2}
    assert own == {"total": 1, "byContractType": {"保洁": 1}, "thisMonth": 1, "thisYear": 1}


async def test_an_employee_reads_only_their_own_contracts_on_every_path(admin: StaffMember, api: ContractApi) -> None:
    employee = await api.staff(Role.EMPLOYEE)
    body = await known_people(api)
    made = (await admin.call("POST", "/contracts/miniprogram/create", body)).data
    phone = housekeeping_form()["customerPhone"]

    hidden = [
        (await employee.call("GET", path)).data["contracts"]
        for path in (
            "/contracts?showAll=true",
            f"/contracts/customer/{CUSTOMER_ID}",
            f"/contracts/worker/{WORKER_ID}",
            "/contracts/search-by-worker?name=赵",
            f"/contracts/search-by-worker?phone={housekeeping_form()['workerPhone']}",
            f"/contracts/search-by-worker?idCard={housekeeping_form()['workerIdCard']}",
            f"/contracts/history/{phone}",
        )
    ]

    assert hidden == [[]] * 7
    check = (await employee.call("GET", f"/contracts/check-customer/{phone}")).data
    assert check == {"hasContract": True, "contract": None, "contractCount": 1, "isSignedContract": False}
    for path in (f"/contracts/{made['id']}", f"/contracts/number/{made['contractNumber']}"):
        assert (await employee.call("GET", path)).status == 404
    board = (await employee.call("GET", "/contracts/board")).data
    assert [column["count"] for column in board["columns"]] == [0] * len(board["columns"])


async def test_check_customer_shows_the_newest_and_whether_one_is_signed(
    admin: StaffMember, provider: Provider
) -> None:
    contract = await admin.active(provider)

    check = (await admin.call("GET", f"/contracts/check-customer/{contract.customer_phone}")).data
    unknown = (await admin.call("GET", "/contracts/check-customer/13000000000")).data

    assert (check["hasContract"], check["contractCount"], check["isSignedContract"]) == (True, 1, True)
    assert check["contract"]["id"] == contract.id
    assert unknown == {"hasContract": False, "contract": None, "contractCount": 0, "isSignedContract": False}


async def test_the_history_of_a_customer_lists_workers_with_dates(
    admin: StaffMember, api: ContractApi, provider: Provider
) -> None:
    first = await admin.active(provider)
    body = {"workerName": "钱阿姨", "workerPhone": "13700137000", "workerIdCard": housekeeping_form(7)["workerIdCard"]}
    second = (await admin.call("POST", f"/contracts/change-worker/{first.id}", body)).data
    await admin.call("POST", f"/contracts/{second['id']}/initiate-signing", {})
    sent = await api.sent(second["id"])
    for order in (1, 2):
        await provider.do(sent.esign_contract_no, "sign", order=order)
    await api.until(first.id, lambda c: c.contract_status == "replaced")

    history = (await admin.call("GET", f"/contracts/history/{first.customer_phone}")).data

    assert (history["totalContracts"], history["totalWorkers"], history["latestContractId"]) == (2, 2, second["id"])
    assert [(tenure["order"], tenure["workerName"], tenure["status"]) for tenure in history["contracts"]] == [
        (1, "赵阿姨", "replaced"),
        (2, "钱阿姨", "active"),
    ]
    assert history["contracts"][0]["terminationReason"] == "换人"
    assert history["contracts"][0]["actualEndDate"] == second["startDate"]
    assert history["currentContract"]["contractId"] == second["id"]


async def test_personal_numbers_are_masked_in_every_answer(admin: StaffMember, provider: Provider) -> None:
    contract = await admin.active(provider)
    secret = {contract.customer_phone, contract.customer_id_card, contract.worker_phone, contract.worker_id_card}

    shown = [
        await admin.call("GET", path)
        for path in (
            "/contracts",
            f"/contracts/{contract.id}",
            f"/contracts/{contract.id}/esign-info",
            f"/contracts/check-customer/{contract.customer_phone}",
            "/contracts/board",
            "/contracts/board/active",
        )
    ]
    shown.append(await admin.call("POST", f"/contracts/{contract.id}/sync-esign-status", {}))

    for answer in shown:
        assert answer.status == 200, answer.body
        assert [number for number in secret if number in str(answer.body)] == []


async def test_revealing_a_number_requires_the_scope_and_writes_an_audit_row(
    admin: StaffMember, api: ContractApi
) -> None:
    contract_id = await admin.create()
    colleague = await api.staff(Role.EMPLOYEE)

    answer = await admin.call(
        "POST", f"/contracts/{contract_id}/reveal", {"fields": ["customerPhone", "workerIdCard"], "reason": "联系客户"}
    )
    refused = await colleague.call("POST", f"/contracts/{contract_id}/reveal", {"fields": ["customerPhone"]})

    assert answer.data == {
        "customerPhone": housekeeping_form()["customerPhone"],
        "workerIdCard": housekeeping_form()["workerIdCard"],
        "customerIdCard": None,
        "workerPhone": None,
    }
    assert refused.status == 404
    rows = await api.stores.contracts.contracts.collection.database["audit_logs"].find().to_list(50)
    revealed = [row for row in rows if row["action"] == "contract.reveal"]
    assert [row["actor"]["id"] for row in revealed] == [admin.id]
    assert housekeeping_form()["customerPhone"] not in str(revealed)


async def test_answers_have_the_fields_of_legacy_clients(admin: StaffMember, provider: Provider) -> None:
    contract = await admin.active(provider)

    signers = (await admin.call("GET", f"/contracts/{contract.id}/signers-status")).data
    detail = (await admin.call("GET", f"/contracts/{contract.id}")).data

    assert signers["contractNo"] == contract.esign_contract_no
    assert (signers["totalSigners"], signers["signedCount"], signers["allSigned"]) == (3, 3, True)
    assert [(s["role"], s["signStatusText"], s["isSigned"], s["auto"]) for s in signers["signers"]] == [
        ("customer", "已签约", True, False),
        ("worker", "已签约", True, False),
        ("agency", "已签约", True, True),
    ]
    assert (detail["contractStatusText"], detail["esignStatus"], detail["esignStatusText"]) == ("生效中", "2", "已签约")
    assert (detail["onboardStatus"], detail["paymentStatus"]) == ("pending", "unpaid")
    assert detail["startDate"] == "2026-05-01"
    assert [entry["cause"] for entry in detail["history"]][-2:] == ["initiated", "created"]


async def test_a_contract_lists_the_actions_allowed_to_the_reader(api: ContractApi, provider: Provider) -> None:
    employee = await api.staff(Role.EMPLOYEE)
    draft, in_force = await employee.create(), await employee.active(provider, 2)

    of_the_draft = (await employee.call("GET", f"/contracts/{draft}")).data
    of_the_other = (await employee.call("GET", f"/contracts/{in_force.id}")).data

    assert of_the_draft["allowedActions"] == ["initiate", "previewDraft", "edit", "discard"]
    assert {"customerName", "workerSalary", "templateParams"} <= set(of_the_draft["editableFields"])
    assert of_the_other["allowedActions"] == ["download", "edit", "changeWorker", "renew", "confirmOnboard"]
    assert of_the_other["editableFields"] == [
        *("customerAddress", "customerPhone", "remarks", "workerAddress", "workerPhone")
    ]
