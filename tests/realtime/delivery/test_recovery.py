"""A client that comes back gets what it missed, on any worker, or is told why not."""

import asyncio
import json

from redis.asyncio import Redis

from domain.shared.authority import StaffAuthority
from domain.shared.events import parse_offset
from domain.shared.text import Text
from domain.staff.model import StaffSuspended
from realtime.namespaces.staff import StaffNamespace
from tests.realtime.harness import until
from tests.realtime.office import Office, Payroll, access_changed, office, settled, token


async def test_a_client_that_drops_gets_exactly_what_it_missed(redis_url: str, redis: Redis) -> None:
    async with office(redis_url) as it:
        before = await it.dashboard()
        await it.publish(1, 2)
        assert await before.versions(2) == [1, 2]
        before.vanish()
        await it.publish(3, 4)

        after = await it.dashboard(**before.memory)
        await it.publish(5)

        assert after.answer["pid"] == before.answer["pid"]
        assert after.answer["recovery"] == {"recovered": True}
        assert await after.versions(3) == [3, 4, 5]


async def test_it_is_recovered_after_no_event_at_all(redis_url: str, redis: Redis) -> None:
    async with office(redis_url) as it:
        before = await it.dashboard()
        before.vanish()

        after = await it.dashboard(**before.memory)

        assert after.answer["recovery"] == {"recovered": True}


async def test_it_is_recovered_on_another_worker_without_reading_the_store(redis_url: str, redis: Redis) -> None:
    async with office(redis_url) as one, office(redis_url, worker="w2") as other:
        before = await one.dashboard()
        await one.publish(1)
        await before.versions(1)
        before.vanish()
        await one.publish(2)

        after = await other.dashboard(**before.memory)

        assert await after.versions(1) == [2]
        assert other.payroll.asked == 0


async def test_a_second_use_of_a_pid_supersedes_the_first(redis_url: str, redis: Redis) -> None:
    async with office(redis_url) as one, office(redis_url, worker="w2") as other:
        first = await one.dashboard()
        second = await other.dashboard(**first.memory)
        third = await other.dashboard(**first.memory)

        await first.client.closed()
        await second.client.closed()
        await one.publish(1)

        assert await third.versions(1) == [1]
        await until(lambda: len(one.edge.clients) == 0 and len(other.edge.clients) == 1)


async def test_an_old_offset_kept_across_a_fresh_start_is_not_taken_for_this_ones(redis_url: str, redis: Redis) -> None:
    async with office(redis_url) as it:
        old = await it.dashboard()
        await it.publish(1)
        await old.versions(1)
        await it.publish(2, 3)
        fresh = await it.dashboard()  # as after a recovery that was refused: new pid, but the offset is kept
        fresh.vanish()

        back = await it.dashboard(pid=fresh.answer["pid"], offset=old.offset)
        await it.publish(4)

        assert back.answer["recovery"] == {"recovered": True}
        assert await back.versions(1) == [4]


async def test_what_cannot_be_recovered_starts_anew_and_is_told_why(redis_url: str, redis: Redis) -> None:
    async with office(redis_url) as it:
        first = await it.dashboard()
        pid = first.answer["pid"]
        epoch = it.edge.hub.epoch
        reasons = {
            "unknown": {"pid": "nonsense"},
            "expired": {"pid": f"{epoch}.{'x' * 43}"},
            "epoch": {"pid": f"{'0' * 12}.{'x' * 43}"},
        }
        for reason, memory in reasons.items():
            back = await it.dashboard(**memory)
            assert back.answer["recovery"] == {"recovered": False, "reason": reason}
            assert back.answer["pid"] not in (pid, memory["pid"])


async def test_garbage_for_an_offset_is_not_believed(redis_url: str, redis: Redis) -> None:
    async with office(redis_url) as it:
        for offset in ("hello", "99999999999999-0", "1-1; DROP", 7, {"$gt": ""}, "-", "1" * 60 + "-0"):
            before = await it.dashboard()

            after = await it.dashboard(pid=before.answer["pid"], offset=offset)

            assert after.answer["recovery"] == {"recovered": False, "reason": "unknown"}


async def test_somebody_elses_pid_opens_nothing_and_harms_nobody(redis_url: str, redis: Redis) -> None:
    async with office(redis_url) as it:
        victim = await it.dashboard()

        thief = await it.dashboard(token=token("mallory"), pid=victim.answer["pid"])
        await it.publish(1)

        assert thief.answer["recovery"] == {"recovered": False, "reason": "expired"}
        assert await victim.versions(1) == [1]


async def test_a_trimmed_history_is_admitted_to(redis_url: str, redis: Redis) -> None:
    async with office(redis_url) as it:
        before = await it.dashboard()
        await it.publish(1)
        await before.versions(1)
        before.vanish()
        await it.publish(2)
        await it.publish(3)
        await until(lambda: it.edge.hub.history.bytes > 0)
        await settled(lambda: _reached_head(it))
        it.edge.hub.history._max_bytes = 0
        it.edge.hub.history.trim()

        after = await it.dashboard(**before.memory)

        assert after.answer["recovery"] == {"recovered": False, "reason": "trimmed"}


async def _reached_head(it: Office) -> bool:
    state = await it.bus.state()
    return it.edge.hub.position == state.head


async def test_whoever_was_suspended_meanwhile_is_refused(redis_url: str, redis: Redis) -> None:
    payroll = Payroll()
    async with office(redis_url, payroll) as it:
        before = await it.dashboard()
        before.vanish()
        payroll.refusals["admin"] = StaffSuspended()
        await it.bus.publish([access_changed("admin")])
        await settled(lambda: _reached_head(it))

        after = await it.knock(**before.memory)

        assert after.refused is not None
        assert after.refused["data"] == {"code": "STAFF_SUSPENDED"}


async def test_a_client_that_left_on_purpose_is_forgotten(redis_url: str, redis: Redis) -> None:
    async with office(redis_url) as it:
        before = await it.dashboard()
        await before.client.send("41/users,")
        await until(lambda: len(it.edge.clients) == 0)
        await settled(lambda: _forgotten(redis))

        after = await it.dashboard(**before.memory)

        assert after.answer["recovery"] == {"recovered": False, "reason": "expired"}


async def _forgotten(redis: Redis) -> bool:
    return not await redis.keys("recovery:*")


async def test_no_secret_is_stored(redis_url: str, redis: Redis) -> None:
    async with office(redis_url) as it:
        client = await it.dashboard()

        stored = [key async for key in redis.scan_iter("recovery:*")]
        values = [await redis.hgetall(key) for key in stored]

        secret = client.answer["pid"].partition(".")[2]
        assert stored
        assert secret not in str(stored) + str(values)


async def test_an_answered_ping_proves_what_arrived(redis_url: str, redis: Redis) -> None:
    async with office(redis_url, ping_interval=0.2, ping_timeout=5) as it:
        client = await it.dashboard()
        start = it.edge.hub.position
        await it.publish(1)
        await client.versions(1)
        [known] = list(it.edge.clients)

        reading = asyncio.create_task(client.client.receive())  # answers pings
        await until(lambda: known.confirmed_offset != start)
        reading.cancel()

        assert client.offset is not None
        assert parse_offset(client.offset) <= parse_offset(known.confirmed_offset) <= parse_offset(it.edge.hub.position)


async def test_a_history_that_is_cut_while_a_client_is_checked_leaves_no_hole(redis_url: str, redis: Redis) -> None:
    payroll = Payroll()
    async with office(redis_url, payroll) as it:
        before = await it.dashboard()
        before.vanish()
        await it.publish(1, 2)
        await settled(lambda: _reached_head(it))
        await it.bus.publish([access_changed("admin")])  # so that the store has to be asked
        await settled(lambda: _reached_head(it))
        payroll.gate = asyncio.Event()
        socket = await it.http.ws_connect(f"{it.url}?EIO=4&transport=websocket")
        await socket.receive()
        await socket.send_str(f"40/users,{json.dumps({'token': token(), **before.memory})}")
        await until(lambda: payroll.asked == 2)

        it.edge.hub.history._max_bytes = 0
        it.edge.hub.history.trim()
        payroll.gate.set()
        await socket.receive()

        assert socket.close_code == 1013
        it.edge.hub.history._max_bytes = 1_000_000
        after = await it.dashboard(**before.memory)
        assert after.answer["recovery"] == {"recovered": False, "reason": "trimmed"}


class Floors(StaffNamespace):
    """A room for each permission that begins with `floor:`."""

    name = "/floors"
    permission = "miniprogram-user:view"
    about = Text("楼层", "Floors")
    pushes = ()

    def rooms_of(self, authority: StaffAuthority) -> frozenset[str]:
        return frozenset(each for each in authority.permissions if each.startswith("floor:"))


async def test_whoever_may_see_more_than_before_starts_anew_and_whoever_may_see_less_goes_on(
    redis_url: str, redis: Redis
) -> None:
    payroll = Payroll()
    payroll.permissions["ann"] = frozenset({"miniprogram-user:view", "floor:1", "floor:2"})
    async with office(redis_url, payroll, more=[Floors]) as it:
        before = await it.dashboard("/floors", token=token("ann"))
        before.vanish()

        payroll.permissions["ann"] -= {"floor:2"}
        await it.bus.publish([access_changed("ann")])
        await settled(lambda: _reached_head(it))
        narrower = await it.dashboard("/floors", token=token("ann"), **before.memory)
        [client] = [each for each in it.edge.clients if each.namespace == "/floors"]
        assert narrower.answer["recovery"] == {"recovered": True}
        assert client.rooms == {"floor:1"}
        narrower.vanish()

        payroll.permissions["ann"] |= {"floor:3"}
        await it.bus.publish([access_changed("ann")])
        await settled(lambda: _reached_head(it))
        wider = await it.dashboard("/floors", token=token("ann"), **before.memory)

        assert wider.answer["recovery"] == {"recovered": False, "reason": "revoked"}
