"""Names of the Socket.IO rooms that the pushes of an interview room go to."""

from collections.abc import Iterable

from domain.interviews.live.room import Seat

_PARTICIPANTS, _HOST, _LOBBY, _PARTICIPANT, _DEVICE = "r:", "h:", "l:", "p:", "t:"


def participants_room(room_id: str) -> str:
    """All admitted participants."""
    return _PARTICIPANTS + room_id


def host_room(room_id: str) -> str:
    return _HOST + room_id


def lobby_room(room_id: str) -> str:
    """All who wait in the lobby."""
    return _LOBBY + room_id


def participant_room(participant_id: str) -> str:
    """All connections of one participant."""
    return _PARTICIPANT + participant_id


def device_room(recovery_id: str) -> str:
    """One connection of a participant and its recoveries, and no other device of theirs."""
    return _DEVICE + recovery_id


def rooms_for(room_id: str, seat: Seat) -> frozenset[str]:
    """The rooms of the connection that acts for this seat."""
    rooms = {
        participant_room(seat.participant_id),
        device_room(seat.recovery_id),
        participants_room(room_id) if seat.admitted else lobby_room(room_id),
    }
    return frozenset(rooms | {host_room(room_id)} if seat.role == "host" else rooms)


def room_id_in(rooms: Iterable[str]) -> str:
    """The interview room that a connection with these rooms is in; empty when it is in none."""
    return next((room[2:] for room in rooms if room[:2] in (_PARTICIPANTS, _LOBBY)), "")


def participant_id_in(rooms: Iterable[str]) -> str:
    """The participant whose connection has these rooms; empty when it has no seat."""
    return next((room[2:] for room in rooms if room[:2] == _PARTICIPANT), "")
