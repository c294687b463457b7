"""The settings of an interview room, and the limits that no setting changes."""

from typing import Annotated, Final

from pydantic import Field

from domain.shared.model import JsonBool, Model

MAX_PARTICIPANTS: Final = 6
SEAT_HELD_SECONDS: Final = 30
"""How long a participant keeps the seat after the connection has dropped."""
MAX_DURATION_HOURS: Final = 4
DEVICE_REQUEST_SECONDS: Final = 15
"""How long a participant may take to answer a device request of the host."""


class RoomSettings(Model):
    locked: JsonBool = False
    """Only participants who were in the room before may join."""
    lobby_enabled: JsonBool = False
    """New participants wait in the lobby (等候室) until the host admits them."""
    max_participants: Annotated[int, Field(ge=2, le=MAX_PARTICIPANTS)] = MAX_PARTICIPANTS
    chat_enabled: JsonBool = True
    guest_screen_share: JsonBool = False
    grace_seconds: Annotated[int, Field(ge=60, le=3600)] = 600
    """How long a room stays open without its host."""
