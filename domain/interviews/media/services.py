"""The use cases beside the live rooms: the media plane, and people whose page polls."""

from dataclasses import dataclass

from domain.interviews.live.host_commands import HostCommands
from domain.interviews.media.jobs import MediaJobQueue, MediaJobRunner, MediaJobStore
from domain.interviews.media.ports import MediaPresence, MediaReportVerifier, MediaServer, MediaUserIds
from domain.interviews.media.room_sync import MediaRoomSync
from domain.interviews.media.tokens import MediaTokenService
from domain.interviews.polling.clients import PollingClients, PollingDeadlines
from domain.interviews.services import InterviewPorts, InterviewServices


@dataclass(frozen=True, slots=True)
class MediaPorts:
    jobs: MediaJobStore
    ids: MediaUserIds
    presence: MediaPresence
    board: PollingDeadlines
    plane: MediaServer
    reports: MediaReportVerifier
    app_id: int


@dataclass(frozen=True, slots=True)
class MediaServices:
    app_id: int
    """Of the provider; 0 without one."""
    ids: MediaUserIds
    pollers: PollingClients
    """Its `run` goes on in the background of every worker."""
    orders: MediaJobQueue
    """Follows `InterviewEnded` and `ParticipantBanned` durably."""
    worker: MediaJobRunner
    """Its `run` goes on in the background of every worker."""
    watch: MediaRoomSync
    """Its `run` goes on in the background of every worker."""
    passes: MediaTokenService
    desk: HostCommands


def media_services(ports: MediaPorts, common: InterviewPorts, interviews: InterviewServices) -> MediaServices:
    orders = MediaJobQueue(ports.jobs, ports.ids)
    pollers = PollingClients(
        ports.board,
        interviews.live,
        interviews.conversations,
        ports.presence,
        ports.ids,
        common.clock,
    )
    return MediaServices(
        app_id=ports.app_id,
        ids=ports.ids,
        pollers=pollers,
        orders=orders,
        worker=MediaJobRunner(ports.jobs, orders, ports.plane, common.clock),
        watch=MediaRoomSync(
            ports.reports,
            ports.presence,
            ports.plane,
            ports.ids,
            common.records,
            interviews.rooms,
            interviews.live,
            pollers,
            orders,
            common.clock,
        ),
        passes=MediaTokenService(
            interviews.rooms, interviews.inviting, pollers, ports.ids, common.media, common.turn, common.clock
        ),
        desk=HostCommands(interviews.rooms, interviews.conversations, interviews.live, ports.ids),
    )
