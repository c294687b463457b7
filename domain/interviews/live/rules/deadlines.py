"""Deadlines of a live room, and its end."""

from domain.interviews.live.pushes import RoomEndedPush, TokenExpiringPush
from domain.interviews.live.room import TOKEN_WARNING, LiveRoom, seat_ends_at
from domain.interviews.live.rules.devices import close_request
from domain.interviews.live.rules.membership import remove_seat
from domain.interviews.live.socket_rooms import lobby_room, participants_room
from domain.interviews.live.transition import RoomTransition
from domain.interviews.record.entries import ParticipantLeft
from domain.interviews.record.model import EndReason
from domain.interviews.value_types import RoomPhase


def apply_deadlines(transition: RoomTransition) -> None:
    """Applies every deadline that has passed. An end is only decided here (`pending_end`); `InterviewRoomService.end`
    carries it out."""
    room, now = transition.room, transition.now
    if room.ended or room.pending_end is not None:
        return
    for seat in room.seats:
        if seat.dropped_at is not None and seat_ends_at(seat.dropped_at) <= now:
            remove_seat(transition, seat, "timeout")
    for request in transition.room.device_requests:
        if request.until <= now:
            close_request(transition, request, "noResponse")
    for seat in transition.room.admitted_seats:
        if seat.token_ends_at is not None and not seat.token_warned and seat.token_ends_at - TOKEN_WARNING <= now:
            transition.update_seat(seat, token_warned=True)
            transition.push_to_one(
                "tokenExpiring", seat.participant_id, TokenExpiringPush, expires_at=seat.token_ends_at
            )
    if (reason := _due_end(transition)) is not None:
        transition.update(pending_end=reason)


def end_room(transition: RoomTransition, reason: EndReason, by: str) -> None:
    """Pushes `roomEnded` as the last push of the room, and removes all seats. Idempotent."""
    room, now = transition.room, transition.now
    if room.ended:
        return
    for seat in room.admitted_seats:
        transition.record(ParticipantLeft(participant_id=seat.participant_id, because="ended", at=now))
    duration = max(0, int((now - room.opened_at).total_seconds()))
    rooms = (participants_room(room.room_id), lobby_room(room.room_id))
    transition.push("roomEnded", rooms, RoomEndedPush, end_reason=reason, ended_by=by, duration_sec=duration)
    transition.update(
        phase=RoomPhase.ENDED,
        pending_end=reason,
        ended_at=now,
        grace_ends_at=None,
        seats=(),
        device_requests=(),
        raised_hands=(),
    )


def _due_end(transition: RoomTransition) -> EndReason | None:
    room = transition.room
    if room.ends_at <= transition.now:
        return EndReason.MAX_DURATION
    if room.grace_ends_at is None or room.grace_ends_at > transition.now:
        return None
    return _reason_without_host(room)


def _reason_without_host(room: LiveRoom) -> EndReason:
    if not room.known_guests:
        return EndReason.NO_SHOW_TIMEOUT
    return EndReason.HOST_TIMEOUT if room.admitted_seats else EndReason.EMPTY_TIMEOUT
