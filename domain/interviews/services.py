"""The use cases of interviews, built from their ports."""

from dataclasses import dataclass

from domain.interviews.followers import BanFollower, EndFollower, OpeningFollower
from domain.interviews.invites.service import InviteService
from domain.interviews.live.connections import SeatConnections
from domain.interviews.live.join_authorization import JoinAuthorization
from domain.interviews.live.maintenance import LiveRoomMaintenance
from domain.interviews.live.process_heartbeat import ProcessHeartbeat
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
from domain.interviews.record.reminders import InterviewReminders
from domain.interviews.record.service import InterviewRoomService
from domain.interviews.value_types import MediaMode
from domain.shared.ports import Clock, IdGenerator
from domain.shared.signal import Signal


@dataclass(frozen=True, slots=True)
class InterviewPorts:
    records: InterviewRoomRepository
    store: LiveRoomStore
    relay: PeerRelay
    processes: AppProcessRegistry
    media_tokens: MediaTokenIssuer
    turn: TurnServers
    signer: TicketSigner
    clock: Clock
    ids: IdGenerator


@dataclass(frozen=True, slots=True)
class InterviewServices:
    process: str
    """The name of this app process; a restarted process has another name."""
    rooms: InterviewRoomService
    invites: InviteService
    live_rooms: LiveRoomService
    connections: SeatConnections
    unit_of_work: LiveRoomUnitOfWork
    relay: PeerRelay
    signer: TicketSigner
    maintenance: LiveRoomMaintenance
    reminders: InterviewReminders
    heartbeat: ProcessHeartbeat
    seats_in_doubt: Signal
    """Set by the heartbeat when the store may be wrong about the connections of this process."""
    openings: OpeningFollower
    """Follows `InterviewOpened` durably."""
    bans: BanFollower
    """Follows `ParticipantBanned` durably."""
    endings: EndFollower
    """Follows `InterviewEnded` durably."""


def interview_services(ports: InterviewPorts, process: str, mode: MediaMode = "mesh") -> InterviewServices:
    """`process` names this app process; `mode` is the default of new rooms."""
    unit_of_work = LiveRoomUnitOfWork(ports.records, ports.store, ports.clock, ports.ids)
    rooms = InterviewRoomService(ports.records, unit_of_work, ports.clock, ports.ids, mode)
    live_rooms = LiveRoomService(
        rooms,
        unit_of_work,
        JoinAuthorization(ports.records, unit_of_work),
        ports.relay,
        ports.media_tokens,
        ports.turn,
        ports.clock,
        ports.ids,
    )
    connections, seats_in_doubt = SeatConnections(unit_of_work), Signal()
    return InterviewServices(
        process=process,
        rooms=rooms,
        invites=InviteService(rooms, live_rooms.revoke_invite, ports.signer, ports.clock, ports.ids),
        live_rooms=live_rooms,
        connections=connections,
        unit_of_work=unit_of_work,
        relay=ports.relay,
        signer=ports.signer,
        maintenance=LiveRoomMaintenance(ports.records, rooms, unit_of_work, live_rooms, ports.store, ports.clock),
        reminders=InterviewReminders(ports.records, rooms, ports.clock, ports.ids),
        heartbeat=ProcessHeartbeat(ports.processes, connections, ports.clock, process, seats_in_doubt),
        seats_in_doubt=seats_in_doubt,
        openings=OpeningFollower(unit_of_work),
        bans=BanFollower(live_rooms),
        endings=EndFollower(unit_of_work),
    )
