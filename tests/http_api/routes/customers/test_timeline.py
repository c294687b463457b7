"""The timeline over the API: entries of all sources, pages, scope and permissions."""

from typing import Any

from tests.http_api.routes.customers.customer_api import CustomerStaff
from tests.waiting import eventually


async def test_what_happened_to_a_customer_is_on_one_timeline(
    admin: CustomerStaff, seller: CustomerStaff, other: CustomerStaff
) -> None:
    customer_id = await seller.created_id()
    await seller.call("PATCH", f"/{customer_id}", {"contractStatus": "匹配中"})
    await seller.call("POST", f"/{customer_id}/follow-ups", {"type": "visit", "content": "已到店"})
    await seller.call("POST", f"/{customer_id}/release-to-pool", {"reason": "暂无需求"})
    await other.claim(customer_id)
    assigned = {"assignedTo": seller.id, "assignmentReason": "就近"}
    assert (await admin.call("PATCH", f"/{customer_id}/assign", assigned)).status == 200

    async def entries(count: int = 6) -> list[dict[str, Any]]:
        found = (await seller.call("GET", f"/{customer_id}/timeline")).data["list"]
        return list(found) if len(found) == count else []

    shown = await eventually(entries)
    assert [each["kind"] for each in shown] == ["assigned", "claimed", "released", "followUp", "stage", "assigned"]
    assert [each["detail"] for each in shown] == ["就近", "", "暂无需求", "已到店", "待定 → 匹配中", ""]
    assert (shown[0]["fromName"], shown[0]["toName"], shown[1]["actorName"]) == ("赵敏", "李静", "赵敏")

    pages, before = [], ""
    while True:
        page = (await seller.call("GET", f"/{customer_id}/timeline", limit=4, before=before)).data
        pages.append([each["id"] for each in page["list"]])
        if page["nextCursor"] is None:
            break
        before = page["nextCursor"]
    assert [len(page) for page in pages] == [4, 2]
    assert [*pages[0], *pages[1]] == [each["id"] for each in shown]
    assert page["unavailable"] == []
    assert (await other.call("GET", f"/{customer_id}/timeline")).status == 404
    assert (await seller.call("GET", f"/{customer_id}/timeline", before="x")).status == 400


async def test_an_interview_for_a_customer_is_on_its_timeline_for_those_who_may_see_the_room(
    admin: CustomerStaff, seller: CustomerStaff, other: CustomerStaff
) -> None:
    customer_id = await seller.created_id()

    async def interview(host: CustomerStaff, **more: Any) -> str:
        body = {"customerId": customer_id, "candidateName": "赵阿姨", **more}
        answer = await host.running.call("POST", "/api/interview/rooms", body, host.token)
        assert answer.status == 201, answer.body
        assert answer.data["customerId"] == customer_id
        return str(answer.data["roomId"])

    own, foreign = await interview(seller), await interview(other)

    async def rooms(person: CustomerStaff) -> list[str]:
        answer = await person.call("GET", f"/{customer_id}/timeline")
        return [each["record"]["id"] for each in answer.data["list"] if each["kind"] == "interview"]

    assert await rooms(seller) == [own]
    assert await rooms(admin) == [foreign, own]
    listed = await admin.running.call("GET", "/api/interview/rooms", None, seller.token, {"customerId": customer_id})
    assert [each["roomId"] for each in listed.data["list"]] == [own]
