"""Everything at once: people come, go, talk and are put out, while workers and Redis are killed. Seeded."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest

from domain.interviews.record.model import EndReason
from domain.interviews.value_types import RoomPhase
from tests.realtime.interview_processes import InterviewWorker, interview_workers
from tests.realtime.realtime_process import token
from tests.realtime.studio import Person, Studio, studio
from tests.servers import RedisServer
from tests.waiting import eventually

SEED = 20261125
SECONDS = 20.0
ROOMS = 4
GUESTS = 3
ONLY_AT_THE_DOOR = {"lobbyAdmitted", "lobbyDenied", "roomEnded", "youKicked", "youSuperseded", "roomResync"}
LOST = (ConnectionResetError, ConnectionError, TimeoutError, RuntimeError, aiohttp.ClientError, AssertionError)
"""What a request to something that is being killed may end in."""


@pytest.fixture
async def own_redis() -> AsyncIterator[RedisServer]:
    """One that may be killed."""
    server = RedisServer()
    server.start()
    yield server
    server.dispose()


@dataclass
class Player:
    """Somebody with a will of their own."""

    person: Person
    room_id: str
    is_host: bool
    chance: random.Random
    inside: bool = False
    kicked: bool = False
    ended: bool = False
    crossed: list[Any] = field(default_factory=list)
    """What reached them and should not have."""
    _read: int = 0

    async def play(self, urls: "Urls", stop: asyncio.Event) -> None:
        while not stop.is_set() and not self.ended and not self.kicked:
            try:
                if await self.be_there(urls):
                    await self.do_something()
            except LOST:
                self.inside = False
            self.look()
            await asyncio.sleep(self.chance.uniform(0.02, 0.3))

    async def be_there(self, urls: "Urls") -> bool:
        """Connected and in the room; tries once."""
        person = self.person
        if not person.answer or person.refused is not None:
            await person.connect(urls.any(self.chance))
            self.inside = False
        elif person.closed.is_set() or person.put_out:
            was_inside = self.inside and not person.put_out
            self.inside = await person.come_back(urls.any(self.chance)) and was_inside
        if person.refused is not None:
            return False
        if not self.inside:
            answer = await person.ask("join", {"roomId": self.room_id})
            self.judge(answer)
            if answer["ok"] and not answer["data"]["lobby"]:
                person.snapshot, self.inside = answer["data"]["snapshot"], True
        return self.inside

    def judge(self, answer: dict[str, Any]) -> None:
        code = answer.get("error", {}).get("code")
        self.kicked = self.kicked or code == "KICKED"
        self.ended = self.ended or code == "ROOM_ENDED"
        if code == "NOT_JOINED":
            self.inside = False

    async def do_something(self) -> None:
        person, chance = self.person, self.chance
        others = sorted(person.roster - {person.id})
        dice = chance.random()
        if dice < 0.08:
            person.vanish()
            await person.closed.wait()
        elif dice < 0.14 and not self.is_host:
            self.judge(await person.ask("leave"))
            self.inside = False
        elif dice < 0.50 and others:
            marked = {"connId": self.room_id, "sdp": f"{self.room_id} {person.id}"}
            self.judge(await person.ask("offer", {"to": chance.choice(others), **marked}))
        elif dice < 0.60:
            self.judge(await person.ask("mediaState", {"mic": chance.random() < 0.5}))
        elif dice < 0.64 and self.is_host:
            await person.ask("kick", {"participantId": chance.choice(others or [person.id])})
        elif dice < 0.72 and self.is_host:
            for waiting in (person.heard("lobbyWaiting") or [{"waiting": []}])[-1]["waiting"]:
                await person.ask("lobbyDecide", {"participantId": waiting["participantId"], "accept": True})
        else:
            text = f"{self.room_id} {chance.random()}"
            self.judge(await person.ask("chatSend", {"clientMsgId": text, "text": text}))

    def look(self) -> None:
        """At what was heard since: nothing of other rooms, nothing after the goodbye, nothing at the door."""
        for event, payload in self.person.events[self._read :]:
            if payload.get("roomId", self.room_id) != self.room_id:
                self.crossed.append((event, payload))
            if event == "offer" and payload["sdp"] != f"{self.room_id} {payload['from']}":
                self.crossed.append((event, payload))
            if not self.person.snapshot and event not in ONLY_AT_THE_DOOR:
                self.crossed.append((event, payload))
        self._read = len(self.person.events)
        last = self.person.names()[-1:] if self.person.put_out else []
        self.kicked = self.kicked or last == ["youKicked"]
        self.ended = self.ended or last == ["roomEnded"]


class Urls:
    def __init__(self, workers: list[InterviewWorker]) -> None:
        self._workers = workers

    def any(self, chance: random.Random) -> str:
        living = [worker for worker in self._workers if worker.alive]
        return chance.choice(living or self._workers).url


async def test_after_any_storm_rosters_agree_and_nobody_is_where_they_should_not_be(
    own_redis: RedisServer, mongodb_uri: str, database: Any
) -> None:
    chance = random.Random(SEED)
    async with (
        interview_workers(own_redis.url, mongodb_uri, database.name) as workers,
        studio(own_redis.url, mongodb_uri, database.name, "watcher", dead_after_seconds=4) as watcher,
    ):
        players = await a_cast(watcher, chance)
        urls, stop = Urls(workers), asyncio.Event()
        playing = [asyncio.create_task(player.play(urls, stop)) for player in players]
        await storm(workers, own_redis, chance)
        stop.set()
        await asyncio.gather(*playing)
        over = await an_end(watcher, players[0].room_id)

        for player in players:
            await settle_down(player, urls)
        await eventually(lambda: all_quiet(watcher, players), seconds=75)

        assert [player.crossed for player in players if player.crossed] == []
        assert sum(len(player.person.heard("offer")) for player in players) > 20, "hardly anything happened"
        assert sum(player.kicked for player in players) > 0, "nobody was put out"
        await nobody_barred_is_in(watcher, players, urls)
        await rooms_and_records_agree(watcher, over)


async def a_cast(watcher: Studio, chance: random.Random) -> list[Player]:
    players = []
    for number in range(ROOMS):
        host = f"{number:024x}"
        room = await watcher.a_room(host=host, settings={"lobbyEnabled": number == 1})
        auths: list[dict[str, Any]] = [{"token": token(host)}]
        for _ in range(GUESTS):
            auths.append({"ticket": (await watcher.a_ticket(room.room_id, host)).ticket})
        for auth in auths:
            person = Person("", watcher.http, auth)
            watcher.people.append(person)
            players.append(Player(person, room.room_id, "token" in auth, random.Random(chance.random())))
    return players


async def storm(workers: list[InterviewWorker], redis: RedisServer, chance: random.Random) -> None:
    """Two seconds of peace, then something dies every few seconds; in the end everything runs."""
    loop = asyncio.get_running_loop()
    until = loop.time() + SECONDS
    await asyncio.sleep(2)
    while loop.time() < until:
        if chance.random() < 0.35:
            redis.kill()
            await asyncio.sleep(chance.uniform(0.2, 1.5))
            await asyncio.to_thread(redis.start)
        else:
            victim = chance.choice(workers)
            await victim.kill()
            await asyncio.sleep(chance.uniform(0.0, 0.5))
            await victim.start()
        await asyncio.sleep(chance.uniform(1.0, 3.0))


async def an_end(watcher: Studio, room_id: str) -> str:
    await watcher.services.rooms.end(room_id, EndReason.HOST_ENDED, "")
    return room_id


async def settle_down(player: Player, urls: Urls) -> None:
    """Everybody who may be in is in, over a connection that stands."""
    for _ in range(100):
        player.look()
        if player.kicked or player.ended:
            return
        with suppress(*LOST):
            if await player.be_there(urls) and (await player.person.ask("ping", {"t": 1}))["ok"]:
                return
        await asyncio.sleep(0.2)
        if player.person.snapshot == {} and not player.is_host:
            return  # still at the door: its host decides no more


async def all_quiet(watcher: Studio, players: list[Player]) -> bool:
    """Everybody thinks of the room what the room is."""
    for room_id in {player.room_id for player in players}:
        room = await watcher.live(room_id)
        if room is None or (room.unrecorded and not room.ended):
            return False
        seats = {seat.participant_id for seat in room.admitted_seats}
        if any(not seat.connected for seat in room.admitted_seats):
            return False
        for player in players:
            player.look()
            if player.room_id == room_id and player.inside and not player.kicked and not player.ended:
                await agreed(player)
                if player.person.id not in seats or player.person.roster != seats:
                    return False
    return True


async def agreed(player: Player) -> None:
    """As a page does it: join again when told that it is not in, look again when told to."""
    with suppress(*LOST):
        if player.person.heard("roomResync") or player.person.closed.is_set():
            answer = await player.person.ask("sync")
            player.judge(answer)
            if answer["ok"]:
                player.person.snapshot = answer["data"]
                player.person.events = [each for each in player.person.events if each[0] != "roomResync"]


async def nobody_barred_is_in(watcher: Studio, players: list[Player], urls: Urls) -> None:
    for player in players:
        record = await watcher.record(player.room_id)
        barred = {ban.participant_id for ban in record.bans}
        room = await watcher.live(player.room_id)
        assert not barred & {seat.participant_id for seat in room.seats}
        if player.person.snapshot and player.person.id in barred and record.status == "active":
            again = await watcher.connect(**player.person.auth)
            assert await again.refusal("join", roomId=player.room_id) == "KICKED"


async def rooms_and_records_agree(watcher: Studio, over: str) -> None:
    await watcher.services.maintenance.reconcile()
    active = set(await watcher.records.active_ids("", 1000))
    live = set(await watcher.services.unit_of_work.room_ids())
    assert active <= live, "a record without a live room has no clock"
    for room_id in live | active | {over}:
        room = await watcher.live(room_id)
        assert (room is None or room.phase is RoomPhase.ENDED) == (room_id not in active)
        assert room is None or room.phase is not RoomPhase.ENDED or not room.seats
    assert over not in active
    record = await watcher.record(over)
    assert all(stay.left_at for stay in record.attendance)
