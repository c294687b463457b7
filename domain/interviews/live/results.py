"""Results of commands: the data of their acknowledgements."""

from pydantic import Field

from domain.interviews.live.views import RoomSnapshot
from domain.interviews.media.credentials import IceServer, MediaToken
from domain.shared.model import Instant, Model


class JoinResult(Model):
    """With `lobby` the client waits for `lobbyAdmitted`, then sends `join` again."""

    lobby: bool = False
    snapshot: RoomSnapshot | None = None
    zego: MediaToken | None = None
    ice_servers: list[IceServer] = Field(default_factory=list)


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
