"""The board of first responses: within the scope, the breach announced once, and its end."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId

from domain.shared.authority import Role
from tests.app_process import RunningProcess
from tests.http_api.routes.customers.customer_api import CustomerStaff, hired
from tests.waiting import eventually


async def made_earlier(running: RunningProcess, customer_id: str, by: timedelta) -> None:
    """As if the customer had been assigned earlier."""
    database, at = running.stores.database, datetime.now(UTC) - by
    one = {"_id": ObjectId(customer_id)}
    await database["customers"].update_one(one, {"$set": {"assignedAt": at}})
    waiting = {"responseAwaitedSince": at, "breachUnannouncedSince": at, "assignedAt": at}
    await database["customer_search"].update_one(one, {"$set": waiting})


async def test_an_overdue_response_is_on_the_board_and_announced_once(
    running: RunningProcess, admin: CustomerStaff, seller: CustomerStaff, other: CustomerStaff
) -> None:
    manager = await hired(running, Role.MANAGER, "陈经理")
    late = await admin.created_id(1, assignedTo=seller.id)
    fresh = await admin.created_id(2, assignedTo=seller.id)
    own = await seller.created_id(3)
    await made_earlier(running, late, timedelta(days=30))
    await made_earlier(running, fresh, timedelta(days=-1))

    async def board(person: CustomerStaff, **query: Any) -> list[str]:
        return await person.listed("/sla", **query)

    assert await board(seller) == await board(manager) == [late]
    assert await board(seller, state="waiting") == [fresh]
    assert await board(seller, state="all", assignedTo=seller.id) == [late, fresh]
    assert own not in await board(admin, state="all")
    assert await board(other, state="all") == []
    [row] = (await seller.call("GET", "/sla")).data["list"]
    assert (row["breached"], row["assignedToName"], row["minutesLeft"] < 0) == (True, "李静", True)
    todo = (await seller.call("GET", "/todo")).data
    assert (todo["responseBreached"], todo["awaitingResponse"], todo["notContacted"]) == (1, 1, 3)

    watch = running.services.customers.response_watch
    await watch.run_due()
    await watch.run_due()

    async def told(person: CustomerStaff) -> list[str]:
        answer = await running.call("GET", "/api/notifications", token=person.token)
        rows = [each for each in answer.data["list"] if each["type"] == "CUSTOMER_RESPONSE_OVERDUE"]
        return [each["about"]["id"] for each in rows]

    for person in (seller, manager):
        assert await eventually(lambda person=person: told(person)) == [late]  # type: ignore[misc]

    body = {"type": "phone", "content": "已联系"}
    assert (await seller.call("POST", f"/{late}/follow-ups", body)).status == 201
    assert await board(seller, state="all") == [fresh]
