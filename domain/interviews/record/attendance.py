"""What happens in a live room and belongs into its record. Each can be noted twice: the second time changes nothing."""

from typing import Annotated, Literal

from pydantic import Field

from domain.interviews.people import ChatLine, LeftBecause, PersonIdentity, PersonRole, Phase
from domain.interviews.settings import RoomSettings
from domain.shared.model import Instant, Model


class Joined(Model):
    kind: Literal["joined"] = "joined"
    participant_id: str
    name: str
    role: PersonRole
    identity: PersonIdentity
    at: Instant


class Left(Model):
    kind: Literal["left"] = "left"
    participant_id: str
    because: LeftBecause
    at: Instant


class Said(Model):
    kind: Literal["said"] = "said"
    line: ChatLine


class PhaseMoved(Model):
    kind: Literal["phase"] = "phase"
    phase: Phase
    at: Instant


class SettingsChanged(Model):
    kind: Literal["settings"] = "settings"
    settings: RoomSettings


Fact = Annotated[Joined | Left | Said | PhaseMoved | SettingsChanged, Field(discriminator="kind")]
