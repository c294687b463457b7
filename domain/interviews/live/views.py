"""The live room as each of its people may see it."""

from datetime import datetime

from domain.interviews.live.results import LobbyEntry, ParticipantView, PendingDeviceRequest, PrompterView, RoomSnapshot
from domain.interviews.live.room import LiveRoom, Seat
from domain.interviews.live.teleprompter import Prompter


def person(seat: Seat) -> ParticipantView:
    return ParticipantView(
        participant_id=seat.participant_id,
        name=seat.name,
        role=seat.role,
        identity=seat.identity,
        zego_user_id=seat.participant_id,
        rank=seat.rank,
        joined_at=seat.joined_at,
        reconnecting=not seat.connected,
        media=seat.media,
    )


def waiting(room: LiveRoom) -> list[LobbyEntry]:
    return [
        LobbyEntry(participant_id=each.participant_id, name=each.name, identity=each.identity, since=each.joined_at)
        for each in room.waiting
    ]


def host_online(room: LiveRoom) -> bool:
    return room.host is not None and room.host.connected


def reads(prompter: Prompter, seat: Seat) -> bool:
    """Whether the teleprompter is meant for them. Never for customers, whatever the host names."""
    if seat.identity != "helper":
        return False
    return not prompter.doc.targets or seat.participant_id in prompter.doc.targets


def snapshot(room: LiveRoom, seat: Seat, now: datetime) -> RoomSnapshot:
    is_host = seat.role == "host"
    shown = room.prompter if room.prompter and (is_host or reads(room.prompter, seat)) else None
    me = seat.participant_id
    return RoomSnapshot(
        room_id=room.room_id,
        room_name=room.room_name,
        version=room.version,
        phase=room.phase,
        media_mode=room.media_mode,
        settings=room.settings,
        host_id=room.host_id,
        host_online=host_online(room),
        you=person(seat),
        participants=[person(each) for each in room.inside],
        hands=list(room.hands),
        locked_devices=list(room.locked_devices),
        chat=[line for line in room.chat if not line.to or me in (line.to, line.from_id)],
        prompter=PrompterView(doc=shown.doc, state=shown.clock) if shown else None,
        prompts=[
            PendingDeviceRequest(request_id=each.request_id, device=each.device, until=each.until)
            for each in room.prompts
            if each.target == me
        ],
        lobby=waiting(room) if is_host else [],
        opened_at=room.opened_at,
        started_at=room.started_at,
        grace_ends_at=room.absence_ends_at,
        ends_at=room.ends_at,
        server_time=now,
    )
