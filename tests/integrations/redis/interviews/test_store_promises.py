"""The promises of the stores of live interviews, checked on Redis and on the in-memory stores of the domain tests."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis

from domain.interviews.errors import NotJoined, PeerOffline
from domain.interviews.events import LiveRoomPushed
from domain.interviews.live.room import LiveRoom, Seat, live_room_of
from domain.interviews.media.ports import MediaPresence, MediaUserIds
from domain.interviews.media.reports import MediaReport, MediaReportKind
from domain.interviews.polling.deadlines import PollingDeadlines
from domain.interviews.ports import AppProcessRegistry, LiveRoomStore, PeerMessage, PeerRelay, PeerRoute
from domain.shared.errors import Conflict
from domain.shared.events import parse_offset
from integrations.redis.bus import StreamBus
from integrations.redis.interviews.app_processes import RedisAppProcessRegistry
from integrations.redis.interviews.live_rooms import RedisLiveRoomStore
from integrations.redis.interviews.media_presence import RedisMediaPresence
from integrations.redis.interviews.media_user_ids import RedisMediaUserIds
from integrations.redis.interviews.peer_relay import RedisPeerRelay, relay_reader
from integrations.redis.interviews.polling_deadlines import RedisPollingDeadlines
from tests.domain.interviews.builders import NOW, a_room, later
from tests.domain.interviews.memory import (
    MemoryAppProcesses,
    MemoryLiveRooms,
    MemoryMediaPresence,
    MemoryMediaUserIds,
    MemoryPeerRelay,
    MemoryPollingDeadlines,
)
from tests.integrations.clocks import SettableClock
from tests.waiting import eventually

OPENED, CLOSED, ENTERED, LEFT = MediaReportKind
FIRST, SECOND = "6913423840437768191", "6913423840437768192"
HOST, GUEST = (f"p{digit * 20}" for digit in "ab")
HEARTBEATS = "interview:workers"


@dataclass
class Stores:
    rooms: LiveRoomStore
    relay: PeerRelay
    processes: AppProcessRegistry
    presence: MediaPresence
    user_ids: MediaUserIds
    polling_deadlines: PollingDeadlines
    age_heartbeats: Callable[[float], Awaitable[None]]
    """Lets all heartbeats so far be this many seconds older."""


def memory_stores() -> Stores:
    rooms, clock = MemoryLiveRooms(), SettableClock()

    async def age_heartbeats(seconds: float) -> None:
        clock.advance(seconds)

    return Stores(
        rooms=rooms,
        relay=MemoryPeerRelay(rooms),
        processes=MemoryAppProcesses(clock),
        presence=MemoryMediaPresence(),
        user_ids=MemoryMediaUserIds(),
        polling_deadlines=MemoryPollingDeadlines(),
        age_heartbeats=age_heartbeats,
    )


def redis_stores(redis: Redis, reader: Redis) -> Stores:
    async def age_heartbeats(seconds: float) -> None:
        processes: list[bytes] = await redis.zrange(HEARTBEATS, 0, -1)  # type: ignore[assignment]
        for process in processes:
            await redis.zincrby(HEARTBEATS, -seconds * 1000, process)

    return Stores(
        rooms=RedisLiveRoomStore(redis, StreamBus(redis, redis, CollectorRegistry())),
        relay=RedisPeerRelay(redis, reader),
        processes=RedisAppProcessRegistry(redis),
        presence=RedisMediaPresence(redis),
        user_ids=RedisMediaUserIds(redis),
        polling_deadlines=RedisPollingDeadlines(redis),
        age_heartbeats=age_heartbeats,
    )


@pytest.fixture(params=["redis", "memory"])
async def stores(request: pytest.FixtureRequest, redis: Redis, redis_url: str) -> AsyncIterator[Stores]:
    reader = relay_reader(redis_url)
    yield memory_stores() if request.param == "memory" else redis_stores(redis, reader)
    await reader.aclose()


def a_live_room(version: int = 1, room_id: str = "room_1", **fields: Any) -> LiveRoom:
    return live_room_of(a_room(room_id=room_id), NOW).with_changes(version=version, **fields)


def a_seat(participant_id: str, rank: int, connection: str = "", process: str = "process-1", **fields: Any) -> Seat:
    given: dict[str, Any] = {"role": "guest", "identity": "customer", "admitted": True, **fields}
    return Seat(
        participant_id=participant_id,
        name="客户",
        rank=rank,
        joined_at=NOW,
        connection=connection,
        process=process,
        recovery_id=f"recovery-{rank}",
        attached_at=NOW,
        **given,
    )


def a_push(number: int) -> LiveRoomPushed:
    return LiveRoomPushed(id=f"{number:024x}", at=NOW, room_id="room_1", event="roomState", rooms=("r:1",), payload={})


class TestLiveRoomStore:
    async def test_a_saved_room_is_loaded_with_all_its_parts(self, stores: Stores) -> None:
        room = a_live_room(seats=(a_seat(GUEST, 1, "c1", unlocked=("mic",)),), known_guests={GUEST: "invite"})

        head = await stores.rooms.save(room, 0, [a_push(1)])

        stored = await stores.rooms.load("room_1")
        assert (stored.room, stored.head, stored.command_result) == (room, head, None)
        assert (await stores.rooms.load("room_2")).room is None

    async def test_the_head_grows_with_each_published_event(self, stores: Stores) -> None:
        heads = [(await stores.rooms.load("room_1")).head]

        for version in (1, 2):
            heads.append(await stores.rooms.save(a_live_room(version), version - 1, [a_push(version)]))
        unchanged = await stores.rooms.save(a_live_room(3), 2, [])

        assert sorted(set(heads), key=parse_offset) == heads
        assert unchanged == heads[-1]

    async def test_a_save_over_another_version_is_a_conflict(self, stores: Stores) -> None:
        await stores.rooms.save(a_live_room(5), 0, [])

        for before in (0, 4, 6):
            with pytest.raises(Conflict):
                await stores.rooms.save(a_live_room(7), before, [a_push(1)])

        stored = await stores.rooms.load("room_1")
        assert stored.room == a_live_room(5)
        assert stored.head == "0-0"

    async def test_one_of_many_concurrent_saves_succeeds(self, stores: Stores) -> None:
        await stores.rooms.save(a_live_room(1), 0, [])

        saves = [stores.rooms.save(a_live_room(version), 1, []) for version in range(2, 10)]
        outcomes = await asyncio.gather(*saves, return_exceptions=True)

        assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 7

    async def test_a_command_is_stored_once_with_its_result(self, stores: Stores) -> None:
        await stores.rooms.save(a_live_room(1), 0, [], "one", '{"id":1}')
        await stores.rooms.save(a_live_room(2), 1, [], "without result")

        with pytest.raises(Conflict):
            await stores.rooms.save(a_live_room(3), 2, [], "one", '{"id":2}')

        results = [
            (await stores.rooms.load(room_id, command)).command_result
            for room_id, command in (
                *(("room_1", "one"), ("room_1", "without result"), ("room_1", "two")),
                *(("room_1", ""), ("room_2", "one")),
            )
        ]
        assert results == ['{"id":1}', "", None, None, None]

    async def test_a_room_is_due_once_its_next_deadline_has_passed(self, stores: Stores) -> None:
        room = a_live_room(grace_ends_at=later(600))
        await stores.rooms.save(room, 0, [])

        assert await stores.rooms.claim_due(later(599), 10) == []
        assert await stores.rooms.claim_due(later(600), 10) == ["room_1"]

    async def test_a_claimed_room_is_due_again_after_some_seconds(self, stores: Stores) -> None:
        await stores.rooms.save(a_live_room(), 0, [])
        await stores.rooms.claim_due(later(600), 10)

        assert await stores.rooms.claim_due(later(601), 10) == []
        assert await stores.rooms.claim_due(later(605), 10) == ["room_1"]

    async def test_a_save_moves_the_deadline(self, stores: Stores) -> None:
        await stores.rooms.save(a_live_room(1), 0, [])

        await stores.rooms.save(a_live_room(2, grace_ends_at=later(900)), 1, [])

        assert await stores.rooms.claim_due(later(899), 10) == []
        assert await stores.rooms.claim_due(later(900), 10) == ["room_1"]

    async def test_the_rooms_that_are_due_longest_come_first(self, stores: Stores) -> None:
        for number in (3, 1, 2):
            room = a_live_room(room_id=f"room_{number}", grace_ends_at=later(number))
            await stores.rooms.save(room, 0, [])

        assert await stores.rooms.room_ids() == ["room_1", "room_2", "room_3"]
        assert await stores.rooms.claim_due(later(10), 2) == ["room_1", "room_2"]

    async def test_a_dropped_deadline_is_never_due(self, stores: Stores) -> None:
        await stores.rooms.save(a_live_room(), 0, [])

        await stores.rooms.drop_deadline("room_1")

        assert await stores.rooms.claim_due(later(10**6), 10) == []
        assert await stores.rooms.room_ids() == []

    async def test_an_ended_room_without_entries_has_no_deadline(self, stores: Stores) -> None:
        await stores.rooms.save(a_live_room(1), 0, [])

        await stores.rooms.save(a_live_room(2, ended_at=NOW), 1, [])

        assert await stores.rooms.room_ids() == []


class Inbox:
    """The messages that app processes received."""

    def __init__(self, stores: Stores) -> None:
        self._relay = stores.relay
        self._running = AsyncExitStack()
        self.received: dict[str, list[PeerMessage]] = {}

    async def listen(self, process: str) -> None:
        self.received[process] = []
        task = asyncio.create_task(self._relay.follow(process, self.received[process].append))

        async def stop() -> None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

        self._running.push_async_callback(stop)

    async def close(self) -> None:
        await self._running.aclose()


@pytest.fixture
async def inbox(stores: Stores) -> AsyncIterator[Inbox]:
    inbox = Inbox(stores)
    yield inbox
    await inbox.close()


def route(sender: str = HOST, connection: str = "c1", to: str = GUEST) -> PeerRoute:
    return PeerRoute(room_id="room_1", sender_id=sender, sender_connection=connection, to=to, event="offer")


async def sent(stores: Stores, message: PeerRoute, **payload: object) -> None:
    """Sends as soon as the process of the receiver listens."""

    async def is_sent() -> bool:
        try:
            await stores.relay.send(message, payload)
        except PeerOffline:
            return False
        return True

    await eventually(is_sent)


class TestPeerRelay:
    async def test_a_message_reaches_the_process_of_its_receiver_only(self, stores: Stores, inbox: Inbox) -> None:
        seats = (a_seat(HOST, 1, "c1", "process-1"), a_seat(GUEST, 2, "c2", "process-2"))
        await stores.rooms.save(a_live_room(seats=seats), 0, [])
        for process in ("process-1", "process-2"):
            await inbox.listen(process)

        await sent(stores, route(), sdp="v=0 您好")
        await sent(stores, route(GUEST, "c2", HOST), sdp="v=1")

        [at_guest] = await eventually(lambda: inbox.received["process-2"])
        [at_host] = await eventually(lambda: inbox.received["process-1"])
        assert (at_guest.room_id, at_guest.connection, at_guest.event) == ("room_1", "c2", "offer")
        assert json.loads(at_guest.payload) == {"sdp": "v=0 您好"}
        assert (at_guest.polite, at_host.polite) == (True, False)

    @pytest.mark.parametrize(
        "seats",
        [
            (),
            (a_seat(HOST, 1, "another device"),),
            (a_seat(HOST, 1, ""),),
            (a_seat(HOST, 1, "c1", admitted=False),),
        ],
        ids=["no seat", "superseded", "disconnected", "in the lobby"],
    )
    async def test_a_sender_without_a_connected_seat_is_refused(
        self, stores: Stores, inbox: Inbox, seats: tuple[Seat, ...]
    ) -> None:
        await inbox.listen("process-1")
        await stores.rooms.save(a_live_room(seats=(*seats, a_seat(GUEST, 2, "c2"))), 0, [])

        with pytest.raises(NotJoined):
            await stores.relay.send(route(), {})

    @pytest.mark.parametrize(
        "seats",
        [
            (),
            (a_seat(GUEST, 2, ""),),
            (a_seat(GUEST, 2, "c2", admitted=False),),
            (a_seat(GUEST, 2, "c2", "process-9"),),
        ],
        ids=["no seat", "disconnected", "in the lobby", "at a process that does not listen"],
    )
    async def test_a_receiver_without_a_connected_seat_is_offline(
        self, stores: Stores, inbox: Inbox, seats: tuple[Seat, ...]
    ) -> None:
        await inbox.listen("process-1")
        await stores.rooms.save(a_live_room(seats=(a_seat(HOST, 1, "c1"), *seats)), 0, [])

        with pytest.raises(PeerOffline):
            await stores.relay.send(route(), {})

    async def test_a_participant_cannot_send_to_itself(self, stores: Stores, inbox: Inbox) -> None:
        await inbox.listen("process-1")
        await stores.rooms.save(a_live_room(seats=(a_seat(HOST, 1, "c1"),)), 0, [])

        with pytest.raises(PeerOffline):
            await stores.relay.send(route(to=HOST), {})

    async def test_the_seats_at_the_moment_of_sending_decide(self, stores: Stores) -> None:
        seats = (a_seat(HOST, 1, "c1"), a_seat(GUEST, 2, "c2"))
        await stores.rooms.save(a_live_room(1, seats=seats), 0, [])

        await stores.rooms.save(a_live_room(2, seats=seats[1:]), 1, [])

        with pytest.raises(NotJoined):
            await stores.relay.send(route(), {})


class TestAppProcessRegistry:
    async def test_the_first_heartbeat_of_a_process_is_not_continuous(self, stores: Stores) -> None:
        beats = [await stores.processes.heartbeat("process-1") for _ in range(3)]

        assert beats == [False, True, True]

    async def test_a_process_is_lost_when_its_heartbeat_is_overdue(self, stores: Stores) -> None:
        await stores.processes.heartbeat("process-1")
        await stores.age_heartbeats(5)
        await stores.processes.heartbeat("process-2")
        assert await stores.processes.lost() == []

        await stores.age_heartbeats(5)

        assert [lost.process for lost in await stores.processes.lost()] == ["process-1"]

    async def test_a_lost_process_is_reported_until_it_is_forgotten(self, stores: Stores) -> None:
        await stores.processes.heartbeat("process-1")
        await stores.age_heartbeats(10)
        reports = [await stores.processes.lost() for _ in range(2)]

        await stores.processes.forget_lost("process-1")

        assert reports[0] == reports[1] != []
        assert await stores.processes.lost() == []

    async def test_a_process_that_was_declared_lost_learns_it_at_its_next_heartbeat(self, stores: Stores) -> None:
        await stores.processes.heartbeat("process-1")
        await stores.processes.heartbeat("process-1")
        await stores.age_heartbeats(10)
        await stores.processes.lost()

        beats = [await stores.processes.heartbeat("process-1") for _ in range(2)]

        assert beats == [False, True]

    async def test_a_withdrawn_process_is_never_lost(self, stores: Stores) -> None:
        for process in ("process-1", "process-2"):
            await stores.processes.heartbeat(process)
        await stores.processes.withdraw("process-1")
        await stores.age_heartbeats(10)
        await stores.processes.lost()

        await stores.processes.withdraw("process-2")

        assert await stores.processes.lost() == []


BEGIN = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)


def report(
    kind: MediaReportKind, user: str = "", login: str = "", seconds: float = 0, incarnation: str = FIRST
) -> MediaReport:
    return MediaReport(
        kind=kind,
        room_id="room_a",
        incarnation=incarnation,
        user_id=user,
        login=login,
        at=BEGIN + timedelta(seconds=seconds),
    )


class TestMediaPresence:
    async def test_a_user_is_present_from_entering_until_leaving(self, stores: Stores) -> None:
        assert await stores.presence.apply(report(OPENED))
        assert await stores.presence.apply(report(ENTERED, "host", "1"))
        assert await stores.presence.apply(report(ENTERED, "guest", "2"))
        assert await stores.presence.apply(report(LEFT, "guest", "2", 5))

        assert await stores.presence.users("room_a") == {"host"}
        assert await stores.presence.users("room_b") == frozenset()

    async def test_a_repeated_report_is_no_news(self, stores: Stores) -> None:
        reports = [
            *(report(OPENED), report(ENTERED, "guest", "1")),
            *(report(LEFT, "guest", "1", 5), report(CLOSED, seconds=6)),
        ]

        for each in reports:
            assert await stores.presence.apply(each)
            assert not await stores.presence.apply(each)

    async def test_judging_a_report_stores_nothing(self, stores: Stores) -> None:
        for _ in range(2):
            assert await stores.presence.is_news(report(ENTERED, "guest", "1"))

        assert await stores.presence.users("room_a") == frozenset()
        await stores.presence.apply(report(ENTERED, "guest", "1"))
        assert not await stores.presence.is_news(report(ENTERED, "guest", "1"))

    async def test_reports_of_an_earlier_incarnation_change_nothing(self, stores: Stores) -> None:
        await stores.presence.apply(report(ENTERED, "guest", "1", incarnation=FIRST))
        await stores.presence.apply(report(ENTERED, "guest", "2", 10, incarnation=SECOND))

        assert not await stores.presence.apply(report(CLOSED, seconds=9, incarnation=FIRST))
        assert not await stores.presence.apply(report(LEFT, "guest", "1", 9, incarnation=FIRST))
        assert await stores.presence.users("room_a") == {"guest"}

    async def test_incarnations_are_compared_as_numbers_of_any_length(self, stores: Stores) -> None:
        await stores.presence.apply(report(ENTERED, "guest", "1", incarnation="10000000000000000001"))

        assert not await stores.presence.apply(report(CLOSED, incarnation="9999999999999999999"))
        assert not await stores.presence.apply(report(CLOSED, incarnation="10000000000000000000"))

    async def test_a_closed_room_is_empty_until_its_next_incarnation(self, stores: Stores) -> None:
        await stores.presence.apply(report(ENTERED, "guest", "1"))
        await stores.presence.apply(report(CLOSED, seconds=5))

        assert await stores.presence.users("room_a") == frozenset()
        assert not await stores.presence.apply(report(ENTERED, "late", "2", 4))
        assert await stores.presence.apply(report(ENTERED, "guest", "3", 9, incarnation=SECOND))
        assert await stores.presence.users("room_a") == {"guest"}

    @pytest.mark.parametrize("order", list(permutations(range(3))))
    async def test_the_end_of_a_first_log_in_does_not_end_the_second_in_any_order(
        self, stores: Stores, order: tuple[int, ...]
    ) -> None:
        reports = [
            report(ENTERED, "guest", "1", 0),
            report(LEFT, "guest", "1", 10),
            report(ENTERED, "guest", "2", 10),
        ]

        for index in order:
            await stores.presence.apply(reports[index])

        assert await stores.presence.users("room_a") == {"guest"}

    @pytest.mark.parametrize("order", list(permutations(range(2))))
    async def test_a_user_who_has_left_is_absent_in_any_order(self, stores: Stores, order: tuple[int, ...]) -> None:
        reports = [report(ENTERED, "guest", "1", 0), report(LEFT, "guest", "1", 10)]

        for index in order:
            await stores.presence.apply(reports[index])

        assert await stores.presence.users("room_a") == frozenset()

    async def test_an_answer_of_the_server_counts_unless_a_report_is_newer(self, stores: Stores) -> None:
        await stores.presence.apply(report(ENTERED, "left without a report", "1", 0))
        await stores.presence.apply(report(ENTERED, "stayed", "2", 0))
        await stores.presence.apply(report(ENTERED, "entered just now", "3", 31))

        users = ["stayed", "entered without a report"]
        await stores.presence.reconcile("room_a", users, BEGIN + timedelta(seconds=30))

        assert await stores.presence.users("room_a") == {*users, "entered just now"}

    async def test_an_answer_about_an_unknown_room_is_adopted(self, stores: Stores) -> None:
        await stores.presence.reconcile("room_a", ["guest"], BEGIN)

        assert await stores.presence.users("room_a") == {"guest"}


class TestMediaUserIds:
    async def test_an_id_belongs_to_the_first_participant_who_claims_it(self, stores: Stores) -> None:
        claims = [
            await stores.user_ids.claim(room_id, "user_1777", participant_id)
            for room_id, participant_id in (("room_a", GUEST), ("room_a", GUEST), ("room_a", HOST), ("room_b", HOST))
        ]

        assert claims == [True, True, False, True]
        assert await stores.user_ids.owner_of("room_a", "user_1777") == GUEST
        assert await stores.user_ids.owner_of("room_b", "user_1777") == HOST

    async def test_a_participant_id_can_be_claimed_by_its_own_participant_only(self, stores: Stores) -> None:
        assert not await stores.user_ids.claim("room_a", HOST, GUEST)
        assert await stores.user_ids.claim("room_a", GUEST, GUEST)

        assert await stores.user_ids.owner_of("room_a", GUEST) == GUEST

    async def test_the_participant_id_is_the_first_of_all_ids(self, stores: Stores) -> None:
        for user_id in ("b", "a", GUEST):
            await stores.user_ids.claim("room_a", user_id, GUEST)
        await stores.user_ids.claim("room_a", "c", HOST)

        assert await stores.user_ids.of_participant("room_a", GUEST) == [GUEST, "a", "b"]
        assert await stores.user_ids.of_participant("room_b", GUEST) == [GUEST]

    async def test_an_unclaimed_id_owns_itself(self, stores: Stores) -> None:
        assert await stores.user_ids.owner_of("room_a", "stranger") == "stranger"

    async def test_a_room_has_users_after_the_first_claim(self, stores: Stores) -> None:
        before = await stores.user_ids.has_users("room_a")

        await stores.user_ids.claim("room_a", GUEST, GUEST)

        assert (before, await stores.user_ids.has_users("room_a")) == (False, True)


class TestPollingDeadlines:
    async def test_a_participant_is_due_once_the_deadline_has_passed(self, stores: Stores) -> None:
        await stores.polling_deadlines.extend("room_a", GUEST, later(20))

        assert await stores.polling_deadlines.due(later(19), 10) == []
        assert await stores.polling_deadlines.due(later(20), 10) == [("room_a", GUEST)]

    async def test_a_deadline_is_never_shortened(self, stores: Stores) -> None:
        await stores.polling_deadlines.extend("room_a", GUEST, later(60))

        await stores.polling_deadlines.extend("room_a", GUEST, later(20))

        assert await stores.polling_deadlines.due(later(59), 10) == []

    async def test_the_earliest_deadlines_come_first(self, stores: Stores) -> None:
        for seconds in (3, 1, 2):
            await stores.polling_deadlines.extend(f"room_{seconds}", GUEST, later(seconds))

        assert await stores.polling_deadlines.due(later(9), 2) == [("room_1", GUEST), ("room_2", GUEST)]

    async def test_an_extended_deadline_is_not_removed(self, stores: Stores) -> None:
        await stores.polling_deadlines.extend("room_a", GUEST, later(20))
        await stores.polling_deadlines.extend("room_b", GUEST, later(20))
        await stores.polling_deadlines.extend("room_a", GUEST, later(40))

        for room_id in ("room_a", "room_b"):
            await stores.polling_deadlines.remove(room_id, GUEST, later(20))

        assert await stores.polling_deadlines.due(later(99), 10) == [("room_a", GUEST)]
