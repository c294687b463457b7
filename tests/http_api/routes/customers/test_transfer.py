"""Routes of automatic transfer: rules, prediction, run, records, and who may use them."""

from datetime import timedelta
from typing import Any

from bson import ObjectId

from domain.shared.authority import Role
from tests.app_process import Answer, RunningProcess
from tests.http_api.routes.customers.customer_api import CustomerStaff, hired
from tests.waiting import eventually

CONDITIONS = {"inactiveHours": 48, "contractStatuses": ["待定"]}


async def call(person: CustomerStaff, method: str, path: str, body: object = None, **query: Any) -> Answer:
    return await person.running.call(method, f"/api/lead-transfer{path}", body, person.token, query or None)


def rule_form(source: CustomerStaff, target: CustomerStaff, **more: Any) -> dict[str, Any]:
    people = {"sourceUserIds": [source.id], "targetUserIds": [target.id]}
    return {"ruleName": "48 小时未跟进", "triggerConditions": CONDITIONS, **people, **more}


async def idle_lead(owner: CustomerStaff, number: int) -> str:
    """A lead without activity for three days."""
    customer_id = await owner.created_id(number)
    stores = owner.running.stores
    idle = {"lastActivityAt": stores.clock.now() - timedelta(days=3)}
    key = {"_id": ObjectId(customer_id)}
    await stores.database["customers"].update_one(key, {"$set": idle, "$inc": {"version": 1}})
    await stores.database["customer_search"].update_one(key, {"$set": idle})
    return customer_id


async def test_a_rule_is_predicted_run_recorded_and_edited_without_losing_its_counts(
    running: RunningProcess, admin: CustomerStaff, seller: CustomerStaff, other: CustomerStaff
) -> None:
    created = await call(admin, "POST", "/rules", rule_form(seller, other, enabled=True))
    assert created.status == 201, created.body
    rule = f"/rules/{created.data['id']}"
    idle = [await idle_lead(seller, number) for number in (1, 2)]
    fresh = await seller.created_id(3)

    predicted = (await call(admin, "GET", f"{rule}/predict")).data
    ran = await call(admin, "POST", "/execute-now", {"ruleId": created.data["id"]})

    assert predicted["pendingLeadsCount"] == 2
    assert {each["id"]: each["toUserId"] for each in predicted["plan"]} == dict.fromkeys(idle, other.id)
    assert ran.data["results"] == [
        {"ruleId": created.data["id"], "ruleName": "48 小时未跟进", "transferred": 2, "failed": 0}
    ]
    assert await other.listed() == idle[::-1]
    assert (await seller.get(fresh))["assignedTo"] == seller.id
    assert (await other.get(idle[0]))["followUpStatus"] == "流转未跟进"

    async def told(person: CustomerStaff) -> list[tuple[str, int]]:
        answer = await running.call("GET", "/api/notifications", None, person.token, {"kind": "lead-transfer-rule"})
        return [(each["type"], each["count"]) for each in answer.data["list"]]

    async def both_are_told() -> bool:
        expected = ((seller, "LEAD_AUTO_TRANSFER_OUT"), (other, "LEAD_AUTO_TRANSFER_IN"))
        return all([await told(person) == [(kind, 2)] for person, kind in expected])

    await eventually(both_are_told)

    async def counted() -> dict[str, Any] | None:
        found: dict[str, Any] = (await call(admin, "GET", rule)).data
        return found if found["statistics"]["totalTransferred"] == 2 else None

    assert [(each["role"], each["balance"]) for each in (await eventually(counted))["userQuotas"]] == [
        ("source", 2),
        ("target", -2),
    ]
    edited = await call(admin, "PATCH", rule, rule_form(other, seller, version=created.data["version"]))
    assert [(each["userId"], each["balance"]) for each in edited.data["userQuotas"]] == [(other.id, -2), (seller.id, 2)]
    assert (await call(admin, "PATCH", rule, {"ruleName": "改名", "version": 1})).code == "VERSION_CONFLICT"
    assert (await call(admin, "PATCH", f"{rule}/toggle", {})).data["nextExecutionTime"] is None

    stranger = await hired(running)
    assert [(await call(each, "GET", "/records")).data["total"] for each in (seller, other, stranger)] == [2, 2, 0]
    record = (await call(other, "GET", "/records", status="success", userId=seller.id)).data["list"][0]
    assert (record["fromUserName"], record["toUserName"], record["snapshot"]["inactiveHours"]) == ("李静", "赵敏", 72)
    figures = (await call(admin, "GET", "/statistics", ruleId=created.data["id"])).data
    assert (figures["total"], figures["successRate"], len(figures["byUser"])) == (2, 1.0, 2)
    log = (await admin.call("GET", f"/{idle[0]}/assignment-logs")).data["list"]
    assert log[0]["reason"] == "自动流转：48 小时未跟进"

    assert (await call(admin, "DELETE", rule)).status == 200
    assert (await call(admin, "GET", rule)).code == "TRANSFER_RULE_NOT_FOUND"
    assert (await call(admin, "GET", "/records")).data["total"] == 2


async def test_rules_that_are_refused(
    running: RunningProcess, admin: CustomerStaff, seller: CustomerStaff, other: CustomerStaff
) -> None:
    good = rule_form(seller, other)
    manager = await hired(running, Role.MANAGER, department="朝阳部")
    operator = await hired(running, Role.OPERATOR)

    assert (await call(seller, "GET", "/rules")).status == 403
    assert (await call(operator, "GET", "/rules")).data == []
    assert (await call(operator, "POST", "/rules", good)).status == 403
    assert (await call(manager, "POST", "/rules", good)).status == 403  # people of another department
    assert (await call(admin, "POST", "/rules", {**good, "targetUserIds": ["0" * 24]})).code == "UNKNOWN_ASSIGNEE"
    refused: tuple[dict[str, Any], ...] = (
        {"triggerConditions": {**CONDITIONS, "contractStatuses": ["已签约"]}},
        {"triggerConditions": {**CONDITIONS, "inactiveHours": 0}},
        {"executionWindow": {"enabled": True, "startTime": "09:10", "endTime": "09:50"}},
        {"executionWindow": {"enabled": True, "startTime": "9:10", "endTime": "25:00"}},
        {"sourceUserIds": []},
        {"targetModule": "training"},
    )
    for wrong in refused:
        assert (await call(admin, "POST", "/rules", {**good, **wrong})).status == 400, wrong
    assert (await call(admin, "POST", "/execute-now", {"ruleId": "0" * 24})).code == "TRANSFER_RULE_NOT_FOUND"


async def test_a_rule_of_the_former_system_is_read_and_edited(running: RunningProcess, admin: CustomerStaff) -> None:
    former = {
        "ruleName": "旧规则",
        "enabled": False,
        "targetModule": "customer",
        "triggerConditions": {"inactiveHours": 24, "contractStatuses": ["匹配中"], "createdDateRange": {"a": 1}},
        "executionWindow": {"enabled": True, "startTime": "10:00", "endTime": "17:00"},
        "userQuotas": [{"userId": ObjectId(admin.id), "userName": "旧", "role": "both", "transferredOut": 3}],
        "distributionConfig": {"strategy": "balanced-random", "enableCompensation": True, "compensationPriority": 5},
        "statistics": {"totalTransferred": 3},
        "executionState": {"token": "x"},
        "createdBy": ObjectId(admin.id),
        "version": 1,
    }
    rules = running.stores.database["lead_transfer_rules"]
    rule_id = str((await rules.insert_one(former)).inserted_id)
    await rules.insert_one({**former, "_id": ObjectId(), "targetModule": "training"})

    listed = (await call(admin, "GET", "/rules")).data
    edited = await call(admin, "PATCH", f"/rules/{rule_id}", {"enabled": True})

    assert [(each["id"], each["sourceUserIds"]) for each in listed] == [(rule_id, [admin.id])]
    assert (edited.data["triggerConditions"]["inactiveHours"], edited.data["enabled"]) == (24, True)
