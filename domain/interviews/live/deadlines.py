"""What time does to a room, and its end."""

from domain.interviews.live.devices import settle
from domain.interviews.live.membership import go
from domain.interviews.live.pushes import RoomEndedPush, TokenExpiringPush
from domain.interviews.live.room import TOKEN_WARNING, LiveRoom, seat_ends_at
from domain.interviews.live.transition import RoomTransition, door_of, everyone
from domain.interviews.record.entries import ParticipantLeft
from domain.interviews.record.model import EndReason
from domain.interviews.value_types import RoomPhase


def tick(step: RoomTransition) -> None:
    """Everything that is due. An end is decided here (`ending`) and carried out by `InterviewRoomService.end`."""
    if step.room.over or step.room.ending is not None:
        return
    for seat in step.room.seats:
        if seat.dropped_at is not None and seat_ends_at(seat.dropped_at) <= step.now:
            go(step, seat, "timeout")
    for prompt in step.room.prompts:
        if prompt.until <= step.now:
            settle(step, prompt, "noResponse")
    for seat in step.room.inside:
        if seat.token_ends_at is not None and not seat.token_warned and seat.token_ends_at - TOKEN_WARNING <= step.now:
            step.put(seat, token_warned=True)
            step.tell_one("tokenExpiring", seat.participant_id, TokenExpiringPush, expires_at=seat.token_ends_at)
    if (reason := _end_due(step)) is not None:
        step.set(ending=reason)


def end(step: RoomTransition, reason: EndReason, by: str) -> None:
    """The last thing that anybody hears. Again it is nothing."""
    if step.room.over:
        return
    for seat in step.room.inside:
        step.note(ParticipantLeft(participant_id=seat.participant_id, because="ended", at=step.now))
    lasted = max(0, int((step.now - step.room.opened_at).total_seconds()))
    rooms = (everyone(step.room.room_id), door_of(step.room.room_id))
    step.tell("roomEnded", rooms, RoomEndedPush, end_reason=reason, ended_by=by, duration_sec=lasted)
    step.set(
        phase=RoomPhase.ENDED, ending=reason, ended_at=step.now, seats=(), prompts=(), hands=(), absence_ends_at=None
    )


def _end_due(step: RoomTransition) -> EndReason | None:
    room = step.room
    if room.ends_at <= step.now:
        return EndReason.MAX_DURATION
    if room.absence_ends_at is None or room.absence_ends_at > step.now:
        return None
    return _absence_reason(room)


def _absence_reason(room: LiveRoom) -> EndReason:
    if not room.known:
        return EndReason.NO_SHOW_TIMEOUT
    return EndReason.HOST_TIMEOUT if room.inside else EndReason.EMPTY_TIMEOUT
