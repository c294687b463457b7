"""The media area: jobs for the media provider, its reports, and clients that poll."""

from domain.interviews.events import InterviewEnded, ParticipantBanned, ParticipantRemoved
from domain.interviews.media.ports import MediaReportVerifier, MediaServer
from domain.interviews.media.services import MediaPorts, MediaServices, media_services
from domain.interviews.services import InterviewPorts, InterviewServices
from integrations.mongo.interviews.media_jobs import MongoMediaJobStore
from integrations.redis.interviews.media_presence import RedisMediaPresence
from integrations.redis.interviews.media_user_ids import RedisMediaUserIds
from integrations.redis.interviews.polling_deadlines import RedisPollingDeadlines
from integrations.settings import ZegoSettings
from integrations.wiring.area import Area
from integrations.wiring.infrastructure import Infrastructure
from integrations.zego.call_pacer import CallPacer
from integrations.zego.callbacks import ZegoCallbackVerifier
from integrations.zego.client import ZegoClient
from integrations.zego.configuration import ZegoConfiguration
from integrations.zego.http import ZegoHttp
from integrations.zego.media import UnconfiguredMedia


def wire_media(
    base: Infrastructure, settings: ZegoSettings, ports: InterviewPorts, interviews: InterviewServices
) -> Area[MediaServices]:
    jobs = MongoMediaJobStore(base.database)
    server, reports = _media_server(base, settings.configuration)
    services = media_services(
        MediaPorts(
            jobs=jobs,
            ids=RedisMediaUserIds(base.redis),
            presence=RedisMediaPresence(base.redis),
            polling_deadlines=RedisPollingDeadlines(base.redis),
            server=server,
            reports=reports,
            app_id=settings.app_id or 0,
        ),
        ports,
        interviews,
    )

    return Area(
        name="media",
        services=services,
        subscriptions={
            InterviewEnded: (services.job_queue,),
            ParticipantBanned: (services.job_queue,),
            ParticipantRemoved: (services.job_queue,),
        },
        background=(
            *services.polling_clients.background,
            *services.job_runner.background,
            *services.room_sync.background,
        ),
        create_indexes=jobs.create_indexes,
    )


def _media_server(base: Infrastructure, zego: ZegoConfiguration | None) -> tuple[MediaServer, MediaReportVerifier]:
    if zego is None:
        unconfigured = UnconfiguredMedia()
        return unconfigured, unconfigured
    calls = ZegoHttp(
        base.http,
        zego.api_base,
        zego.app_id,
        zego.server_secret.get_secret_value(),
        CallPacer(base.redis, zego.app_id),
        base.clock,
        base.observe_provider("zego"),
    )
    verifier = ZegoCallbackVerifier(zego.app_id, zego.callback_secret.get_secret_value(), base.redis)
    return ZegoClient(calls), verifier
