"""`/notifications` over two app processes: the names of the former system, and the same count in every tab."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from redis.asyncio import Redis

from domain.shared.authority import Role
from domain.staff.events import StaffAccessChanged
from tests.contract_api import ContractApi, StaffMember, contract_api, simulated_provider
from tests.realtime.harness import WebSocketClient
from tests.realtime.realtime_process import StaffClient


@pytest.fixture
async def two(mongodb_uri: str, redis_url: str, redis: Redis, database: Any) -> AsyncIterator[tuple[ContractApi, ...]]:
    async with AsyncExitStack() as stack:
        provider = await stack.enter_async_context(simulated_provider())
        yield tuple(
            [
                await stack.enter_async_context(contract_api(mongodb_uri, redis_url, database.name, provider))
                for _ in range(2)
            ]
        )


async def open_tab(member: StaffMember, api: ContractApi | None = None, **auth: Any) -> StaffClient:
    api = api or member.api
    address = f"{api.url}/socket.io/?EIO=4&transport=websocket"
    tab = StaffClient(WebSocketClient(await api.http.ws_connect(address)), "/notifications")
    await tab.client.receive()
    await tab.connect({"token": member.token, **auth})
    assert tab.refused is None, tab.refused
    return tab


async def until(tab: StaffClient, name: str, holds: Callable[[Any], bool] = lambda payload: True) -> Any:
    """The payload of the next event of this name that fits; others are skipped."""
    async with asyncio.timeout(20):
        while True:
            event, payload = await tab.event()
            if event == name and holds(payload):
                return payload


def equal(number: int) -> Callable[[Any], bool]:
    return lambda payload: bool(payload == number)


async def test_every_tab_gets_the_record_and_a_count_that_is_a_number(two: tuple[ContractApi, ...]) -> None:
    one, other = two
    admin, employee = await one.staff(Role.ADMIN), await one.staff(Role.EMPLOYEE)
    tabs = [await open_tab(admin, api) for api in (one, other, other)]
    assert [await until(tab, "unreadCount") for tab in tabs] == [0, 0, 0]

    await employee.create(1)

    records = [await until(tab, "notification") for tab in tabs]
    assert [await until(tab, "unreadCount", equal(1)) for tab in tabs] == [1, 1, 1]
    assert records[0] == records[1] == records[2]
    stored = (await admin.call("GET", "/notifications")).data["list"]
    assert stored == records[:1]


async def test_what_is_read_in_one_tab_is_read_in_all(two: tuple[ContractApi, ...]) -> None:
    one, other = two
    admin = await one.staff(Role.ADMIN)
    await admin.create(1)
    tabs = [await open_tab(admin, api) for api in (one, other)]
    for tab in tabs:
        await until(tab, "unreadCount", equal(1))
    (row,) = (await admin.call("GET", "/notifications")).data["list"]

    await admin.call("PUT", "/notifications/mark-read", {"notificationIds": [row["id"]]})

    for tab in tabs:
        assert await until(tab, "notificationsRead") == {"ids": [row["id"]], "before": None}
        await until(tab, "unreadCount", equal(0))


async def test_a_client_that_was_away_gets_what_it_missed_once(two: tuple[ContractApi, ...]) -> None:
    one, other = two
    admin = await one.staff(Role.ADMIN)
    tab = await open_tab(admin)
    await admin.create(1)
    first = await until(tab, "notification")
    tab.vanish()

    await admin.create(2)
    again = await open_tab(admin, other, **tab.recovery_auth)

    missed = await until(again, "notification")
    assert missed["_id"] != first["_id"]
    await until(again, "unreadCount", equal(2))


async def test_the_count_is_answered_and_pushed_when_a_client_asks(two: tuple[ContractApi, ...]) -> None:
    admin = await two[0].staff(Role.ADMIN)
    tab = await open_tab(admin)
    await until(tab, "unreadCount")

    answer = await tab.ask("getUnreadCount", {})

    assert answer == {"ok": True, "data": 0}
    assert await until(tab, "unreadCount") == 0


async def test_a_withdrawn_right_hides_rows_and_count_and_a_returned_one_shows_them(
    two: tuple[ContractApi, ...],
) -> None:
    one, other = two
    employee = await one.staff(Role.EMPLOYEE)
    await employee.create(1)
    tab = await open_tab(employee, other)
    await until(tab, "unreadCount", equal(1))

    async def take_role(role: Role) -> None:
        staff = await one.stores.staff.find(employee.id)
        assert staff is not None
        event = StaffAccessChanged(id=one.stores.ids.next_id(), at=one.stores.clock.now(), staff_id=employee.id)
        await one.stores.staff.save(staff.edited(one.stores.clock.now(), role=role), [event])

    await take_role(Role.ADMISSIONS)  # who may not see contracts
    await until(tab, "unreadCount", equal(0))
    hidden = (await employee.call("GET", "/notifications")).data
    await take_role(Role.EMPLOYEE)
    await tab.client.closed()  # it comes back with more rooms than it had

    assert (hidden["total"], hidden["unreadCount"]) == (0, 0)
    await until(await open_tab(employee, other), "unreadCount", equal(1))


async def test_a_list_is_refreshed_for_those_who_see_it_with_ids_only(two: tuple[ContractApi, ...]) -> None:
    one, other = two
    owner, stranger = await one.staff(Role.EMPLOYEE), await one.staff(Role.EMPLOYEE)
    tabs = {member.id: await open_tab(member, other) for member in (owner, stranger)}

    first = await owner.create(1)
    second = await stranger.create(2)

    for member, contract_id in ((owner, first), (stranger, second)):
        push = await until(tabs[member.id], "refresh")
        assert (push["eventType"], push["data"]) == ("contractList", {"contractId": contract_id})
