"""`/contracts` over two app processes and the simulated provider: data scope, order, and each change once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from redis.asyncio import Redis

from domain.shared.authority import Role
from domain.staff.events import StaffAccessChanged
from tests.contract_api import ContractApi, Provider, StaffMember, contract_api, housekeeping_form, simulated_provider
from tests.realtime.harness import WebSocketClient
from tests.realtime.realtime_process import StaffClient
from tests.waiting import eventually

Two = tuple[ContractApi, ContractApi, Provider]


@pytest.fixture
async def two(mongodb_uri: str, redis_url: str, redis: Redis, database: Any) -> AsyncIterator[Two]:
    async with AsyncExitStack() as stack:
        provider = await stack.enter_async_context(simulated_provider())
        one = await stack.enter_async_context(contract_api(mongodb_uri, redis_url, database.name, provider))
        port = int(one.url.rsplit(":", 1)[1])
        other = await stack.enter_async_context(
            contract_api(mongodb_uri, redis_url, database.name, provider, callback_port=port)
        )
        yield one, other, provider


async def connect(member: StaffMember, api: ContractApi | None = None, **auth: Any) -> StaffClient:
    """Send CONNECT and read its answer; the snapshot, if there is one, has not been read."""
    api = api or member.api
    address = f"{api.url}/socket.io/?EIO=4&transport=websocket"
    dashboard = StaffClient(WebSocketClient(await api.http.ws_connect(address)), "/contracts")
    await dashboard.client.receive()
    await dashboard.connect({"token": member.token, **auth})
    return dashboard


async def open_board(member: StaffMember, api: ContractApi | None = None) -> tuple[StaffClient, dict[str, Any]]:
    dashboard = await connect(member, api)
    assert dashboard.refused is None, dashboard.refused
    name, snapshot = await dashboard.event()
    assert name == "snapshot"
    return dashboard, snapshot


async def until_status(dashboard: StaffClient, status: str) -> list[tuple[str, Any]]:
    """The events up to the one with this status."""
    events = []
    async with asyncio.timeout(20):
        while True:
            name, payload = await dashboard.event()
            events.append((name, payload))
            if name == "contractStatus" and payload["to"] == status:
                return events


async def until_assigned(board: StaffClient) -> tuple[str, Any]:
    """The assignment. The other process may deliver the creation first, if it was behind when the board opened."""
    async with asyncio.timeout(20):
        while True:
            name, payload = await board.event()
            if payload["cause"] == "assigned":
                return name, payload


async def events_before_marker(dashboard: StaffClient, marker: StaffMember) -> list[tuple[str, Any]]:
    """The events before that of a contract which `marker` creates now."""
    contract_id = await marker.create(900, forceCreateNew=True)
    received: list[tuple[str, Any]] = []
    async with asyncio.timeout(20):
        while True:
            name, payload = await dashboard.event()
            if payload.get("contractId") == contract_id:
                return received
            received.append((name, payload))


async def test_a_snapshot_shows_the_contracts_within_the_data_scope(two: Two) -> None:
    one, other, _ = two
    admin, employee = await one.staff(Role.ADMIN), await one.staff(Role.EMPLOYEE)
    mine, theirs = await employee.create(1), await admin.create(2)

    async def both_drafts() -> dict[str, Any] | None:
        snapshot = (await open_board(admin, other))[1]
        return snapshot if snapshot["counts"]["draft"] == 2 else None

    everything = await eventually(both_drafts)  # the other process learns of them from the event stream
    _, own = await open_board(employee, other)

    assert {card["id"] for card in everything["newest"]} == {mine, theirs}
    assert own["counts"]["draft"] == 1
    assert [card["id"] for card in own["newest"]] == [mine]
    assert housekeeping_form(1)["customerPhone"] not in str(own)
    assert housekeeping_form(1)["customerIdCard"] not in str(own)


async def test_every_step_arrives_once_and_in_order_on_every_process(two: Two) -> None:
    one, other, provider = two
    admin = await one.staff(Role.ADMIN)
    await provider.order("knobs", duplicates=2, delay_seconds=0.05)
    boards = [(await open_board(admin, api))[0] for api in (one, other, other)]

    contract = await admin.active(provider)
    received = [await until_status(board, "active") for board in boards]

    steps = [[payload["to"] for name, payload in events if name == "contractStatus"] for events in received]
    assert steps == [["signing", "active"]] * 3
    for events in received:
        versions = [payload["version"] for _, payload in events]
        assert versions == sorted(set(versions))
        assert len({payload["id"] for _, payload in events}) == len(events)
        assert {payload["contractId"] for _, payload in events} == {contract.id}
    assert received[0] == received[1] == received[2]
    assert await events_before_marker(boards[0], admin) == []


async def test_the_progress_of_signers_changes_the_card(two: Two) -> None:
    one, other, provider = two
    admin = await one.staff(Role.ADMIN)
    board, _ = await open_board(admin, other)

    contract = await admin.signing()
    await provider.do(contract.esign_contract_no, "sign", order=1)
    await one.until(contract.id, lambda c: c.signed_count() == 1 and c.signers[1].state == "signing")
    await provider.do(contract.esign_contract_no, "sign", order=2)
    received = await until_status(board, "active")

    states = [
        [signer["state"] for signer in payload["card"]["signers"]]
        for _, payload in received
        if payload["card"]["signers"]
    ]
    assert ["signed", "signing", "waiting"] in states
    assert states[-1] == ["signed", "signed", "signed"]
    last = received[-1][1]
    assert (last["from"], last["to"], last["cause"], last["contractNumber"]) == (
        "signing",
        "active",
        "all-signed",
        contract.contract_number,
    )


async def test_a_refusal_is_shown_with_its_reason(two: Two) -> None:
    one, other, provider = two
    admin = await one.staff(Role.ADMIN)
    board, _ = await open_board(admin, other)
    contract = await admin.signing()

    await provider.do(contract.esign_contract_no, "reject", order=1, remark="价格不对")
    received = await until_status(board, "cancelled")

    assert received[-1][1]["cancelReason"] == "rejected"
    assert "价格不对" in received[-1][1]["note"]


async def test_an_employee_receives_only_their_own_contracts(two: Two) -> None:
    one, other, provider = two
    admin, employee = await one.staff(Role.ADMIN), await one.staff(Role.EMPLOYEE)
    board, _ = await open_board(employee, other)

    await admin.active(provider, 1)
    mine = await employee.signing(2)
    received = await until_status(board, "signing")

    assert {payload["contractId"] for _, payload in received} == {mine.id}


async def test_an_assigned_contract_leaves_one_board_and_appears_on_another(two: Two) -> None:
    one, other, provider = two
    admin = await one.staff(Role.ADMIN)
    former, new, stranger = [await one.staff(Role.EMPLOYEE) for _ in range(3)]
    contract_id = await former.create()
    boards = {each.id: (await open_board(each, other))[0] for each in (former, new, stranger)}

    await admin.call("PATCH", f"/contracts/{contract_id}/assign", {"assignedTo": new.id})
    leaves, comes = await until_assigned(boards[former.id]), await until_assigned(boards[new.id])

    assert leaves == comes
    assert leaves[0] == "contractChanged"
    assert (leaves[1]["cause"], leaves[1]["ownerId"], leaves[1]["formerOwnerId"]) == ("assigned", new.id, former.id)
    await new.call("POST", f"/contracts/{contract_id}/initiate-signing", {})
    sent = await one.sent(contract_id)
    for order in (1, 2):
        await provider.do(sent.esign_contract_no, "sign", order=order)
    await until_status(boards[new.id], "active")
    assert await events_before_marker(boards[former.id], former) == []
    assert await events_before_marker(boards[stranger.id], stranger) == []


async def test_a_finished_task_is_told_to_the_one_who_asked_alone_and_by_ids_only(two: Two) -> None:
    one, other, provider = two
    admin, employee = await one.staff(Role.ADMIN), await one.staff(Role.EMPLOYEE)
    contract = await employee.signing()
    own, everything = (await open_board(employee, other))[0], (await open_board(admin, other))[0]
    await provider.fault("/contract/getContract", times=4, delay_seconds=1)
    path = f"/contracts/{contract.id}/resend-sign-urls"
    accepted = await employee.call("POST", path, {}, Prefer="respond-async")
    assert accepted.status == 202, accepted.body

    async with asyncio.timeout(20):
        while (received := await own.event())[0] != "taskFinished":
            pass

    ids = {"taskId": accepted.data["taskId"], "contractId": contract.id}
    assert received[1] == {**ids, "kind": "contract.sign-links", "failed": False}
    assert "taskFinished" not in dict(await events_before_marker(everything, admin))


async def test_a_client_that_reconnects_to_another_process_receives_exactly_the_missed_changes(two: Two) -> None:
    one, other, provider = two
    admin = await one.staff(Role.ADMIN)
    board, _ = await open_board(admin, one)
    contract = await admin.signing()
    before = await until_status(board, "signing")
    board.vanish()
    for order in (1, 2):
        await provider.do(contract.esign_contract_no, "sign", order=order)
    await one.until(contract.id, lambda c: c.contract_status == "active")

    back = await connect(admin, other, **board.recovery_auth)
    missed = await until_status(back, "active")

    assert back.answer["recovery"] == {"recovered": True}
    assert [name for name, _ in missed].count("snapshot") == 0
    versions = [payload["version"] for _, payload in [*before, *missed]]
    assert versions == sorted(set(versions))


async def test_a_client_without_the_permission_is_refused(two: Two) -> None:
    one, _, _ = two
    admissions = await one.staff(Role.ADMISSIONS)

    refused = await connect(admissions)

    assert refused.refused is not None
    assert refused.refused["data"]["code"] == "PERMISSION_DENIED"


async def test_a_client_that_loses_the_permission_is_disconnected(two: Two) -> None:
    one, other, _ = two
    employee = await one.staff(Role.EMPLOYEE)
    board, _ = await open_board(employee, other)
    known = await one.stores.staff.find(employee.id)
    assert known is not None
    now, ids = one.stores.clock.now(), one.stores.ids

    await one.stores.staff.save(
        known.model_copy(update={"role": Role.ADMISSIONS}),
        [StaffAccessChanged(id=ids.next_id(), at=now, staff_id=employee.id)],
    )

    await board.client.closed()
    again = await connect(employee, other)
    assert again.refused is not None


async def test_a_client_with_a_wider_data_scope_starts_anew_with_all_contracts(two: Two) -> None:
    one, other, _ = two
    admin, employee = await one.staff(Role.ADMIN), await one.staff(Role.EMPLOYEE)
    await admin.create()
    board, own = await open_board(employee, other)
    known = await one.stores.staff.find(employee.id)
    assert known is not None
    board.vanish()
    await one.stores.staff.save(
        known.model_copy(update={"role": Role.MANAGER}),
        [StaffAccessChanged(id=one.stores.ids.next_id(), at=one.stores.clock.now(), staff_id=employee.id)],
    )

    async def role_is_known() -> bool:
        cached, _ = await other.stores.authorities.get(employee.id, known.sessions[0].id)
        return cached is None or cached.role is Role.MANAGER

    await eventually(role_is_known)
    await eventually(lambda: not other.edge.server.eio.sockets)

    back = await connect(employee, other, **board.recovery_auth)
    name, snapshot = await back.event()

    assert own["counts"]["draft"] == 0
    assert back.answer["recovery"]["recovered"] is False
    assert (name, snapshot["counts"]["draft"]) == ("snapshot", 1)
