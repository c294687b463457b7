"""Live rooms in Redis: one hash a room, and a sorted set of when each of them is due.

A hash has `version`, `state` (the room as JSON), `seated` (the participants below) and `at:<participant>` for everybody
who sits in the room over a connection right now: the relay looks these up without reading the room.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from redis.asyncio import Redis

from domain.interviews.live.room import LiveRoom
from domain.interviews.ports import LiveRoomStore, StoredLiveRoom
from domain.shared.errors import Conflict
from domain.shared.events import DomainEvent
from integrations.redis.bus import APPEND, StreamBus
from integrations.redis.failures import redis_failures

PREFIX: Final = "interview:room:"
_TIMERS: Final = "interview:timers"
_COMMANDS: Final = "interview:command:"
_LIVE_SECONDS: Final = 6 * 3600
"""More than a room may last: one that nobody ends goes by itself."""
_OVER_SECONDS: Final = 15 * 60
_COMMAND_SECONDS: Final = 300
_CLAIMED_MILLISECONDS: Final = 5000

_LOAD = (
    APPEND
    + """
local done = false
if KEYS[2] ~= '' then done = redis.call('GET', KEYS[2]) end
return {redis.call('HGET', KEYS[1], 'state'), done, head_of(KEYS[3])}
"""
)
# KEYS: room, timers, command, and those of the bus. ARGV: room id, version before, version, state, due (or ''), seconds
# to keep, answer, seconds to keep that, number of seats, participant and place of each, and the bus's.
_SAVE = (
    APPEND
    + """
local known = redis.call('HGET', KEYS[1], 'version') or '0'
if known ~= ARGV[2] then return false end
if KEYS[3] ~= '' and redis.call('EXISTS', KEYS[3]) == 1 then return false end
local before = redis.call('HGET', KEYS[1], 'seated')
if before then
  for participant in string.gmatch(before, '%S+') do redis.call('HDEL', KEYS[1], 'at:' .. participant) end
end
local seated, last = {}, 9 + 2 * tonumber(ARGV[9])
for i = 10, last, 2 do
  seated[#seated + 1] = ARGV[i]
  redis.call('HSET', KEYS[1], 'at:' .. ARGV[i], ARGV[i + 1])
end
redis.call('HSET', KEYS[1], 'version', ARGV[3], 'state', ARGV[4], 'seated', table.concat(seated, ' '))
redis.call('EXPIRE', KEYS[1], ARGV[6])
if ARGV[5] == '' then redis.call('ZREM', KEYS[2], ARGV[1]) else redis.call('ZADD', KEYS[2], ARGV[5], ARGV[1]) end
if KEYS[3] ~= '' then redis.call('SET', KEYS[3], ARGV[7], 'EX', ARGV[8]) end
append(KEYS[4], KEYS[5], KEYS[6], last + 1)
return head_of(KEYS[4])
"""
)
# Claimed is not done: a room whose clock was not wound on by then is due again.
_CLAIM = """
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, room in ipairs(due) do redis.call('ZADD', KEYS[1], ARGV[1] + ARGV[3], room) end
return due
"""


class RedisLiveRoomStore(LiveRoomStore):
    def __init__(self, redis: Redis, bus: StreamBus) -> None:
        self._redis = redis
        self._bus = bus
        self._load = redis.register_script(_LOAD)
        self._save = redis.register_script(_SAVE)
        self._claim = redis.register_script(_CLAIM)

    async def load(self, room_id: str, command: str = "") -> StoredLiveRoom:
        keys = [_room(room_id), _command(room_id, command), self._bus.keys[0]]
        with redis_failures():
            state, done, head = await self._load(keys=keys)
        room = LiveRoom.model_validate_json(state) if state else None
        return StoredLiveRoom(room=room, head=head.decode(), done=None if done is None else done.decode())

    async def save(
        self, room: LiveRoom, before: int, events: Sequence[DomainEvent], command: str = "", answer: str = ""
    ) -> str:
        due = room.next_deadline()
        seats = [each for each in room.inside if each.connected]
        places = [
            part for each in seats for part in (each.participant_id, f"{each.worker} {each.connection} {each.rank}")
        ]
        args: list[Any] = [
            room.room_id,
            before,
            room.version,
            room.model_dump_json(by_alias=True),
            "" if due is None else _milliseconds(due),
            _OVER_SECONDS if room.over else _LIVE_SECONDS,
            answer,
            _COMMAND_SECONDS,
            len(seats),
            *places,
            *self._bus.arguments(events),
        ]
        keys = [_room(room.room_id), _TIMERS, _command(room.room_id, command), *self._bus.keys]
        with redis_failures():
            head = await self._save(keys=keys, args=args)
        if not head:
            raise Conflict
        return str(head.decode())

    async def claim_due(self, now: datetime, most: int) -> Sequence[str]:
        with redis_failures():
            due = await self._claim(keys=[_TIMERS], args=[_milliseconds(now), most, _CLAIMED_MILLISECONDS])
        return [room_id.decode() for room_id in due]

    async def room_ids(self) -> Sequence[str]:
        # A room that is live is due at some time, at the latest when it has lasted too long.
        with redis_failures():
            found: list[Any] = await self._redis.zrange(_TIMERS, 0, -1)
        return [room_id.decode() for room_id in found]

    async def drop_deadline(self, room_id: str) -> None:
        with redis_failures():
            await self._redis.zrem(_TIMERS, room_id)


def _room(room_id: str) -> str:
    return PREFIX + room_id


def _command(room_id: str, command: str) -> str:
    return f"{_COMMANDS}{room_id}:{command}" if command else ""


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
