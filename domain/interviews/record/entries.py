"""Entries that a live room writes into its record: attendance, chat, phases and settings. Each is idempotent."""

from typing import Annotated, Literal

from pydantic import Field

from domain.interviews.room_settings import RoomSettings
from domain.interviews.value_types import ChatMessage, LeaveReason, ParticipantIdentity, ParticipantRole, RoomPhase
from domain.shared.model import Instant, Model


class ParticipantJoined(Model):
    kind: Literal["joined"] = "joined"
    participant_id: str
    name: str
    role: ParticipantRole
    identity: ParticipantIdentity
    at: Instant


class ParticipantLeft(Model):
    kind: Literal["left"] = "left"
    participant_id: str
    because: LeaveReason
    at: Instant


class ChatMessageSent(Model):
    kind: Literal["said"] = "said"
    message: ChatMessage = Field(alias="line")


class PhaseChanged(Model):
    kind: Literal["phase"] = "phase"
    phase: RoomPhase
    at: Instant


class SettingsChanged(Model):
    kind: Literal["settings"] = "settings"
    settings: RoomSettings


RecordEntry = Annotated[
    ParticipantJoined | ParticipantLeft | ChatMessageSent | PhaseChanged | SettingsChanged, Field(discriminator="kind")
]
