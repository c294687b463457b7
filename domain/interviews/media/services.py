"""The use cases of media, of polling clients and of the host by REST, built from their ports."""

from dataclasses import dataclass

from domain.interviews.live.host_commands import HostCommands
from domain.interviews.media.job_queue import MediaJobQueue
from domain.interviews.media.job_runner import MediaJobRunner
from domain.interviews.media.jobs import MediaJobStore
from domain.interviews.media.ports import MediaPresence, MediaReportVerifier, MediaServer, MediaUserIds
from domain.interviews.media.room_sync import MediaRoomSync
from domain.interviews.media.tokens import MediaTokenService
from domain.interviews.polling.clients import PollingClients
from domain.interviews.polling.deadlines import PollingDeadlines
from domain.interviews.services import InterviewPorts, InterviewServices


@dataclass(frozen=True, slots=True)
class MediaPorts:
    jobs: MediaJobStore
    ids: MediaUserIds
    presence: MediaPresence
    polling_deadlines: PollingDeadlines
    server: MediaServer
    reports: MediaReportVerifier
    app_id: int


@dataclass(frozen=True, slots=True)
class MediaServices:
    app_id: int
    """The app id of the provider; 0 without a provider."""
    ids: MediaUserIds
    polling_clients: PollingClients
    job_queue: MediaJobQueue
    """Follows `InterviewEnded`, `ParticipantBanned` and `ParticipantRemoved` durably."""
    job_runner: MediaJobRunner
    room_sync: MediaRoomSync
    tokens: MediaTokenService
    host_commands: HostCommands


def media_services(ports: MediaPorts, common: InterviewPorts, interviews: InterviewServices) -> MediaServices:
    job_queue = MediaJobQueue(ports.jobs, ports.ids)
    polling_clients = PollingClients(
        ports.polling_deadlines,
        interviews.unit_of_work,
        interviews.live_rooms,
        interviews.connections,
        ports.presence,
        ports.ids,
        common.clock,
    )
    return MediaServices(
        app_id=ports.app_id,
        ids=ports.ids,
        polling_clients=polling_clients,
        job_queue=job_queue,
        job_runner=MediaJobRunner(ports.jobs, job_queue, ports.server, common.clock),
        room_sync=MediaRoomSync(
            ports.reports,
            ports.presence,
            ports.server,
            ports.ids,
            common.records,
            interviews.rooms,
            interviews.unit_of_work,
            polling_clients,
            job_queue,
            common.clock,
        ),
        tokens=MediaTokenService(
            interviews.rooms,
            interviews.invites,
            polling_clients,
            ports.ids,
            common.media_tokens,
            common.turn,
            common.clock,
        ),
        host_commands=HostCommands(interviews.rooms, interviews.live_rooms, interviews.unit_of_work, ports.ids),
    )
