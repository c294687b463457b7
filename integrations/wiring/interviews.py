"""The adapters that interviews need, put together for the composition root."""

from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from domain.interviews.events import InterviewEnded, InterviewOpened, ParticipantBanned
from domain.interviews.ports import MediaTokenIssuer, TicketSigner, TurnServers
from domain.interviews.record.model import MediaMode
from domain.interviews.services import InterviewPorts, InterviewServices
from domain.shared.events import DomainEvent
from domain.shared.ports import Clock, DurableFollower, IdGenerator, Lease
from integrations.mongo.interviews.rooms import MongoInterviewRoomRepository
from integrations.mongo.outbox import Outbox
from integrations.redis.bus import StreamBus
from integrations.redis.interviews.app_processes import RedisAppProcessRegistry
from integrations.redis.interviews.live_rooms import RedisLiveRoomStore
from integrations.redis.interviews.peer_relay import RedisPeerRelay
from integrations.security.tickets import HmacTicketSigner
from integrations.settings import Settings
from integrations.turn_credentials import CoturnServers
from integrations.zego.configuration import addresses, simulated
from integrations.zego.media import UnconfiguredMedia, ZegoTokenIssuer

Followers = dict[type[DomainEvent], list[DurableFollower]]


def interview_ports(
    database: "AsyncIOMotorDatabase[dict[str, Any]]",
    outbox: Outbox,
    redis: Redis,
    reader: Redis,
    bus: StreamBus,
    media: MediaTokenIssuer,
    turn: TurnServers,
    signer: TicketSigner,
    lease: Lease,
    clock: Clock,
    ids: IdGenerator,
    dead_after_seconds: float = 8,
) -> InterviewPorts:
    """`outbox` must know the collection `interview_rooms`; `reader` listens for what peers say to each other."""
    return InterviewPorts(
        records=MongoInterviewRoomRepository(database, outbox),
        store=RedisLiveRoomStore(redis, bus),
        relay=RedisPeerRelay(redis, reader),
        workers=RedisAppProcessRegistry(redis, dead_after_seconds),
        media=media,
        turn=turn,
        signer=signer,
        lease=lease,
        clock=clock,
        ids=ids,
    )


def media_provider(settings: Settings) -> MediaTokenIssuer:
    return ZegoTokenIssuer(settings.zego.tokens) if settings.zego else UnconfiguredMedia()


def media_mode(settings: Settings) -> MediaMode:
    """Of rooms that do not say theirs: the simulator carries no sound and no pictures."""
    return "zego" if settings.zego and not simulated(settings.zego) else "mesh"


def turn_servers(settings: Settings) -> TurnServers:
    secret = settings.turn_secret.get_secret_value() if settings.turn_secret else ""
    return CoturnServers(addresses(settings.stun_urls), addresses(settings.turn_urls), secret)


def ticket_signer(settings: Settings) -> TicketSigner:
    keys = [settings.interview_invite_secret] if settings.interview_invite_secret else []
    keys = keys or [key for key in (settings.jwt_secret, settings.jwt_previous_secret) if key]
    return HmacTicketSigner([key.get_secret_value() for key in keys])


def follow(followers: Followers, services: InterviewServices) -> None:
    """Enter who follows what. To be called before the relay runs."""
    followers.setdefault(InterviewOpened, []).append(services.openings)
    followers.setdefault(ParticipantBanned, []).append(services.bans)
    followers.setdefault(InterviewEnded, []).append(services.endings)
