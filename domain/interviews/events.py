"""Events of interviews."""

from typing import Any, ClassVar

from pydantic import Field

from domain.interviews.record.model import EndReason
from domain.interviews.value_types import MediaMode
from domain.shared.events import DomainEvent
from domain.shared.model import Instant


class InterviewScheduled(DomainEvent):
    """An interview was scheduled, or its time was changed."""

    type: ClassVar[str] = "interview.scheduled"

    room_id: str
    host_user_id: str
    room_name: str = ""
    worker_id: str = Field(default="", alias="resumeId")
    starts_at: Instant | None = None
    former_start: Instant | None = None
    """Set when its time was changed."""
    by_id: str = ""
    by_name: str = ""


class InterviewAboutToBegin(DomainEvent):
    """A scheduled interview begins in a quarter of an hour or less; again after it was moved to another time."""

    type: ClassVar[str] = "interview.about_to_begin"
    published: ClassVar[bool] = False

    room_id: str
    room_name: str
    host_user_id: str
    host_name: str
    worker_id: str = Field(default="", alias="resumeId")
    starts_at: Instant


class InterviewOpened(DomainEvent):
    """An interview was created, or a scheduled one was opened. `worker_id` is the domestic worker to be interviewed."""

    type: ClassVar[str] = "interview.opened"

    room_id: str
    room_name: str
    host_user_id: str
    host_name: str = ""
    worker_id: str = Field(default="", alias="resumeId")


class InterviewEnded(DomainEvent):
    """Durable: first the live room and then the media room end after it, even if the app process dies in between."""

    type: ClassVar[str] = "interview.ended"

    room_id: str
    host_user_id: str
    reason: EndReason
    ended_by: str
    duration: int
    media_mode: MediaMode = "zego"
    room_name: str = ""
    worker_id: str = Field(default="", alias="resumeId")
    starts_at: Instant | None = None
    """As scheduled."""
    by_id: str = ""


class ParticipantBanned(DomainEvent):
    """Durable: a job removes the participant from the media room and is retried until it succeeds."""

    type: ClassVar[str] = "interview.banned"
    published: ClassVar[bool] = False

    room_id: str
    participant_id: str


class ParticipantRemoved(DomainEvent):
    """Durable: removed without a ban. The job for the media room expires after a minute: the participant may rejoin."""

    type: ClassVar[str] = "interview.removed"
    published: ClassVar[bool] = False

    room_id: str
    participant_id: str


class LiveRoomPushed(DomainEvent):
    """One push of a live room to its participants, published in the same step as the change that it reports."""

    type: ClassVar[str] = "interview.told"

    room_id: str
    host_user_id: str = ""
    event: str
    rooms: tuple[str, ...]
    payload: dict[str, Any]
