"""Tasks in Redis, for minutes: what is public in clear, the outcome sealed.

A task is a hash (`task`, `status`, `progress`, `outcome`, `file`), a hash of its recipients with the key of each, and a
lease, which exists while its app process carries it out. `flight` names the running task of a request; `owned` lists
the tasks of an owner, oldest first.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final, cast

from redis.asyncio import Redis

from domain.tasks.errors import TooManyTasks
from domain.tasks.model import Progress, Task, TaskLimits, TaskRequest, TaskStatus
from domain.tasks.ports import Finish, Sealed, StoredTask, TaskStore
from integrations.redis.failures import redis_failures

_PREFIX: Final = "{tasks}:"
_RETRY_SECONDS: Final = 3

_FUNCTIONS = """
local function forget(owned, id)
  redis.call('DEL', '{tasks}:' .. id, '{tasks}:' .. id .. ':recipients', '{tasks}:' .. id .. ':lease')
  redis.call('ZREM', owned, id)
end
local function is_running(id)
  return redis.call('EXISTS', '{tasks}:' .. id .. ':lease') == 1
end
"""
_JOIN_OR_START = (
    _FUNCTIONS
    + """
-- KEYS: flight, owned. ARGV: id, task, recipient, progress, lease (ms), kept (ms), most recipients, most running,
-- most kept. Returns the id of the task that the recipient waits for, or nothing where a limit is reached.
local flight, owned = KEYS[1], KEYS[2]
local id, recipient, kept = ARGV[1], ARGV[3], ARGV[6]
local current = redis.call('GET', flight)
if current and is_running(current) then
  local recipients = '{tasks}:' .. current .. ':recipients'
  if redis.call('HLEN', recipients) >= tonumber(ARGV[7]) then return false end
  redis.call('HSET', recipients, recipient, '')
  return current
end
local running, ended = 0, {}
local all = redis.call('ZRANGE', owned, 0, -1)
for _, each in ipairs(all) do
  if is_running(each) then running = running + 1 else ended[#ended + 1] = each end
end
if running >= tonumber(ARGV[8]) then return false end
for i = 1, math.min(#ended, #all + 1 - tonumber(ARGV[9])) do forget(owned, ended[i]) end
local last = redis.call('ZRANGE', owned, -1, -1, 'WITHSCORES')[2]
redis.call('ZADD', owned, (tonumber(last) or 0) + 1, id)
redis.call('HSET', '{tasks}:' .. id, 'task', ARGV[2], 'status', 'running', 'progress', ARGV[4])
redis.call('HSET', '{tasks}:' .. id .. ':recipients', recipient, '')
redis.call('SET', '{tasks}:' .. id .. ':lease', '1', 'PX', ARGV[5])
redis.call('SET', flight, id, 'PX', kept)
for _, key in ipairs({owned, '{tasks}:' .. id, '{tasks}:' .. id .. ':recipients'}) do
  redis.call('PEXPIRE', key, kept)
end
return id
"""
)
_EXTEND = """
-- ARGV: lease (ms); for each task: id, progress. XX: a lease that has run out stays so.
for i = 2, #ARGV, 2 do
  if redis.call('SET', '{tasks}:' .. ARGV[i] .. ':lease', '1', 'XX', 'PX', ARGV[1]) then
    redis.call('HSET', '{tasks}:' .. ARGV[i], 'progress', ARGV[i + 1])
  end
end
"""
_FINISH = (
    _FUNCTIONS
    + """
-- KEYS: flight. ARGV: id, status, kept (ms), the number of keys, for each key its recipient and itself, the parts.
local flight, id = KEYS[1], ARGV[1]
local recipients, count = '{tasks}:' .. id .. ':recipients', tonumber(ARGV[4])
if not is_running(id) then return 'lapsed' end
if redis.call('HLEN', recipients) ~= count then return 'joined' end
for i = 5, 3 + count * 2, 2 do redis.call('HSET', recipients, ARGV[i], ARGV[i + 1]) end
redis.call('HSET', '{tasks}:' .. id, 'status', ARGV[2], 'outcome', ARGV[5 + count * 2])
if ARGV[6 + count * 2] then redis.call('HSET', '{tasks}:' .. id, 'file', ARGV[6 + count * 2]) end
redis.call('PEXPIRE', '{tasks}:' .. id, ARGV[3])
redis.call('PEXPIRE', recipients, ARGV[3])
redis.call('DEL', '{tasks}:' .. id .. ':lease')
if redis.call('GET', flight) == id then redis.call('DEL', flight) end
return 'stored'
"""
)
_WITHDRAW = (
    _FUNCTIONS
    + """
-- KEYS: flight, owned. ARGV: id.
if redis.call('HLEN', '{tasks}:' .. ARGV[1] .. ':recipients') > 1 then return 0 end
forget(KEYS[2], ARGV[1])
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
"""
)
_FIND = """
-- ARGV: id, recipient. Returns the task's public fields, its outcome, the recipient's key, and whether it runs.
local key = redis.call('HGET', '{tasks}:' .. ARGV[1] .. ':recipients', ARGV[2])
if not key then return false end
local fields = redis.call('HMGET', '{tasks}:' .. ARGV[1], 'task', 'status', 'progress', 'outcome')
fields[5], fields[6] = key, redis.call('EXISTS', '{tasks}:' .. ARGV[1] .. ':lease')
return fields
"""


class RedisTaskStore(TaskStore):
    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._join_or_start = redis.register_script(_JOIN_OR_START)
        self._extend = redis.register_script(_EXTEND)
        self._finish = redis.register_script(_FINISH)
        self._withdraw = redis.register_script(_WITHDRAW)
        self._find = redis.register_script(_FIND)

    async def join_or_start(self, task: Task, recipient: str, limits: TaskLimits) -> str:
        args: list[Any] = [
            *(task.id, task.model_dump_json(), recipient, Progress().model_dump_json()),
            *(_ms(limits.lease_seconds), _ms(limits.seconds + limits.kept_seconds)),
            *(limits.recipients, limits.running_per_owner, limits.kept_per_owner),
        ]
        with redis_failures():
            found = await self._join_or_start(keys=[_flight(task), _owned(task)], args=args)
        if not found:
            raise TooManyTasks(_RETRY_SECONDS)
        return bytes(found).decode()

    async def extend(self, progress: Mapping[str, Progress], limits: TaskLimits) -> None:
        args: list[Any] = [_ms(limits.lease_seconds)]
        for task_id, reported in progress.items():
            args += [task_id, reported.model_dump_json()]
        with redis_failures():
            await self._extend(args=args)

    async def recipients(self, task_id: str) -> frozenset[str]:
        with redis_failures():
            found = await cast(Any, self._redis.hkeys(f"{_PREFIX}{task_id}:recipients"))
        return frozenset(each.decode() for each in found)

    async def finish(self, task: Task, status: TaskStatus, sealed: Sealed, limits: TaskLimits) -> Finish:
        args: list[Any] = [task.id, status, _ms(limits.kept_seconds), len(sealed.keys)]
        for recipient, key in sealed.keys.items():
            args += [recipient, key]
        with redis_failures():
            outcome = await self._finish(keys=[_flight(task)], args=[*args, *sealed.parts])
        return cast(Finish, bytes(outcome).decode())

    async def withdraw(self, task: Task) -> bool:
        with redis_failures():
            return bool(await self._withdraw(keys=[_flight(task), _owned(task)], args=[task.id]))

    async def abandon(self, task_ids: Collection[str]) -> None:
        with redis_failures():
            await self._redis.delete(*(f"{_PREFIX}{task_id}:lease" for task_id in task_ids))

    async def find(self, task_id: str, recipient: str) -> StoredTask | None:
        with redis_failures():
            found = await self._find(args=[task_id, recipient])
        if not found or found[0] is None:
            return None
        task, status, progress, outcome, key, is_running = found
        stored = status.decode()
        return StoredTask(
            task=Task.model_validate_json(task),
            status="failed" if stored == "running" and not is_running else stored,
            progress=Progress.model_validate_json(progress),
            outcome=outcome or b"",
            key=key,
        )

    async def file(self, task_id: str) -> bytes | None:
        with redis_failures():
            return cast(bytes | None, await cast(Any, self._redis.hget(_PREFIX + task_id, "file")))


def _flight(asked: TaskRequest) -> str:
    return f"{_PREFIX}flight:{asked.owner}:{asked.kind}:{asked.subject}"


def _owned(asked: TaskRequest) -> str:
    return f"{_PREFIX}of:{asked.owner}"


def _ms(seconds: float) -> int:
    return int(seconds * 1000)
