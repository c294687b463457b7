"""What a command is answered with, and the picture of a room that a client starts from."""

from pydantic import Field

from domain.interviews.live.teleprompter import PrompterDoc, PrompterState
from domain.interviews.people import ChatLine, Device, MediaState, PersonIdentity, PersonRole, Phase
from domain.interviews.record.model import MediaMode
from domain.interviews.settings import RoomSettings
from domain.shared.model import Instant, Model


class Person(Model):
    """Somebody in the room. `rank` is given once and grows: of two peers the one with the lower rank offers first and
    is the impolite one; the other is polite."""

    participant_id: str
    name: str
    role: PersonRole
    identity: PersonIdentity
    zego_user_id: str
    rank: int
    joined_at: Instant
    reconnecting: bool
    media: MediaState


class Waiting(Model):
    """Somebody at the door."""

    participant_id: str
    name: str
    identity: PersonIdentity
    since: Instant


class PendingPrompt(Model):
    request_id: str
    device: Device
    until: Instant


class PrompterView(Model):
    doc: PrompterDoc
    state: PrompterState


class RoomSnapshot(Model):
    """Events with this `version` or a lower one are in it already."""

    room_id: str
    room_name: str
    version: int
    phase: Phase
    media_mode: MediaMode
    settings: RoomSettings
    host_id: str
    host_online: bool
    you: Person
    participants: list[Person]
    hands: list[str]
    locked_devices: list[Device]
    chat: list[ChatLine]
    prompter: PrompterView | None
    """Only for the host and for whom it is meant."""
    prompts: list[PendingPrompt]
    """What you were asked to switch on and have not answered."""
    lobby: list[Waiting]
    """Only for the host."""
    opened_at: Instant
    started_at: Instant | None
    grace_ends_at: Instant | None
    ends_at: Instant
    server_time: Instant


class MediaTicket(Model):
    """What the provider's SDK needs to enter its room."""

    app_id: int
    user_id: str
    token: str
    expires_at: Instant


class IceServer(Model):
    urls: list[str]
    username: str = ""
    credential: str = ""


class JoinAnswer(Model):
    """`lobby`: wait for `lobbyAdmitted`, then join again."""

    lobby: bool = False
    snapshot: RoomSnapshot | None = None
    zego: MediaTicket | None = None
    ice_servers: list[IceServer] = Field(default_factory=list)


class Renewed(Model):
    zego: MediaTicket | None
    ice_servers: list[IceServer]


class LeaveAnswer(Model):
    left_at: Instant


class EndAnswer(Model):
    ended_at: Instant
    end_reason: str


class ControlAnswer(Model):
    request_id: str


class ChatAnswer(Model):
    id: str
    at: Instant


class PrompterAnswer(Model):
    doc_id: str
    version: int


class Pong(Model):
    t: float
    server_time: Instant
