"""Relays signaling messages between participants over Redis pub/sub, across app processes."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from domain.interviews.errors import NotJoined, PeerOffline
from domain.interviews.ports import PeerMessage, PeerRelay, PeerRoute
from domain.shared.tasks import stop_if_cancelled
from integrations.redis.interviews.live_rooms import PREFIX
from integrations.redis.pipeline_batcher import pipeline_batcher

log = logging.getLogger("error.relay")

_CHANNEL: Final = "interview:relay:"
_IDLE_SECONDS: Final = 2.0
_NOT_JOINED, _OFFLINE = 0, 1

# The seats are looked up in the step that sends: a connection that has lost its seat cannot send, and an empty seat
# cannot receive. PUBLISH returns whether the receiver's process listens; messages are not stored.
# Returns 0: not joined, 1: peer offline, 2: sent.
_SEND = """
local places = redis.call('HMGET', KEYS[1], 'at:' .. ARGV[1], 'at:' .. ARGV[3])
if not places[1] then return 0 end
local _, connection, rank = string.match(places[1], '^(%S+) (%S+) (%S+)$')
if connection ~= ARGV[2] then return 0 end
if not places[2] or ARGV[1] == ARGV[3] then return 1 end
local process, other, other_rank = string.match(places[2], '^(%S+) (%S+) (%S+)$')
local message = table.concat({ARGV[7], other, rank, other_rank, ARGV[4], ARGV[5]}, '\\n')
return 1 + redis.call('PUBLISH', ARGV[6] .. process, message)
"""


def relay_reader(url: str) -> Redis:
    """A client for `RedisPeerRelay` to listen with: one connection with health checks."""
    return Redis.from_url(url, socket_connect_timeout=3.0, socket_keepalive=True, health_check_interval=5)


class RedisPeerRelay(PeerRelay):
    """A message within one process takes the same way, so that one script decides for all messages."""

    def __init__(self, redis: Redis, reader: Redis) -> None:
        self._reader = reader
        self._commands = pipeline_batcher(redis)

    async def send(self, route: PeerRoute, payload: Mapping[str, object]) -> None:
        text = json.dumps(payload, ensure_ascii=True, separators=(",", ":"))
        args = (route.sender_id, route.sender_connection, route.to, route.event, text, _CHANNEL, route.room_id)
        # EVAL and not EVALSHA, which would need a second round trip to check that the script is loaded.
        sent = await self._commands.submit(lambda pipe: pipe.eval(_SEND, 1, PREFIX + route.room_id, *args))
        if sent == _NOT_JOINED:
            raise NotJoined
        if sent == _OFFLINE:
            raise PeerOffline

    async def follow(self, process: str, deliver: Callable[[PeerMessage], None]) -> None:
        while True:
            try:
                await self._listen(process, deliver)
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("relay.reader_retries", extra={"cause": type(error).__name__})
            stop_if_cancelled()
            await asyncio.sleep(0.1)

    async def _listen(self, process: str, deliver: Callable[[PeerMessage], None]) -> None:
        async with self._reader.pubsub(ignore_subscribe_messages=True) as subscription:
            await subscription.subscribe(_CHANNEL + process)
            while True:
                message = await subscription.get_message(timeout=_IDLE_SECONDS)
                stop_if_cancelled()
                if message is not None:
                    _deliver(message["data"], deliver)


def _deliver(data: bytes, deliver: Callable[[PeerMessage], None]) -> None:
    try:
        room_id, connection, sender_rank, rank, event, payload = data.decode().split("\n", 5)
        polite = int(rank) > int(sender_rank)
        deliver(
            PeerMessage.model_construct(
                room_id=room_id, connection=connection, event=event, payload=payload, polite=polite
            )
        )
    except Exception:  # one bad message must not stop the ones after it
        log.exception("relay.not_delivered")
