"""The use cases beside the live rooms: the media plane, and people whose page polls."""

from dataclasses import dataclass

from domain.interviews.media import MediaIds, MediaPlane, MediaPresence, MediaReports
from domain.interviews.media_jobs import MediaJobs, MediaOrders, MediaWorker
from domain.interviews.media_watch import MediaWatch
from domain.interviews.pollers import PollBoard, Pollers
from domain.interviews.ports import MediaProvider, TurnServers
from domain.interviews.services import InterviewPorts, InterviewServices


@dataclass(frozen=True, slots=True)
class MediaPorts:
    jobs: MediaJobs
    ids: MediaIds
    presence: MediaPresence
    board: PollBoard
    plane: MediaPlane
    reports: MediaReports


@dataclass(frozen=True, slots=True)
class MediaServices:
    provider: MediaProvider
    turn: TurnServers
    ids: MediaIds
    pollers: Pollers
    """Its `run` goes on in the background of every worker."""
    orders: MediaOrders
    """Follows `InterviewEnded` and `ParticipantBanned` durably."""
    worker: MediaWorker
    """Its `run` goes on in the background of every worker."""
    watch: MediaWatch


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
        provider=common.media,
        turn=common.turn,
        ids=ports.ids,
        pollers=pollers,
        orders=orders,
        worker=MediaWorker(ports.jobs, orders, ports.plane, common.clock),
        watch=MediaWatch(
            ports.reports,
            ports.presence,
            ports.ids,
            common.records,
            interviews.rooms,
            interviews.live,
            pollers,
            orders,
            common.clock,
        ),
    )
