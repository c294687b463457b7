"""Dropped connections, lost processes and absent hosts, over real sockets and two app processes."""

import asyncio
from datetime import UTC, datetime, timedelta

from domain.interviews.live.commands import Join
from domain.interviews.live.rules.membership import ParticipantConnection
from domain.staff.events import StaffAccessChanged
from tests.realtime.conftest import ProcessPair
from tests.realtime.interview_process import SIGNER, AdjustableClock, InterviewProcess
from tests.realtime.namespaces.interview.test_interview import host_and_guest, recorded
from tests.realtime.realtime_process import IDS, token


async def test_a_guest_recovers_at_another_process_and_misses_no_push(processes: ProcessPair) -> None:
    one, _ = processes
    room_id, host, guest = await host_and_guest(processes)
    await host.send("chatSend", clientMsgId="1", text="一")
    await guest.wait_for("chatMessage")
    guest.drop_connection()
    await host.wait_for("peerReconnecting")
    await host.send("chatSend", clientMsgId="2", text="二")
    await host.send("chatSend", clientMsgId="3", text="三")

    assert await guest.reconnect(one.url)
    await host.wait_for("peerResumed")
    await host.send("chatSend", clientMsgId="4", text="四")
    await guest.wait_for("chatMessage", 4)
    await guest.send("handRaise")
    await host.send("offer", to=guest.id, connId="c", sdp="v=0", restart=True)
    await guest.wait_for("offer")

    assert [each["message"]["text"] for each in guest.received("chatMessage")] == ["一", "二", "三", "四"]
    assert "peerLeft" not in host.event_names()
    assert host.roster == guest.roster
    assert len((await recorded(processes, room_id)).attendance) == 2


async def test_the_seat_of_an_absent_guest_is_given_up_and_the_client_must_join_again(
    processes: ProcessPair, clock: AdjustableClock
) -> None:
    room_id, host, guest = await host_and_guest(processes)
    guest.drop_connection()
    await host.wait_for("peerReconnecting")

    clock.advance(31)
    assert (await host.wait_for("peerLeft"))["reason"] == "timeout"

    assert not await guest.reconnect()
    assert guest.answer["recovery"] == {"recovered": False, "reason": "revoked"}
    assert await guest.error_code("handRaise") == "NOT_JOINED"
    await guest.join(room_id)
    await host.wait_until(lambda: host.roster == {host.id, guest.id})


async def test_the_grace_period_continues_while_guests_join_and_ends_with_the_hosts_return(
    processes: ProcessPair, clock: AdjustableClock
) -> None:
    _, two = processes
    room_id, host, guest = await host_and_guest(processes)
    host.drop_connection()
    await guest.wait_for("peerReconnecting")
    clock.advance(31)
    absent = await guest.wait_for("hostAbsent")

    late = await two.connect_guest(room_id)
    deadline = late.snapshot["graceEndsAt"]
    clock.advance(500)
    back = await two.connect_host(room_id)
    await guest.wait_for("hostBack")
    clock.advance(3600)
    await back.send("chatSend", clientMsgId="1", text="还在吗")

    assert late.snapshot["phase"] == "hostAbsent"
    assert absent["graceEndsAt"] == deadline
    await late.wait_for("chatMessage")


async def test_a_room_ends_when_its_host_does_not_return(processes: ProcessPair, clock: AdjustableClock) -> None:
    room_id, host, guest = await host_and_guest(processes)
    await host.send("leave")
    await guest.wait_for("hostAbsent")

    clock.advance(600)
    ended = await guest.wait_for("roomEnded")
    await guest.wait_until(lambda: guest.disconnected_by_server)

    assert ended["endReason"] == "hostTimeout"
    record = await recorded(processes, room_id)
    assert (record.status, record.end_reason) == ("ended", "hostTimeout")


async def test_a_live_room_that_redis_lost_is_restored_from_the_record_with_its_bans(processes: ProcessPair) -> None:
    one, two = processes
    room_id, host, guest = await host_and_guest(processes)
    await host.send("kick", participantId=guest.id)
    await recorded(processes, room_id)

    await one.redis.delete(f"interview:room:{room_id}")
    await two.services.maintenance.reconcile()

    banned = await two.connect(ticket=guest.auth["ticket"])
    assert await banned.error_code("join", roomId=room_id) == "KICKED"
    again = await one.connect_host(room_id)
    assert (again.snapshot["phase"], len(again.snapshot["participants"])) == ("live", 1)
    assert again.snapshot["version"] > host.snapshot["version"]


async def test_clients_of_a_draining_process_move_to_the_other_without_leaving(processes: ProcessPair) -> None:
    one, two = processes
    _, host, guest = await host_and_guest(processes)

    draining = asyncio.create_task(one.edge.drain(0.2))
    await host.wait_for("serverDraining")
    await host.closed.wait()
    assert await host.reconnect(two.url)
    await guest.wait_for("peerResumed")
    await draining

    await host.send("chatSend", clientMsgId="1", text="换了一台服务器")
    await guest.wait_for("chatMessage")
    assert "peerLeft" not in guest.event_names()


async def test_connections_of_a_process_declared_lost_too_early_keep_their_seats(processes: ProcessPair) -> None:
    one, _ = processes
    room_id, host, guest = await host_and_guest(processes)

    # The other process declares the first one lost and disconnects its seats ...
    await one.redis.zrem("interview:workers", "w1")
    until = datetime.now(UTC) + timedelta(seconds=1)
    await processes[1].services.connections.process_lost("w1", until)
    await guest.wait_for("peerReconnecting")
    # ... and at its next heartbeat the first one reattaches them.
    await guest.wait_for("peerResumed")

    await host.send("chatSend", clientMsgId="1", text="我在")
    assert (await processes[1].live(room_id)).seat(host.id).connected


async def test_a_manager_who_loses_the_permission_is_removed_from_rooms_of_others(processes: ProcessPair) -> None:
    _, two = processes
    boss = "c" * 24
    room_id, host, _ = await host_and_guest(processes)
    manager = await two.connect(token=token(boss))
    await manager.join(room_id)
    assert manager.snapshot["you"]["role"] == "guest"
    two.authorities.permissions[boss] = frozenset({"interview:view", "interview:host"})

    await two.bus.publish([StaffAccessChanged(id=IDS.next_id(), at=datetime.now(UTC), staff_id=boss)])
    await manager.closed.wait()

    await host.wait_for("peerReconnecting")
    assert not await manager.reconnect()
    assert await manager.error_code("join", roomId=room_id) == "NOT_YOUR_ROOM"


async def test_staff_without_an_interview_permission_are_refused(processes: ProcessPair) -> None:
    processes[0].authorities.permissions["nobody"] = frozenset({"miniprogram-user:view"})

    refused = (await processes[0].try_connect(token=token("nobody"))).refused

    assert refused is not None
    assert refused["data"] == {"code": "PERMISSION_DENIED"}


async def test_a_seat_without_a_connection_is_disconnected(processes: ProcessPair) -> None:
    one, _ = processes
    room_id, host, _ = await host_and_guest(processes)
    ticket = (await one.issue_ticket(room_id)).ticket
    visitor = SIGNER.read_ticket(ticket, datetime.now(UTC))

    # The process got an error from the store although the join was saved; then the connection closed.
    lost = ParticipantConnection(id="gone", recovery_id="gone", process="w1")
    await one.services.live_rooms.join(visitor, Join(room_id=room_id), lost)
    await one.namespace.attachment.disconnect_stale()

    reconnecting = await host.wait_for("peerReconnecting")
    assert reconnecting["participant"]["participantId"] == visitor.participant_id
    assert await is_connected(one, room_id, host.id, connected=True)


async def is_connected(at: InterviewProcess, room_id: str, participant_id: str, *, connected: bool) -> bool:
    room = await at.live(room_id)
    seat = room.seat(participant_id) if room else None
    return seat is not None and seat.connected is connected
