"""Words that the record and the live room share: phases, roles, identities, a line of chat."""

from enum import StrEnum
from typing import Literal

from domain.shared.model import Instant, Model


class RoomPhase(StrEnum):
    WAITING = "waiting"
    LIVE = "live"
    HOST_ABSENT = "hostAbsent"
    ENDED = "ended"


ParticipantRole = Literal["host", "guest"]
ParticipantIdentity = Literal["customer", "helper", "staff"]
"""客户, 阿姨; and our own people."""
LeaveReason = Literal["leave", "timeout", "kicked", "denied", "ended"]
MediaDevice = Literal["camera", "mic", "screen"]


class MediaState(Model):
    camera: bool = False
    mic: bool = False
    screen: bool = False
    network: int | None = None
    stream_id: str = ""


class ChatMessage(Model):
    """`to` empty: to everybody."""

    id: str
    from_id: str
    from_name: str
    to: str = ""
    text: str
    at: Instant
