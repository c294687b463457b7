"""The own notifications by REST: list, count, marking, and the protection from other callers."""

from typing import Any

from redis.asyncio import Redis

from domain.shared.authority import Role
from tests.contract_api import ContractApi, Provider, StaffMember, contract_api
from tests.domain.contracts.builders import a_contract
from tests.waiting import eventually


async def notified(member: StaffMember, count: int = 1, **query: Any) -> dict[str, Any]:
    """The list once it has so many rows."""

    async def found() -> dict[str, Any] | None:
        answer = await member.call("GET", "/notifications", query=query)
        assert answer.status == 200, answer.body
        page: dict[str, Any] = answer.data
        return page if len(page["list"]) >= count else None

    return await eventually(found)


async def test_a_fact_reaches_its_recipients_and_reads_in_both_languages(api: ContractApi) -> None:
    admin, employee, other = [await api.staff(role) for role in (Role.ADMIN, Role.EMPLOYEE, Role.EMPLOYEE)]

    contract_id = await employee.create(1)

    page = await notified(admin)
    (row,) = page["list"]
    assert (page["total"], page["unreadCount"]) == (1, 1)
    assert (row["type"], row["status"], row["priority"]) == ("CONTRACT_CREATED", "SENT", "HIGH")
    number = row["data"]["contractNumber"]
    assert (row["title"], row["titleEn"]) == (f"新建合同 {number}", f"New contract {number}")
    assert row["actionUrl"] == f"#/contracts?contract={contract_id}"
    assert (row["_id"], row["userId"]) == (row["id"], admin.id)
    assert (await notified(employee))["total"] == 1
    assert (await other.call("GET", "/notifications")).data["total"] == 0


async def test_rows_are_marked_by_their_recipient_alone(api: ContractApi) -> None:
    admin, employee = await api.staff(Role.ADMIN), await api.staff(Role.EMPLOYEE)
    await employee.create(1)
    (theirs,), (own,) = (await notified(admin))["list"], (await notified(employee))["list"]

    foreign = await employee.call("PUT", "/notifications/mark-read", {"notificationIds": [own["id"], theirs["id"]]})
    unchanged = await employee.call("GET", "/notifications/unread-count")
    done = await employee.call("PUT", "/notifications/mark-read", {"notificationIds": [own["id"]]})

    assert (foreign.status, foreign.code) == (404, "NOTIFICATION_NOT_FOUND")
    assert unchanged.data == {"count": 1}
    assert done.status == 200
    assert (await employee.call("GET", "/notifications/unread-count")).data == {"count": 0}
    assert (await notified(employee, 1, status="read"))["list"][0]["readAt"]
    assert (await admin.call("GET", "/notifications/unread-count")).data == {"count": 1}


async def test_all_that_was_sent_by_then_is_marked(api: ContractApi) -> None:
    admin = await api.staff(Role.ADMIN)
    await admin.create(1)
    first = (await notified(admin))["list"][0]
    await admin.create(2)
    await notified(admin, 2)

    marked = await admin.call("PUT", "/notifications/mark-all-read", {"before": first["createdAt"]})
    left = await notified(admin, 1, status="unread")
    rest = await admin.call("PUT", "/notifications/mark-all-read")

    assert (marked.data, left["total"], rest.data) == ({"count": 1}, 1, {"count": 1})
    assert (await notified(admin, 2))["unreadCount"] == 0


async def test_the_list_is_filtered_and_bad_input_is_refused(api: ContractApi) -> None:
    admin = await api.staff(Role.ADMIN)
    await admin.create(1)
    await notified(admin)

    async def status(**query: Any) -> int:
        return (await admin.call("GET", "/notifications", query=query)).status

    assert (await notified(admin, 1, type="CONTRACT_CREATED", kind="contract", limit=5))["pageSize"] == 5
    assert (await admin.call("GET", "/notifications", query={"type": "CONTRACT_SIGNED"})).data["total"] == 0
    assert (await admin.call("GET", "/notifications", query={"kind": "interview"})).data["total"] == 0
    assert [await status(status="gone"), await status(type="$ne"), await status(limit=101)] == [400, 400, 400]
    for ids in (None, [], ["x"], ["a" * 24] * 201):
        assert (await admin.call("PUT", "/notifications/mark-read", {"notificationIds": ids})).status == 400
    assert (await admin.call("PUT", "/notifications/mark-read", {"notificationIds": ["a" * 24]})).status == 404


async def test_a_first_start_beside_existing_contracts_tells_nothing_of_the_past(
    mongodb_uri: str, redis_url: str, redis: Redis, database: Any, provider: Provider
) -> None:
    async with contract_api(mongodb_uri, redis_url, database.name, provider, realtime=False) as before:
        await before.stores.contracts.contracts.import_new([a_contract(number) for number in range(5, 8)])
    async with contract_api(mongodb_uri, redis_url, database.name, provider, realtime=False) as api:
        admin = await api.staff(Role.ADMIN)

        new = await admin.create(1)

        page = await notified(admin)
        assert [row["about"]["id"] for row in page["list"]] == [new]
        assert await database["notifications"].count_documents({}) == 1
