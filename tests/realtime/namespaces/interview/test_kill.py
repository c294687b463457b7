"""An app process is killed during an interview."""

from typing import Any

from redis.asyncio import Redis

from tests.realtime.interview_process import interview_process
from tests.realtime.namespaces.interview.test_absence import is_connected
from tests.realtime.spawned_interview_processes import spawned_interview_processes
from tests.waiting import eventually


async def test_the_host_of_a_killed_process_recovers_at_the_other_without_a_leave(
    redis_url: str, redis: Redis, mongodb_uri: str, database: Any
) -> None:
    async with (
        spawned_interview_processes(redis_url, mongodb_uri, database.name, count=1) as [one],
        interview_process(redis_url, mongodb_uri, database.name, "here", dead_after_seconds=4) as two,
    ):
        room = await two.create_room()
        host = await two.connect_host(room.room_id)
        await host.close()
        await host.connect(one.url)
        await host.join(room.room_id)
        guest = await two.connect_guest(room.room_id)
        await host.send("controlRequest", target=guest.id, device="mic", enabled=False)
        await guest.wait_for("controlCommand")

        await one.kill()
        await host.closed.wait()
        await guest.send("chatSend", clientMsgId="1", text="您还在吗")
        recovered = await host.reconnect(two.url)
        await host.wait_for("chatMessage")
        await host.send("chatSend", clientMsgId="2", text="在的")
        await guest.wait_for("chatMessage", 2)

        assert recovered
        assert host.received("chatMessage")[0]["message"]["text"] == "您还在吗"
        assert "peerLeft" not in guest.event_names()


async def test_seats_of_a_killed_process_are_disconnected(
    redis_url: str, redis: Redis, mongodb_uri: str, database: Any
) -> None:
    async with (
        spawned_interview_processes(redis_url, mongodb_uri, database.name, count=1) as [one],
        interview_process(redis_url, mongodb_uri, database.name, "here", dead_after_seconds=4) as two,
    ):
        room = await two.create_room()
        host = await two.connect_host(room.room_id)
        ticket = await two.issue_ticket(room.room_id)
        guest = await two.connect(ticket=ticket.ticket)
        await guest.close()
        await guest.connect(one.url)
        await guest.join(room.room_id)
        await host.wait_for("peerJoined")

        await one.kill()
        gone = await host.wait_for("peerReconnecting", seconds=30)

        assert gone["participant"]["participantId"] == guest.id
        await eventually(lambda: is_connected(two, room.room_id, guest.id, connected=False))
