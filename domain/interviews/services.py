"""All use cases of interviews, built together from the ports that they need."""

from dataclasses import dataclass

from domain.interviews.followers import BanFollower, EndFollower, OpeningFollower
from domain.interviews.invites.service import InviteService
from domain.interviews.live.maintenance import LiveRoomMaintenance
from domain.interviews.live.service import LiveRoomService
from domain.interviews.live.unit_of_work import LiveRoomUnitOfWork
from domain.interviews.ports import (
    AppProcessRegistry,
    InterviewRoomRepository,
    LiveRoomStore,
    MediaTokenIssuer,
    PeerRelay,
    TicketSigner,
    TurnServers,
)
from domain.interviews.record.model import MediaMode
from domain.interviews.record.service import InterviewRoomService
from domain.shared.ports import Clock, IdGenerator, Lease


@dataclass(frozen=True, slots=True)
class InterviewPorts:
    records: InterviewRoomRepository
    store: LiveRoomStore
    relay: PeerRelay
    workers: AppProcessRegistry
    media: MediaTokenIssuer
    turn: TurnServers
    signer: TicketSigner
    lease: Lease
    clock: Clock
    ids: IdGenerator


@dataclass(frozen=True, slots=True)
class InterviewServices:
    worker: str
    """The name of this process among all, and of this life of it."""
    rooms: InterviewRoomService
    inviting: InviteService
    conversations: LiveRoomService
    live: LiveRoomUnitOfWork
    relay: PeerRelay
    signer: TicketSigner
    timekeeper: LiveRoomMaintenance
    """Its `run` goes on in the background of every worker."""
    openings: OpeningFollower
    """Follows `InterviewOpened` durably."""
    bans: BanFollower
    """Follows `ParticipantBanned` durably."""
    endings: EndFollower
    """Follows `InterviewEnded` durably."""


def interview_services(ports: InterviewPorts, worker: str, mode: MediaMode = "mesh") -> InterviewServices:
    """`worker` names this process among all, and this life of it; `mode` is that of rooms that do not say theirs."""
    live = LiveRoomUnitOfWork(ports.records, ports.store, ports.clock, ports.ids)
    rooms = InterviewRoomService(ports.records, live, ports.clock, ports.ids, mode)
    conversations = LiveRoomService(
        ports.records, rooms, live, ports.relay, ports.media, ports.turn, ports.clock, ports.ids
    )
    return InterviewServices(
        worker=worker,
        rooms=rooms,
        inviting=InviteService(rooms, conversations.revoke_invite, ports.signer, ports.clock, ports.ids),
        conversations=conversations,
        live=live,
        relay=ports.relay,
        signer=ports.signer,
        timekeeper=LiveRoomMaintenance(
            ports.records,
            rooms,
            live,
            conversations,
            ports.store,
            ports.workers,
            ports.clock,
            worker,
        ),
        openings=OpeningFollower(live),
        bans=BanFollower(conversations),
        endings=EndFollower(live),
    )
