"""Routes of the pool rules: rights, dry run, countdown, keeping, and the daily run."""

from datetime import timedelta
from typing import Any

from bson import ObjectId

from domain.shared.authority import Role
from tests.app_process import RunningProcess
from tests.http_api.routes.customers.customer_api import CustomerStaff, hired
from tests.waiting import eventually

RULES = {"enabled": True, "rules": [{"leadLevel": "A类", "days": 3}, {"leadSource": "", "days": 7}], "keepLimit": 1}


async def forgotten(owner: CustomerStaff, number: int, days: int) -> str:
    """A customer that its owner got so many days ago, and has not contacted."""
    customer_id = await owner.created_id(number)
    stores = owner.running.stores
    at, key = stores.clock.now() - timedelta(days=days), {"_id": ObjectId(customer_id)}
    await stores.database["customers"].update_one(key, {"$set": {"assignedAt": at}, "$inc": {"version": 1}})
    await stores.database["customer_search"].update_one(key, {"$set": {"fallClock": at}})
    return customer_id


async def test_who_falls_is_seen_before_can_be_kept_and_falls(
    running: RunningProcess, admin: CustomerStaff, seller: CustomerStaff, other: CustomerStaff
) -> None:
    fresh, kept, falls = await seller.created_id(1), await forgotten(seller, 2, 30), await forgotten(other, 3, 30)
    operator = await hired(running, Role.OPERATOR)
    assert (await seller.call("GET", "/pool-rules")).data["version"] == 0
    assert (await operator.call("PUT", "/pool-rules", {**RULES, "version": 0})).status == 403
    assert (await seller.call("GET", "/pool-rules/preview")).status == 403
    assert (await seller.get(kept))["fallsAt"] is None  # before anybody has enabled the rules
    assert (await seller.call("POST", f"/{kept}/keep", {"reason": "面谈"})).code == "CUSTOMER_DOES_NOT_FALL"
    dry = (await operator.call("GET", "/pool-rules/preview")).data
    assert (dry["enabled"], dry["total"], dry["byOwner"]) == (False, 2, {seller.id: 1, other.id: 1})

    edited = await admin.call("PUT", "/pool-rules", {**RULES, "version": 0})
    assert (edited.status, edited.data["version"], edited.data["rules"][0]["days"]) == (200, 1, 3)
    assert (await admin.call("PUT", "/pool-rules", {**RULES, "version": 0})).code == "VERSION_CONFLICT"
    shown = await seller.get(kept)
    assert (shown["fallsAt"], shown["keepsLeft"], "keep" in shown["actions"]) == (dry["runAt"], 1, True)
    todo = (await seller.call("GET", "/todo")).data
    assert (todo["falling"], todo["fallsAt"]) == (1, dry["runAt"])
    answer = await seller.call("POST", f"/{kept}/keep", {"reason": "客户下周回国"})
    assert answer.data["fallsAt"] > dry["runAt"]
    assert (answer.data["keepsLeft"], "keep" in answer.data["actions"]) == (0, False)
    assert (await seller.call("GET", "/todo")).data["falling"] == 0
    assert (await seller.call("POST", f"/{kept}/keep", {"reason": "再留"})).code == "KEEP_LIMIT_REACHED"
    assert (await other.call("POST", f"/{kept}/keep", {"reason": "不是我的"})).code == "CUSTOMER_NOT_FOUND"
    dry = (await operator.call("GET", "/pool-rules/preview")).data
    assert [(each["id"], each["assignedToName"]) for each in dry["list"]] == [(falls, "赵敏")]

    database = running.stores.database
    past = {"$set": {"updatedAt": running.stores.clock.now() - timedelta(days=2)}, "$inc": {"version": 1}}
    await database["pool_rules"].update_one({}, past)
    await database["customer_runs"].delete_many({})
    recycling = running.process.services.customers.recycling
    running.process.services.customers.pool_rules.history_lost(None)  # type: ignore[arg-type]  # read again
    await recycling.run_due()

    assert await seller.listed("/public-pool") == [falls]
    assert {(await seller.get(each))["assignedTo"] for each in (fresh, kept)} == {seller.id}

    async def told() -> list[dict[str, Any]]:
        answer = await running.call("GET", "/api/notifications", None, other.token, {"type": "CUSTOMER_RECLAIMED"})
        return list(answer.data["list"])

    assert len(await eventually(told)) == 1
    assert (await other.claim(falls)).code == "RECLAIM_TOO_SOON"
    assert (await seller.claim(falls)).status == 200
