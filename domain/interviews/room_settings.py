"""What a host may set for their room, and the bounds that nobody moves."""

from typing import Annotated, Final

from pydantic import Field

from domain.shared.model import JsonBool, Model

MAX_PARTICIPANTS: Final = 6
SEAT_HELD_SECONDS: Final = 30
"""How long somebody whose connection dropped keeps their seat."""
MAX_DURATION_HOURS: Final = 4
DEVICE_REQUEST_SECONDS: Final = 15
"""How long the host waits for consent."""


class RoomSettings(Model):
    locked: JsonBool = False
    """Nobody new comes in; who was in already may return."""
    lobby_enabled: JsonBool = False
    """Who was not in yet waits until the host admits them (等候室)."""
    max_participants: Annotated[int, Field(ge=2, le=MAX_PARTICIPANTS)] = MAX_PARTICIPANTS
    chat_enabled: JsonBool = True
    guest_screen_share: JsonBool = False
    grace_seconds: Annotated[int, Field(ge=60, le=3600)] = 600
    """How long a room lives without its host."""
