"""Leads of the website and of the mini-program, and the link to the mini-program user."""

from typing import Any

from tests.app_process import RunningProcess
from tests.http_api.routes.customers.customer_api import CustomerStaff, bind_phone, mini_user
from tests.waiting import eventually

PATH = "/api/customers/website-lead"
PHONE = "13600000001"


def inquiry(phone: str = PHONE, **more: Any) -> dict[str, Any]:
    return {"name": "王女士", "phone": phone, "serviceCategory": "月嫂", "remarks": "预产期三月", **more}


async def actions(running: RunningProcess, **wanted: Any) -> list[dict[str, Any]]:
    return [each async for each in running.stores.database["customer_actions"].find(wanted)]


async def test_a_website_lead_is_answered_alike_and_comes_to_the_overseers_or_the_owner(
    running: RunningProcess, admin: CustomerStaff, seller: CustomerStaff
) -> None:
    known = await seller.create(1)
    answers = [await running.call("POST", PATH, inquiry(phone)) for phone in (PHONE, "13700000009")]

    assert [each.status for each in answers] == [201, 201]
    first, second = [
        {name: value for name, value in each.body.items() if name in ("data", "message")} for each in answers
    ]
    assert first == second

    async def settled() -> list[dict[str, Any]] | None:
        found = await actions(running, customerId={"$exists": True})
        return found if len(found) == 2 else None

    found = await eventually(settled)
    assert all("phone" not in each and "name" not in each for each in found)
    customers = [await admin.get(str(each["customerId"])) for each in found]
    by_id = {each["id"]: each for each in customers}
    assert known["id"] in by_id
    [new] = [each for each in customers if each["id"] != known["id"]]
    assert (new["leadSource"], new["contractStatus"], new["leadLevel"], new["assignedTo"]) == (
        "官网",
        "待定",
        "B类",
        None,
    )
    assert (await seller.call("GET", f"/{new['id']}")).status == 404
    assert by_id[known["id"]]["name"] == known["name"]
    assert by_id[known["id"]]["lastActivityAt"] > known["lastActivityAt"]

    async def told(who: CustomerStaff) -> list[str] | None:
        answer = await running.call("GET", "/api/notifications", token=who.token)
        return [each["type"] for each in answer.data["list"]] or None

    assert await eventually(lambda: told(seller)) == ["CUSTOMER_ACTED"]

    timeline = (await seller.call("GET", f"/{known['id']}/timeline")).data["list"]
    assert ("官网留资", "预产期三月") in [(each["title"], each["detail"]) for each in timeline]

    async def overseers_told() -> bool:
        return await told(admin) == ["CUSTOMER_CREATED"] * 2

    await eventually(overseers_told)


async def test_an_inquiry_is_validated_and_limited_by_phone(running: RunningProcess) -> None:
    for wrong in ({"phone": "123"}, {"name": ""}, {"serviceCategory": "太空旅行"}, {"assignedTo": "a" * 24}):
        assert (await running.call("POST", PATH, inquiry(**wrong))).status == 400, wrong
    statuses = [(await running.call("POST", PATH, inquiry())).status for _ in range(6)]

    assert statuses == [201] * 5 + [429]
    assert (await running.call("POST", PATH, inquiry("13700000009"))).status == 201


async def test_an_action_becomes_a_lead_of_the_advisor_once_the_phone_is_verified(
    running: RunningProcess, admin: CustomerStaff, seller: CustomerStaff
) -> None:
    user_id, token = await mini_user(running)
    view = {"action": "view_resume", "resumeId": "65f000000000000000000001", "advisorId": seller.id, "phone": PHONE}

    assert (await running.call("POST", "/api/customer/action", view)).status == 401
    assert (await running.call("POST", "/api/customer/action", view, seller.token)).status == 401
    assert (await running.call("POST", "/api/customer/action", {"action": "website_lead"}, token)).status == 400
    for _ in range(2):  # the second adds nothing
        assert (await running.call("POST", "/api/customer/action", view, token)).status == 200
    [waiting] = await actions(running)
    assert "customerId" not in waiting

    await bind_phone(running, user_id, PHONE)
    [found] = await eventually(lambda: actions(running, customerId={"$exists": True}))

    customer = await seller.get(str(found["customerId"]))
    assert (customer["miniUserId"], customer["assignedTo"], customer["wechatId"]) == (user_id, seller.id, None)
    assert (customer["leadSource"], customer["leadLevel"]) == ("其他", "B类")


async def test_a_customer_is_linked_when_its_phone_is_verified_and_when_it_is_created_later(
    running: RunningProcess, admin: CustomerStaff
) -> None:
    users = [await mini_user(running) for _ in range(2)]
    early = await admin.created_id(1)
    await bind_phone(running, users[0][0], PHONE)
    await bind_phone(running, users[1][0], "13600000002")
    late = await admin.created_id(2)

    async def linked() -> bool:
        return [(await admin.get(each))["miniUserId"] for each in (early, late)] == [user_id for user_id, _ in users]

    await eventually(linked)
    merged = await running.call(
        "POST", f"/api/miniprogram-users/{users[0][0]}/merge", {"into": users[1][0], "reason": "同一人"}, admin.token
    )
    assert merged.status == 200, merged.body

    async def merged_link() -> bool:
        return [(await admin.get(each))["miniUserId"] for each in (early, late)] == [None, users[1][0]]

    await eventually(merged_link)
