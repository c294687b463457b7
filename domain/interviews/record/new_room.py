"""The data that a host gives for a new interview room."""

from typing import Annotated, Literal

from pydantic import Field

from domain.interviews.live.commands import RoomId
from domain.interviews.record.model import RoomSource, Schedule
from domain.interviews.room_settings import RoomSettings
from domain.interviews.value_types import MediaMode
from domain.shared.model import Model
from domain.shared.plain_text import one_line, several_lines

OnConflict = Literal["reuse", "supersede", "reject"]
NoteText = Annotated[str, several_lines(2000)]
CandidateText = Annotated[str, one_line(100)]
RoomName = Annotated[str, one_line(100)]
PhoneText = Annotated[str, one_line(20)]
"""A phone number as it was typed: of any country, or a part of one."""


class NewRoom(Model):
    room_id: RoomId | None = None
    """Chosen by legacy clients; issued here when it is missing."""
    room_name: RoomName = ""
    source: RoomSource = RoomSource.PC
    host_url: Annotated[str, one_line(500)] = ""
    worker_id: Annotated[str, Field(max_length=24)] = Field(default="", alias="resumeId")
    customer_id: Annotated[str, Field(max_length=24)] = ""
    candidate_name: CandidateText = ""
    candidate_phone: PhoneText = ""
    candidate_position: CandidateText = ""
    settings: RoomSettings = RoomSettings()
    schedule: Schedule | None = None
    """With a schedule the room waits until its host opens it; a host may have any number of scheduled rooms."""
    media_mode: MediaMode | None = None
