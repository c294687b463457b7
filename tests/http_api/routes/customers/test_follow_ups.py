"""Follow-ups over the API: noted once, the due list, the reminder, and the figures of the to-dos."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId

from domain.shared.authority import Role
from tests.app_process import RunningProcess
from tests.http_api.routes.customers.customer_api import CustomerStaff, hired
from tests.waiting import eventually


def in_hours(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


async def follow_up(person: CustomerStaff, customer_id: str, **more: Any) -> Any:
    body = {"type": "phone", "content": "已电话沟通", **more}
    return await person.call("POST", f"/{customer_id}/follow-ups", body)


async def test_a_follow_up_is_noted_with_its_customer_and_seen_by_both_clients(
    running: RunningProcess, admin: CustomerStaff, seller: CustomerStaff, other: CustomerStaff
) -> None:
    customer_id = await seller.created_id()
    rows = running.stores.database["customer_follow_ups"]
    old = {"customerId": ObjectId(customer_id), "type": "other", "createdBy": ObjectId(other.id)}
    at = datetime(2024, 5, 1, tzinfo=UTC)
    await rows.insert_one({**old, "content": "系统自动分配", "createdAt": at, "updatedAt": at})
    before = (await seller.call("GET", f"/{customer_id}/follow-up-status")).data

    next_at = in_hours(30)
    noted = await follow_up(seller, customer_id, nextFollowUpDate=next_at)
    foreign = await follow_up(other, customer_id)
    past = await follow_up(seller, customer_id, nextFollowUpAt=in_hours(-1))
    far = await follow_up(seller, customer_id, nextFollowUpAt="2900-01-01T00:00:00Z")

    assert (noted.status, noted.data["createdByName"]) == (201, "李静")
    assert (foreign.status, past.code, far.code) == (404, "NEXT_FOLLOW_UP_REFUSED", "NEXT_FOLLOW_UP_REFUSED")

    async def listed() -> list[dict[str, Any]]:
        found = (await seller.call("GET", f"/miniprogram/{customer_id}/follow-ups")).data["list"]
        return list(found) if len(found) == 2 else []

    first, second = await eventually(listed)
    assert first == noted.data
    assert (second["source"], second["createdByName"]) == ("system", "赵敏")
    status = (await seller.call("GET", f"/{customer_id}/follow-up-status")).data
    assert (before["followUpStatus"], status["followUpStatus"]) == ("新客未跟进", "已跟进")
    assert datetime.fromisoformat(status["nextFollowUpAt"]) - datetime.fromisoformat(next_at) < timedelta(seconds=1)

    relay = await rows.find_one({"_id": ObjectId(noted.data["id"])})
    assert relay is not None
    assert (relay["customerId"], relay["createdBy"]) == (ObjectId(customer_id), ObjectId(seller.id))


async def test_the_texts_of_a_deleted_customer_are_removed(
    running: RunningProcess, admin: CustomerStaff, seller: CustomerStaff
) -> None:
    customer_id = await seller.created_id()
    await follow_up(seller, customer_id, content="住在建国路 1 号")
    assert (await admin.call("DELETE", f"/{customer_id}", {"reason": "客户要求"})).status == 200

    async def contents() -> list[str]:
        rows = running.stores.database["customer_follow_ups"].find({"customerId": ObjectId(customer_id)})
        return [row["content"] async for row in rows]

    async def emptied() -> bool:
        return await contents() == [""]

    await eventually(emptied)


async def test_a_customer_of_the_pool_is_claimed_before_it_is_followed_up(
    admin: CustomerStaff, seller: CustomerStaff
) -> None:
    customer_id = await seller.in_pool()

    assert (await follow_up(admin, customer_id)).code == "CUSTOMER_IN_POOL"


async def test_the_due_list_has_the_longest_due_first_within_the_scope(
    running: RunningProcess, admin: CustomerStaff, seller: CustomerStaff, other: CustomerStaff
) -> None:
    ids = [await seller.created_id(number) for number in range(3)]
    foreign = await other.created_id(9)
    for customer_id, hours in zip(ids, (90, 60, 300), strict=True):
        assert (await follow_up(seller, customer_id, nextFollowUpAt=in_hours(hours))).status == 201
    await follow_up(other, foreign, nextFollowUpAt=in_hours(70))

    assert await seller.listed("/due") == [ids[1], ids[0]]  # the last one is not due this week
    assert await seller.listed("/due", range="overdue") == []
    assert await admin.listed("/due", range="week") == [ids[1], foreign, ids[0]]
    assert await admin.listed("/due", assignedTo=other.id) == [foreign]
    todo = (await seller.call("GET", "/todo")).data
    assert (todo["overdue"], todo["today"], todo["week"], todo["notContacted"]) == (0, 0, 2, 0)


async def test_the_owner_is_reminded_once(running: RunningProcess, seller: CustomerStaff) -> None:
    operator = await hired(running, Role.OPERATOR, "周宁")
    customer_id = await seller.created_id()
    await follow_up(seller, customer_id, nextFollowUpAt=in_hours(1))
    customers, documents = running.services.customers, running.stores.database
    due = datetime.now(UTC) - timedelta(days=1)
    changed = {"nextFollowUpAt": due}
    await documents["customers"].update_one({"_id": ObjectId(customer_id)}, {"$set": changed})
    await documents["customer_search"].update_one({"_id": ObjectId(customer_id)}, {"$set": {"remindAt": due}})

    await customers.follow_up_reminders.run_due()
    await customers.follow_up_reminders.run_due()

    async def told() -> list[dict[str, Any]]:
        answer = await running.call("GET", "/api/notifications", token=seller.token)
        return [each for each in answer.data["list"] if each["type"] == "CUSTOMER_FOLLOW_UP_DUE"]

    [notice] = await eventually(told)
    assert notice["about"] == {"kind": "customer", "id": customer_id}
    assert (
        await documents["customer_search"].find_one({"_id": ObjectId(customer_id), "remindAt": {"$exists": True}})
        is None
    )
    assert (await follow_up(operator, customer_id, content="已代为联系")).status == 201

    async def told_of_colleague() -> bool:
        answer = await running.call("GET", "/api/notifications", token=seller.token)
        return any(each["content"] == "已代为联系" for each in answer.data["list"])

    await eventually(told_of_colleague)
    assert len(await told()) == 1
