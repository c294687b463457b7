"""The record of an interview (面试间): what is stored, and lasts when everybody has left."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field

from domain.interviews.errors import NotYourRoom, RoomEnded, RoomNotEnded, RoomNotOpen
from domain.interviews.invites.model import Invite
from domain.interviews.record.entries import (
    ChatMessageSent,
    ParticipantJoined,
    ParticipantLeft,
    PhaseChanged,
    RecordEntry,
)
from domain.interviews.room_settings import RoomSettings
from domain.interviews.value_types import ChatMessage, LeaveReason, ParticipantIdentity, ParticipantRole, RoomPhase
from domain.shared.authority import StaffAuthority
from domain.shared.entity import Entity
from domain.shared.model import Instant, Model

VIEW: Final = "interview:view"
HOST: Final = "interview:host"
MANAGE: Final = "interview:manage"

MAX_ATTENDANCE_PERIODS: Final = 1_000
MAX_CHAT_MESSAGES: Final = 2_000
LAPSES_AFTER: Final = timedelta(hours=1)
"""A scheduled room that nobody opened until this long after its time is called off."""
MediaMode = Literal["zego", "mesh"]


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
    """It was scheduled and called off, or nobody ever opened it."""


class Schedule(Model):
    starts_at: Instant
    ends_at: Instant


class Ban(Model):
    """Somebody who was put out. Nobody whom this invitation has not yet brought in comes in by it either."""

    participant_id: str
    name: str = ""
    invite_id: str = ""
    reason: str = ""
    by: str = ""
    at: Instant


class AttendancePeriod(Model):
    """From one coming to one leaving."""

    participant_id: str
    name: str
    role: ParticipantRole
    identity: ParticipantIdentity
    joined_at: Instant
    left_at: Instant | None = None
    left_because: LeaveReason | None = None


class Participant(Model):
    """A person of the record, as today's clients read it: first coming, last leaving."""

    user_id: str
    user_name: str
    role: ParticipantRole
    identity: ParticipantIdentity | None = None
    joined_at: Instant
    left_at: Instant | None = None


class InterviewRoom(Entity):
    """A document of `interview_rooms`. `hostZegoUserId` is the host's participant id, issued here once for good."""

    room_id: str
    room_name: str
    host_user_id: str
    host_name: str
    host_zego_user_id: str
    status: RoomStatus
    phase: RoomPhase = RoomPhase.WAITING
    source: RoomSource = RoomSource.PC
    host_url: str = ""
    media_mode: MediaMode = "mesh"
    settings: RoomSettings = RoomSettings()
    schedule: Schedule | None = None
    created_at: Instant
    updated_at: Instant
    opened_at: Instant | None = None
    started_at: Instant | None = None
    """When host and guest first met."""
    ended_at: Instant | None = None
    end_reason: EndReason | None = None
    ended_by: str = ""
    duration: int | None = None
    """Seconds from opening to end, waiting included, as today."""
    participants: tuple[Participant, ...] = ()
    attendance: tuple[AttendancePeriod, ...] = ()
    chat: tuple[ChatMessage, ...] = ()
    bans: tuple[Ban, ...] = ()
    invites: tuple[Invite, ...] = ()
    resume_id: str = ""
    candidate_name: str = ""
    candidate_phone: str = ""
    candidate_position: str = ""
    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    interview_note: str = ""
    rated_by: str = ""
    rated_at: Instant | None = None

    # who may what

    def require_seen_by(self, staff: StaffAuthority) -> None:
        """One's own room; managers see all. Raises NotYourRoom."""
        if staff.id != self.host_user_id and not staff.may(MANAGE):
            raise NotYourRoom

    def require_active(self) -> None:
        """Raises RoomEnded, RoomNotOpen."""
        if self.status is RoomStatus.ENDED:
            raise RoomEnded(endReason=self.end_reason)
        if self.status is RoomStatus.SCHEDULED:
            raise RoomNotOpen(startsAt=self.schedule.starts_at.isoformat() if self.schedule else None)

    def require_ended(self) -> None:
        if self.status is not RoomStatus.ENDED:
            raise RoomNotEnded

    # steps

    def opened(self, now: datetime) -> Self:
        """The host opens a scheduled room. Raises RoomEnded; an active one stays as it is."""
        if self.status is RoomStatus.ENDED:
            raise RoomEnded(endReason=self.end_reason)
        if self.status is RoomStatus.ACTIVE:
            return self
        return self._with(now, status=RoomStatus.ACTIVE, opened_at=now)

    def ended(self, reason: EndReason, by: str, now: datetime) -> Self:
        """The first end counts; any further one changes nothing."""
        if self.status is RoomStatus.ENDED:
            return self
        since = self.opened_at or now
        change = {"left_at": now, "left_because": "ended"}
        return self._with(
            now,
            attendance=tuple(each if each.left_at else each.model_copy(update=change) for each in self.attendance),
            status=RoomStatus.ENDED,
            phase=RoomPhase.ENDED,
            ended_at=now,
            end_reason=reason,
            ended_by=by,
            duration=max(0, int((now - since).total_seconds())),
        )

    def rated(self, rating: int | None, note: str | None, by: str, now: datetime) -> Self:
        """Raises RoomNotEnded. None leaves what is there."""
        self.require_ended()
        return self._with(
            now,
            rating=self.rating if rating is None else rating,
            interview_note=self.interview_note if note is None else note,
            rated_by=by,
            rated_at=now,
        )

    def banning(self, ban: Ban, now: datetime) -> Self:
        if any(each.participant_id == ban.participant_id for each in self.bans):
            return self
        return self._with(now, bans=(*self.bans, ban))

    def unbanning(self, participant_id: str, now: datetime) -> Self:
        rest = tuple(each for each in self.bans if each.participant_id != participant_id)
        return self if rest == self.bans else self._with(now, bans=rest)

    def invite(self, invite_id: str) -> Invite | None:
        return next((each for each in self.invites if each.id == invite_id), None)

    def with_invite(self, invite: Invite, now: datetime) -> Self:
        """Added, or in the place of the one with its id."""
        others = tuple(each for each in self.invites if each.id != invite.id)
        return self._with(now, invites=(*others, invite))

    def updated(self, now: datetime, **changes: Any) -> Self:
        return self._with(now, **changes)

    def noting(self, facts: tuple[RecordEntry, ...], now: datetime) -> Self:
        """With what happened in the live room. A fact that is noted already changes nothing."""
        room = self
        for fact in facts:
            room = room._noting(fact)
        return self if room == self else room._with(now)

    def _noting(self, fact: RecordEntry) -> Self:
        if isinstance(fact, ParticipantJoined):
            return self._joined(fact)
        if isinstance(fact, ParticipantLeft):
            return self._left(fact)
        if isinstance(fact, ChatMessageSent):
            known = any(each.id == fact.line.id for each in self.chat)
            return self if known else self._copy(chat=(*self.chat, fact.line)[-MAX_CHAT_MESSAGES:])
        if isinstance(fact, PhaseChanged):
            return self._moved(fact)
        return self if fact.settings == self.settings else self._copy(settings=fact.settings)

    def _joined(self, fact: ParticipantJoined) -> Self:
        if any(each.participant_id == fact.participant_id and each.joined_at == fact.at for each in self.attendance):
            return self
        stay = AttendancePeriod(
            participant_id=fact.participant_id,
            name=fact.name,
            role=fact.role,
            identity=fact.identity,
            joined_at=fact.at,
        )
        known = {each.user_id: each for each in self.participants}
        first = known.get(fact.participant_id)
        known[fact.participant_id] = Participant(
            user_id=fact.participant_id,
            user_name=fact.name,
            role=fact.role,
            identity=fact.identity,
            joined_at=first.joined_at if first else fact.at,
        )
        return self._copy(
            attendance=(*self.attendance, stay)[-MAX_ATTENDANCE_PERIODS:],
            participants=tuple(known.values())[-MAX_ATTENDANCE_PERIODS:],
        )

    def _left(self, fact: ParticipantLeft) -> Self:
        def closes(stay: AttendancePeriod) -> bool:
            if stay.participant_id != fact.participant_id or stay.joined_at > fact.at:
                return False
            # The end closes every open stay, also of who had left a moment before and was not written down yet.
            by_end = stay.left_because == "ended" != fact.because
            return stay.left_at is None or (by_end and fact.at <= stay.left_at)

        if not any(closes(stay) for stay in self.attendance):
            return self
        change = {"left_at": fact.at, "left_because": fact.because}
        return self._copy(
            attendance=tuple(each.model_copy(update=change) if closes(each) else each for each in self.attendance),
            participants=tuple(
                each.model_copy(update={"left_at": fact.at}) if each.user_id == fact.participant_id else each
                for each in self.participants
            ),
        )

    def _moved(self, fact: PhaseChanged) -> Self:
        if self.status is RoomStatus.ENDED:
            return self
        started = self.started_at or (fact.at if fact.phase is RoomPhase.LIVE else None)
        return self._copy(phase=fact.phase, started_at=started)

    def _with(self, now: datetime, **changes: Any) -> Self:
        return self._copy(**changes, updated_at=now)

    def _copy(self, **changes: Any) -> Self:
        return self.model_copy(update=changes)
