"""Chaos test: participants act at random while app processes and Redis are killed. Seeded."""

import asyncio
import os
import random
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from domain.interviews.record.model import EndReason
from domain.interviews.value_types import RoomPhase
from tests.realtime.interview_process import InterviewClient, InterviewProcess, interview_process
from tests.realtime.realtime_process import token
from tests.realtime.spawned_interview_processes import SpawnedInterviewProcess, spawned_interview_processes
from tests.servers import RedisServer
from tests.waiting import eventually

SEED = 20261125
SECONDS = float(os.environ.get("INTERVIEW_CHAOS_SECONDS", "8"))
ROOMS = 4
GUESTS = 3
ALLOWED_IN_LOBBY = {"lobbyAdmitted", "lobbyDenied", "roomEnded", "youKicked", "youSuperseded", "roomResync"}
REQUEST_FAILURES = (
    ConnectionResetError,
    ConnectionError,
    TimeoutError,
    RuntimeError,
    aiohttp.ClientError,
    AssertionError,
)
"""How a request to a killed process may fail."""


@dataclass
class Player:
    """A participant who acts at random."""

    client: InterviewClient
    room_id: str
    is_host: bool
    chance: random.Random
    joined: bool = False
    kicked: bool = False
    ended: bool = False
    misdelivered: list[Any] = field(default_factory=list)
    """Pushes that should not have reached this participant."""
    _read: int = 0

    async def play(self, urls: "Urls", stop: asyncio.Event) -> None:
        while not stop.is_set() and not self.ended and not self.kicked:
            try:
                if await self.ensure_joined(urls):
                    await self.act_at_random()
            except REQUEST_FAILURES:
                self.joined = False
            self.check_pushes()
            await asyncio.sleep(self.chance.uniform(0.02, 0.3))

    async def ensure_joined(self, urls: "Urls") -> bool:
        """Tries once to connect and join. Returns whether the participant is in the room."""
        client = self.client
        if not client.answer or client.refused is not None:
            await client.connect(urls.any(self.chance))
            self.joined = False
        elif client.closed.is_set() or client.disconnected_by_server:
            was_joined = self.joined and not client.disconnected_by_server
            self.joined = await client.reconnect(urls.any(self.chance)) and was_joined
        if client.refused is not None:
            return False
        if not self.joined:
            answer = await client.request("join", {"roomId": self.room_id})
            self.note_error(answer)
            if answer["ok"] and not answer["data"]["lobby"]:
                client.snapshot, self.joined = answer["data"]["snapshot"], True
        return self.joined

    def note_error(self, answer: dict[str, Any]) -> None:
        code = answer.get("error", {}).get("code")
        self.kicked = self.kicked or code == "KICKED"
        self.ended = self.ended or code == "ROOM_ENDED"
        if code == "NOT_JOINED":
            self.joined = False

    async def act_at_random(self) -> None:
        client, chance = self.client, self.chance
        others = sorted(client.roster - {client.id})
        roll = chance.random()
        if roll < 0.08:
            client.drop_connection()
            await client.closed.wait()
        elif roll < 0.14 and not self.is_host:
            self.note_error(await client.request("leave"))
            self.joined = False
        elif roll < 0.50 and others:
            marked = {"connId": self.room_id, "sdp": f"{self.room_id} {client.id}"}
            self.note_error(await client.request("offer", {"to": chance.choice(others), **marked}))
        elif roll < 0.60:
            self.note_error(await client.request("mediaState", {"mic": chance.random() < 0.5}))
        elif roll < 0.64 and self.is_host:
            await client.request("kick", {"participantId": chance.choice(others or [client.id])})
        elif roll < 0.72 and self.is_host:
            for waiting in (client.received("lobbyWaiting") or [{"waiting": []}])[-1]["waiting"]:
                await client.request("lobbyDecide", {"participantId": waiting["participantId"], "accept": True})
        else:
            text = f"{self.room_id} {chance.random()}"
            self.note_error(await client.request("chatSend", {"clientMsgId": text, "text": text}))

    def check_pushes(self) -> None:
        """Collects new pushes of other rooms, and pushes that must not reach the lobby."""
        for event, payload in self.client.events[self._read :]:
            if payload.get("roomId", self.room_id) != self.room_id:
                self.misdelivered.append((event, payload))
            if event == "offer" and payload["sdp"] != f"{self.room_id} {payload['from']}":
                self.misdelivered.append((event, payload))
            if not self.client.snapshot and event not in ALLOWED_IN_LOBBY:
                self.misdelivered.append((event, payload))
        self._read = len(self.client.events)
        last = self.client.event_names()[-1:] if self.client.disconnected_by_server else []
        self.kicked = self.kicked or last == ["youKicked"]
        self.ended = self.ended or last == ["roomEnded"]


class Urls:
    def __init__(self, processes: list[SpawnedInterviewProcess]) -> None:
        self._processes = processes

    def any(self, chance: random.Random) -> str:
        living = [process for process in self._processes if process.alive]
        return chance.choice(living or self._processes).url


async def test_after_random_kills_all_rosters_agree_and_no_banned_guest_is_admitted(
    own_redis: RedisServer, mongodb_uri: str, database: Any
) -> None:
    chance = random.Random(SEED)
    async with (
        spawned_interview_processes(own_redis.url, mongodb_uri, database.name) as processes,
        interview_process(own_redis.url, mongodb_uri, database.name, "watcher", dead_after_seconds=4) as watcher,
    ):
        players = await create_players(watcher, chance)
        urls, stop = Urls(processes), asyncio.Event()
        playing = [asyncio.create_task(player.play(urls, stop)) for player in players]
        await kill_at_random(processes, own_redis, chance)
        stop.set()
        await asyncio.gather(*playing)
        ended_room = await end_room(watcher, players[0].room_id)

        for player in players:
            await settle_down(player, urls)
        await eventually(lambda: all_agree(watcher, players), seconds=75)

        assert [player.misdelivered for player in players if player.misdelivered] == []
        assert sum(len(player.client.received("offer")) for player in players) > 20, "too few offers were relayed"
        assert sum(player.kicked for player in players) > 0, "no participant was kicked"
        await no_banned_guest_is_admitted(watcher, players, urls)
        await rooms_and_records_agree(watcher, ended_room)


async def create_players(watcher: InterviewProcess, chance: random.Random) -> list[Player]:
    players = []
    for number in range(ROOMS):
        host = f"{number:024x}"
        room = await watcher.create_room(host=host, settings={"lobbyEnabled": number == 1})
        auths: list[dict[str, Any]] = [{"token": token(host)}]
        for _ in range(GUESTS):
            auths.append({"ticket": (await watcher.issue_ticket(room.room_id, host)).ticket})
        for auth in auths:
            client = InterviewClient("", watcher.http, auth)
            watcher.clients.append(client)
            players.append(Player(client, room.room_id, "token" in auth, random.Random(chance.random())))
    return players


async def kill_at_random(processes: list[SpawnedInterviewProcess], redis: RedisServer, chance: random.Random) -> None:
    """After two seconds, kills a process or Redis every few seconds; in the end everything runs."""
    loop = asyncio.get_running_loop()
    until = loop.time() + SECONDS
    await asyncio.sleep(2)
    while loop.time() < until:
        if chance.random() < 0.35:
            redis.kill()
            await asyncio.sleep(chance.uniform(0.2, 1.5))
            await asyncio.to_thread(redis.start)
        else:
            process = chance.choice(processes)
            await process.kill()
            await asyncio.sleep(chance.uniform(0.0, 0.5))
            await process.start()
        await asyncio.sleep(chance.uniform(1.0, 3.0))


async def end_room(watcher: InterviewProcess, room_id: str) -> str:
    await watcher.services.rooms.end(room_id, EndReason.HOST_ENDED, "")
    return room_id


async def settle_down(player: Player, urls: Urls) -> None:
    """Joins over a working connection, unless the participant was kicked or the room has ended."""

    async def settled() -> bool:
        player.check_pushes()
        if player.kicked or player.ended:
            return True
        with suppress(*REQUEST_FAILURES):
            if await player.ensure_joined(urls) and (await player.client.request("ping", {"t": 1}))["ok"]:
                return True
        # Still in the lobby: the host no longer decides.
        return player.client.snapshot == {} and not player.is_host

    await eventually(settled, 60, 0.2)


async def all_agree(watcher: InterviewProcess, players: list[Player]) -> bool:
    """True if every client has the participants of its live room."""
    for room_id in {player.room_id for player in players}:
        room = await watcher.live(room_id)
        if room is None or (room.unrecorded and not room.ended):
            return False
        seats = {seat.participant_id for seat in room.admitted_seats}
        if any(not seat.connected for seat in room.admitted_seats):
            return False
        for player in players:
            player.check_pushes()
            if player.room_id == room_id and player.joined and not player.kicked and not player.ended:
                await resync(player)
                if player.client.id not in seats or player.client.roster != seats:
                    return False
    return True


async def resync(player: Player) -> None:
    """Requests a snapshot after `roomResync`, as a page does."""
    with suppress(*REQUEST_FAILURES):
        if player.client.received("roomResync") or player.client.closed.is_set():
            answer = await player.client.request("sync")
            player.note_error(answer)
            if answer["ok"]:
                player.client.snapshot = answer["data"]
                player.client.events = [each for each in player.client.events if each[0] != "roomResync"]


async def no_banned_guest_is_admitted(watcher: InterviewProcess, players: list[Player], urls: Urls) -> None:
    for player in players:
        record = await watcher.record(player.room_id)
        banned = {ban.participant_id for ban in record.bans}
        room = await watcher.live(player.room_id)
        assert not banned & {seat.participant_id for seat in room.seats}
        if player.client.snapshot and player.client.id in banned and record.status == "active":
            again = await watcher.connect(**player.client.auth)
            assert await again.error_code("join", roomId=player.room_id) == "KICKED"


async def rooms_and_records_agree(watcher: InterviewProcess, ended_room: str) -> None:
    await watcher.services.maintenance.reconcile()
    active = set(await watcher.records.active_ids("", 1000))
    live = set(await watcher.services.unit_of_work.room_ids())
    assert active <= live, "an active record has no live room"
    for room_id in live | active | {ended_room}:
        room = await watcher.live(room_id)
        assert (room is None or room.phase is RoomPhase.ENDED) == (room_id not in active)
        assert room is None or room.phase is not RoomPhase.ENDED or not room.seats
    assert ended_room not in active
    record = await watcher.record(ended_room)
    assert all(period.left_at for period in record.attendance)
