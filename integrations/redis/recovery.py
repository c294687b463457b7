"""Connection state recovery in Redis: one hash per client, which expires when the client may no longer return."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from redis.asyncio import Redis

from domain.interviews.invites.model import GuestTicket
from domain.presence.recovery import WINDOW_SECONDS, DeliveryConfirmation, RecoveryRecord
from domain.shared.authority import StaffAuthority
from domain.shared.model import Model
from domain.shared.parts import parts_of
from integrations.redis.failures import redis_failures
from integrations.redis.pipeline_batcher import pipeline_batcher

_LIVE_SECONDS = WINDOW_SECONDS * 2
"""Records of connected clients are renewed about once a minute, except those of a process that died."""
_BATCH = 500

_OPEN = """
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
return redis.call('EXPIRE', KEYS[1], ARGV[1])
"""
_CLAIM = """
local found = redis.call('HMGET', KEYS[1], 'subject', 'namespace', 'record', 'base', 'owner')
if found[1] ~= ARGV[1] or found[2] ~= ARGV[2] then return false end
redis.call('HSET', KEYS[1], 'owner', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return {found[3], found[4], found[5]}
"""
_CONFIRM = """
local owner = redis.call('HGET', KEYS[1], 'owner')
if not owner then return 0 end
if owner ~= ARGV[1] then return 1 end
redis.call('HSET', KEYS[1], 'base', ARGV[2])
if ARGV[3] == '1' then redis.call('HSET', KEYS[1], 'owner', '') end
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 1
"""


class _StoredRecord(Model):
    """A recovery record as JSON. Lists every kind of visitor that a namespace admits."""

    namespace: str
    rooms: tuple[str, ...]
    visitor: StaffAuthority | GuestTicket
    epoch: str
    base: str
    owner: str


class RedisRecoveryStore:
    def __init__(self, redis: Redis, window_seconds: int = WINDOW_SECONDS, live_seconds: int = _LIVE_SECONDS) -> None:
        self._redis = redis
        self._window_seconds = window_seconds
        self._live_seconds = live_seconds
        self._commands = pipeline_batcher(redis)
        self._open = redis.register_script(_OPEN)
        self._claim = redis.register_script(_CLAIM)
        self._confirm = redis.register_script(_CONFIRM)

    async def open(self, key: str, record: RecoveryRecord) -> None:
        fields = (
            ("subject", record.visitor.id),
            ("namespace", record.namespace),
            ("record", _to_json(record)),
            ("base", record.base),
            ("owner", record.owner),
        )
        args: list[Any] = [self._live_seconds, *(part for field in fields for part in field)]
        await self._commands.submit(lambda pipe: self._open(keys=[_name(key)], args=args, client=pipe))

    async def claim(self, key: str, subject: str, namespace: str, owner: str) -> RecoveryRecord | None:
        args: list[Any] = [subject, namespace, owner, self._live_seconds]
        found = await self._commands.submit(lambda pipe: self._claim(keys=[_name(key)], args=args, client=pipe))
        if not found:
            return None
        record, base, former_owner = found
        return _from_json(record, base.decode(), former_owner.decode())

    async def confirm_deliveries(self, confirmations: Sequence[DeliveryConfirmation]) -> Sequence[str]:
        missing: list[str] = []
        for batch in parts_of(confirmations, _BATCH):
            answers = await self._confirm_batch(batch)
            missing += [each.key for each, answer in zip(batch, answers, strict=True) if not answer]
        return missing

    async def _confirm_batch(self, confirmations: Sequence[DeliveryConfirmation]) -> list[Any]:
        with redis_failures():
            async with self._redis.pipeline(transaction=False) as pipe:
                for each in confirmations:
                    seconds = self._window_seconds if each.released else self._live_seconds
                    await self._confirm(
                        keys=[_name(each.key)],
                        args=[each.owner, each.base, int(each.released), seconds],
                        client=pipe,
                    )
                answers: list[Any] = await pipe.execute()
        return answers

    async def forget(self, keys: Sequence[str]) -> None:
        if keys:
            with redis_failures():
                await self._redis.delete(*map(_name, keys))


def _to_json(record: RecoveryRecord) -> str:
    stored = _StoredRecord.model_validate({each.name: getattr(record, each.name) for each in fields(record)})
    return stored.model_dump_json(by_alias=True)


def _from_json(text: bytes, base: str, owner: str) -> RecoveryRecord:
    """`base` and `owner` are newer than those of the text."""
    stored = _StoredRecord.model_validate_json(text)
    return RecoveryRecord(
        namespace=stored.namespace,
        rooms=stored.rooms,
        visitor=stored.visitor,
        epoch=stored.epoch,
        base=base,
        owner=owner,
    )


def _name(key: str) -> str:
    return f"recovery:{key}"
