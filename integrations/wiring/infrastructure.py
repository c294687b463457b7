"""The infrastructure of an app process: connections and shared adapters, opened together, closed in reverse order."""

import os
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from prometheus_client import CollectorRegistry
from redis.asyncio import BlockingConnectionPool, Redis

from domain.audit.announcer import AuditAnnouncer
from domain.shared.errors import DomainError
from domain.shared.ports import Clock
from integrations.clock import SystemClock
from integrations.disk_space import DataDisk
from integrations.metrics import MongoPoolGauge, limiter_fallbacks, observe_redis_pool, provider_calls
from integrations.mongo.audit import MongoAuditLog
from integrations.mongo.outbox import Outbox
from integrations.mongo.write_gate import WriteGate
from integrations.provider_http import Observer
from integrations.redis.bus import StreamBus, stream_reader
from integrations.redis.interviews.peer_relay import relay_reader
from integrations.redis.lease import RedisLease
from integrations.redis.limiter import RedisRateLimiter
from integrations.redis.try_log import RedisTryLog
from integrations.security.devices import HmacDeviceSigner
from integrations.security.ids import ObjectIds
from integrations.security.passwords import PasslibHasher
from integrations.security.tokens import JwtAccessTokens
from integrations.settings import Settings, StoreSettings, TokenSettings
from integrations.settings.groups import revealed
from integrations.wiring.store_checks import StoreChecks

ISSUER = "homecare"
_STORE_SECONDS = 3.0
_REDIS_CONNECTIONS = 32


@dataclass(frozen=True)
class Infrastructure:
    """Dependencies that every area may use. An area builds its own adapters from it."""

    process_id: str
    """Names this app process among all, and this life of it."""
    registry: CollectorRegistry
    clock: Clock
    ids: ObjectIds
    database: "AsyncIOMotorDatabase[dict[str, Any]]"
    outbox: Outbox
    data_disk: DataDisk | None
    """Where the embedded servers of this machine store their data. None with external stores only."""
    write_gate: WriteGate
    redis: Redis
    subscriber: Redis
    """A connection for messages that one app process sends to another."""
    bus: StreamBus
    lease: RedisLease
    limiter: RedisRateLimiter
    http: aiohttp.ClientSession
    audit: AuditAnnouncer
    """Stores audit rows: those of the outboxes, and of accesses that change nothing."""
    staff_hasher: PasslibHasher
    user_hasher: PasslibHasher
    """A pool of its own: a flood of user passwords must not delay the log-ins of staff."""
    tries: RedisTryLog
    device_signer: HmacDeviceSigner
    tokens: JwtAccessTokens
    observe_provider: Callable[[str], Observer]
    """For a provider's name: what to tell of its calls."""
    checks: StoreChecks


@asynccontextmanager
async def open_infrastructure(
    settings: Settings, registry: CollectorRegistry | None = None, clock: Clock | None = None
) -> AsyncIterator[Infrastructure]:
    """Nothing is asked of the servers yet: an app process also starts while one of them is down."""
    registry, clock = registry or CollectorRegistry(), clock or SystemClock()
    async with AsyncExitStack() as stack:
        mongo = _mongo_client(settings.stores, registry)
        stack.callback(mongo.close)
        database = mongo[settings.stores.mongodb_database]
        url = revealed(settings.stores.redis_url)
        redis = _pooled_redis(url, registry)
        stack.push_async_callback(redis.aclose)
        # A connection of its own, which asks for one group of limits at a time: taking one from the pool and timing
        # each step cost as much as the rest of the question. The limiter bounds the whole of it.
        limits = Redis.from_url(url, single_connection_client=True, socket_timeout=None)
        stack.push_async_callback(limits.aclose)
        reader = stream_reader(url)
        stack.push_async_callback(reader.aclose)
        subscriber = relay_reader(url)
        stack.push_async_callback(subscriber.aclose)
        http = await stack.enter_async_context(aiohttp.ClientSession(trust_env=True))
        rounds, scheme = settings.accounts.password_rounds, settings.accounts.password_scheme
        staff_hasher, user_hasher = PasslibHasher(rounds, scheme), PasslibHasher(rounds, scheme)
        stack.callback(staff_hasher.close)
        stack.callback(user_hasher.close)
        on_fallback = limiter_fallbacks(registry)
        disk = _data_disk(settings.stores)
        gate = WriteGate(disk.is_full) if disk else WriteGate()
        outbox = Outbox(database)
        stack.push_async_callback(_close_outbox, outbox)
        name = settings.http.worker_name or os.environ.get("WORKER_INDEX", "0")
        ids, bus = ObjectIds(), StreamBus(redis, reader, registry)
        yield Infrastructure(
            process_id=f"{name}-{secrets.token_hex(4)}",
            registry=registry,
            clock=clock,
            ids=ids,
            database=database,
            outbox=outbox,
            data_disk=disk,
            write_gate=gate,
            redis=redis,
            subscriber=subscriber,
            bus=bus,
            lease=RedisLease(redis),
            limiter=RedisRateLimiter(limits, clock, on_fallback=on_fallback),
            http=http,
            audit=AuditAnnouncer(MongoAuditLog(database), bus, clock, ids),
            staff_hasher=staff_hasher,
            user_hasher=user_hasher,
            tries=RedisTryLog(limits, clock, on_fallback=on_fallback),
            device_signer=HmacDeviceSigner(settings.tokens.keys),
            tokens=access_tokens(settings.tokens),
            observe_provider=provider_calls(registry),
            checks=StoreChecks(database, gate, redis, name),
        )


async def _close_outbox(outbox: Outbox) -> None:
    with suppress(DomainError):  # the store is down: other processes notice that this one is gone
        await outbox.close()


def access_tokens(settings: TokenSettings) -> JwtAccessTokens:
    lifetimes = {
        "staff": timedelta(seconds=settings.staff_token_seconds),
        "mp": timedelta(seconds=settings.user_token_seconds),
    }
    return JwtAccessTokens(settings.keys, ISSUER, lifetimes)  # type: ignore[arg-type]  # the keys are the two audiences


def _data_disk(settings: StoreSettings) -> DataDisk | None:
    return DataDisk(settings.embedded_data_dir) if settings.embedded_data_dir else None


def _mongo_client(settings: StoreSettings, registry: CollectorRegistry) -> "AsyncIOMotorClient[dict[str, Any]]":
    return AsyncIOMotorClient(
        revealed(settings.mongodb_uri),
        tz_aware=True,
        serverSelectionTimeoutMS=_STORE_SECONDS * 1000,
        connectTimeoutMS=_STORE_SECONDS * 1000,
        socketTimeoutMS=20_000,
        waitQueueTimeoutMS=10_000,
        event_listeners=[MongoPoolGauge(registry)],
    )


def _pooled_redis(url: str, registry: CollectorRegistry) -> Redis:
    """Bounded, or a thousand clients that come at once would open a thousand connections and time out on them."""
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=_REDIS_CONNECTIONS,
        timeout=_STORE_SECONDS,
        socket_timeout=_STORE_SECONDS,
        socket_connect_timeout=_STORE_SECONDS,
    )
    observe_redis_pool(pool, registry)
    return Redis.from_pool(pool)
