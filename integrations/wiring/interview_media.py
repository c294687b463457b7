"""The adapters of the media plane and of notices, put together for the composition root."""

from dataclasses import dataclass
from typing import Any

import aiohttp
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from domain.interviews.events import InterviewEnded, InterviewOpened, ParticipantBanned, ParticipantRemoved
from domain.interviews.invites.staff_notices import StaffNoticeFollower
from domain.interviews.media.ports import MediaReportVerifier, MediaServer
from domain.interviews.media.services import MediaPorts, MediaServices
from domain.shared.events import DomainEvent
from domain.shared.ports import Clock, DurableFollower
from integrations.mongo.interviews.media_jobs import MongoMediaJobStore
from integrations.mongo.interviews.staff_notices import MongoStaffNoticeStore, MongoWorkerDirectory
from integrations.provider_http import Observer
from integrations.redis.interviews.media_presence import RedisMediaPresence
from integrations.redis.interviews.media_user_ids import RedisMediaUserIds
from integrations.redis.interviews.polling_deadlines import RedisPollingDeadlines
from integrations.settings import Settings
from integrations.zego.call_pacer import CallPacer
from integrations.zego.callbacks import ZegoCallbackVerifier
from integrations.zego.client import ZegoClient
from integrations.zego.configuration import ZegoConfiguration
from integrations.zego.http import ZegoHttp
from integrations.zego.media import UnconfiguredMedia

Followers = dict[type[DomainEvent], list[DurableFollower]]
Store = AsyncIOMotorDatabase[dict[str, Any]]


@dataclass(frozen=True)
class InterviewMedia:
    """Orders to what carries sound and pictures, its reports, and the effects beside the rooms."""

    resumes: MongoWorkerDirectory
    effects: MongoStaffNoticeStore
    ports: MediaPorts
    jobs: MongoMediaJobStore

    async def create_indexes(self) -> None:
        """Raises Unavailable. Doing it again changes nothing."""
        await self.effects.create_indexes()
        await self.jobs.create_indexes()

    def follow(self, followers: Followers, media: MediaServices) -> None:
        """Enter who follows what. To be called before the relay runs."""
        notices = StaffNoticeFollower(self.resumes, self.effects)
        followers.setdefault(InterviewOpened, []).append(notices)
        for event in (InterviewEnded, ParticipantBanned, ParticipantRemoved):
            followers.setdefault(event, []).append(media.orders)


def interview_media(
    database: Store,
    redis: Redis,
    http: aiohttp.ClientSession,
    settings: Settings,
    clock: Clock,
    observe: Observer,
) -> InterviewMedia:
    plane, reports = media_plane(http, redis, settings.zego, clock, observe)
    jobs = MongoMediaJobStore(database)
    return InterviewMedia(
        resumes=MongoWorkerDirectory(database),
        effects=MongoStaffNoticeStore(database),
        ports=MediaPorts(
            jobs=jobs,
            ids=RedisMediaUserIds(redis),
            presence=RedisMediaPresence(redis),
            board=RedisPollingDeadlines(redis),
            plane=plane,
            reports=reports,
            app_id=settings.zego_app_id or 0,
        ),
        jobs=jobs,
    )


def media_plane(
    http: aiohttp.ClientSession, redis: Redis, zego: ZegoConfiguration | None, clock: Clock, observe: Observer
) -> tuple[MediaServer, MediaReportVerifier]:
    if zego is None:
        nothing = UnconfiguredMedia()
        return nothing, nothing
    secret = zego.server_secret.get_secret_value()
    calls = ZegoHttp(http, zego.api_base, zego.app_id, secret, CallPacer(redis, zego.app_id), clock, observe)
    reports = ZegoCallbackVerifier(zego.app_id, zego.callback_secret.get_secret_value(), redis)
    return ZegoClient(calls), reports
