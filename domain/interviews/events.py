"""What happens to interviews, as others hear of it."""

from typing import Any, ClassVar

from domain.interviews.record.model import EndReason, MediaMode
from domain.shared.events import DomainEvent


class InterviewOpened(DomainEvent):
    """Created, or a scheduled one opened. Whoever is assigned the resume is invited by whom it concerns."""

    type: ClassVar[str] = "interview.opened"

    room_id: str
    room_name: str
    host_user_id: str
    host_name: str = ""
    resume_id: str = ""


class InterviewEnded(DomainEvent):
    """Durable: the live room is ended after the record, and the media room after that, whatever dies in between."""

    type: ClassVar[str] = "interview.ended"

    room_id: str
    host_user_id: str
    reason: EndReason
    ended_by: str
    duration: int
    media_mode: MediaMode = "zego"


class ParticipantBanned(DomainEvent):
    """Durable: the media provider is told to put them out, too, as often as it takes."""

    type: ClassVar[str] = "interview.banned"
    published: ClassVar[bool] = False

    room_id: str
    participant_id: str


class ParticipantRemoved(DomainEvent):
    """Durable: put out without a ban. The media provider is told for a minute only: they may have been let in again."""

    type: ClassVar[str] = "interview.removed"
    published: ClassVar[bool] = False

    room_id: str
    participant_id: str


class LiveRoomPushed(DomainEvent):
    """One push of a live room, put on the bus together with the change that it tells of."""

    type: ClassVar[str] = "interview.told"

    room_id: str
    host_user_id: str = ""
    event: str
    rooms: tuple[str, ...]
    payload: dict[str, Any]
