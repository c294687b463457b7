"""Interviews over real sockets: participants of one room at two app processes."""

import asyncio
from typing import Any

import pytest

from domain.interviews.record.model import RoomStatus
from tests.realtime.conftest import ProcessPair
from tests.realtime.interview_process import HOST, InterviewClient
from tests.realtime.realtime_process import token
from tests.waiting import eventually


async def host_and_guest(processes: ProcessPair, **settings: Any) -> tuple[str, InterviewClient, InterviewClient]:
    """A room with its host at the first process and a guest at the second."""
    one, two = processes
    room = await one.create_room(settings=settings)
    return room.room_id, await one.connect_host(room.room_id), await two.connect_guest(room.room_id)


async def test_host_and_guest_meet_over_two_processes(processes: ProcessPair) -> None:
    room_id, host, guest = await host_and_guest(processes)

    joined = await host.wait_for("peerJoined")

    assert joined["participant"]["participantId"] == guest.id
    assert (guest.snapshot["phase"], guest.snapshot["hostOnline"]) == ("live", True)
    assert host.roster == guest.roster == {host.id, guest.id}
    record = await recorded(processes, room_id)
    assert [each.user_id for each in record.participants] == [host.id, guest.id]
    assert record.started_at is not None


async def recorded(processes: ProcessPair, room_id: str) -> Any:
    async def all_recorded() -> bool:
        live = await processes[0].live(room_id)
        return live is not None and not live.unrecorded

    await eventually(all_recorded)
    return await processes[0].record(room_id)


async def test_no_push_is_received_twice_or_before_the_snapshot(processes: ProcessPair) -> None:
    room_id, host, _ = await host_and_guest(processes)
    for number in range(20):
        await host.send("rename", name=f"{number:02}")
        if number == 10:
            late = asyncio.create_task(processes[1].connect_guest(room_id))
        await asyncio.sleep(0)
    guest = await late
    await host.send("rename", name="20")
    await guest.wait_until(lambda: any(name_of(each) == "20" for each in guest.received("peerUpdated")))

    [shown] = [each["name"] for each in guest.snapshot["participants"] if each["participantId"] == host.id]
    seen = [shown, *(name_of(each) for each in guest.received("peerUpdated"))]
    assert seen == [f"{number:02}" for number in range(int(shown), 21)]
    assert all(each["version"] > guest.snapshot["version"] for _, each in guest.events)


def name_of(push: dict[str, Any]) -> str:
    return str(push["participant"]["name"])


async def test_offers_answers_and_candidates_reach_their_receiver_only(processes: ProcessPair) -> None:
    room_id, host, guest = await host_and_guest(processes)
    other = await processes[0].connect_guest(room_id)

    await host.send("offer", to=guest.id, connId="c1", sdp="v=0 offer", kind="camera", restart=True)
    await guest.wait_for("offer")
    await guest.send("answer", to=host.id, connId="c1", sdp="v=0 answer")
    await guest.send("candidate", to=host.id, connId="c1", candidate="candidate:1", sdpMid="0", sdpMLineIndex=0)
    await guest.send("candidate", to=host.id, connId="c1", candidate=None)
    await host.wait_for("candidate", 2)
    await guest.send("bye", to=host.id, connId="c1", reason="done")
    await host.wait_for("bye")

    [offer] = guest.received("offer")
    assert offer == {
        "roomId": room_id,
        "from": host.id,
        "connId": "c1",
        "sdp": "v=0 offer",
        "kind": "camera",
        "restart": True,
        "polite": True,
    }
    assert host.received("answer")[0]["polite"] is False
    assert [each["candidate"] for each in host.received("candidate")] == ["candidate:1", None]
    assert not {"offer", "answer", "candidate", "bye"} & set(other.event_names())


async def test_a_repeated_command_is_executed_once_at_any_process(processes: ProcessPair) -> None:
    room_id, host, guest = await host_and_guest(processes)

    first = await guest.send("chatSend", clientMsgId="one", text="您好")
    again = await guest.send("chatSend", clientMsgId="one", text="您好")
    muted = await host.send("controlRequest", target=guest.id, device="mic", enabled=True, cmdId="ask")
    moved_guest = await processes[0].connect(ticket=guest.auth["ticket"])
    await moved_guest.join(room_id)
    at_other_process = await moved_guest.send("chatSend", clientMsgId="one", text="您好")
    asked_again = await host.send("controlRequest", target=guest.id, device="mic", enabled=True, cmdId="ask")

    assert first == again == at_other_process
    assert muted == asked_again
    assert len(host.received("chatMessage")) == 1


async def test_a_waiting_guest_is_admitted_by_the_host_and_gets_no_earlier_pushes(processes: ProcessPair) -> None:
    one, two = processes
    room = await one.create_room(settings={"lobbyEnabled": True})
    host = await one.connect_host(room.room_id)
    guest = await two.connect(ticket=(await two.issue_ticket(room.room_id, name="王女士")).ticket)
    assert (await guest.join(room.room_id))["lobby"] is True
    waiting = await host.wait_for("lobbyWaiting")
    await host.send("chatSend", clientMsgId="1", text="还没准备好")
    assert await guest.error_code("chatSend", clientMsgId="1", text="x") == "NOT_JOINED"
    [guest_waiting] = waiting["waiting"]
    assert guest_waiting["name"] == "客户-王女士"

    await host.send("lobbyDecide", participantId=guest_waiting["participantId"], accept=True)
    await guest.wait_for("lobbyAdmitted")
    joined = await guest.join(room.room_id)

    assert joined["lobby"] is False
    assert guest.event_names() == ["lobbyAdmitted"]
    await host.wait_until(lambda: host.roster == {host.id, guest.id})


async def test_a_kicked_guest_is_removed_and_no_ticket_of_the_invitation_is_accepted_again(
    processes: ProcessPair,
) -> None:
    one, two = processes
    room = await one.create_room()
    host = await one.connect_host(room.room_id)
    code = await one.create_invite(room.room_id, maxUses=5)
    redeem = two.services.invites.redeem
    first, second = await redeem(code, "甲"), await redeem(code, "乙")
    guest = await two.connect(ticket=first.ticket)
    await guest.join(room.room_id)

    await host.send("kick", participantId=guest.id, reason="打扰面试")
    kicked = await guest.wait_for("youKicked")
    await guest.wait_until(lambda: guest.disconnected_by_server)

    assert (kicked["reason"], kicked["banned"]) == ("打扰面试", True)
    assert guest.event_names()[-1] == "youKicked"
    assert (await host.wait_for("peerLeft"))["reason"] == "kicked"
    for ticket in (first.ticket, second.ticket):
        again = await one.connect(ticket=ticket)
        assert await again.error_code("join", roomId=room.room_id) == "KICKED"
    with pytest.raises(Exception, match="INVITE_INVALID"):
        await redeem(code, "丙")
    assert [each.participant_id for each in (await one.record(room.room_id)).bans] == [guest.id]


async def test_the_end_is_the_last_push_of_every_client(processes: ProcessPair) -> None:
    room_id, host, guest = await host_and_guest(processes)

    ended = await host.send("end", reason="dismissed")
    told = await guest.wait_for("roomEnded")
    await host.wait_for("roomEnded")  # at the other process, where it may arrive later
    await guest.wait_until(lambda: guest.disconnected_by_server)
    await host.wait_until(lambda: host.disconnected_by_server)

    assert ended["endReason"] == told["endReason"] == "dismissed"
    assert guest.event_names()[-1] == host.event_names()[-1] == "roomEnded"
    assert "youKicked" not in guest.event_names()
    again = await processes[1].connect(token=token(HOST))
    assert await again.error_code("join", roomId=room_id) == "ROOM_ENDED"
    record = await recorded(processes, room_id)
    assert (record.status, record.end_reason) == (RoomStatus.ENDED, "dismissed")
    assert all(stay.left_at for stay in record.attendance)


async def test_the_host_gets_the_acknowledgement_of_end_even_if_the_push_arrives_first(
    processes: ProcessPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, host, guest = await host_and_guest(processes)
    end = processes[0].services.live_rooms.end

    async def slowly(*asked: Any) -> Any:
        answer = await end(*asked)
        await host.wait_for("roomEnded")
        await guest.wait_until(lambda: guest.disconnected_by_server)
        await asyncio.sleep(0.05)
        return answer

    monkeypatch.setattr(processes[0].services.live_rooms, "end", slowly)

    assert (await host.send("end", reason="dismissed"))["endReason"] == "dismissed"
    await host.wait_until(lambda: host.disconnected_by_server)


async def test_a_second_device_takes_over_and_the_first_is_notified(processes: ProcessPair) -> None:
    room_id, host, guest = await host_and_guest(processes)

    laptop = await processes[0].connect(ticket=guest.auth["ticket"])
    await laptop.join(room_id)
    await guest.wait_for("youSuperseded")
    await guest.wait_until(lambda: guest.disconnected_by_server)

    assert laptop.id == guest.id
    assert len(host.roster) == 2
    assert "peerLeft" not in host.event_names()
    await host.send("offer", to=laptop.id, connId="c", sdp="v=0")
    await laptop.wait_for("offer")


async def test_switching_on_needs_consent_and_a_forced_mute_does_not(processes: ProcessPair) -> None:
    room_id, host, guest = await host_and_guest(processes)
    await guest.send("mediaState", mic=True, camera=False)

    await host.send("controlRequest", target=guest.id, device="mic", enabled=False)
    command = await guest.wait_for("controlCommand")
    asked = await host.send("controlRequest", target=guest.id, device="camera", enabled=True)
    prompt = await guest.wait_for("controlPrompt")
    await guest.send("controlRespond", requestId=prompt["requestId"], accepted=False, reason="不方便")
    result = await host.wait_for("controlResult")

    assert (command["device"], command["enabled"]) == ("mic", False)
    assert asked["requestId"] == prompt["requestId"] == result["requestId"]
    assert (result["result"], result["reason"]) == ("declined", "不方便")
    seat = (await processes[0].live(room_id)).seat(guest.id)
    assert (seat.media.mic, seat.media.camera) == (False, False)


async def test_a_late_worker_gets_the_current_position_and_a_customer_no_teleprompter(processes: ProcessPair) -> None:
    one, two = processes
    room = await one.create_room()
    host = await one.connect_host(room.room_id)
    customer = await two.connect_guest(room.room_id)
    loaded = await host.send("prompterLoad", content="您好\n" * 40, speed=100, autoPlay=True)
    await host.wait_for("prompterDoc")

    helper = await two.connect_guest(room.room_id, identity="helper")
    await host.send("prompterControl", docId=loaded["docId"], action="PAUSE")
    paused = (await helper.wait_for("prompterState"))["state"]
    await helper.send("prompterProgress", docId=loaded["docId"], position=0.5)
    await host.wait_for("prompterProgress")
    await host.send("chatSend", clientMsgId="1", text="好")
    await customer.wait_for("chatMessage")

    shown = helper.snapshot["prompter"]
    assert shown["doc"]["content"] == ("您好\n" * 40).strip()
    assert shown["state"]["state"] == "playing"
    assert 0 < paused["position"] < 1
    assert not [name for name in customer.event_names() if name.startswith("prompter")]
    assert customer.snapshot["prompter"] is None


async def test_a_guest_who_leaves_may_join_again_over_the_same_connection(processes: ProcessPair) -> None:
    room_id, host, guest = await host_and_guest(processes)

    await guest.send("leave")
    assert (await host.wait_for("peerLeft"))["reason"] == "leave"
    assert await guest.error_code("handRaise") == "NOT_JOINED"
    await guest.join(room_id)

    await host.wait_until(lambda: host.roster == {host.id, guest.id})


async def test_a_snapshot_and_the_server_time_can_be_requested_again(processes: ProcessPair) -> None:
    _, host, guest = await host_and_guest(processes)
    await guest.send("handRaise")
    await host.wait_for("handQueue")

    again = await host.send("sync")
    pong = await guest.send("ping", t=12.5)
    renewed = await guest.send("renewToken")
    await guest.send("stats", connId="c", rttMs=30, lossPct=0.5)

    assert again["hands"] == [guest.id]
    assert again["version"] == host.received("handQueue")[0]["version"]
    assert pong["t"] == 12.5
    assert renewed["iceServers"][0]["urls"] == ["stun:localhost"]
