"""Staff namespaces: authentication, permissions, the end of a connection, and error answers."""

import asyncio
import random
from datetime import UTC, datetime

from redis.asyncio import Redis

from domain.presence.events import DisconnectRequested
from domain.staff.model import StaffSuspended
from tests.realtime.realtime_process import (
    BRIEF_TOKENS,
    IDS,
    FakeStaffAuthorities,
    RealtimeProcess,
    access_changed,
    realtime_process,
    token,
)
from tests.waiting import eventually


async def test_a_client_without_a_valid_token_is_refused(redis_url: str, redis: Redis) -> None:
    async with realtime_process(redis_url) as it:
        wrong = {
            "NOT_AUTHENTICATED": None,
            "INVALID_TOKEN": "forged",
            "SESSION_ENDED": token(session_id="ended"),
            "TOKEN_EXPIRED": BRIEF_TOKENS.issue("staff", "a", "s", datetime(2020, 1, 1, tzinfo=UTC))[0],
        }
        for code, shown in wrong.items():
            visitor = await it.try_connect(token=shown)
            assert visitor.refused is not None
            assert visitor.refused["data"] == {"code": code}
        for strange in (7, ["x"], {"a": 1}, "x" * 9000, "\ud800"):
            visitor = await it.try_connect(token=strange)
            assert visitor.refused is not None
            assert visitor.refused["data"]["code"] == "INVALID_TOKEN"


async def test_a_token_of_a_mini_program_user_is_refused(redis_url: str, redis: Redis) -> None:
    async with realtime_process(redis_url) as it:
        visitor = await it.try_connect(token=BRIEF_TOKENS.issue("mp", "a", "s", datetime.now(UTC))[0])

        assert visitor.refused is not None
        assert visitor.refused["data"] == {"code": "INVALID_TOKEN"}


async def test_each_namespace_requires_its_own_permission(redis_url: str, redis: Redis) -> None:
    authorities = FakeStaffAuthorities()
    authorities.permissions["ann"] = frozenset({"miniprogram-user:view"})
    async with realtime_process(redis_url, authorities) as it:
        await it.connect_staff("/users", token=token("ann"))
        refused = await it.try_connect("/connections", token=token("ann"))

        assert refused.refused is not None
        assert refused.refused["data"] == {"code": "PERMISSION_DENIED"}


async def test_the_token_may_come_in_a_header(redis_url: str, redis: Redis) -> None:
    async with realtime_process(redis_url) as it:
        headers = {"Authorization": f"Bearer {token()}"}
        socket = await it.http.ws_connect(f"{it.url}?EIO=4&transport=websocket", headers=headers)
        await socket.receive()
        await socket.send_str("40/users,")

        assert (await socket.receive()).data.startswith("40/users,{")


async def test_a_connection_ends_with_its_token_unless_a_fresh_one_is_sent(redis_url: str, redis: Redis) -> None:
    async with realtime_process(redis_url) as it:
        brief = token(tokens=BRIEF_TOKENS)
        careless, careful = await it.connect_staff(token=brief), await it.connect_staff(token=brief)

        answer = await careful.ask("authenticate", {"token": token()})
        await careless.client.closed()
        await it.publish(1)

        assert answer["ok"] is True
        assert await careful.versions(1) == [1]
        assert it.count("realtime_closes_total", reason="token_expired") == 1


async def test_authenticate_accepts_only_a_token_of_the_same_account(redis_url: str, redis: Redis) -> None:
    async with realtime_process(redis_url) as it:
        ann = await it.connect_staff(token=token("ann"))

        other = await ann.ask("authenticate", {"token": token("bob")})
        shapeless = await ann.ask("authenticate", {"tokken": "x"})
        absent = await ann.ask("authenticate", None)

        assert other["error"]["code"] == "INVALID_TOKEN"
        assert shapeless["error"]["code"] == absent["error"]["code"] == "INVALID_PAYLOAD"
        assert {field["field"] for field in shapeless["error"]["details"]["fields"]} == {"token", "tokken"}


async def test_a_suspended_account_is_disconnected_at_once(redis_url: str, redis: Redis) -> None:
    authorities = FakeStaffAuthorities()
    async with realtime_process(redis_url, authorities) as it:
        ann, bob = await it.connect_staff(token=token("ann")), await it.connect_staff(token=token("bob"))
        authorities.refusals["ann"] = StaffSuspended()

        await it.bus.publish([access_changed("ann")])
        await ann.client.closed()
        await it.publish(1)

        assert await bob.versions(1) == [1]


async def test_only_the_session_that_ended_is_closed(redis_url: str, redis: Redis) -> None:
    authorities = FakeStaffAuthorities()
    async with realtime_process(redis_url, authorities) as it:
        first, second = (
            await it.connect_staff(token=token(session_id="a")),
            await it.connect_staff(token=token(session_id="b")),
        )
        asked = authorities.queries

        await it.bus.publish([access_changed("admin", session_id="a")])
        await eventually(lambda: authorities.queries == asked + 1)
        await it.publish(1)

        assert await first.versions(1) == await second.versions(1) == [1]


async def test_a_revoked_permission_closes_the_connection(redis_url: str, redis: Redis) -> None:
    authorities = FakeStaffAuthorities()
    async with realtime_process(redis_url, authorities) as it:
        ann = await it.connect_staff(token=token("ann"))
        authorities.permissions["ann"] = frozenset()

        await it.bus.publish([access_changed("ann")])
        await ann.client.closed()

        back = await it.try_connect(token=token("ann"), **ann.recovery_auth)
        assert back.refused is not None
        assert back.refused["data"] == {"code": "PERMISSION_DENIED"}


async def test_while_permissions_are_unavailable_clients_are_told_to_try_again(redis_url: str, redis: Redis) -> None:
    authorities = FakeStaffAuthorities()
    async with realtime_process(redis_url, authorities) as it:
        authorities.unavailable = True
        socket = await it.http.ws_connect(f"{it.url}?EIO=4&transport=websocket")
        await socket.receive()
        await socket.send_str(f'40/users,{{"token":"{token("new")}"}}')

        await socket.receive()

        assert socket.close_code == 1013


async def test_forced_offline_disconnects_and_deletes_the_record(redis_url: str, redis: Redis) -> None:
    async with realtime_process(redis_url) as it:
        ann = await it.connect_staff(token=token("ann"))
        await eventually(lambda: _listed(it))
        [listed] = await it.presence_store.all()

        await it.bus.publish(
            [
                DisconnectRequested(
                    id=IDS.next_id(), at=datetime.now(UTC), connection_id=listed.id, reason="r", by="Boss"
                )
            ]
        )

        assert await ann.event() == ("forcedOffline", {"reason": "r", "by": "Boss"})
        assert await ann.client.receive() == "41/users,"
        await ann.client.closed()
        await eventually(lambda: _forgotten(redis))


async def _listed(it: RealtimeProcess) -> bool:
    return len(await it.presence_store.all()) == 1


async def _forgotten(redis: Redis) -> bool:
    return not await redis.keys("recovery:*")


async def test_no_interleaving_of_decision_and_event_shows_an_event_to_a_refused_client(
    redis_url: str, redis: Redis
) -> None:
    chance = random.Random(20261124)
    authorities = FakeStaffAuthorities()
    async with realtime_process(redis_url, authorities) as it:
        for number in range(40):
            name = f"visitor{number}"
            authorities.answer_gate = asyncio.Event()
            if refused := chance.random() < 0.5:
                authorities.refusals[name] = StaffSuspended()
            connecting = asyncio.create_task(it.try_connect(token=token(name)))
            await asyncio.sleep(chance.choice([0, 0.002, 0.005]))
            await it.publish(number)
            await asyncio.sleep(chance.choice([0, 0.002]))
            authorities.answer_gate.set()
            visitor = await connecting  # the first thing it received was the answer to its CONNECT
            assert (visitor.refused is not None) == refused
            visitor.vanish()
