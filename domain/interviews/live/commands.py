"""Commands of the participants of a room. The event name on the wire is the class name in camelCase.

Every command may carry a `cmdId`: a repetition with the same id is executed once and gets the same result.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from domain.interviews.value_types import MediaDevice, MediaState, StreamId
from domain.shared.model import Model
from domain.shared.plain_text import PRINTABLE_ASCII, one_line, several_lines

MAX_SDP_BYTES = 64 * 1024
MAX_CANDIDATE_BYTES = 2 * 1024

ParticipantId = Annotated[str, Field(pattern=r"^p[0-9a-f]{20}$")]
RoomId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
Name = Annotated[str, one_line(32, required=True)]
Reason = Annotated[str, several_lines(200)]
ConnectionId = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=PRINTABLE_ASCII)]
RequestId = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=PRINTABLE_ASCII)]


PrompterText = Annotated[str, several_lines(20_000, required=True)]


def _max_bytes(limit: int) -> AfterValidator:
    def check(text: str) -> str:
        # The limit is on transported bytes. `surrogatepass`: a lone surrogate must count, not raise.
        if len(text.encode("utf-8", "surrogatepass")) > limit:
            raise ValueError(f"最多 {limit} 字节 / longer than {limit} bytes")
        return text

    return AfterValidator(check)


Sdp = Annotated[
    # The lines of a session description, relayed to the browser of a peer and never shown.
    str,
    StringConstraints(min_length=1, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"),
    _max_bytes(MAX_SDP_BYTES),
]
IceCandidate = Annotated[str, StringConstraints(pattern=PRINTABLE_ASCII), _max_bytes(MAX_CANDIDATE_BYTES)]
"""One line of printable ASCII."""


class Command(Model):
    cmd_id: Annotated[str, StringConstraints(max_length=64, pattern=PRINTABLE_ASCII)] = ""


# joining and leaving


class Capabilities(Model):
    zego: bool = False
    webrtc: bool = True


class Join(Command):
    room_id: RoomId
    media: MediaState = MediaState()
    caps: Capabilities = Capabilities()


class Leave(Command):
    pass


class End(Command):
    reason: Literal["hostEnded", "dismissed"] = "hostEnded"


class Sync(Command):
    """Requests a new snapshot."""


class RenewToken(Command):
    """Requests a new media token and new TURN credentials: for an ICE restart, or before they expire."""


class Ping(Command):
    t: float


# commands of the host


class Update(Command):
    locked: bool | None = None
    lobby_enabled: bool | None = None
    max_participants: Annotated[int, Field(ge=2, le=6)] | None = None
    chat_enabled: bool | None = None
    guest_screen_share: bool | None = None


class LobbyDecide(Command):
    participant_id: ParticipantId
    accept: bool
    reason: Reason = ""


class Kick(Command):
    participant_id: ParticipantId
    reason: Reason = ""
    ban: bool = True


class Unban(Command):
    participant_id: ParticipantId


class Rename(Command):
    """`participant_id` is None for oneself; the host may rename every participant."""

    participant_id: ParticipantId | None = None
    name: Name


# cameras and microphones


class ControlRequest(Command):
    """`enabled` false takes effect at once; true asks the participant, who alone can switch a device on."""

    target: ParticipantId
    device: MediaDevice
    enabled: bool


class ControlRespond(Command):
    request_id: RequestId
    accepted: bool
    reason: Reason = ""


class MuteAll(Command):
    """`lock` keeps guests from switching the device on by themselves until it is unlocked."""

    device: MediaDevice
    except_for: Annotated[tuple[ParticipantId, ...], Field(alias="except", max_length=6)] = ()
    lock: bool | None = None


class MediaStateChange(Command):
    camera: bool | None = None
    mic: bool | None = None
    screen: bool | None = None
    network: Annotated[int, Field(ge=0, le=5)] | None = None
    stream_id: StreamId | None = None


class HandRaise(Command):
    pass


class HandLower(Command):
    """`participant_id` is None for one's own hand; the host may lower every hand."""

    participant_id: ParticipantId | None = None


# chat and teleprompter


class ChatSend(Command):
    client_msg_id: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=PRINTABLE_ASCII)]
    text: Annotated[str, several_lines(1000, required=True)]
    to: ParticipantId | None = None


class PrompterLoad(Command):
    """Empty `targets`: every domestic worker, also one who joins later. Customers never get the text."""

    targets: Annotated[tuple[ParticipantId, ...], Field(max_length=6)] = ()
    content: PrompterText
    speed: Annotated[float, Field(ge=5, le=200)] = 50
    font_px: Annotated[int, Field(ge=12, le=96)] = 32
    auto_play: bool = False


class PrompterControl(Command):
    doc_id: RequestId
    action: Literal["PLAY", "PAUSE", "STOP", "SHOW", "HIDE", "RESET", "SEEK", "SPEED"]
    position: Annotated[float, Field(ge=0, le=1)] | None = None
    speed: Annotated[float, Field(ge=5, le=200)] | None = None


class PrompterProgress(Command):
    doc_id: RequestId
    position: Annotated[float, Field(ge=0, le=1)]
    at_end: bool = False


# signaling from peer to peer


class Offer(Command):
    to: ParticipantId
    conn_id: ConnectionId
    sdp: Sdp
    kind: Literal["camera", "screen"] = "camera"
    restart: bool = False


class AnswerOffer(Command):
    to: ParticipantId
    conn_id: ConnectionId
    sdp: Sdp
    kind: Literal["camera", "screen"] = "camera"


class Candidate(Command):
    """`candidate` null: end of candidates."""

    to: ParticipantId
    conn_id: ConnectionId
    candidate: IceCandidate | None = None
    sdp_mid: Annotated[str, StringConstraints(max_length=64, pattern=PRINTABLE_ASCII)] | None = None
    sdp_m_line_index: Annotated[int, Field(ge=0, le=255)] | None = Field(default=None, alias="sdpMLineIndex")
    username_fragment: Annotated[str, StringConstraints(max_length=256, pattern=PRINTABLE_ASCII)] | None = None


class Bye(Command):
    to: ParticipantId
    conn_id: ConnectionId
    reason: Reason = ""


class Stats(Command):
    conn_id: ConnectionId
    rtt_ms: Annotated[float, Field(ge=0, le=600_000)] | None = None
    loss_pct: Annotated[float, Field(ge=0, le=100)] | None = None
    up_kbps: Annotated[float, Field(ge=0, le=10_000_000)] | None = None
    down_kbps: Annotated[float, Field(ge=0, le=10_000_000)] | None = None


Relayed = Offer | AnswerOffer | Candidate | Bye
