"""Views of a live room: what a participant may see of the room, its participants and its lobby."""

from datetime import datetime

from domain.interviews.live.room import LiveRoom, Seat
from domain.interviews.live.teleprompter import Prompter, PrompterDoc, PrompterState
from domain.interviews.room_settings import RoomSettings
from domain.interviews.value_types import (
    ChatMessage,
    MediaDevice,
    MediaMode,
    MediaState,
    ParticipantIdentity,
    ParticipantRole,
    RoomPhase,
)
from domain.shared.model import Instant, Model


class ParticipantView(Model):
    """`rank` is given once and grows: of two peers the one with the lower rank offers first and is the impolite one;
    the other is the polite one."""

    participant_id: str
    name: str
    role: ParticipantRole
    identity: ParticipantIdentity
    zego_user_id: str
    rank: int
    joined_at: Instant
    reconnecting: bool
    media: MediaState


class LobbyEntry(Model):
    """A guest who waits in the lobby."""

    participant_id: str
    name: str
    identity: ParticipantIdentity
    since: Instant


class PendingDeviceRequest(Model):
    request_id: str
    device: MediaDevice
    until: Instant


class PrompterView(Model):
    doc: PrompterDoc
    state: PrompterState


class RoomSnapshot(Model):
    """The whole state that one participant may see. It contains every push with this `version` or a lower one."""

    room_id: str
    room_name: str
    version: int
    phase: RoomPhase
    media_mode: MediaMode
    settings: RoomSettings
    host_id: str
    host_online: bool
    you: ParticipantView
    participants: list[ParticipantView]
    hands: list[str]
    locked_devices: list[MediaDevice]
    chat: list[ChatMessage]
    prompter: PrompterView | None
    """Only for the host and the readers of the text."""
    prompts: list[PendingDeviceRequest]
    """Requests to switch a device on that this participant has not answered."""
    lobby: list[LobbyEntry]
    """Only for the host."""
    opened_at: Instant
    started_at: Instant | None
    grace_ends_at: Instant | None
    ends_at: Instant
    server_time: Instant


def participant_view(seat: Seat) -> ParticipantView:
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


def lobby_view(room: LiveRoom) -> list[LobbyEntry]:
    return [
        LobbyEntry(participant_id=seat.participant_id, name=seat.name, identity=seat.identity, since=seat.joined_at)
        for seat in room.lobby_seats
    ]


def host_online(room: LiveRoom) -> bool:
    return room.host_seat is not None and room.host_seat.connected


def may_read(prompter: Prompter, seat: Seat) -> bool:
    """True if the teleprompter is shown to this participant. Never to customers, even if the host names one."""
    if seat.identity != "helper":
        return False
    return not prompter.doc.targets or seat.participant_id in prompter.doc.targets


def snapshot(room: LiveRoom, seat: Seat, now: datetime) -> RoomSnapshot:
    """The room as the participant of `seat` may see it."""
    is_host = seat.role == "host"
    prompter = room.prompter if room.prompter and (is_host or may_read(room.prompter, seat)) else None
    own_id = seat.participant_id
    return RoomSnapshot(
        room_id=room.room_id,
        room_name=room.room_name,
        version=room.version,
        phase=room.phase,
        media_mode=room.media_mode,
        settings=room.settings,
        host_id=room.host_id,
        host_online=host_online(room),
        you=participant_view(seat),
        participants=[participant_view(each) for each in room.admitted_seats],
        hands=list(room.raised_hands),
        locked_devices=list(room.locked_devices),
        chat=[message for message in room.chat if not message.to or own_id in (message.to, message.from_id)],
        prompter=PrompterView(doc=prompter.doc, state=prompter.clock) if prompter else None,
        prompts=[
            PendingDeviceRequest(request_id=request.request_id, device=request.device, until=request.until)
            for request in room.device_requests
            if request.target == own_id
        ],
        lobby=lobby_view(room) if is_host else [],
        opened_at=room.opened_at,
        started_at=room.started_at,
        grace_ends_at=room.grace_ends_at,
        ends_at=room.ends_at,
        server_time=now,
    )
