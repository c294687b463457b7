"""Everything that can be down, opened together and closed in reverse order."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from prometheus_client import CollectorRegistry, Counter, Histogram
from pydantic import SecretStr
from redis.asyncio import BlockingConnectionPool, Redis

from domain.audit.model import AuditRecorded
from domain.contracts.services import ContractServices, contract_services
from domain.contracts.signing.polling_schedule import PollingSchedule
from domain.interviews.media.services import MediaServices, media_services
from domain.interviews.record.model import MediaMode
from domain.interviews.services import InterviewPorts, InterviewServices, interview_services
from domain.shared.background import BackgroundJob
from domain.shared.events import DomainEvent
from domain.shared.login_throttle import LoginThrottle
from domain.shared.ports import DurableFollower
from domain.staff.service import StaffSessions
from domain.statistics.publisher import StatisticsPublisher
from domain.statistics.service import StatisticsService
from domain.users.events import UserActive, UserDeleted, UserPhoneChanged, UserRegionChanged
from integrations.clock import SystemClock
from integrations.geo.regions import Ip2RegionFinder
from integrations.metrics import LoginAttemptCounter, MongoPoolGauge, observe_redis_pool
from integrations.mongo.audit import MongoAuditLog
from integrations.mongo.contracts.repository import COLLECTION as CONTRACTS
from integrations.mongo.failures import store_failures
from integrations.mongo.interviews.rooms import COLLECTION as INTERVIEWS
from integrations.mongo.interviews.rooms import MongoInterviewRoomRepository
from integrations.mongo.outbox import Outbox
from integrations.mongo.outbox_relay import OutboxRelay
from integrations.mongo.staff import MongoStaffCredentials, MongoStaffDirectory, MongoStaffRepository
from integrations.mongo.statistics.login_journal import MongoLoginJournal
from integrations.mongo.statistics.maintenance import StatisticsMaintenance
from integrations.mongo.statistics.rebuild import rebuild_statistics
from integrations.mongo.statistics.store import StatisticsStore, WriterRegistry
from integrations.mongo.users.listing import MongoUserList
from integrations.mongo.users.users import COLLECTION as USERS
from integrations.mongo.users.users import MongoUserCredentials, MongoUserRepository
from integrations.mongo.users.users import create_indexes as create_user_indexes
from integrations.redis.authority import RedisAuthorityCache
from integrations.redis.bus import StreamBus, stream_reader
from integrations.redis.failures import redis_failures
from integrations.redis.interviews.peer_relay import relay_reader
from integrations.redis.lease import RedisLease
from integrations.redis.limiter import RedisRateLimiter
from integrations.redis.presence import RedisPresenceStore
from integrations.redis.push_slots import RedisPushSlots
from integrations.redis.recovery import RedisRecoveryStore
from integrations.security.ids import ObjectIds
from integrations.security.passwords import PasslibHasher
from integrations.security.tokens import JwtAccessTokens
from integrations.settings import ESIGN, WECHAT_URL, Settings, SettingsRefused
from integrations.spreadsheets import XlsxSpreadsheets
from integrations.wechat.client import WeChatClient, wechat_client
from integrations.wiring import interviews as interviewing
from integrations.wiring.contracts import ContractStores, Signing, signing_with_esign
from integrations.wiring.interview_media import InterviewMedia, interview_media

ISSUER = "homecare"
STAFF = "users"
_STORE_SECONDS = 3.0
_REDIS_CONNECTIONS = 32

Followers = dict[type[DomainEvent], list[DurableFollower]]


@dataclass(frozen=True)
class Integrations:
    """One adapter for each port of the domain."""

    clock: SystemClock
    ids: ObjectIds
    database: "AsyncIOMotorDatabase[dict[str, Any]]"
    redis: Redis
    bus: StreamBus
    lease: RedisLease
    outbox: Outbox
    relay: OutboxRelay
    followers: Followers
    limiter: RedisRateLimiter
    audit: MongoAuditLog
    staff: MongoStaffRepository
    staff_credentials: MongoStaffCredentials
    staff_directory: MongoStaffDirectory
    authorities: RedisAuthorityCache
    users: MongoUserRepository
    user_credentials: MongoUserCredentials
    user_list: MongoUserList
    journal: MongoLoginJournal
    statistics_store: StatisticsStore
    statistics: StatisticsService
    statistics_publisher: StatisticsPublisher
    statistics_maintenance: StatisticsMaintenance
    contracts: ContractStores
    signing: Signing | None
    interviews: InterviewPorts
    interview_mode: MediaMode
    interview_media: InterviewMedia
    presence: RedisPresenceStore
    recovery: RedisRecoveryStore
    hasher: PasslibHasher
    tokens: JwtAccessTokens
    regions: Ip2RegionFinder
    wechat: WeChatClient
    spreadsheets: XlsxSpreadsheets

    def staff_sessions(self) -> StaffSessions:
        """The command line needs these, too, to create an administrator."""
        return StaffSessions(
            staff=self.staff,
            credentials=self.staff_credentials,
            hasher=self.hasher,
            tokens=self.tokens,
            throttle=LoginThrottle(self.limiter, "staff"),
            authorities=self.authorities,
            clock=self.clock,
            ids=self.ids,
        )

    def contract_services(self, pace: PollingSchedule | None = None) -> ContractServices:
        """And enters what they follow, so call it once, before the relay runs. Raises SettingsRefused when nobody
        signs for us."""
        if self.signing is None:
            raise SettingsRefused([f"{name.upper()}: 未设置 / not set" for name in ESIGN])
        ports = self.contracts.ports(
            self.database, self.staff, self.users, self.signing, self.audit, self.lease, self.clock, self.ids
        )
        services = contract_services(ports, pace)
        self.contracts.follow(self.followers, services)
        return services

    def interview_services(self, worker: str) -> tuple[InterviewServices, MediaServices]:
        """And enters what they follow, so call it once, before the relay runs. `worker` names this process among all,
        and this life of it."""
        interviews = interview_services(self.interviews, worker, self.interview_mode)
        media = media_services(self.interview_media.ports, self.interviews, interviews)
        interviewing.follow(self.followers, interviews)
        self.interview_media.follow(self.followers, media)
        return interviews, media

    async def create_indexes(self) -> None:
        """Raises Unavailable. Doing it again changes nothing."""
        await self.staff.create_indexes()
        await self.audit.create_indexes()
        await create_user_indexes(self.database)
        await self.journal.create_indexes()
        await self.statistics_store.create_indexes()
        await self.contracts.create_indexes()
        await MongoInterviewRoomRepository(self.database, self.outbox).create_indexes()
        await self.interview_media.create_indexes()

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        return (
            *self.relay.background,
            *self.journal.background,
            *self.statistics_maintenance.background,
            *self.statistics_publisher.background,
        )

    async def rebuild_statistics(self) -> None:
        """No worker may run meanwhile. Raises Unavailable."""
        await rebuild_statistics(self.database)

    async def ask_mongodb(self) -> None:
        with store_failures():
            await self.database.command("ping")

    async def ask_redis(self) -> None:
        with redis_failures():
            await self.redis.ping()


@asynccontextmanager
async def opened(settings: Settings, registry: CollectorRegistry) -> AsyncIterator[Integrations]:
    """Nothing is asked of the servers yet: a worker also starts while one of them is down."""
    async with AsyncExitStack() as stack:
        clock, ids = SystemClock(), ObjectIds()
        mongo: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
            revealed(settings.mongodb_uri),
            tz_aware=True,
            serverSelectionTimeoutMS=_STORE_SECONDS * 1000,
            connectTimeoutMS=_STORE_SECONDS * 1000,
            socketTimeoutMS=20_000,
            waitQueueTimeoutMS=10_000,
            event_listeners=[MongoPoolGauge(registry)],
        )
        stack.callback(mongo.close)
        database = mongo[settings.mongodb_database]
        # Bounded, or a thousand clients that come at once would open a thousand connections and time out on them.
        pool = BlockingConnectionPool.from_url(
            revealed(settings.redis_url),
            max_connections=_REDIS_CONNECTIONS,
            timeout=_STORE_SECONDS,
            socket_timeout=_STORE_SECONDS,
            socket_connect_timeout=_STORE_SECONDS,
        )
        redis = Redis.from_pool(pool)
        observe_redis_pool(pool, registry)
        stack.push_async_callback(redis.aclose)
        # A connection of its own, which asks for one group of limits at a time: taking one from the pool and timing
        # each step cost as much as the rest of the question. The limiter bounds the whole of it.
        limits = Redis.from_url(revealed(settings.redis_url), single_connection_client=True, socket_timeout=None)
        stack.push_async_callback(limits.aclose)
        reader = stream_reader(revealed(settings.redis_url))
        stack.push_async_callback(reader.aclose)
        peers = relay_reader(revealed(settings.redis_url))
        stack.push_async_callback(peers.aclose)
        http = await stack.enter_async_context(aiohttp.ClientSession(trust_env=True))
        hasher = PasslibHasher(settings.password_rounds)
        stack.callback(hasher.close)
        regions = Ip2RegionFinder()
        stack.callback(regions.close)

        bus = StreamBus(redis, reader, registry)
        lease = RedisLease(redis)
        audit = MongoAuditLog(database)
        followers: Followers = {AuditRecorded: [audit]}
        outbox = Outbox()
        relay = OutboxRelay(outbox, database, [STAFF, USERS, CONTRACTS, INTERVIEWS], followers, bus, registry)
        staff = MongoStaffRepository(database, outbox)
        users = MongoUserRepository(database, outbox)
        presence = RedisPresenceStore(redis)
        observe = _provider_calls(registry)

        writers, statistics_store, slots = WriterRegistry(database), StatisticsStore(database), RedisPushSlots(redis)
        statistics = StatisticsService(statistics_store, presence, slots, clock)
        publisher = StatisticsPublisher(statistics, slots, bus, clock, ids)
        journal = MongoLoginJournal(
            database, writers, statistics_store, clock, ids, publisher.changed, LoginAttemptCounter(registry)
        )
        followers |= {fact: [journal] for fact in (UserActive, UserPhoneChanged, UserRegionChanged, UserDeleted)}
        yield Integrations(
            clock=clock,
            ids=ids,
            database=database,
            redis=redis,
            bus=bus,
            lease=lease,
            outbox=outbox,
            relay=relay,
            followers=followers,
            limiter=RedisRateLimiter(limits, clock, on_fallback=_fallbacks(registry)),
            audit=audit,
            staff=staff,
            staff_credentials=MongoStaffCredentials(database),
            staff_directory=MongoStaffDirectory(staff),
            authorities=RedisAuthorityCache(redis),
            users=users,
            user_credentials=MongoUserCredentials(database),
            user_list=MongoUserList(users),
            journal=journal,
            statistics_store=statistics_store,
            statistics=statistics,
            statistics_publisher=publisher,
            statistics_maintenance=StatisticsMaintenance(database, writers, clock, publisher.changed),
            contracts=ContractStores.of(database, outbox),
            interviews=interviewing.interview_ports(
                database,
                outbox,
                redis,
                peers,
                bus,
                interviewing.media_provider(settings),
                interviewing.turn_servers(settings),
                interviewing.ticket_signer(settings),
                lease,
                clock,
                ids,
            ),
            interview_mode=interviewing.media_mode(settings),
            interview_media=interview_media(database, redis, http, settings, clock, observe("zego")),
            signing=signing_with_esign(http, settings, clock, observe("esign")),
            presence=presence,
            recovery=RedisRecoveryStore(redis),
            hasher=hasher,
            tokens=access_tokens(settings),
            regions=regions,
            wechat=wechat_client(
                http,
                redis,
                clock,
                settings.wechat_api_base or WECHAT_URL,
                settings.miniprogram_appid,
                revealed(settings.miniprogram_appsecret),
                observe("wechat"),
            ),
            spreadsheets=XlsxSpreadsheets(),
        )


def revealed(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


def access_tokens(settings: Settings) -> JwtAccessTokens:
    keys = [revealed(key) for key in (settings.jwt_secret, settings.jwt_previous_secret) if key]
    lifetimes = {
        "staff": timedelta(seconds=settings.staff_token_seconds),
        "mp": timedelta(seconds=settings.user_token_seconds),
    }
    return JwtAccessTokens(keys, ISSUER, lifetimes)  # type: ignore[arg-type]  # the keys are the two audiences


def _fallbacks(registry: CollectorRegistry) -> Any:
    counter = Counter("rate_limit_fallbacks", "Limits judged by this worker alone, without Redis", registry=registry)
    return counter.inc


def _provider_calls(registry: CollectorRegistry) -> Callable[[str], Callable[[str, str, float], None]]:
    """For each provider, somebody to tell of its calls: operation, outcome, seconds."""
    seconds = Histogram(
        "provider_call_seconds",
        "Calls to providers by outcome (0: accepted; else the provider's error code)",
        ["provider", "operation", "outcome"],
        registry=registry,
    )

    def observer_of(provider: str) -> Callable[[str, str, float], None]:
        return lambda operation, outcome, took: seconds.labels(provider, operation, outcome).observe(took)

    return observer_of
