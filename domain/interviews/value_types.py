"""Value types that the record, the live room and the media of an interview share."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import StringConstraints

from domain.shared.model import Instant, Model
from domain.shared.plain_text import PRINTABLE_ASCII


class RoomPhase(StrEnum):
    WAITING = "waiting"
    """Host and guest have not met yet."""
    LIVE = "live"
    HOST_ABSENT = "hostAbsent"
    ENDED = "ended"


MediaMode = Literal["zego", "mesh"]
"""How audio and video travel: through the provider ZEGO, or from browser to browser."""
ParticipantRole = Literal["host", "guest"]
ParticipantIdentity = Literal["customer", "helper", "staff"]
"""`customer` is 客户, `helper` is 阿姨 (the domestic worker), `staff` is a staff member of ours."""
LeaveReason = Literal["leave", "timeout", "kicked", "denied", "ended"]
MediaDevice = Literal["camera", "mic", "screen"]
StreamId = Annotated[str, StringConstraints(max_length=128, pattern=PRINTABLE_ASCII)]


class MediaState(Model):
    """Which devices of a participant are on."""

    camera: bool = False
    mic: bool = False
    screen: bool = False
    network: int | None = None
    stream_id: StreamId = ""


class ChatMessage(Model):
    """`to` is the receiver of a private message; empty for a message to all."""

    id: str
    from_id: str
    from_name: str
    to: str = ""
    text: str
    at: Instant
