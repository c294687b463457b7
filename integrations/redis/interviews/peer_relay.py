"""Offers, answers and candidates on their way from one participant to another, over whichever workers serve them."""

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

# Who sits where is looked up in the step that sends: nobody speaks for a seat that they have lost, nor to one that is
# empty. PUBLISH says whether the worker is there to take it; nothing is kept for one that is not.
_SEND = """
local places = redis.call('HMGET', KEYS[1], 'at:' .. ARGV[1], 'at:' .. ARGV[3])
if not places[1] then return 0 end
local _, connection, rank = string.match(places[1], '^(%S+) (%S+) (%S+)$')
if connection ~= ARGV[2] then return 0 end
if not places[2] or ARGV[1] == ARGV[3] then return 1 end
local worker, other, other_rank = string.match(places[2], '^(%S+) (%S+) (%S+)$')
local message = table.concat({ARGV[7], other, rank, other_rank, ARGV[4], ARGV[5]}, '\\n')
return 1 + redis.call('PUBLISH', ARGV[6] .. worker, message)
"""


def relay_reader(url: str) -> Redis:
    """A client for `RedisPeerRelay` to listen with: one connection, asked now and then whether it still stands."""
    return Redis.from_url(url, socket_connect_timeout=3.0, socket_keepalive=True, health_check_interval=5)


class RedisPeerRelay(PeerRelay):
    """Within one worker a message takes the same way: one rule for all, and one place where it is judged."""

    def __init__(self, redis: Redis, reader: Redis) -> None:
        self._reader = reader
        self._commands = pipeline_batcher(redis)

    async def send(self, route: PeerRoute, payload: Mapping[str, object]) -> None:
        text = json.dumps(payload, ensure_ascii=True, separators=(",", ":"))
        args = (route.sender_id, route.sender, route.to, route.event, text, _CHANNEL, route.room_id)
        # The script itself and not its digest: asking first whether it is known costs a second way there and back.
        sent = await self._commands.submit(lambda pipe: pipe.eval(_SEND, 1, PREFIX + route.room_id, *args))
        if sent == _NOT_JOINED:
            raise NotJoined
        if sent == _OFFLINE:
            raise PeerOffline

    async def follow(self, worker: str, deliver: Callable[[PeerMessage], None]) -> None:
        while True:
            try:
                await self._listen(worker, deliver)
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("relay.reader_retries", extra={"cause": type(error).__name__})
            stop_if_cancelled()
            await asyncio.sleep(0.1)

    async def _listen(self, worker: str, deliver: Callable[[PeerMessage], None]) -> None:
        async with self._reader.pubsub(ignore_subscribe_messages=True) as subscription:
            await subscription.subscribe(_CHANNEL + worker)
            while True:
                message = await subscription.get_message(timeout=_IDLE_SECONDS)
                stop_if_cancelled()
                if message is not None:
                    _hand_over(message["data"], deliver)


def _hand_over(data: bytes, deliver: Callable[[PeerMessage], None]) -> None:
    try:
        room_id, connection, rank, own_rank, event, payload = data.decode().split("\n", 5)
        polite = int(own_rank) > int(rank)
        deliver(
            PeerMessage.model_construct(
                room_id=room_id, connection=connection, event=event, payload=payload, polite=polite
            )
        )
    except Exception:  # one message that cannot be delivered must not stop all that follow
        log.exception("relay.not_delivered")
