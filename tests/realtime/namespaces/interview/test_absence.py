"""Connections that break, workers that die, hosts that do not come back: over real sockets and two workers."""

import asyncio
from datetime import UTC, datetime, timedelta

from domain.interviews.live.commands import Join
from domain.interviews.live.membership import ParticipantConnection
from domain.shared.actor import SYSTEM
from domain.staff.events import StaffAccessChanged
from tests.realtime.conftest import Both
from tests.realtime.namespaces.interview.test_interview import a_pair, settled_record
from tests.realtime.realtime_process import IDS, token
from tests.realtime.studio import HOST, SIGNER, ShiftedClock, Studio, a_host
from tests.waiting import eventually


async def test_a_dropped_guest_comes_back_at_another_worker_and_has_missed_nothing(both: Both) -> None:
    one, _ = both
    room_id, host, guest = await a_pair(both)
    await host.do("chatSend", clientMsgId="1", text="一")
    await guest.hears("chatMessage")
    guest.vanish()
    await host.hears("peerReconnecting")
    await host.do("chatSend", clientMsgId="2", text="二")
    await host.do("chatSend", clientMsgId="3", text="三")

    assert await guest.come_back(one.url)
    await host.hears("peerResumed")
    await host.do("chatSend", clientMsgId="4", text="四")
    await guest.hears("chatMessage", 4)
    await guest.do("handRaise")
    await host.do("offer", to=guest.id, connId="c", sdp="v=0", restart=True)
    await guest.hears("offer")

    assert [each["message"]["text"] for each in guest.heard("chatMessage")] == ["一", "二", "三", "四"]
    assert "peerLeft" not in host.names()
    assert host.roster == guest.roster
    assert len((await settled_record(both, room_id)).attendance) == 2


async def test_the_seat_of_a_guest_who_stays_away_is_given_up_and_the_client_learns_that_it_must_join(
    both: Both, clock: ShiftedClock
) -> None:
    room_id, host, guest = await a_pair(both)
    guest.vanish()
    await host.hears("peerReconnecting")

    clock.skip(31)
    assert (await host.hears("peerLeft"))["reason"] == "timeout"

    assert not await guest.come_back()
    assert guest.answer["recovery"] == {"recovered": False, "reason": "revoked"}
    assert await guest.refusal("handRaise") == "NOT_JOINED"
    await guest.join(room_id)
    await host.until(lambda: host.roster == {host.id, guest.id})


async def test_the_hosts_absence_runs_while_guests_come_and_ends_with_their_return(
    both: Both, clock: ShiftedClock
) -> None:
    _, two = both
    room_id, host, guest = await a_pair(both)
    host.vanish()
    await guest.hears("peerReconnecting")
    clock.skip(31)
    absent = await guest.hears("hostAbsent")

    late = await two.guest(room_id)
    deadline = late.snapshot["graceEndsAt"]
    clock.skip(500)
    back = await two.host(room_id)
    await guest.hears("hostBack")
    clock.skip(3600)
    await back.do("chatSend", clientMsgId="1", text="还在吗")

    assert late.snapshot["phase"] == "hostAbsent"
    assert absent["graceEndsAt"] == deadline
    await late.hears("chatMessage")


async def test_a_host_who_never_returns_ends_the_room(both: Both, clock: ShiftedClock) -> None:
    room_id, host, guest = await a_pair(both)
    await host.do("leave")
    await guest.hears("hostAbsent")

    clock.skip(600)
    ended = await guest.hears("roomEnded")
    await guest.until(lambda: guest.put_out)

    assert ended["endReason"] == "hostTimeout"
    record = await settled_record(both, room_id)
    assert (record.status, record.end_reason) == ("ended", "hostTimeout")


async def test_an_hour_of_talking_ends_nothing_and_neither_does_waiting_alone(both: Both, clock: ShiftedClock) -> None:
    room_id, host, guest = await a_pair(both)
    lonely_room = await both[1].a_room(host="b" * 24)
    lonely = await both[1].host(lonely_room.room_id, host="b" * 24)

    for _ in range(6):
        clock.skip(600)
        await asyncio.sleep(0.6)  # the clocks of both workers have struck meanwhile

    await host.do("chatSend", clientMsgId="1", text="一个小时了")
    await guest.hears("chatMessage")
    assert (await lonely.do("sync"))["phase"] == "waiting"
    assert (await both[0].record(room_id)).status == "active"


async def test_a_room_that_nobody_ever_enters_ends_as_a_no_show(both: Both, clock: ShiftedClock) -> None:
    room = await both[0].a_room()

    async def is_live() -> bool:
        return await both[1].live(room.room_id) is not None

    await eventually(is_live)
    clock.skip(601)

    async def has_ended() -> bool:
        return (await both[1].record(room.room_id)).end_reason == "noShowTimeout"

    await eventually(has_ended)


async def test_what_redis_lost_is_made_anew_from_the_record_with_its_bans(both: Both) -> None:
    one, two = both
    room_id, host, guest = await a_pair(both)
    await host.do("kick", participantId=guest.id)
    await settled_record(both, room_id)

    await one.redis.delete(f"interview:room:{room_id}")
    await two.services.maintenance.reconcile()

    banned = await two.connect(ticket=guest.auth["ticket"])
    assert await banned.refusal("join", roomId=room_id) == "KICKED"
    again = await one.host(room_id)
    assert (again.snapshot["phase"], len(again.snapshot["participants"])) == ("live", 1)
    assert again.snapshot["version"] > host.snapshot["version"]


async def test_a_worker_that_drains_sends_its_people_to_the_other_and_nobody_leaves(both: Both) -> None:
    one, two = both
    _, host, guest = await a_pair(both)

    draining = asyncio.create_task(one.edge.drain(0.2))
    await host.hears("serverDraining")
    await host.closed.wait()
    assert await host.come_back(two.url)
    await guest.hears("peerResumed")
    await draining

    await host.do("chatSend", clientMsgId="1", text="换了一台服务器")
    await guest.hears("chatMessage")
    assert "peerLeft" not in guest.names()


async def test_people_of_a_worker_that_was_given_up_too_early_keep_their_seats(both: Both) -> None:
    one, _ = both
    room_id, host, guest = await a_pair(both)

    # The others lose sight of the first worker: they count its people as gone ...
    await one.redis.zrem("interview:workers", "w1")
    until = datetime.now(UTC) + timedelta(seconds=1)
    await both[1].services.connections.process_lost("w1", until)
    await guest.hears("peerReconnecting")
    # ... and at its next beat it shows that they are there.
    await guest.hears("peerResumed")

    await host.do("chatSend", clientMsgId="1", text="我在")
    assert (await both[1].live(room_id)).seat(host.id).connected


async def test_a_manager_whose_right_is_taken_away_is_put_out_of_others_rooms(both: Both) -> None:
    _, two = both
    boss = "c" * 24
    room_id, host, _ = await a_pair(both)
    manager = await two.connect(token=token(boss))
    await manager.join(room_id)
    assert manager.snapshot["you"]["role"] == "guest"
    two.payroll.permissions[boss] = frozenset({"interview:view", "interview:host"})

    await two.bus.publish([StaffAccessChanged(id=IDS.next_id(), at=datetime.now(UTC), staff_id=boss)])
    await manager.closed.wait()

    await host.hears("peerReconnecting")
    assert not await manager.come_back()
    assert await manager.refusal("join", roomId=room_id) == "NOT_YOUR_ROOM"


async def test_staff_without_any_right_to_interviews_do_not_enter(both: Both) -> None:
    both[0].payroll.permissions["nobody"] = frozenset({"miniprogram-user:view"})

    refused = (await both[0].knock(token=token("nobody"))).refused

    assert refused is not None
    assert refused["data"] == {"code": "PERMISSION_DENIED"}


async def test_an_interview_that_is_scheduled_admits_people_when_its_host_opens_it(both: Both) -> None:
    one, two = both
    start = datetime.now(UTC) + timedelta(hours=1)
    schedule = {"startsAt": start, "endsAt": start + timedelta(hours=1)}
    room = await one.a_room(schedule=schedule)
    guest = await two.connect(ticket=(await two.a_ticket(room.room_id)).ticket)
    assert await guest.refusal("join", roomId=room.room_id) == "ROOM_NOT_OPEN"

    await opened(one, room.room_id)

    await guest.join(room.room_id)
    assert guest.snapshot["phase"] == "waiting"


async def opened(at: Studio, room_id: str) -> None:

    await at.services.rooms.open(a_host(HOST), room_id, "reject", SYSTEM)


async def test_a_seat_whose_connection_was_never_seen_again_is_not_kept_for_ever(both: Both) -> None:
    one, _ = both
    room_id, host, _ = await a_pair(both)
    ticket = (await one.a_ticket(room_id)).ticket
    visitor = SIGNER.read_ticket(ticket, datetime.now(UTC))

    # Its worker was told that the store is away, although the store had done it; then the socket broke.
    lost = ParticipantConnection(id="gone", recovery_id="gone", process="w1")
    await one.services.live_rooms.join(visitor, Join(room_id=room_id), lost)
    await one.namespace.attachment.disconnect_stale()

    reconnecting = await host.hears("peerReconnecting")
    assert reconnecting["participant"]["participantId"] == visitor.participant_id
    assert await is_there(one, room_id, host.id, connected=True)


async def is_there(at: Studio, room_id: str, participant_id: str, *, connected: bool) -> bool:
    room = await at.live(room_id)
    seat = room.seat(participant_id) if room else None
    return seat is not None and seat.connected is connected
