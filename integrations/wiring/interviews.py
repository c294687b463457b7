"""The interviews area: records of interview rooms, the live rooms, and signaling between participants."""

from dataclasses import replace
from typing import Any

from domain.interviews.events import InterviewEnded, InterviewOpened, ParticipantBanned
from domain.interviews.notification_types import NOTIFICATIONS
from domain.interviews.ports import MediaTokenIssuer, TicketSigner, TurnServers
from domain.interviews.record.searcher import InterviewSearcher
from domain.interviews.record.timeline import InterviewTimeline
from domain.interviews.services import InterviewPorts, InterviewServices, interview_services
from domain.interviews.value_types import MediaMode
from integrations.mongo.interviews.rooms import MongoInterviewRoomRepository
from integrations.redis.interviews.app_processes import RedisAppProcessRegistry
from integrations.redis.interviews.live_rooms import RedisLiveRoomStore
from integrations.redis.interviews.peer_relay import RedisPeerRelay
from integrations.security.tickets import HmacTicketSigner
from integrations.settings import CallSettings, InterviewSettings, TokenSettings, ZegoSettings
from integrations.settings.groups import revealed
from integrations.turn_credentials import CoturnServers
from integrations.wiring.area import Area
from integrations.wiring.infrastructure import Infrastructure
from integrations.zego.configuration import comma_separated, is_simulated
from integrations.zego.media import UnconfiguredMedia, ZegoTokenIssuer


def interview_rooms(base: Infrastructure) -> MongoInterviewRoomRepository:
    return MongoInterviewRoomRepository(base.database, base.outbox, base.write_gate)


def interview_ports(
    base: Infrastructure,
    signer: TicketSigner,
    media_tokens: MediaTokenIssuer | None = None,
    turn: TurnServers | None = None,
    **replaced: Any,
) -> InterviewPorts:
    """`replaced` are ports that take the place of the usual ones."""
    ports = InterviewPorts(
        records=interview_rooms(base),
        store=RedisLiveRoomStore(base.redis, base.bus),
        relay=RedisPeerRelay(base.redis, base.subscriber),
        processes=RedisAppProcessRegistry(base.redis),
        media_tokens=media_tokens or UnconfiguredMedia(),
        turn=turn or CoturnServers([], [], ""),
        signer=signer,
        clock=base.clock,
        ids=base.ids,
    )
    return replace(ports, **replaced)


def configured_interview_ports(
    base: Infrastructure, tokens: TokenSettings, interviews: InterviewSettings, zego: ZegoSettings, calls: CallSettings
) -> InterviewPorts:
    provider = zego.configuration
    return interview_ports(
        base,
        HmacTicketSigner([revealed(interviews.invite_secret)] if interviews.invite_secret else tokens.keys),
        ZegoTokenIssuer(provider.tokens) if provider else None,
        CoturnServers(comma_separated(calls.stun_urls), comma_separated(calls.turn_urls), revealed(calls.turn_secret)),
    )


def media_mode(settings: ZegoSettings) -> MediaMode:
    """The default of new rooms. `mesh` with the simulator, which carries no audio and video."""
    zego = settings.configuration
    return "zego" if zego and not is_simulated(zego) else "mesh"


def wire_interviews(base: Infrastructure, ports: InterviewPorts, mode: MediaMode = "mesh") -> Area[InterviewServices]:
    services, repository = interview_services(ports, base.process_id, mode), interview_rooms(base)
    return Area(
        name="interviews",
        services=services,
        repositories=(repository,),
        subscriptions={
            InterviewOpened: (services.openings,),
            ParticipantBanned: (services.bans,),
            InterviewEnded: (services.endings,),
        },
        background=(
            *services.maintenance.background,
            *services.reminders.background,
            *services.heartbeat.background,
        ),
        searcher=InterviewSearcher(services.rooms),
        timeline=(InterviewTimeline(services.rooms),),
        notifications=NOTIFICATIONS,
        create_indexes=repository.create_indexes,
        drain=services.heartbeat.withdraw,
    )
