"""The record of an interview (面试间): the stored entity, which remains after the live room has ended."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final, Self

from pydantic import Field

from domain.interviews.errors import (
    ActiveRoomExists,
    NotYourRoom,
    RoomEnded,
    RoomNotEnded,
    RoomNotOpen,
    ScheduleNotAhead,
)
from domain.interviews.invites.model import Invite
from domain.interviews.record.entries import (
    ChatMessageSent,
    ParticipantJoined,
    ParticipantLeft,
    PhaseChanged,
    RecordEntry,
)
from domain.interviews.room_settings import RoomSettings
from domain.interviews.value_types import (
    ChatMessage,
    LeaveReason,
    MediaMode,
    ParticipantIdentity,
    ParticipantRole,
    RoomPhase,
)
from domain.shared.authority import StaffAuthority
from domain.shared.entity import Entity
from domain.shared.model import Instant, Model
from domain.shared.plain_text import cleaned_line
from domain.shared.scope import Resource, scope_of

VIEW: Final = "interview:view"
HOST: Final = "interview:host"
MANAGE: Final = "interview:manage"

MAX_ATTENDANCE_PERIODS: Final = 1_000
MAX_CHAT_MESSAGES: Final = 2_000
CleanLine = Annotated[str, cleaned_line()]
"""Documents of the former system have to load, so their texts are cleaned; requests have stricter types."""
LAPSES_AFTER: Final = timedelta(hours=1)
"""How long after its scheduled end a room that was not opened is cancelled."""


class RoomStatus(StrEnum):
    SCHEDULED = "scheduled"
    ACTIVE = "active"
    ENDED = "ended"


class RoomSource(StrEnum):
    PC = "pc"
    MINIPROGRAM = "miniprogram"


class EndReason(StrEnum):
    HOST_ENDED = "hostEnded"
    DISMISSED = "dismissed"
    SUPERSEDED = "superseded"
    HOST_TIMEOUT = "hostTimeout"
    EMPTY_TIMEOUT = "emptyTimeout"
    NO_SHOW_TIMEOUT = "noShowTimeout"
    MAX_DURATION = "maxDuration"
    ADMIN = "admin"
    ZEGO_CLOSED = "zegoClosed"
    CANCELLED = "cancelled"
    """It was scheduled, and was cancelled or never opened."""


class Schedule(Model):
    starts_at: Instant
    ends_at: Instant

    def require_ahead(self, now: datetime) -> None:
        """Raises ScheduleNotAhead when it is over, or ends before it starts."""
        if self.ends_at <= max(now, self.starts_at):
            raise ScheduleNotAhead


class Ban(Model):
    """A participant who was removed and may not rejoin. The invitation admits no new participants either."""

    participant_id: str
    name: str = ""
    invite_id: str = ""
    reason: str = ""
    by: str = ""
    at: Instant


class AttendancePeriod(Model):
    """From one join to the next leave."""

    participant_id: str
    name: str
    role: ParticipantRole
    identity: ParticipantIdentity
    joined_at: Instant
    left_at: Instant | None = None
    left_because: LeaveReason | None = None


class Participant(Model):
    """A participant as legacy clients read it: first join and last leave."""

    user_id: str
    user_name: CleanLine
    role: ParticipantRole
    identity: ParticipantIdentity | None = None
    joined_at: Instant
    left_at: Instant | None = None


class InterviewRoom(Entity):
    """A document of `interview_rooms`. `host_zego_user_id` is the host's participant id, which never changes."""

    room_id: str
    room_name: CleanLine
    host_user_id: str
    host_name: CleanLine
    host_zego_user_id: str
    status: RoomStatus
    phase: RoomPhase = RoomPhase.WAITING
    source: RoomSource = RoomSource.PC
    host_url: str = ""
    media_mode: MediaMode = "mesh"
    settings: RoomSettings = RoomSettings()
    schedule: Schedule | None = None
    reminded_at: Instant | None = None
    """When host and the worker's owner were reminded of the present scheduled start."""
    created_at: Instant
    updated_at: Instant
    opened_at: Instant | None = None
    started_at: Instant | None = None
    """When host and guest first met."""
    ended_at: Instant | None = None
    end_reason: EndReason | None = None
    ended_by: str = ""
    duration: int | None = None
    """Seconds from opening to end, including the time of waiting."""
    participants: tuple[Participant, ...] = ()
    attendance: tuple[AttendancePeriod, ...] = ()
    chat: tuple[ChatMessage, ...] = ()
    bans: tuple[Ban, ...] = ()
    invites: tuple[Invite, ...] = ()
    worker_id: str = Field(default="", alias="resumeId")
    """The domestic worker who is interviewed."""
    customer_id: str = ""
    """The customer for whom."""
    candidate_name: CleanLine = ""
    candidate_phone: str = ""
    candidate_position: CleanLine = ""
    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    interview_note: str = ""
    rated_by: str = ""
    rated_at: Instant | None = None

    # access

    def require_visible_to(self, staff: StaffAuthority) -> None:
        """Hosts see their own rooms; managers of interviews see those within the data scope. Raises NotYourRoom."""
        managed = staff.may(MANAGE) and scope_of(staff, Resource.INTERVIEW).covers(self.host_user_id)
        if staff.id != self.host_user_id and not managed:
            raise NotYourRoom

    def require_active(self) -> None:
        """Raises RoomEnded, RoomNotOpen."""
        self.require_not_ended()
        if self.status is RoomStatus.SCHEDULED:
            raise RoomNotOpen(startsAt=self.schedule.starts_at.isoformat() if self.schedule else None)

    def require_not_ended(self) -> None:
        if self.status is RoomStatus.ENDED:
            raise RoomEnded(endReason=self.end_reason)

    def require_ended(self) -> None:
        if self.status is not RoomStatus.ENDED:
            raise RoomNotEnded

    # transitions

    def opened(self, now: datetime) -> Self:
        """A scheduled room becomes active; an active one is returned unchanged. Raises RoomEnded."""
        self.require_not_ended()
        if self.status is RoomStatus.ACTIVE:
            return self
        return self._with(now, status=RoomStatus.ACTIVE, opened_at=now)

    def rescheduled(self, schedule: Schedule, now: datetime) -> Self:
        """Links that were given away follow the new start. Raises RoomEnded, ActiveRoomExists (it has been opened)."""
        self.require_not_ended()
        if self.status is RoomStatus.ACTIVE:
            raise ActiveRoomExists(roomId=self.room_id)
        moved_by = schedule.starts_at - self.schedule.starts_at if self.schedule else timedelta()
        return self._with(
            now,
            schedule=schedule,
            reminded_at=self.reminded_at if self.schedule and not moved_by else None,
            invites=tuple(invite.moved(moved_by, now) for invite in self.invites),
        )

    def reminded(self, now: datetime) -> Self:
        """Idempotent. Only a scheduled room is reminded of."""
        if self.status is not RoomStatus.SCHEDULED or self.reminded_at is not None:
            return self
        return self._copy(reminded_at=now)

    def ended(self, reason: EndReason, by: str, now: datetime) -> Self:
        """Idempotent: the first end counts."""
        if self.status is RoomStatus.ENDED:
            return self
        since = self.opened_at or now
        change = {"left_at": now, "left_because": "ended"}
        return self._with(
            now,
            attendance=tuple(
                period if period.left_at else period.model_copy(update=change) for period in self.attendance
            ),
            participants=tuple(
                each if each.left_at else each.model_copy(update={"left_at": now}) for each in self.participants
            ),
            status=RoomStatus.ENDED,
            phase=RoomPhase.ENDED,
            ended_at=now,
            end_reason=reason,
            ended_by=by,
            duration=max(0, int((now - since).total_seconds())),
        )

    def rated(self, rating: int | None, note: str | None, by: str, now: datetime) -> Self:
        """None keeps the present value. Raises RoomNotEnded."""
        self.require_ended()
        return self._with(
            now,
            rating=self.rating if rating is None else rating,
            interview_note=self.interview_note if note is None else note,
            rated_by=by,
            rated_at=now,
        )

    def with_ban(self, ban: Ban, now: datetime) -> Self:
        """Idempotent: the first ban of a participant counts."""
        if any(each.participant_id == ban.participant_id for each in self.bans):
            return self
        return self._with(now, bans=(*self.bans, ban))

    def without_ban(self, participant_id: str, now: datetime) -> Self:
        others = tuple(each for each in self.bans if each.participant_id != participant_id)
        return self if others == self.bans else self._with(now, bans=others)

    def invite(self, invite_id: str) -> Invite | None:
        return next((each for each in self.invites if each.id == invite_id), None)

    def with_invite(self, invite: Invite, now: datetime) -> Self:
        """Adds the invitation, or replaces the one with the same id."""
        others = tuple(each for each in self.invites if each.id != invite.id)
        return self._with(now, invites=(*others, invite))

    def updated(self, now: datetime, **changes: Any) -> Self:
        return self._with(now, **changes)

    def with_entries(self, entries: tuple[RecordEntry, ...], now: datetime) -> Self:
        """Idempotent: entries that are recorded already change nothing."""
        room = self
        for entry in entries:
            room = room._with_entry(entry)
        return self if room == self else room._with(now)

    def _with_entry(self, entry: RecordEntry) -> Self:
        if isinstance(entry, ParticipantJoined):
            return self._with_join(entry)
        if isinstance(entry, ParticipantLeft):
            return self._with_leave(entry)
        if isinstance(entry, ChatMessageSent):
            known = any(message.id == entry.message.id for message in self.chat)
            return self if known else self._copy(chat=(*self.chat, entry.message)[-MAX_CHAT_MESSAGES:])
        if isinstance(entry, PhaseChanged):
            return self._with_phase(entry)
        return self if entry.settings == self.settings else self._copy(settings=entry.settings)

    def _with_join(self, joined: ParticipantJoined) -> Self:
        if any(
            period.participant_id == joined.participant_id and period.joined_at == joined.at
            for period in self.attendance
        ):
            return self
        period = AttendancePeriod(
            participant_id=joined.participant_id,
            name=joined.name,
            role=joined.role,
            identity=joined.identity,
            joined_at=joined.at,
        )
        participants = {each.user_id: each for each in self.participants}
        earlier = participants.get(joined.participant_id)
        participants[joined.participant_id] = Participant(
            user_id=joined.participant_id,
            user_name=joined.name,
            role=joined.role,
            identity=joined.identity,
            joined_at=earlier.joined_at if earlier else joined.at,
        )
        return self._copy(
            attendance=(*self.attendance, period)[-MAX_ATTENDANCE_PERIODS:],
            participants=tuple(participants.values())[-MAX_ATTENDANCE_PERIODS:],
        )

    def _with_leave(self, left: ParticipantLeft) -> Self:
        def closes(period: AttendancePeriod) -> bool:
            if period.participant_id != left.participant_id or period.joined_at > left.at:
                return False
            # The end closes every open period, also that of a participant whose leave is not recorded yet.
            closed_by_end = period.left_because == "ended" != left.because
            return period.left_at is None or (closed_by_end and left.at <= period.left_at)

        if not any(closes(period) for period in self.attendance):
            return self
        change = {"left_at": left.at, "left_because": left.because}
        return self._copy(
            attendance=tuple(
                period.model_copy(update=change) if closes(period) else period for period in self.attendance
            ),
            participants=tuple(
                each.model_copy(update={"left_at": left.at}) if each.user_id == left.participant_id else each
                for each in self.participants
            ),
        )

    def _with_phase(self, changed: PhaseChanged) -> Self:
        if self.status is RoomStatus.ENDED:
            return self
        started_at = self.started_at or (changed.at if changed.phase is RoomPhase.LIVE else None)
        return self._copy(phase=changed.phase, started_at=started_at)

    def _with(self, now: datetime, **changes: Any) -> Self:
        return self._copy(**changes, updated_at=now)

    def _copy(self, **changes: Any) -> Self:
        return self.model_copy(update=changes)
