"""A client that reconnects to any process receives the events that it missed, or the reason why not."""

import asyncio
import json

from redis.asyncio import Redis

from domain.shared.authority import StaffAuthority
from domain.shared.events import parse_offset
from domain.shared.text import Text
from domain.staff.model import StaffSuspended
from realtime.namespaces.staff import StaffNamespace
from tests.realtime.realtime_process import (
    FakeStaffAuthorities,
    RealtimeProcess,
    access_changed,
    realtime_process,
    token,
)
from tests.waiting import eventually


async def test_a_client_that_reconnects_receives_exactly_the_missed_events(redis_url: str, redis: Redis) -> None:
    async with realtime_process(redis_url) as it:
        before = await it.connect_staff()
        await it.publish(1, 2)
        assert await before.versions(2) == [1, 2]
        before.vanish()
        await it.publish(3, 4)

        after = await it.connect_staff(**before.recovery_auth)
        await it.publish(5)

        assert after.answer["pid"] == before.answer["pid"]
        assert after.answer["recovery"] == {"recovered": True}
        assert await after.versions(3) == [3, 4, 5]


async def test_it_is_recovered_even_if_there_was_no_event(redis_url: str, redis: Redis) -> None:
    async with realtime_process(redis_url) as it:
        before = await it.connect_staff()
        before.vanish()

        after = await it.connect_staff(**before.recovery_auth)

        assert after.answer["recovery"] == {"recovered": True}


async def test_it_is_recovered_on_another_process_without_a_query_for_permissions(redis_url: str, redis: Redis) -> None:
    async with realtime_process(redis_url) as one, realtime_process(redis_url, process_id="w2") as other:
        before = await one.connect_staff()
        await one.publish(1)
        await before.versions(1)
        before.vanish()
        await one.publish(2)

        after = await other.connect_staff(**before.recovery_auth)

        assert await after.versions(1) == [2]
        assert other.authorities.queries == 0


async def test_a_second_use_of_a_pid_supersedes_the_first(redis_url: str, redis: Redis) -> None:
    async with realtime_process(redis_url) as one, realtime_process(redis_url, process_id="w2") as other:
        first = await one.connect_staff()
        second = await other.connect_staff(**first.recovery_auth)
        third = await other.connect_staff(**first.recovery_auth)

        await first.client.closed()
        await second.client.closed()
        await one.publish(1)

        assert await third.versions(1) == [1]
        await eventually(lambda: len(one.edge.clients) == 0 and len(other.edge.clients) == 1)


async def test_an_old_offset_kept_across_a_fresh_start_is_ignored(redis_url: str, redis: Redis) -> None:
    async with realtime_process(redis_url) as it:
        old = await it.connect_staff()
        await it.publish(1)
        await old.versions(1)
        await it.publish(2, 3)
        fresh = await it.connect_staff()  # as after a failed recovery: new pid, but the offset is kept
        fresh.vanish()

        back = await it.connect_staff(pid=fresh.answer["pid"], offset=old.offset)
        await it.publish(4)

        assert back.answer["recovery"] == {"recovered": True}
        assert await back.versions(1) == [4]


async def test_a_client_that_cannot_be_recovered_starts_anew_with_a_reason(redis_url: str, redis: Redis) -> None:
    async with realtime_process(redis_url) as it:
        first = await it.connect_staff()
        pid = first.answer["pid"]
        epoch = it.edge.hub.epoch
        reasons = {
            "unknown": {"pid": "nonsense"},
            "expired": {"pid": f"{epoch}.{'x' * 43}"},
            "epoch": {"pid": f"{'0' * 12}.{'x' * 43}"},
        }
        for reason, auth in reasons.items():
            back = await it.connect_staff(**auth)
            assert back.answer["recovery"] == {"recovered": False, "reason": reason}
            assert back.answer["pid"] not in (pid, auth["pid"])


async def test_an_invalid_offset_is_not_recovered(redis_url: str, redis: Redis) -> None:
    async with realtime_process(redis_url) as it:
        for offset in ("hello", "99999999999999-0", "1-1; DROP", 7, {"$gt": ""}, "-", "1" * 60 + "-0"):
            before = await it.connect_staff()

            after = await it.connect_staff(pid=before.answer["pid"], offset=offset)

            assert after.answer["recovery"] == {"recovered": False, "reason": "unknown"}


async def test_the_pid_of_another_client_recovers_nothing_and_does_no_harm(redis_url: str, redis: Redis) -> None:
    async with realtime_process(redis_url) as it:
        victim = await it.connect_staff()

        thief = await it.connect_staff(token=token("mallory"), pid=victim.answer["pid"])
        await it.publish(1)

        assert thief.answer["recovery"] == {"recovered": False, "reason": "expired"}
        assert await victim.versions(1) == [1]


async def test_a_trimmed_history_is_reported(redis_url: str, redis: Redis) -> None:
    async with realtime_process(redis_url) as it:
        before = await it.connect_staff()
        await it.publish(1)
        await before.versions(1)
        before.vanish()
        await it.publish(2)
        await it.publish(3)
        await eventually(lambda: it.edge.hub.history.bytes > 0)
        await eventually(lambda: _reached_head(it))
        it.edge.hub.history._max_bytes = 0
        it.edge.hub.history.trim()

        after = await it.connect_staff(**before.recovery_auth)

        assert after.answer["recovery"] == {"recovered": False, "reason": "trimmed"}


async def _reached_head(it: RealtimeProcess) -> bool:
    state = await it.bus.state()
    return it.edge.hub.position == state.head


async def test_an_account_suspended_in_the_meantime_is_refused(redis_url: str, redis: Redis) -> None:
    authorities = FakeStaffAuthorities()
    async with realtime_process(redis_url, authorities) as it:
        before = await it.connect_staff()
        before.vanish()
        authorities.refusals["admin"] = StaffSuspended()
        await it.bus.publish([access_changed("admin")])
        await eventually(lambda: _reached_head(it))

        after = await it.try_connect(**before.recovery_auth)

        assert after.refused is not None
        assert after.refused["data"] == {"code": "STAFF_SUSPENDED"}


async def test_the_record_of_a_client_that_left_on_purpose_is_deleted(redis_url: str, redis: Redis) -> None:
    async with realtime_process(redis_url) as it:
        before = await it.connect_staff()
        await before.client.send("41/users,")
        await eventually(lambda: len(it.edge.clients) == 0)
        await eventually(lambda: _forgotten(redis))

        after = await it.connect_staff(**before.recovery_auth)

        assert after.answer["recovery"] == {"recovered": False, "reason": "expired"}


async def _forgotten(redis: Redis) -> bool:
    return not await redis.keys("recovery:*")


async def test_no_secret_is_stored(redis_url: str, redis: Redis) -> None:
    async with realtime_process(redis_url) as it:
        client = await it.connect_staff()

        stored = [key async for key in redis.scan_iter("recovery:*")]
        values = [await redis.hgetall(key) for key in stored]

        secret = client.answer["pid"].partition(".")[2]
        assert stored
        assert secret not in str(stored) + str(values)


async def test_an_answered_ping_confirms_the_events_before_it(redis_url: str, redis: Redis) -> None:
    async with realtime_process(redis_url, ping_interval=0.2, ping_timeout=5) as it:
        client = await it.connect_staff()
        start = it.edge.hub.position
        await it.publish(1)
        await client.versions(1)
        [known] = list(it.edge.clients)

        reading = asyncio.create_task(client.client.receive())  # answers pings
        await eventually(lambda: known.confirmed_offset != start)
        reading.cancel()

        assert client.offset is not None
        assert parse_offset(client.offset) <= parse_offset(known.confirmed_offset) <= parse_offset(it.edge.hub.position)


async def test_a_history_trimmed_during_the_decision_leaves_no_gap(redis_url: str, redis: Redis) -> None:
    authorities = FakeStaffAuthorities()
    async with realtime_process(redis_url, authorities) as it:
        before = await it.connect_staff()
        before.vanish()
        await it.publish(1, 2)
        await eventually(lambda: _reached_head(it))
        await it.bus.publish([access_changed("admin")])  # so that the permissions are queried again
        await eventually(lambda: _reached_head(it))
        authorities.answer_gate = asyncio.Event()
        socket = await it.http.ws_connect(f"{it.url}?EIO=4&transport=websocket")
        await socket.receive()
        await socket.send_str(f"40/users,{json.dumps({'token': token(), **before.recovery_auth})}")
        await eventually(lambda: authorities.queries == 2)

        it.edge.hub.history._max_bytes = 0
        it.edge.hub.history.trim()
        authorities.answer_gate.set()
        await socket.receive()

        assert socket.close_code == 1013
        it.edge.hub.history._max_bytes = 1_000_000
        after = await it.connect_staff(**before.recovery_auth)
        assert after.answer["recovery"] == {"recovered": False, "reason": "trimmed"}


class Floors(StaffNamespace):
    """A room for each permission that begins with `floor:`."""

    name = "/floors"
    permission = "miniprogram-user:view"
    about = Text("楼层", "Floors")
    pushes = ()

    def rooms_of(self, authority: StaffAuthority) -> frozenset[str]:
        return frozenset(each for each in authority.permissions if each.startswith("floor:"))


async def test_a_client_with_more_rooms_starts_anew_and_one_with_fewer_rooms_is_recovered(
    redis_url: str, redis: Redis
) -> None:
    authorities = FakeStaffAuthorities()
    authorities.permissions["ann"] = frozenset({"miniprogram-user:view", "floor:1", "floor:2"})
    async with realtime_process(redis_url, authorities, more=[Floors]) as it:
        before = await it.connect_staff("/floors", token=token("ann"))
        before.vanish()

        authorities.permissions["ann"] -= {"floor:2"}
        await it.bus.publish([access_changed("ann")])
        await eventually(lambda: _reached_head(it))
        narrower = await it.connect_staff("/floors", token=token("ann"), **before.recovery_auth)
        [client] = [each for each in it.edge.clients if each.namespace == "/floors"]
        assert narrower.answer["recovery"] == {"recovered": True}
        assert client.rooms == {"floor:1"}
        narrower.vanish()

        authorities.permissions["ann"] |= {"floor:3"}
        await it.bus.publish([access_changed("ann")])
        await eventually(lambda: _reached_head(it))
        wider = await it.connect_staff("/floors", token=token("ann"), **before.recovery_auth)

        assert wider.answer["recovery"] == {"recovered": False, "reason": "revoked"}
