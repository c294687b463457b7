"""Payloads of the pushes to the participants of a room.

Every push of the room carries the version of the room after the change: a snapshot with the same or a higher version
contains the change already.
"""

from typing import Literal

from pydantic import Field

from domain.interviews.live.teleprompter import PrompterDoc, PrompterState
from domain.interviews.live.views import LobbyEntry, ParticipantView
from domain.interviews.record.model import EndReason
from domain.interviews.room_settings import RoomSettings
from domain.interviews.value_types import ChatMessage, LeaveReason, MediaDevice, MediaState, RoomPhase
from domain.shared.model import Instant, Model


class RoomPush(Model):
    room_id: str
    version: int
    at: Instant


class RoomStatePush(RoomPush):
    phase: RoomPhase
    settings: RoomSettings
    locked_devices: list[MediaDevice]
    host_online: bool
    grace_ends_at: Instant | None


class RoomEndedPush(RoomPush):
    end_reason: EndReason
    ended_by: str
    duration_sec: int


class PeerPush(RoomPush):
    participant: ParticipantView


class PeerLeftPush(RoomPush):
    participant_id: str
    reason: LeaveReason


class PeerMediaPush(RoomPush):
    participant_id: str
    media: MediaState


class YouKickedPush(RoomPush):
    reason: str
    banned: bool


class YouSupersededPush(RoomPush):
    pass


class LobbyWaitingPush(RoomPush):
    waiting: list[LobbyEntry]


class LobbyAdmittedPush(RoomPush):
    pass


class LobbyDeniedPush(RoomPush):
    reason: str


class ControlCommandPush(RoomPush):
    """The room has changed already; the client switches its device accordingly."""

    device: MediaDevice
    enabled: bool
    locked: bool


class ControlPromptPush(RoomPush):
    request_id: str
    device: MediaDevice
    until: Instant


class ControlResultPush(RoomPush):
    request_id: str
    participant_id: str
    device: MediaDevice
    result: Literal["accepted", "declined", "noResponse", "gone"]
    reason: str


class HandQueuePush(RoomPush):
    hands: list[str]


class ChatMessagePush(RoomPush):
    message: ChatMessage


class PrompterDocPush(RoomPush):
    doc: PrompterDoc
    state: PrompterState


class PrompterStatePush(RoomPush):
    state: PrompterState


class PrompterProgressPush(RoomPush):
    participant_id: str
    doc_id: str
    position: float
    at_end: bool


class HostAbsentPush(RoomPush):
    grace_ends_at: Instant


class HostBackPush(RoomPush):
    pass


class TokenExpiringPush(RoomPush):
    expires_at: Instant


# From peer to peer: without version, not stored, lost while the receiver is disconnected.


class RoomResyncPush(Model):
    room_id: str


class RelayedPush(Model):
    room_id: str
    from_id: str = Field(alias="from")
    conn_id: str


class SessionPush(RelayedPush):
    """`polite`: whether the receiver is the polite peer, which yields when both peers offer at once."""

    sdp: str
    kind: Literal["camera", "screen"]
    restart: bool = False
    polite: bool


class CandidatePush(RelayedPush):
    candidate: str | None
    sdp_mid: str | None
    sdp_m_line_index: int | None = Field(alias="sdpMLineIndex")
    username_fragment: str | None


class ByePush(RelayedPush):
    reason: str
