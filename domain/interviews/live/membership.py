"""Coming, dropping, returning, leaving: who sits in the room, and what their coming and going does to its phase."""

from datetime import datetime, timedelta
from typing import Final

from domain.interviews.errors import Banned, LobbyFull, NotJoined, RoomFull, RoomLocked, TicketInvalid
from domain.interviews.live.pushes import (
    ControlResultPush,
    HandQueuePush,
    HostAbsentPush,
    HostBackPush,
    LobbyWaitingPush,
    PeerLeftPush,
    PeerPush,
    RoomStatePush,
    YouSupersededPush,
)
from domain.interviews.live.room import MAX_LOBBY, LiveRoom, Seat
from domain.interviews.live.transition import RoomTransition, one_device
from domain.interviews.live.views import host_online, person, waiting
from domain.interviews.record.entries import ParticipantJoined, ParticipantLeft, PhaseChanged
from domain.interviews.value_types import LeaveReason, MediaState, ParticipantIdentity, ParticipantRole, RoomPhase
from domain.shared.model import Instant, Model

MAX_MESH_PARTICIPANTS: Final = 4


class JoiningParticipant(Model):
    """Somebody whose identity has been proved, and the connection they come by."""

    participant_id: str
    name: str
    role: ParticipantRole
    identity: ParticipantIdentity
    invite_id: str = ""
    connection: str
    thread: str
    worker: str
    media: MediaState = MediaState()
    token_ends_at: Instant | None = None


def join(step: RoomTransition, who: JoiningParticipant) -> None:
    """In, or at the door (`seat.admitted` tells). A second device takes the place of the first.

    Raises RoomEnded, Banned, TicketInvalid, RoomLocked, RoomFull, LobbyFull.
    """
    step.require_open()
    _require_welcome(step.room, who)
    seat = step.room.seat(who.participant_id)
    if seat is not None and (seat.admitted or not _comes_in(step.room, who)):
        _supersede(step, seat, who.thread)
        _attach(step, seat, who.connection, who.thread, who.worker, who.token_ends_at)
        return
    if not _comes_in(step.room, who):
        _knock(step, who)
        return
    if len(step.room.inside) >= _capacity(step.room, who):
        raise RoomFull(most=step.room.settings.max_participants)
    if seat is not None:  # from the door; perhaps with another device than the one that waited there
        _supersede(step, seat, who.thread)
        step.room = step.room.without_seat(who.participant_id)
    _sit_down(step, who)


def come_back(step: RoomTransition, participant_id: str, connection: str, thread: str, worker: str) -> None:
    """A connection that was recovered takes up its seat. Raises RoomEnded, NotJoined (also when another device has
    come in the meantime)."""
    step.require_open()
    seat = step.room.seat(participant_id)
    if seat is None or seat.thread != thread:
        raise NotJoined
    _attach(step, seat, connection, thread, worker, seat.token_ends_at)


def drop(step: RoomTransition, participant_id: str, connection: str) -> None:
    """The connection is gone; its seat is kept for a while. Nothing, when another one speaks for the seat by now."""
    seat = step.room.seat(participant_id)
    if seat is None or seat.connection != connection:
        return
    seat = step.put(seat, connection="", worker="", dropped_at=step.now)
    if seat.admitted:
        step.tell_all("peerReconnecting", PeerPush, participant=person(seat))
        _tell_if_host(step, seat)


def lose_worker(step: RoomTransition, worker: str, until: datetime) -> None:
    """Who took their seat later came by a worker that was not dead after all."""
    for seat in step.room.seats:
        if seat.worker == worker and seat.attached_at <= until:
            drop(step, seat.participant_id, seat.connection)


def go(step: RoomTransition, seat: Seat, because: LeaveReason) -> None:
    """Out of the room, or away from its door."""
    step.room = step.room.without_seat(seat.participant_id)
    if not seat.admitted:
        step.tell_host("lobbyWaiting", LobbyWaitingPush, waiting=waiting(step.room))
        return
    step.note(ParticipantLeft(participant_id=seat.participant_id, because=because, at=step.now))
    step.tell_all("peerLeft", PeerLeftPush, participant_id=seat.participant_id, reason=because)
    _clear_up(step, seat)
    if seat.role == "host":
        _host_gone(step)


def tell_state(step: RoomTransition) -> None:
    room = step.room
    step.tell_all(
        "roomState",
        RoomStatePush,
        phase=room.phase,
        settings=room.settings,
        locked_devices=list(room.locked_devices),
        host_online=host_online(room),
        grace_ends_at=room.absence_ends_at,
    )


def is_banned(room: LiveRoom, participant_id: str, invite_id: str) -> bool:
    """By name, or by an invitation that has not brought them in before."""
    for ban in room.bans:
        if ban.participant_id == participant_id:
            return True
        if ban.invite_id and ban.invite_id == invite_id and participant_id not in room.known:
            return True
    return False


def _require_welcome(room: LiveRoom, who: JoiningParticipant) -> None:
    if who.role == "host":
        return
    if is_banned(room, who.participant_id, who.invite_id):
        raise Banned
    if who.participant_id in room.known or who.identity == "staff":
        return
    if who.invite_id in room.revoked_invites:
        raise TicketInvalid
    if room.settings.locked:
        raise RoomLocked


def _comes_in(room: LiveRoom, who: JoiningParticipant) -> bool:
    """Without waiting at the door."""
    trusted = who.role == "host" or who.identity == "staff" or who.participant_id in room.known
    return trusted or not room.settings.lobby_enabled


def _capacity(room: LiveRoom, who: JoiningParticipant) -> int:
    """The host always has a chair; it is kept free for them."""
    most = room.settings.max_participants
    if room.media_mode == "mesh":
        most = min(most, MAX_MESH_PARTICIPANTS)
    if who.role == "host":
        return most + 1
    return most if room.host is not None else most - 1


def _seat(step: RoomTransition, who: JoiningParticipant, *, admitted: bool) -> Seat:
    rank = step.room.next_rank
    step.set(next_rank=rank + 1)
    return Seat(
        participant_id=who.participant_id,
        name=who.name,
        role=who.role,
        identity=who.identity,
        invite_id=who.invite_id,
        rank=rank,
        admitted=admitted,
        joined_at=step.now,
        connection=who.connection,
        thread=who.thread,
        worker=who.worker,
        attached_at=step.now,
        media=_allowed(step.room, who),
        token_ends_at=who.token_ends_at,
    )


def _allowed(room: LiveRoom, who: JoiningParticipant) -> MediaState:
    """What somebody brings along switched on, less what guests may not switch on now."""
    if who.role == "host":
        return who.media
    off: dict[str, object] = dict.fromkeys(room.locked_devices, False)
    if not room.settings.guest_screen_share:
        off["screen"] = False
    return who.media.model_copy(update=off)


def _knock(step: RoomTransition, who: JoiningParticipant) -> None:
    if len(step.room.waiting) >= MAX_LOBBY:
        raise LobbyFull
    step.put(_seat(step, who, admitted=False))
    step.tell_host("lobbyWaiting", LobbyWaitingPush, waiting=waiting(step.room))


def _sit_down(step: RoomTransition, who: JoiningParticipant) -> None:
    seat = step.put(_seat(step, who, admitted=True))
    if who.role == "guest" and who.identity != "staff":
        step.set(known={**step.room.known, who.participant_id: who.invite_id})
    step.note(
        ParticipantJoined(
            participant_id=seat.participant_id, name=seat.name, role=seat.role, identity=seat.identity, at=step.now
        )
    )
    step.tell_all("peerJoined", PeerPush, participant=person(seat))
    if seat.role == "host":
        _host_there(step)
    _meet(step)


def _attach(
    step: RoomTransition, seat: Seat, connection: str, thread: str, worker: str, token_ends_at: Instant | None
) -> None:
    was_gone = not seat.connected
    seat = step.put(
        seat,
        connection=connection,
        thread=thread,
        worker=worker,
        attached_at=step.now,
        dropped_at=None,
        token_ends_at=token_ends_at,
        token_warned=seat.token_warned and token_ends_at == seat.token_ends_at,
    )
    if seat.admitted and was_gone:
        step.tell_all("peerResumed", PeerPush, participant=person(seat))
        _tell_if_host(step, seat)


def _supersede(step: RoomTransition, seat: Seat, thread: str) -> None:
    if seat.connected and seat.thread != thread:
        step.tell("youSuperseded", (one_device(seat.thread),), YouSupersededPush)


def _tell_if_host(step: RoomTransition, seat: Seat) -> None:
    if seat.role == "host":
        tell_state(step)


def _clear_up(step: RoomTransition, seat: Seat) -> None:
    """What somebody leaves behind: a raised hand, questions that they did not answer."""
    gone = seat.participant_id
    for prompt in step.room.prompts:
        if prompt.target == gone:
            step.tell_host(
                "controlResult",
                ControlResultPush,
                request_id=prompt.request_id,
                participant_id=gone,
                device=prompt.device,
                result="gone",
                reason="",
            )
    step.set(prompts=tuple(each for each in step.room.prompts if each.target != gone))
    if gone in step.room.hands:
        step.set(hands=tuple(each for each in step.room.hands if each != gone))
        step.tell_all("handQueue", HandQueuePush, hands=list(step.room.hands))


def _host_there(step: RoomTransition) -> None:
    step.set(absence_ends_at=None)
    if step.room.phase is RoomPhase.HOST_ABSENT:
        _move(step, RoomPhase.LIVE)
        step.tell_all("hostBack", HostBackPush)
    tell_state(step)


def _host_gone(step: RoomTransition) -> None:
    ends_at = step.now + timedelta(seconds=step.room.settings.grace_seconds)
    step.set(absence_ends_at=ends_at)
    if step.room.phase is RoomPhase.LIVE:
        _move(step, RoomPhase.HOST_ABSENT)
        step.tell_all("hostAbsent", HostAbsentPush, grace_ends_at=ends_at)
    tell_state(step)


def _meet(step: RoomTransition) -> None:
    """Host and guest sit together for the first time."""
    room = step.room
    if (
        room.phase is RoomPhase.WAITING
        and room.host is not None
        and any(each.identity != "staff" for each in room.guests)
    ):
        step.set(started_at=step.now)
        _move(step, RoomPhase.LIVE)
        tell_state(step)


def _move(step: RoomTransition, phase: RoomPhase) -> None:
    step.set(phase=phase)
    step.note(PhaseChanged(phase=phase, at=step.now))
