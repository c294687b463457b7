"""Reports over the API: figures of each person, within the scope and the period."""

from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from domain.shared.authority import Role
from tests.app_process import RunningProcess
from tests.http_api.routes.customers.customer_api import CustomerStaff, hired
from tests.waiting import eventually


async def test_a_report_counts_the_work_of_each_person_of_the_scope(
    running: RunningProcess, seller: CustomerStaff, other: CustomerStaff
) -> None:
    manager = await hired(running, Role.MANAGER, "陈经理")
    mine = await seller.created_id(1)
    pooled = await seller.in_pool(2)
    assert (await other.claim(pooled)).status == 200
    for content in ("已电话沟通", "约好面试"):
        await seller.call("POST", f"/{mine}/follow-ups", {"type": "phone", "content": content})
    rows, at = running.stores.database, datetime(2025, 3, 31, 15, 59, tzinfo=UTC)  # the last minute of March
    old = {"customerId": ObjectId(mine), "type": "other", "createdBy": ObjectId(other.id), "createdAt": at}
    await rows["customer_follow_ups"].insert_many([{**old, "content": "系统分配"}, {**old, "content": "已联系"}])
    signed = {"customerId": ObjectId(mine), "fromStage": "签约中", "toStage": "已签约", "ownerId": ObjectId(other.id)}
    await rows["customer_stage_logs"].insert_one({**signed, "changedAt": at})

    async def figures(person: CustomerStaff, **query: Any) -> list[tuple[Any, ...]]:
        answer = await person.call("GET", "/reports", **query)
        assert answer.status == 200, answer.body
        names = ("name", "followUps", "newCustomers", "claimed", "signed")
        return [tuple(each[name] for name in names) for each in answer.data["people"]]

    today = [("李静", 2, 2, 0, 0), ("赵敏", 0, 0, 1, 0)]

    async def all_counted() -> bool:
        return await figures(manager) == today

    await eventually(all_counted)
    assert await figures(seller, period="month") == today[:1]
    assert await figures(other, period="week", date="2025-03-31") == [("赵敏", 1, 0, 0, 1)]
    assert await figures(manager, period="month", date="2025-04-01") == []
    month = (await manager.call("GET", "/reports", period="month", date="2025-03-05")).data
    assert (month["firstDay"], month["lastDay"]) == ("2025-03-01", "2025-03-31")
    assert month["total"] == {"followUps": 1, "newCustomers": 0, "claimed": 0, "signed": 1}
