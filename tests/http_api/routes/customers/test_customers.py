"""Routes of customers: records, masking, stages, levels, search, data scope, versions and the audit log."""

import asyncio
from typing import Any

from tests.app_process import RunningProcess
from tests.domain.contracts.builders import id_card
from tests.http_api.routes.customers.customer_api import CustomerStaff, customer_form
from tests.waiting import eventually


async def test_a_created_customer_belongs_to_its_creator_and_is_shown_masked(seller: CustomerStaff) -> None:
    form = customer_form(wechatId="wangfang_1988", idCardNumber=id_card(1), dealAmount=1999.5, notes="孕晚期")

    created = (await seller.call("POST", "", form)).data

    assert created["customerId"].startswith("CUS")
    assert len(created["customerId"]) == 14
    assert (created["contractStatus"], created["leadLevel"], created["leadStatus"]) == ("待定", "B类", "未流转")
    assert created["followUpStatus"] == "新客未跟进"
    assert (created["assignedTo"], created["assignedToName"], created["createdBy"]) == (seller.id, "李静", seller.id)
    assert (created["phone"], created["wechatId"]) == ("136****0001", "wang****1988")
    assert "****" in created["idCardNumber"]
    assert (created["dealAmount"], created["remarks"], created["version"]) == (1999.5, "孕晚期", 1)
    assert {"edit", "release", "reveal"} <= set(created["actions"])
    assert (await seller.call("GET", f"/customer-id/{created['customerId']}")).data["id"] == created["id"]


async def test_the_demand_card_fills_empty_fields(seller: CustomerStaff) -> None:
    card: dict[str, Any] = {
        "needSalary": "8000左右",
        "needFamilyMembers": "三口人",
        "needHouseArea": "120平",
        "needOnboardingTime": "2027年3月1日前",
        "needRestTime": "每周随便",
        "needServiceAddress": "朝阳区望京西园",
    }

    created = await seller.create(**card, homeArea=90)

    assert (created["salaryBudget"], created["familySize"], created["homeArea"]) == (8000, 3, 90)
    assert (created["expectedStartDate"], created["restSchedule"]) == ("2027-03-01", None)
    assert created["address"] == "朝阳区望京西园"


async def test_bad_values_are_refused(seller: CustomerStaff) -> None:
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({"phone": None}, 400, "CONTACT_REQUIRED"),
        ({"serviceCategory": "修水管"}, 400, "UNKNOWN_DICTIONARY_VALUE"),
        ({"leadLevel": "O类"}, 422, "LEVEL_SET_BY_SYSTEM"),
        ({"contractStatus": "已签约"}, 409, "ILLEGAL_STAGE"),
        ({"expectedStartDate": "9999-01-01"}, 400, "INVALID_REQUEST"),
        ({"salaryBudget": 50_001}, 400, "INVALID_REQUEST"),
        ({"dealAmount": 10_000_000.01}, 400, "INVALID_REQUEST"),
        ({"phone": "136****0001"}, 400, "INVALID_REQUEST"),
        ({"name": "王\u202e芳"}, 400, "INVALID_REQUEST"),
        ({"assignedTo": "0" * 24}, 403, "PERMISSION_DENIED"),
    ]

    for form, status, code in cases:
        answer = await seller.call("POST", "", customer_form(**form))
        assert (answer.status, answer.code) == (status, code), form

    assert (await seller.call("GET")).data["total"] == 0
    assert (await seller.create(leadSource="某小伙伴"))["leadSource"] == "其他"


async def test_phone_and_wechat_are_unique_and_blank_ones_are_not_values(
    seller: CustomerStaff, other: CustomerStaff
) -> None:
    await seller.create(1, wechatId="")
    await seller.create(2, wechatId="")
    third = await other.create(3, wechatId="fang88")

    taken = [
        await other.call("POST", "", customer_form(1)),
        await seller.call("POST", "", customer_form(4, wechatId="fang88")),
        await other.call("PATCH", f"/{third['id']}", {"phone": "13600000001"}),
    ]

    assert [(each.status, each.code) for each in taken] == [
        (409, "CUSTOMER_PHONE_TAKEN"),
        (409, "CUSTOMER_WECHAT_TAKEN"),
        (409, "CUSTOMER_PHONE_TAKEN"),
    ]


async def test_equal_identity_cards_are_flagged_and_not_refused(seller: CustomerStaff, other: CustomerStaff) -> None:
    first = await seller.created_id(1, idCardNumber=id_card(7))
    second = await seller.created_id(2, idCardNumber=id_card(7))
    await other.create(3, idCardNumber=id_card(7))

    assert (await seller.get(first))["possibleDuplicates"] == [second]


async def test_an_edit_changes_what_is_sent_and_keeps_masked_values(seller: CustomerStaff) -> None:
    created = await seller.create(wechatId="wangfang_1988")

    body = {"phone": created["phone"], "wechatId": None, "name": "王芳芳", "salaryBudget": 9000, "version": 1}
    edited = (await seller.call("PATCH", f"/{created['id']}", body)).data
    revealed = (await seller.call("POST", f"/{created['id']}/reveal", {"fields": ["phone", "wechatId"]})).data

    assert (edited["name"], edited["salaryBudget"], edited["wechatId"], edited["version"]) == ("王芳芳", 9000, None, 2)
    assert revealed == {"phone": "13600000001", "wechatId": None, "idCardNumber": None, "address": None}
    assert (await seller.call("PATCH", f"/{created['id']}", {"phone": ""})).code == "CONTACT_REQUIRED"


async def test_of_two_edits_of_one_version_the_second_is_refused(seller: CustomerStaff) -> None:
    customer_id = await seller.created_id()

    answers = await asyncio.gather(
        *(seller.call("PATCH", f"/{customer_id}", {"remarks": f"第 {n} 次", "version": 1}) for n in range(3))
    )

    assert sorted(each.status for each in answers) == [200, 409, 409]
    assert {each.code for each in answers if each.status == 409} == {"VERSION_CONFLICT"}


async def test_stages_follow_the_table_and_make_the_level(seller: CustomerStaff) -> None:
    customer_id = await seller.created_id(leadLevel="A类")

    async def step(stage: str) -> tuple[int, Any]:
        answer = await seller.call("PATCH", f"/{customer_id}", {"contractStatus": stage})
        return answer.status, answer.data["leadLevel"] if answer.status == 200 else answer.code

    assert await step("已面试") == (409, "ILLEGAL_STAGE")
    taken = ("匹配中", "已面试", "流失客户", "已面试", "签约中", "已签约", "退款中", "已退款")
    levels = [(await step(stage))[1] for stage in taken]
    assert levels == ["A类", "A类", "流失", "A类", "A类", "O类", "O类", "A类"]
    assert await step("待定") == (409, "ILLEGAL_STAGE")
    assert (await seller.get(customer_id))["nextStages"] == []


async def test_search_finds_name_pinyin_initials_phone_wechat_and_number(seller: CustomerStaff) -> None:
    created = await seller.create(1, name="欧阳娜娜", phone="13612345678", wechatId="nana_oy")
    await seller.create(2, name="王芳")

    typed = (
        "欧阳",
        "娜",
        "ouyang",
        "oynn",
        "nana",
        "13612345678",
        "5678",
        "12345678",
        "NANA_OY",
        created["customerId"],
    )
    found = {text: await seller.listed(search=text) for text in typed}

    assert found == {text: [created["id"]] for text in typed}
    assert await seller.listed(search="13612") == []
    assert await seller.listed(name="欧阳", phone="5678") == [created["id"]]
    quick = (await seller.call("GET", "/search", keyword="ouy")).data
    assert [(each["name"], each["phone"]) for each in quick] == [("欧阳娜娜", "136****5678")]


async def test_filters_of_the_list_and_lost_customers(seller: CustomerStaff, admin: CustomerStaff) -> None:
    plain = await seller.created_id(1)
    lost = await seller.created_id(2, contractStatus="流失客户")
    graded = await admin.created_id(3, leadLevel="A类", leadSource="抖音", serviceCategory="保洁", assignedTo=seller.id)

    assert await admin.listed() == [graded, plain]
    assert await admin.listed(sortBy="createdAt", sortOrder="asc") == [plain, graded]
    assert await admin.listed(contractStatus="流失客户") == [lost]
    assert await admin.listed(leadLevel="A类", leadSource="抖音", serviceCategory="保洁") == [graded]
    assert await admin.listed(assignedTo=seller.id, followUpStatus="新客未跟进") == [graded, plain]
    assert await seller.listed(leadStatus="未流转", createdFrom="2020-01-01", createdUntil="2999-01-01") == [
        graded,
        plain,
    ]
    assert await seller.listed(createdUntil="2020-01-01", sortBy="updatedAt") == []
    figures = (await admin.call("GET", "/statistics")).data
    assert figures["byContractStatus"] == {"待定": 2, "流失客户": 1}
    assert (figures["total"], figures["byLeadSource"]) == (3, {"美团": 2, "抖音": 1})


async def test_a_customer_of_another_owner_does_not_exist_on_any_path(
    seller: CustomerStaff, other: CustomerStaff
) -> None:
    created = await other.create()
    path = f"/{created['id']}"

    answers = [
        await seller.call("GET", path),
        await seller.call("GET", f"/customer-id/{created['customerId']}"),
        await seller.call("PATCH", path, {"remarks": "看看"}),
        await seller.call("POST", f"{path}/reveal", {"fields": ["phone"]}),
        await seller.call("POST", f"{path}/release-to-pool", {"reason": "看看"}),
        await seller.call("GET", f"{path}/assignment-logs"),
        await seller.claim(created["id"]),
    ]

    assert {(each.status, each.code) for each in answers} == {(404, "CUSTOMER_NOT_FOUND")}
    assert await seller.listed(search="13600000001") == []
    assert (await seller.call("GET", "/statistics")).data["total"] == 0


async def test_a_deletion_removes_personal_values_and_frees_the_phone(
    admin: CustomerStaff, running: RunningProcess
) -> None:
    customer_id = await admin.created_id(address="朝阳区望京西园 3 号楼")

    answer = await admin.call("DELETE", f"/{customer_id}", {"reason": "重复录入"})

    assert answer.status == 200
    assert (await admin.call("GET", f"/{customer_id}")).status == 404
    assert await admin.listed() == []
    stored = str(await running.stores.database["customers"].find_one())
    assert "13600000001" not in stored
    assert "西园" not in stored
    await admin.create()  # with the same phone

    async def logged() -> list[Any]:
        rows = (await admin.call("GET", f"/{customer_id}/operation-logs")).data["list"]
        return rows if len(rows) == 2 else []

    deletion = (await eventually(logged))[0]
    assert (deletion["operationType"], deletion["details"]["description"]) == ("delete", "重复录入")
    assert deletion["details"]["before"]["phone"] == "136****0001"
    assert "西园" not in str(deletion)


async def test_dictionaries_are_edited_and_used_values_only_retire(
    admin: CustomerStaff, seller: CustomerStaff, running: RunningProcess
) -> None:
    customer_id = await seller.created_id(serviceCategory="月嫂")
    stored = (await running.call("GET", "/api/dictionaries", token=admin.token)).data
    known = next(each for each in stored if each["code"] == "serviceCategory")

    async def edit(entries: list[dict[str, Any]], version: int) -> Any:
        body = {"entries": entries, "version": version}
        return await running.call("PATCH", "/api/dictionaries/serviceCategory", body, admin.token)

    kept = [each for each in known["entries"] if each["value"] not in ("月嫂", "家教")]
    refused = await edit(kept, 1)
    edited = await edit([*kept, {"value": "月嫂", "retired": True}, {"value": "收纳师", "labelEn": "Organizer"}], 1)
    late = await edit(kept, 1)

    assert (refused.status, refused.code, refused.body["details"]) == (
        422,
        "DICTIONARY_VALUE_IN_USE",
        {"values": ["月嫂"]},
    )
    assert (edited.status, edited.data["version"], late.code) == (200, 2, "VERSION_CONFLICT")
    enums = (await running.call("GET", "/api/customers/enums")).data
    offered, labels = enums["serviceCategories"], enums["labelsEn"]["serviceCategory"]
    assert "收纳师" in offered
    assert labels["收纳师"] == "Organizer"
    assert "月嫂" not in offered
    assert (await seller.call("POST", "", customer_form(2))).code == "UNKNOWN_DICTIONARY_VALUE"
    assert (await seller.call("PATCH", f"/{customer_id}", {"serviceCategory": "月嫂", "area": "朝阳"})).status == 200
    await seller.create(3, serviceCategory="收纳师")
