"""The event bus: one Redis stream, to which all app processes append and which all read in order."""

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

from prometheus_client import CollectorRegistry, Counter
from redis.asyncio import Redis

from domain.shared.errors import Unavailable
from domain.shared.events import DomainEvent, StreamEntry, StreamState, event_from_json, parse_offset
from domain.shared.tasks import mark_retrieved, stop_if_cancelled
from integrations.redis.failures import redis_failures

log = logging.getLogger("error.bus")

KEPT_SECONDS = 15 * 60
"""Longer than a client may be away (10 minutes) plus the delay of a quiet client's delivery confirmation."""
MAX_ENTRIES = 400_000
_BATCH = 1000
_BLOCK_MILLISECONDS = 2000
_SOCKET_SECONDS = 10.0
_MAX_RETRY_SECONDS = 0.5

# A relay may publish an event again (after a crash or a lost reply). `seen` holds the ids of published events for as
# long as the stream holds the events.
APPEND = """
local function append(stream, seen, epoch, first)
  local clock = redis.call('TIME')
  local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
  local oldest = now - ARGV[first]
  redis.call('SET', epoch, ARGV[first + 2], 'NX')
  for i = first + 3, #ARGV, 2 do
    if redis.call('ZADD', seen, 'NX', now, ARGV[i]) == 1 then
      redis.call('XADD', stream, 'MINID', '~', string.format('%.0f', oldest), '*', 'e', ARGV[i + 1])
    end
  end
  redis.call('ZREMRANGEBYSCORE', seen, 0, oldest)
  redis.call('XTRIM', stream, 'MAXLEN', '~', ARGV[first + 1])
end
local function head_of(stream)
  local newest = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)
  return newest[1] and newest[1][1] or '0-0'
end
"""
"""A Lua function for scripts that change data and publish events atomically. See `StreamBus.keys` and `arguments`."""
_PUBLISH = APPEND + "append(KEYS[1], KEYS[2], KEYS[3], 1)"
_STATE = """
redis.call('SET', KEYS[2], ARGV[1], 'NX')
if redis.call('EXISTS', KEYS[1]) == 0 then return {redis.call('GET', KEYS[2]), '0-0', '0-0'} end
local info = redis.call('XINFO', 'STREAM', KEYS[1])
local fields = {}
for i = 1, #info, 2 do fields[info[i]] = info[i + 1] end
local head, complete = fields['last-generated-id'], '0-0'
if fields['entries-added'] > fields['length'] then
  -- Trimming does not report what it removed; it was older than the first entry.
  local first = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)
  complete = first[1] and first[1][1] or head
end
return {redis.call('GET', KEYS[2]), head, complete}
"""
_NEW_EPOCH = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2]) end
"""


def stream_reader(url: str) -> Redis:
    """A Redis client for reading the stream: its socket time-out is longer than a blocking read."""
    return Redis.from_url(url, socket_timeout=_SOCKET_SECONDS, socket_connect_timeout=3.0, socket_keepalive=True)


class StreamBus:
    """Implements `EventPublisher` and `EventStream`. Offsets are ids of stream entries."""

    def __init__(self, redis: Redis, reader: Redis, registry: CollectorRegistry, name: str = "bus") -> None:
        self._reader = reader
        self._redis = redis
        self._stream, self._seen, self._epoch = (f"{{{name}}}:{part}" for part in ("stream", "seen", "epoch"))
        self._publish = redis.register_script(_PUBLISH)
        self._read_state = redis.register_script(_STATE)
        self._start_epoch = redis.register_script(_NEW_EPOCH)
        self._published = Counter("bus_published", "Events published by this process", registry=registry)
        self._reconnects = Counter("bus_reconnects", "Reconnections of the stream reader", registry=registry)

    async def publish(self, events: Sequence[DomainEvent]) -> None:
        """Appends the events in this order, without those that are in the stream already. Raises Unavailable."""
        if not events:
            return
        with redis_failures():
            await self._publish(keys=self.keys, args=self.arguments(events))
        self._published.inc(len(events))

    @property
    def keys(self) -> list[str]:
        """The keys that `append` in a script needs, in its order."""
        return [self._stream, self._seen, self._epoch]

    @staticmethod
    def arguments(events: Sequence[DomainEvent]) -> list[Any]:
        """The arguments that `append` in a script needs, after all others."""
        args: list[Any] = [KEPT_SECONDS * 1000, MAX_ENTRIES, _new_epoch()]
        for event in events:
            args += [event.id, event.to_json()]
        return args

    async def state(self) -> StreamState:
        with redis_failures():
            answer = await self._read_state(keys=[self._stream, self._epoch], args=[_new_epoch()])
        epoch, head, complete_after = (value.decode() for value in answer)
        return StreamState(epoch=epoch, head=head, complete_after=complete_after)

    async def history(self, after: str, until: str) -> Sequence[StreamEntry]:
        entries: list[StreamEntry] = []
        while True:
            with redis_failures():
                found: Any = await self._redis.xrange(self._stream, f"({after}", until, count=_BATCH)
            entries += _entries(found)
            if len(found) < _BATCH:
                return entries
            after = found[-1][0].decode()

    async def follow(self, after: str) -> AsyncIterator[Sequence[StreamEntry] | StreamState]:
        position, epoch, delay, checked_at = after, "", 0.05, 0.0
        while True:
            stop_if_cancelled()
            try:
                if time.monotonic() - checked_at > _BLOCK_MILLISECONDS / 1000:
                    state = await self._check_epoch(position, epoch)
                    checked_at = time.monotonic()
                    if state.epoch != epoch:
                        epoch = state.epoch
                        position = min(position, state.head, key=parse_offset)
                        yield state
                stop_if_cancelled()  # the driver may have swallowed it: the read would block for seconds
                batch = await self._read(position)
                delay = 0.05
            except Unavailable:
                self._reconnects.inc()
                log.warning("bus.reader_retries", extra={"seconds": delay})
                await asyncio.sleep(delay)
                delay, checked_at = min(delay * 2, _MAX_RETRY_SECONDS), 0.0
                continue
            if batch:
                position = batch[-1][0].decode()
                yield _entries(batch)

    async def _read(self, after: str) -> list[tuple[bytes, dict[bytes, bytes]]]:
        # In a task of its own: the driver delays a cancellation until the blocking read ends.
        reading = asyncio.ensure_future(
            self._reader.xread({self._stream: after}, count=_BATCH, block=_BLOCK_MILLISECONDS)
        )
        try:
            with redis_failures():
                answer = await asyncio.shield(reading)
        except asyncio.CancelledError:
            reading.cancel()
            reading.add_done_callback(mark_retrieved)  # its result is not needed any more
            raise
        if not answer:
            return []
        streams = answer.values() if isinstance(answer, dict) else [entries for _, entries in answer]
        found: list[Any] = next(iter(streams))
        # RESP3 wraps the entries of a stream in one more list.
        return found[0] if found and isinstance(found[0], list) else found

    async def _check_epoch(self, position: str, epoch: str) -> StreamState:
        """The state; starts a new epoch if the stream ends before `position`, which means that it lost entries."""
        state = await self.state()
        if state.epoch != epoch or parse_offset(state.head) >= parse_offset(position):
            return state
        with redis_failures():
            await self._start_epoch(keys=[self._epoch], args=[epoch, _new_epoch()])
        return await self.state()


def _new_epoch() -> str:
    return secrets.token_hex(6)


def _entries(found: Sequence[tuple[bytes, dict[bytes, bytes]]]) -> list[StreamEntry]:
    entries = []
    for offset, fields in found:
        try:
            event = event_from_json(fields[b"e"])
        except (KeyError, ValueError):
            log.warning("bus.unknown_event", extra={"offset": offset.decode()})  # published by a newer version
            continue
        entries.append(StreamEntry.model_construct(offset=offset.decode(), event=event, size=len(fields[b"e"])))
    return entries
