"""The use cases beside the live rooms: the media plane, and people whose page polls."""

from dataclasses import dataclass

from domain.interviews.live.host_commands import HostDesk
from domain.interviews.media.jobs import MediaJobs, MediaOrders, MediaWorker
from domain.interviews.media.plane import MediaIds, MediaPlane, MediaPresence, MediaReports
from domain.interviews.media.tokens import Passes
from domain.interviews.media.watch import MediaWatch
from domain.interviews.polling.clients import PollBoard, Pollers
from domain.interviews.services import InterviewPorts, InterviewServices


@dataclass(frozen=True, slots=True)
class MediaPorts:
    jobs: MediaJobs
    ids: MediaIds
    presence: MediaPresence
    board: PollBoard
    plane: MediaPlane
    reports: MediaReports
    app_id: int


@dataclass(frozen=True, slots=True)
class MediaServices:
    app_id: int
    """Of the provider; 0 without one."""
    ids: MediaIds
    pollers: Pollers
    """Its `run` goes on in the background of every worker."""
    orders: MediaOrders
    """Follows `InterviewEnded` and `ParticipantBanned` durably."""
    worker: MediaWorker
    """Its `run` goes on in the background of every worker."""
    watch: MediaWatch
    """Its `run` goes on in the background of every worker."""
    passes: Passes
    desk: HostDesk


def media_services(ports: MediaPorts, common: InterviewPorts, interviews: InterviewServices) -> MediaServices:
    orders = MediaOrders(ports.jobs, ports.ids)
    pollers = Pollers(
        ports.board,
        interviews.live,
        interviews.conversations,
        ports.presence,
        ports.ids,
        common.lease,
        common.clock,
    )
    return MediaServices(
        app_id=ports.app_id,
        ids=ports.ids,
        pollers=pollers,
        orders=orders,
        worker=MediaWorker(ports.jobs, orders, ports.plane, common.clock),
        watch=MediaWatch(
            ports.reports,
            ports.presence,
            ports.plane,
            ports.ids,
            common.records,
            interviews.rooms,
            interviews.live,
            pollers,
            orders,
            common.lease,
            common.clock,
        ),
        passes=Passes(
            interviews.rooms, interviews.inviting, pollers, ports.ids, common.media, common.turn, common.clock
        ),
        desk=HostDesk(interviews.rooms, interviews.conversations, interviews.live, ports.ids),
    )
