"""Routes of ownership and of the pool: who may do what, results for each row, logs, caps and races."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

from domain.customers.ownership.limits import PoolLimits
from domain.shared.authority import Role
from tests.app_process import RunningProcess, running_process, settings_of
from tests.http_api.routes.customers.customer_api import CustomerStaff, hired
from tests.waiting import eventually


async def held(running: RunningProcess, staff_id: str) -> list[str]:
    """The customers in a person's holdings."""
    found = await running.stores.database["customer_holdings"].find_one({"_id": staff_id}) or {}
    return [entry["c"] for entry in found.get("held", ())]


async def rows(person: CustomerStaff, path: str, number: int) -> list[dict[str, Any]]:
    """The rows of a log, newest first, when there are as many."""

    async def read() -> list[dict[str, Any]]:
        found = (await person.call("GET", path)).data["list"]
        return list(found) if len(found) >= number else []

    return await eventually(read)


async def test_an_assignment_moves_the_customer_and_its_log(
    running: RunningProcess, admin: CustomerStaff, seller: CustomerStaff, other: CustomerStaff
) -> None:
    customer_id = await seller.created_id()
    body = {"assignedTo": other.id, "assignmentReason": "就近服务"}

    refused = await seller.call("PATCH", f"/{customer_id}/assign", body)
    assigned = await admin.call("PATCH", f"/{customer_id}/assign", body)
    again = await admin.call("PATCH", f"/{customer_id}/assign", body)

    assert (refused.status, assigned.status, again.data["version"]) == (403, 200, assigned.data["version"])
    assert (assigned.data["assignedToName"], assigned.data["assignmentReason"]) == ("赵敏", "就近服务")
    assert await other.listed() == [customer_id]
    assert await seller.listed() == [customer_id]  # the creator still sees it
    log = await rows(admin, f"/{customer_id}/assignment-logs", 2)
    assert [(each["oldAssignedTo"], each["newAssignedTo"], each["reason"], each["action"]) for each in log] == [
        (seller.id, other.id, "就近服务", "assign"),
        ("", seller.id, "", "assign"),
    ]
    await eventually(lambda: _holds(running, {seller.id: [], other.id: [customer_id]}))
    operations = await rows(admin, f"/{customer_id}/operation-logs", 2)
    assert [each["operationType"] for each in operations] == ["assign", "create"]
    assert operations[0]["details"]["after"]["assignedTo"] == other.id
    assert (await other.call("GET", f"/{customer_id}/operation-logs")).code == "ADMINISTRATOR_REQUIRED"


async def _holds(running: RunningProcess, expected: dict[str, list[str]]) -> bool:
    return all([await held(running, staff_id) == customers for staff_id, customers in expected.items()])


async def test_a_batch_has_a_result_for_each_row(
    running: RunningProcess, admin: CustomerStaff, seller: CustomerStaff, other: CustomerStaff
) -> None:
    first, frozen = await seller.created_id(1), await seller.created_id(2)
    assert (await admin.call("PATCH", f"/{frozen}/freeze", {"reason": "纠纷"})).status == 200
    unknown = "0" * 24

    body = {"customerIds": [first, frozen, unknown], "assignedTo": other.id}
    result = (await admin.call("POST", "/batch-assign", body)).data
    released = (
        await admin.call("POST", "/batch-release-to-pool", {"customerIds": [first, frozen], "reason": "清理"})
    ).data
    nobody = await admin.call("POST", "/batch-assign", {**body, "assignedTo": unknown})

    assert (result["success"], result["failed"]) == (1, 2)
    assert {each["customerId"]: each["code"] for each in result["errors"]} == {
        frozen: "CUSTOMER_FROZEN",
        unknown: "CUSTOMER_NOT_FOUND",
    }
    assert [each["code"] for each in released["errors"]] == ["CUSTOMER_FROZEN"]
    assert (nobody.status, nobody.code) == (400, "UNKNOWN_ASSIGNEE")
    manager = await hired(running, Role.MANAGER)
    assert (await manager.call("PATCH", f"/{frozen}/unfreeze")).code == "ADMINISTRATOR_REQUIRED"
    assert (await admin.call("PATCH", f"/{frozen}/unfreeze")).data["isFrozen"] is False


async def test_a_customer_of_the_pool_is_shown_to_all_in_part_and_claimed_by_one(
    running: RunningProcess, admin: CustomerStaff, seller: CustomerStaff, other: CustomerStaff
) -> None:
    customer_id = await seller.in_pool(remarks="家里有老人", address="朝阳区望京西园 3 号楼")

    assert await seller.listed() == []
    assert await other.listed("/public-pool", leadSource="美团", search="wf") == [customer_id]
    seen = await other.get(customer_id)
    assert (seen["withinScope"], seen["phone"], seen["remarks"]) == (False, "136****0001", None)
    assert "西园" not in str(seen)
    assert seen["actions"] == ["claim"]
    assert (await other.call("POST", f"/{customer_id}/reveal", {"fields": ["phone"]})).status == 404
    assert (await other.call("PATCH", f"/{customer_id}", {"remarks": "改"})).status == 404

    own = await seller.claim(customer_id)
    claimed = await other.claim(customer_id)
    late = await admin.claim(customer_id)

    assert (own.status, own.code) == (422, "RECLAIM_TOO_SOON")
    assert claimed.data == {"success": 1, "failed": 0, "errors": []}
    assert (late.status, late.code) == (409, "CUSTOMER_ALREADY_CLAIMED")
    now = await other.get(customer_id)
    assert (now["assignedTo"], now["inPublicPool"], now["claimCount"]) == (other.id, False, 1)
    assert now["nextFollowUpAt"] is not None
    moves = await rows(other, f"/{customer_id}/public-pool-logs", 2)
    assert [(each["action"], each["fromUserId"], each["toUserId"]) for each in moves] == [
        ("claim", "", other.id),
        ("release", seller.id, ""),
    ]
    figures = (await admin.call("GET", "/public-pool/statistics")).data
    assert (figures["total"], figures["todayEntered"], figures["todayClaimed"]) == (0, 1, 1)
    assert (await other.call("GET", "/my-customer-count")).data == {
        "held": 1,
        "cap": 50,
        "claimedToday": 1,
        "dailyCap": 20,
        "free": 19,
    }


async def test_bad_releases_and_claims_are_refused(
    running: RunningProcess, admin: CustomerStaff, seller: CustomerStaff, other: CustomerStaff
) -> None:
    customer_id = await seller.created_id(1)
    pooled = await seller.in_pool(2)
    await admin.call("PATCH", f"/{pooled}/freeze", {})
    await admin.call("PATCH", f"/{customer_id}/assign", {"assignedTo": other.id})
    reason = {"reason": "暂无需求"}

    answers = [
        await seller.call("POST", f"/{customer_id}/release-to-pool", reason),  # its creator, but not its owner
        await other.call("POST", f"/{customer_id}/release-to-pool", {"reason": " "}),
        await admin.call("POST", f"/{pooled}/release-to-pool", reason),
        await other.claim(pooled),
        await other.claim("0" * 24),
        await seller.call("POST", "/public-pool/assign", {"customerIds": [pooled], "assignedTo": other.id}),
    ]

    assert [(each.status, each.code) for each in answers] == [
        (403, "NOT_THE_OWNER"),
        (400, "INVALID_REQUEST"),
        (409, "CUSTOMER_ALREADY_IN_POOL"),
        (422, "CUSTOMER_FROZEN"),
        (404, "CUSTOMER_NOT_FOUND"),
        (403, "PERMISSION_DENIED"),
    ]
    for stage in ("匹配中", "已面试", "签约中", "已签约"):
        assert (await other.call("PATCH", f"/{customer_id}", {"contractStatus": stage})).status == 200
    assert (await other.call("POST", f"/{customer_id}/release-to-pool", reason)).code == "CUSTOMER_SIGNED"
    await eventually(lambda: _holds(running, {other.id: []}))  # a signed customer does not count


async def test_caps_hold_under_simultaneous_claims(mongodb_uri: str, redis_url: str, database: Any) -> None:
    limits = PoolLimits(held=4, claims_per_day=3, reclaim_after=timedelta(hours=24))
    settings = settings_of(mongodb_uri, redis_url, database.name)
    async with running_process(settings, customers={"limits": limits}) as running:
        admin, keen = await hired(running, Role.ADMIN), await hired(running)
        await keen.created_id(100)
        pooled = [await admin.in_pool(number) for number in range(8)]

        answers = await asyncio.gather(*(keen.claim(each) for each in pooled))

        assert Counter(each.code for each in answers) == {None: 3, "HOLDING_CAP_REACHED": 5}
        assert len(await held(running, keen.id)) == 4
        assert (await keen.claim(*pooled)).code == "HOLDING_CAP_REACHED"
        capped = await admin.call("POST", "/public-pool/assign", {"customerIds": pooled, "assignedTo": keen.id})
        assert {each["code"] for each in capped.data["errors"]} == {"HOLDING_CAP_REACHED", "CUSTOMER_NOT_IN_POOL"}
        body = {"customerIds": pooled, "assignedTo": keen.id, "forced": True}
        assert (await admin.call("POST", "/public-pool/assign", body)).data["success"] == 5
        assert (await keen.call("GET", "/my-customer-count")).data["held"] == 9


async def test_an_entry_without_its_customer_is_removed_and_a_missing_one_added(
    running: RunningProcess, seller: CustomerStaff
) -> None:
    customer_id = await seller.created_id()
    database, maintenance = running.stores.database, running.services.customers.holding_maintenance
    await database["customer_holdings"].update_one(
        {"_id": seller.id}, {"$push": {"held": {"c": "0" * 24, "h": running.stores.ids.next_id()}}}
    )
    now = running.stores.clock.now()

    await maintenance.remove_unmatched(now - timedelta(minutes=1), now + timedelta(minutes=1))

    assert await held(running, seller.id) == [customer_id]
    await database["customer_holdings"].delete_many({})
    await database["customers"].update_one({}, {"$unset": {"holdingId": ""}})
    await database["customer_search"].update_one({}, {"$push": {"lists": "unheld"}})
    await maintenance.add_missing()
    assert await held(running, seller.id) == [customer_id]
