"""What a command is answered with, and the picture of a room that a client starts from."""

from pydantic import Field

from domain.interviews.live.teleprompter import PrompterDoc, PrompterState
from domain.interviews.record.model import MediaMode
from domain.interviews.room_settings import RoomSettings
from domain.interviews.value_types import (
    ChatMessage,
    MediaDevice,
    MediaState,
    ParticipantIdentity,
    ParticipantRole,
    RoomPhase,
)
from domain.shared.model import Instant, Model


class ParticipantView(Model):
    """Somebody in the room. `rank` is given once and grows: of two peers the one with the lower rank offers first and
    is the impolite one; the other is polite."""

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
    """Somebody at the door."""

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
    """Events with this `version` or a lower one are in it already."""

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
    """Only for the host and for whom it is meant."""
    prompts: list[PendingDeviceRequest]
    """What you were asked to switch on and have not answered."""
    lobby: list[LobbyEntry]
    """Only for the host."""
    opened_at: Instant
    started_at: Instant | None
    grace_ends_at: Instant | None
    ends_at: Instant
    server_time: Instant


class MediaToken(Model):
    """What the provider's SDK needs to enter its room."""

    app_id: int
    user_id: str
    token: str
    expires_at: Instant


class IceServer(Model):
    urls: list[str]
    username: str = ""
    credential: str = ""


class JoinResult(Model):
    """`lobby`: wait for `lobbyAdmitted`, then join again."""

    lobby: bool = False
    snapshot: RoomSnapshot | None = None
    zego: MediaToken | None = None
    ice_servers: list[IceServer] = Field(default_factory=list)


class MediaCredentials(Model):
    zego: MediaToken | None
    ice_servers: list[IceServer]


class LeaveResult(Model):
    left_at: Instant


class EndResult(Model):
    ended_at: Instant
    end_reason: str


class ControlResult(Model):
    request_id: str


class ChatResult(Model):
    id: str
    at: Instant


class PrompterLoadResult(Model):
    doc_id: str
    version: int


class Pong(Model):
    t: float
    server_time: Instant
