"""The hub delivers in order and once, its history is bounded, and one bad event does not stop it."""

from datetime import UTC, datetime

from redis.asyncio import Redis

from domain.shared.events import STREAM_START, StreamEntry
from domain.users.events import UserChanged
from realtime.delivery.history import History
from realtime.socketio.delivery import Delivery
from tests.realtime.realtime_process import realtime_process, user_changed
from tests.waiting import eventually


def a_delivery(offset: str, room: str = "staff", namespace: str = "/users") -> Delivery:
    return Delivery(namespace, (room,), "happened", {"offset": offset}, offset=offset)


def now_ms() -> int:
    return int(datetime.now(UTC).timestamp() * 1000)


def test_history_returns_the_events_of_the_rooms_after_an_offset() -> None:
    history, start = History(1_000_000, 600), now_ms()
    for number in range(10):
        history.add(a_delivery(f"{start}-{number}", room="odd" if number % 2 else "even"), 10)

    missed = history.missed("/users", {"odd"}, f"{start}-4")

    assert [delivery.offset for delivery in missed] == [f"{start}-{number}" for number in (5, 7, 9)]
    assert history.missed("/elsewhere", {"odd"}, STREAM_START) == ()


def test_history_is_bounded_by_bytes_and_tells_from_where_it_is_complete() -> None:
    history, start = History(1000, 600), now_ms()
    for number in range(5000):
        history.add(a_delivery(f"{start}-{number}"), 10)

    assert history.bytes <= 1000
    assert history.complete_after == f"{start}-4899"
    assert len(history.missed("/users", {"staff"}, STREAM_START)) == 100
    assert history.covers(f"{start}-4899")
    assert not history.covers(f"{start}-4898")


def test_history_drops_events_that_are_too_old() -> None:
    history, start = History(1_000_000, 600), now_ms()
    history.add(a_delivery(f"{start - 700_000}-0"), 10)
    history.add(a_delivery(f"{start}-0"), 10)

    assert [each.offset for each in history.missed("/users", {"staff"}, STREAM_START)] == [f"{start}-0"]


async def test_a_process_that_starts_has_the_events_from_before(redis_url: str, redis: Redis) -> None:
    async with realtime_process(redis_url) as one:
        before = await one.connect_staff()
        await one.publish(1)
        await before.versions(1)
        before.vanish()
        await one.publish(2, 3)
        async with realtime_process(redis_url, process_id="late") as late:
            after = await late.connect_staff(**before.recovery_auth)

            assert await after.versions(2) == [2, 3]


async def test_one_event_that_cannot_be_shown_does_not_stop_the_others(redis_url: str, redis: Redis) -> None:
    async with realtime_process(redis_url) as it:

        def broken(entry: StreamEntry) -> list[Delivery]:
            assert isinstance(entry.event, UserChanged)
            if entry.event.version == 2:
                raise RuntimeError("cannot show this")
            return []

        it.edge.hub.translate(UserChanged, broken)
        client = await it.connect_staff()

        await it.publish(1, 2, 3)
        assert await client.versions(3) == [1, 2, 3]


async def test_a_stream_that_lost_its_data_makes_every_client_start_anew(redis_url: str, redis: Redis) -> None:
    async with realtime_process(redis_url) as it:
        client = await it.connect_staff()
        await it.publish(1)
        await client.versions(1)

        await redis.flushdb()
        await client.client.closed()

        back = await it.connect_staff(**client.recovery_auth)
        assert back.answer["recovery"] == {"recovered": False, "reason": "epoch"}
        await it.publish(2)
        assert await back.versions(1) == [2]


async def test_an_offset_that_another_process_has_passed_is_awaited(redis_url: str, redis: Redis) -> None:
    async with realtime_process(redis_url) as it:
        await it.bus.publish([user_changed(1)])
        head = (await it.bus.state()).head

        assert await it.edge.hub.reached(head, 5)
        assert not await it.edge.hub.reached(f"{now_ms() + 60_000}-0", 0.05)


async def test_lag_and_history_are_measured(redis_url: str, redis: Redis) -> None:
    async with realtime_process(redis_url) as it:
        await it.publish(1)
        await eventually(lambda: it.count("bus_lag_seconds_count") > 0)

        assert it.count("hub_history_bytes") > 0
        assert it.count("bus_published_total") >= 1


async def test_a_client_removed_by_an_event_receives_it_and_no_later_one(redis_url: str, redis: Redis) -> None:
    async with realtime_process(redis_url) as it:
        stays, goes = await it.connect_staff(), await it.connect_staff()

        def remove(entry: StreamEntry) -> None:
            if isinstance(entry.event, UserChanged) and entry.event.version == 2:
                it.edge.server.leave(goes.answer["sid"], "/users", "staff")

        it.edge.hub.listen(UserChanged, remove)

        await it.publish(1, 2, 3)
        assert await stays.versions(3) == [1, 2, 3]
        it.edge.server.enter(goes.answer["sid"], "/users", "staff")
        await it.publish(4)

        assert await goes.versions(3) == [1, 2, 4]
