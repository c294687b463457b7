"""Interviews over real sockets: two workers, one room."""

import asyncio
from typing import Any

import pytest

from domain.interviews.record.model import RoomStatus
from tests.realtime.conftest import Both
from tests.realtime.realtime_process import token
from tests.realtime.studio import HOST, Person
from tests.waiting import eventually


async def a_pair(both: Both, **settings: Any) -> tuple[str, Person, Person]:
    """Host at the first worker, a guest at the second."""
    one, two = both
    room = await one.a_room(settings=settings)
    return room.room_id, await one.host(room.room_id), await two.guest(room.room_id)


async def test_host_and_guest_meet_over_two_workers(both: Both) -> None:
    room_id, host, guest = await a_pair(both)

    joined = await host.hears("peerJoined")

    assert joined["participant"]["participantId"] == guest.id
    assert (guest.snapshot["phase"], guest.snapshot["hostOnline"]) == ("live", True)
    assert host.roster == guest.roster == {host.id, guest.id}
    record = await settled_record(both, room_id)
    assert [each.user_id for each in record.participants] == [host.id, guest.id]
    assert record.started_at is not None


async def settled_record(both: Both, room_id: str) -> Any:
    async def noted() -> bool:
        live = await both[0].live(room_id)
        return live is not None and not live.unrecorded

    await eventually(noted)
    return await both[0].record(room_id)


async def test_nothing_of_the_room_is_heard_twice_and_nothing_before_the_picture(both: Both) -> None:
    room_id, host, _ = await a_pair(both)
    for number in range(20):
        await host.do("rename", name=f"{number:02}")
        if number == 10:
            late = asyncio.create_task(both[1].guest(room_id))
        await asyncio.sleep(0)
    guest = await late
    await host.do("rename", name="20")
    await guest.until(lambda: any(name_of(each) == "20" for each in guest.heard("peerUpdated")))

    [shown] = [each["name"] for each in guest.snapshot["participants"] if each["participantId"] == host.id]
    seen = [shown, *(name_of(each) for each in guest.heard("peerUpdated"))]
    assert seen == [f"{number:02}" for number in range(int(shown), 21)]
    assert all(each["version"] > guest.snapshot["version"] for _, each in guest.events)


def name_of(push: dict[str, Any]) -> str:
    return str(push["participant"]["name"])


async def test_offers_answers_and_candidates_reach_the_one_they_are_for(both: Both) -> None:
    room_id, host, guest = await a_pair(both)
    other = await both[0].guest(room_id)

    await host.do("offer", to=guest.id, connId="c1", sdp="v=0 offer", kind="camera", restart=True)
    await guest.hears("offer")
    await guest.do("answer", to=host.id, connId="c1", sdp="v=0 answer")
    await guest.do("candidate", to=host.id, connId="c1", candidate="candidate:1", sdpMid="0", sdpMLineIndex=0)
    await guest.do("candidate", to=host.id, connId="c1", candidate=None)
    await host.hears("candidate", 2)
    await guest.do("bye", to=host.id, connId="c1", reason="done")
    await host.hears("bye")

    [offer] = guest.heard("offer")
    assert offer == {
        "roomId": room_id,
        "from": host.id,
        "connId": "c1",
        "sdp": "v=0 offer",
        "kind": "camera",
        "restart": True,
        "polite": True,
    }
    assert host.heard("answer")[0]["polite"] is False
    assert [each["candidate"] for each in host.heard("candidate")] == ["candidate:1", None]
    assert not {"offer", "answer", "candidate", "bye"} & set(other.names())


async def test_a_message_to_somebody_who_is_not_there_comes_back_as_such(both: Both) -> None:
    _, host, guest = await a_pair(both)
    stranger_room = await both[1].a_room(host="b" * 24)
    stranger = await both[1].host(stranger_room.room_id, host="b" * 24)
    gone = guest.id
    guest.vanish()
    await host.hears("peerReconnecting")

    for nobody in (gone, stranger.id, host.id, "p" + "0" * 20):
        assert await host.refusal("offer", to=nobody, connId="c", sdp="v=0") == "PEER_OFFLINE"
    assert "offer" not in stranger.names()


async def test_a_command_that_is_sent_twice_is_done_once_whichever_worker_hears_it(both: Both) -> None:
    room_id, host, guest = await a_pair(both)

    first = await guest.do("chatSend", clientMsgId="one", text="您好")
    again = await guest.do("chatSend", clientMsgId="one", text="您好")
    muted = await host.do("controlRequest", target=guest.id, device="mic", enabled=True, cmdId="ask")
    guest_moved = await both[0].connect(ticket=guest.auth["ticket"])
    await guest_moved.join(room_id)
    elsewhere = await guest_moved.do("chatSend", clientMsgId="one", text="您好")
    asked_again = await host.do("controlRequest", target=guest.id, device="mic", enabled=True, cmdId="ask")

    assert first == again == elsewhere
    assert muted == asked_again
    assert len(host.heard("chatMessage")) == 1


async def test_many_commands_at_once_from_two_workers_are_all_done(both: Both) -> None:
    _, host, guest = await a_pair(both)

    await asyncio.gather(
        *(host.do("chatSend", clientMsgId=f"h{number}", text=f"h{number}") for number in range(10)),
        *(guest.do("chatSend", clientMsgId=f"g{number}", text=f"g{number}") for number in range(10)),
    )
    await host.hears("chatMessage", 20)
    await guest.hears("chatMessage", 20)

    texts = [each["message"]["text"] for each in host.heard("chatMessage")]
    assert texts == [each["message"]["text"] for each in guest.heard("chatMessage")]
    assert sorted(texts) == sorted([*(f"h{n}" for n in range(10)), *(f"g{n}" for n in range(10))])
    versions = [each["version"] for each in host.heard("chatMessage")]
    assert versions == sorted(set(versions))


async def test_parallel_creates_by_one_host_leave_exactly_one_active_room(both: Both) -> None:
    rooms = await asyncio.gather(*(both[number % 2].a_room() for number in range(6)))

    records = [await both[0].record(room.room_id) for room in rooms]

    assert [each.status for each in records].count(RoomStatus.ACTIVE) == 1
    superseded = [each for each in records if each.status is RoomStatus.ENDED]
    assert {each.end_reason for each in superseded} == {"superseded"}


async def test_who_waits_is_let_in_by_the_host_and_hears_nothing_before(both: Both) -> None:
    one, two = both
    room = await one.a_room(settings={"lobbyEnabled": True})
    host = await one.host(room.room_id)
    guest = await two.connect(ticket=(await two.a_ticket(room.room_id, name="王女士")).ticket)
    assert (await guest.join(room.room_id))["lobby"] is True
    waiting = await host.hears("lobbyWaiting")
    await host.do("chatSend", clientMsgId="1", text="还没准备好")
    assert await guest.refusal("chatSend", clientMsgId="1", text="x") == "NOT_JOINED"
    [person] = waiting["waiting"]
    assert person["name"] == "客户-王女士"

    await host.do("lobbyDecide", participantId=person["participantId"], accept=True)
    await guest.hears("lobbyAdmitted")
    joined = await guest.join(room.room_id)

    assert joined["lobby"] is False
    assert guest.names() == ["lobbyAdmitted"]
    await host.until(lambda: host.roster == {host.id, guest.id})


async def test_who_is_refused_may_knock_again(both: Both) -> None:
    one, two = both
    room = await one.a_room(settings={"lobbyEnabled": True})
    host = await one.host(room.room_id)
    guest = await two.connect(ticket=(await two.a_ticket(room.room_id)).ticket)
    await guest.join(room.room_id)
    waiting = (await host.hears("lobbyWaiting"))["waiting"]

    await host.do("lobbyDecide", participantId=waiting[0]["participantId"], accept=False, reason="稍后")

    assert (await guest.hears("lobbyDenied"))["reason"] == "稍后"
    assert (await guest.join(room.room_id))["lobby"] is True


async def test_a_kicked_guest_is_put_out_and_no_ticket_of_their_invitation_brings_them_back(both: Both) -> None:
    one, two = both
    room = await one.a_room()
    host = await one.host(room.room_id)
    code = await one.an_invite(room.room_id, maxUses=5)
    redeem = two.services.invites.redeem
    first, second = await redeem(code, "甲"), await redeem(code, "乙")
    guest = await two.connect(ticket=first.ticket)
    await guest.join(room.room_id)

    await host.do("kick", participantId=guest.id, reason="打扰面试")
    kicked = await guest.hears("youKicked")
    await guest.until(lambda: guest.put_out)

    assert (kicked["reason"], kicked["banned"]) == ("打扰面试", True)
    assert guest.names()[-1] == "youKicked"
    assert (await host.hears("peerLeft"))["reason"] == "kicked"
    for ticket in (first.ticket, second.ticket):
        again = await one.connect(ticket=ticket)
        assert await again.refusal("join", roomId=room.room_id) == "KICKED"
    with pytest.raises(Exception, match="INVITE_INVALID"):
        await redeem(code, "丙")
    assert [each.participant_id for each in (await one.record(room.room_id)).bans] == [guest.id]


async def test_the_end_reaches_everybody_as_the_last_thing(both: Both) -> None:
    room_id, host, guest = await a_pair(both)

    ended = await host.do("end", reason="dismissed")
    told = await guest.hears("roomEnded")
    await host.hears("roomEnded")  # of another worker: its turn may come after the guest's
    await guest.until(lambda: guest.put_out)
    await host.until(lambda: host.put_out)

    assert ended["endReason"] == told["endReason"] == "dismissed"
    assert guest.names()[-1] == host.names()[-1] == "roomEnded"
    assert "youKicked" not in guest.names()
    again = await both[1].connect(token=token(HOST))
    assert await again.refusal("join", roomId=room_id) == "ROOM_ENDED"
    record = await settled_record(both, room_id)
    assert (record.status, record.end_reason) == (RoomStatus.ENDED, "dismissed")
    assert all(stay.left_at for stay in record.attendance)


async def test_who_ends_it_is_answered_even_if_everybody_knows_before(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, host, guest = await a_pair(both)
    end = both[0].services.live_rooms.end

    async def slowly(*asked: Any) -> Any:
        answer = await end(*asked)
        await host.hears("roomEnded")
        await guest.until(lambda: guest.put_out)
        await asyncio.sleep(0.05)
        return answer

    monkeypatch.setattr(both[0].services.live_rooms, "end", slowly)

    assert (await host.do("end", reason="dismissed"))["endReason"] == "dismissed"
    await host.until(lambda: host.put_out)


async def test_a_second_device_takes_over_and_the_first_is_told(both: Both) -> None:
    room_id, host, guest = await a_pair(both)

    laptop = await both[0].connect(ticket=guest.auth["ticket"])
    await laptop.join(room_id)
    await guest.hears("youSuperseded")
    await guest.until(lambda: guest.put_out)

    assert laptop.id == guest.id
    assert len(host.roster) == 2
    assert "peerLeft" not in host.names()
    await host.do("offer", to=laptop.id, connId="c", sdp="v=0")
    await laptop.hears("offer")


async def test_consent_is_asked_and_a_forced_mute_is_not(both: Both) -> None:
    room_id, host, guest = await a_pair(both)
    await guest.do("mediaState", mic=True, camera=False)

    await host.do("controlRequest", target=guest.id, device="mic", enabled=False)
    command = await guest.hears("controlCommand")
    asked = await host.do("controlRequest", target=guest.id, device="camera", enabled=True)
    prompt = await guest.hears("controlPrompt")
    await guest.do("controlRespond", requestId=prompt["requestId"], accepted=False, reason="不方便")
    result = await host.hears("controlResult")

    assert (command["device"], command["enabled"]) == ("mic", False)
    assert asked["requestId"] == prompt["requestId"] == result["requestId"]
    assert (result["result"], result["reason"]) == ("declined", "不方便")
    seat = (await both[0].live(room_id)).seat(guest.id)
    assert (seat.media.mic, seat.media.camera) == (False, False)


async def test_a_late_helper_lands_on_the_line_and_a_customer_hears_nothing_of_it(both: Both) -> None:
    one, two = both
    room = await one.a_room()
    host = await one.host(room.room_id)
    customer = await two.guest(room.room_id)
    loaded = await host.do("prompterLoad", content="您好\n" * 40, speed=100, autoPlay=True)
    await host.hears("prompterDoc")

    helper = await two.guest(room.room_id, identity="helper")
    await host.do("prompterControl", docId=loaded["docId"], action="PAUSE")
    paused = (await helper.hears("prompterState"))["state"]
    await helper.do("prompterProgress", docId=loaded["docId"], position=0.5)
    await host.hears("prompterProgress")
    await host.do("chatSend", clientMsgId="1", text="好")
    await customer.hears("chatMessage")

    shown = helper.snapshot["prompter"]
    assert shown["doc"]["content"] == "您好\n" * 40
    assert shown["state"]["state"] == "playing"
    assert 0 < paused["position"] < 1
    assert not [name for name in customer.names() if name.startswith("prompter")]
    assert customer.snapshot["prompter"] is None


async def test_a_guest_who_leaves_may_come_again_over_the_same_connection(both: Both) -> None:
    room_id, host, guest = await a_pair(both)

    await guest.do("leave")
    assert (await host.hears("peerLeft"))["reason"] == "leave"
    assert await guest.refusal("handRaise") == "NOT_JOINED"
    await guest.join(room_id)

    await host.until(lambda: host.roster == {host.id, guest.id})


async def test_a_picture_can_be_asked_for_again_and_the_clock_be_compared(both: Both) -> None:
    _, host, guest = await a_pair(both)
    await guest.do("handRaise")
    await host.hears("handQueue")

    again = await host.do("sync")
    pong = await guest.do("ping", t=12.5)
    renewed = await guest.do("renewToken")
    await guest.do("stats", connId="c", rttMs=30, lossPct=0.5)

    assert again["hands"] == [guest.id]
    assert again["version"] == host.heard("handQueue")[0]["version"]
    assert pong["t"] == 12.5
    assert renewed["iceServers"][0]["urls"] == ["stun:localhost"]
