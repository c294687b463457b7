"""Rules of joining, disconnecting, reattaching and leaving."""

from typing import Final

from domain.interviews.errors import Banned, LobbyFull, NotJoined, RoomFull, RoomLocked, TicketInvalid
from domain.interviews.live.pushes import (
    ControlResultPush,
    HandQueuePush,
    LobbyWaitingPush,
    PeerLeftPush,
    PeerPush,
    YouSupersededPush,
)
from domain.interviews.live.room import MAX_LOBBY, LiveRoom, Seat
from domain.interviews.live.rules.phases import host_joined, host_left, push_room_state, start_when_host_and_guest_meet
from domain.interviews.live.socket_rooms import device_room
from domain.interviews.live.transition import RoomTransition
from domain.interviews.live.views import lobby_view, participant_view
from domain.interviews.record.entries import ParticipantJoined, ParticipantLeft
from domain.interviews.value_types import LeaveReason, MediaState, ParticipantIdentity, ParticipantRole
from domain.shared.model import Instant, Model

MAX_MESH_PARTICIPANTS: Final = 4


class ParticipantConnection(Model):
    """The connection that acts for a seat (see `Seat`)."""

    id: str
    recovery_id: str
    process: str


class JoiningParticipant(Model):
    """An authenticated participant who joins, and the connection."""

    participant_id: str
    name: str
    role: ParticipantRole
    identity: ParticipantIdentity
    invite_id: str = ""
    connection: ParticipantConnection
    media: MediaState = MediaState()
    token_ends_at: Instant | None = None


def join(transition: RoomTransition, joining: JoiningParticipant) -> None:
    """Gives a seat in the room or in the lobby (`seat.admitted` tells which). A second device replaces the first.

    Raises RoomEnded, Banned, TicketInvalid, RoomLocked, RoomFull, LobbyFull.
    """
    transition.require_open()
    _require_allowed(transition.room, joining)
    seat = transition.room.seat(joining.participant_id)
    if seat is not None and (seat.admitted or not _bypasses_lobby(transition.room, joining)):
        _supersede(transition, seat, joining.connection)
        _attach(transition, seat, joining.connection, joining.token_ends_at)
        return
    if not _bypasses_lobby(transition.room, joining):
        _enter_lobby(transition, joining)
        return
    if len(transition.room.admitted_seats) >= _capacity(transition.room, joining):
        raise RoomFull(most=transition.room.settings.max_participants)
    if seat is not None:  # from the lobby, perhaps with another device than the one that waited there
        _supersede(transition, seat, joining.connection)
        transition.room = transition.room.without_seat(joining.participant_id)
    _take_seat(transition, joining)


def reattach(transition: RoomTransition, participant_id: str, connection: ParticipantConnection) -> None:
    """A recovered connection takes its seat again. Raises RoomEnded, NotJoined (also when another device has joined in
    the meantime)."""
    transition.require_open()
    seat = transition.room.seat(participant_id)
    if seat is None or seat.recovery_id != connection.recovery_id:
        raise NotJoined
    _attach(transition, seat, connection, seat.token_ends_at)


def disconnect(transition: RoomTransition, participant_id: str, connection: str) -> None:
    """The connection is closed; its seat is held for `SEAT_HELD_SECONDS`. Ignored when another one has the seat."""
    seat = transition.room.seat(participant_id)
    if seat is None or seat.connection != connection:
        return
    seat = transition.update_seat(seat, connection="", process="", dropped_at=transition.now)
    if seat.admitted:
        transition.push_to_all("peerReconnecting", PeerPush, participant=participant_view(seat))
        _push_state_if_host(transition, seat)


def disconnect_process(transition: RoomTransition, process: str, until: Instant) -> None:
    """Disconnects all seats of a lost app process. Seats attached after `until` stay: the process has recovered."""
    for seat in transition.room.seats:
        if seat.process == process and seat.attached_at <= until:
            disconnect(transition, seat.participant_id, seat.connection)


def remove_seat(transition: RoomTransition, seat: Seat, because: LeaveReason) -> None:
    """The participant leaves the room, or the lobby."""
    transition.room = transition.room.without_seat(seat.participant_id)
    if not seat.admitted:
        transition.push_to_host("lobbyWaiting", LobbyWaitingPush, waiting=lobby_view(transition.room))
        return
    transition.record(ParticipantLeft(participant_id=seat.participant_id, because=because, at=transition.now))
    transition.push_to_all("peerLeft", PeerLeftPush, participant_id=seat.participant_id, reason=because)
    _drop_requests_and_hand(transition, seat)
    if seat.role == "host":
        host_left(transition)


def is_banned(room: LiveRoom, participant_id: str, invite_id: str) -> bool:
    """Banned as a participant, or by an invitation that has not admitted this participant before."""
    for ban in room.bans:
        if ban.participant_id == participant_id:
            return True
        if ban.invite_id and ban.invite_id == invite_id and participant_id not in room.known_guests:
            return True
    return False


def _require_allowed(room: LiveRoom, joining: JoiningParticipant) -> None:
    if joining.role == "host":
        return
    if is_banned(room, joining.participant_id, joining.invite_id):
        raise Banned
    if joining.participant_id in room.known_guests or joining.identity == "staff":
        return
    if joining.invite_id in room.revoked_invites:
        raise TicketInvalid
    if room.settings.locked:
        raise RoomLocked


def _bypasses_lobby(room: LiveRoom, joining: JoiningParticipant) -> bool:
    trusted = joining.role == "host" or joining.identity == "staff" or joining.participant_id in room.known_guests
    return trusted or not room.settings.lobby_enabled


def _capacity(room: LiveRoom, joining: JoiningParticipant) -> int:
    """One seat is always kept free for the host."""
    capacity = room.settings.max_participants
    if room.media_mode == "mesh":
        capacity = min(capacity, MAX_MESH_PARTICIPANTS)
    if joining.role == "host":
        return capacity + 1
    return capacity if room.host_seat is not None else capacity - 1


def _new_seat(transition: RoomTransition, joining: JoiningParticipant, *, admitted: bool) -> Seat:
    rank = transition.room.next_rank
    transition.update(next_rank=rank + 1)
    return Seat(
        participant_id=joining.participant_id,
        name=joining.name,
        role=joining.role,
        identity=joining.identity,
        invite_id=joining.invite_id,
        rank=rank,
        admitted=admitted,
        joined_at=transition.now,
        connection=joining.connection.id,
        recovery_id=joining.connection.recovery_id,
        process=joining.connection.process,
        attached_at=transition.now,
        media=_allowed_media(transition.room, joining),
        token_ends_at=joining.token_ends_at,
    )


def _allowed_media(room: LiveRoom, joining: JoiningParticipant) -> MediaState:
    """The devices that are on when the participant joins, except those that guests may not switch on now."""
    if joining.role == "host":
        return joining.media
    off: dict[str, object] = dict.fromkeys(room.locked_devices, False)
    if not room.settings.guest_screen_share:
        off["screen"] = False
    return joining.media.model_copy(update=off)


def _enter_lobby(transition: RoomTransition, joining: JoiningParticipant) -> None:
    if len(transition.room.lobby_seats) >= MAX_LOBBY:
        raise LobbyFull
    transition.update_seat(_new_seat(transition, joining, admitted=False))
    transition.push_to_host("lobbyWaiting", LobbyWaitingPush, waiting=lobby_view(transition.room))


def _take_seat(transition: RoomTransition, joining: JoiningParticipant) -> None:
    seat = transition.update_seat(_new_seat(transition, joining, admitted=True))
    if joining.role == "guest" and joining.identity != "staff":
        known_guests = {**transition.room.known_guests, joining.participant_id: joining.invite_id}
        transition.update(known_guests=known_guests)
    transition.record(
        ParticipantJoined(
            participant_id=seat.participant_id,
            name=seat.name,
            role=seat.role,
            identity=seat.identity,
            at=transition.now,
        )
    )
    transition.push_to_all("peerJoined", PeerPush, participant=participant_view(seat))
    if seat.role == "host":
        host_joined(transition)
    start_when_host_and_guest_meet(transition)


def _attach(
    transition: RoomTransition, seat: Seat, connection: ParticipantConnection, token_ends_at: Instant | None
) -> None:
    was_disconnected = not seat.connected
    seat = transition.update_seat(
        seat,
        connection=connection.id,
        recovery_id=connection.recovery_id,
        process=connection.process,
        attached_at=transition.now,
        dropped_at=None,
        token_ends_at=token_ends_at,
        token_warned=seat.token_warned and token_ends_at == seat.token_ends_at,
    )
    if seat.admitted and was_disconnected:
        transition.push_to_all("peerResumed", PeerPush, participant=participant_view(seat))
        _push_state_if_host(transition, seat)


def _supersede(transition: RoomTransition, seat: Seat, connection: ParticipantConnection) -> None:
    if seat.connected and seat.recovery_id != connection.recovery_id:
        transition.push("youSuperseded", (device_room(seat.recovery_id),), YouSupersededPush)


def _push_state_if_host(transition: RoomTransition, seat: Seat) -> None:
    if seat.role == "host":
        push_room_state(transition)


def _drop_requests_and_hand(transition: RoomTransition, seat: Seat) -> None:
    """Removes the raised hand and the unanswered device requests of a participant who has left."""
    left_id = seat.participant_id
    for request in transition.room.device_requests:
        if request.target == left_id:
            transition.push_to_host(
                "controlResult",
                ControlResultPush,
                request_id=request.request_id,
                participant_id=left_id,
                device=request.device,
                result="gone",
                reason="",
            )
    others = tuple(request for request in transition.room.device_requests if request.target != left_id)
    transition.update(device_requests=others)
    if left_id in transition.room.raised_hands:
        transition.update(raised_hands=tuple(each for each in transition.room.raised_hands if each != left_id))
        transition.push_to_all("handQueue", HandQueuePush, hands=list(transition.room.raised_hands))
