"""Live rooms in Redis: a hash for each room, and a sorted set of their next deadlines.

A hash has the fields `version`, `state` (the room as JSON), `seated` (the participants of the next field) and
`at:<participant>` (app process, connection and rank) for each connected seat, which the relay reads without the room.
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
_DEADLINES: Final = "interview:timers"
_COMMANDS: Final = "interview:command:"
_LIVE_SECONDS: Final = 6 * 3600
"""More than the longest interview: a room that is never ended expires."""
_ENDED_SECONDS: Final = 15 * 60
_COMMAND_SECONDS: Final = 300
_CLAIM_MS: Final = 5000

_LOAD = (
    APPEND
    + """
local result = false
if KEYS[2] ~= '' then result = redis.call('GET', KEYS[2]) end
return {redis.call('HGET', KEYS[1], 'state'), result, head_of(KEYS[3])}
"""
)
# KEYS: room, deadlines, command, and those of the event stream. ARGV: room id, version before, version, state, deadline
# (or ''), seconds to keep, result, seconds to keep the result, number of connected seats, participant and place of
# each, and those of the event stream.
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
# A claim expires: a room whose deadline was not moved by then is due again.
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
            state, result, head = await self._load(keys=keys)
        room = LiveRoom.model_validate_json(state) if state else None
        return StoredLiveRoom(room=room, head=head.decode(), command_result=None if result is None else result.decode())

    async def save(
        self, room: LiveRoom, before: int, events: Sequence[DomainEvent], command: str = "", result: str = ""
    ) -> str:
        due = room.next_deadline()
        seats = [seat for seat in room.admitted_seats if seat.connected]
        places = [
            part for seat in seats for part in (seat.participant_id, f"{seat.process} {seat.connection} {seat.rank}")
        ]
        args: list[Any] = [
            room.room_id,
            before,
            room.version,
            room.model_dump_json(by_alias=True),
            "" if due is None else _ms(due),
            _ENDED_SECONDS if room.ended else _LIVE_SECONDS,
            result,
            _COMMAND_SECONDS,
            len(seats),
            *places,
            *self._bus.arguments(events),
        ]
        keys = [_room(room.room_id), _DEADLINES, _command(room.room_id, command), *self._bus.keys]
        with redis_failures():
            head = await self._save(keys=keys, args=args)
        if not head:
            raise Conflict
        return str(head.decode())

    async def claim_due(self, now: datetime, limit: int) -> Sequence[str]:
        with redis_failures():
            due = await self._claim(keys=[_DEADLINES], args=[_ms(now), limit, _CLAIM_MS])
        return [room_id.decode() for room_id in due]

    async def room_ids(self) -> Sequence[str]:
        # Every live room has a deadline, at the latest that of its longest duration.
        with redis_failures():
            found: list[Any] = await self._redis.zrange(_DEADLINES, 0, -1)
        return [room_id.decode() for room_id in found]

    async def drop_deadline(self, room_id: str) -> None:
        with redis_failures():
            await self._redis.zrem(_DEADLINES, room_id)


def _room(room_id: str) -> str:
    return PREFIX + room_id


def _command(room_id: str, command: str) -> str:
    return f"{_COMMANDS}{room_id}:{command}" if command else ""


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
