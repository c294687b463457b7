"""A worker is killed in the middle of an interview."""

from typing import Any

from redis.asyncio import Redis

from tests.realtime.interview_processes import interview_workers
from tests.realtime.namespaces.interview.test_absence import is_there
from tests.realtime.studio import studio
from tests.waiting import eventually


async def test_the_host_of_a_killed_worker_goes_on_at_the_other_and_nobody_is_told_that_they_left(
    redis_url: str, redis: Redis, mongodb_uri: str, database: Any
) -> None:
    async with (
        interview_workers(redis_url, mongodb_uri, database.name, count=1) as [one],
        studio(redis_url, mongodb_uri, database.name, "here", dead_after_seconds=4) as two,
    ):
        room = await two.a_room()
        host = await two.host(room.room_id)
        await host.close()
        await host.connect(one.url)
        await host.join(room.room_id)
        guest = await two.guest(room.room_id)
        await host.do("controlRequest", target=guest.id, device="mic", enabled=False)
        await guest.hears("controlCommand")

        await one.kill()
        await host.closed.wait()
        await guest.do("chatSend", clientMsgId="1", text="您还在吗")
        recovered = await host.come_back(two.url)
        await host.hears("chatMessage")
        await host.do("chatSend", clientMsgId="2", text="在的")
        await guest.hears("chatMessage", 2)

        assert recovered
        assert host.heard("chatMessage")[0]["message"]["text"] == "您还在吗"
        assert "peerLeft" not in guest.names()


async def test_people_of_a_killed_worker_who_do_not_return_lose_their_seats(
    redis_url: str, redis: Redis, mongodb_uri: str, database: Any
) -> None:
    async with (
        interview_workers(redis_url, mongodb_uri, database.name, count=1) as [one],
        studio(redis_url, mongodb_uri, database.name, "here", dead_after_seconds=4) as two,
    ):
        room = await two.a_room()
        host = await two.host(room.room_id)
        ticket = await two.a_ticket(room.room_id)
        guest = await two.connect(ticket=ticket.ticket)
        await guest.close()
        await guest.connect(one.url)
        await guest.join(room.room_id)
        await host.hears("peerJoined")

        await one.kill()
        gone = await host.hears("peerReconnecting", seconds=30)

        assert gone["participant"]["participantId"] == guest.id
        await eventually(lambda: is_there(two, room.room_id, guest.id, connected=False))
