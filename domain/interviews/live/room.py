"""A room as it is right now: who sits in it, who waits, what is agreed. A value; every step gives another one."""

from datetime import datetime, timedelta
from typing import Any, Final, Self

from pydantic import Field

from domain.interviews.live.teleprompter import Prompter
from domain.interviews.record.entries import RecordEntry
from domain.interviews.record.model import EndReason, InterviewRoom, MediaMode
from domain.interviews.room_settings import MAX_DURATION_HOURS, SEAT_HELD_SECONDS, RoomSettings
from domain.interviews.value_types import (
    ChatMessage,
    MediaDevice,
    MediaState,
    ParticipantIdentity,
    ParticipantRole,
    RoomPhase,
)
from domain.shared.model import Instant, Model

MAX_LIVE_CHAT_MESSAGES: Final = 200
MAX_LOBBY: Final = 20
_NOTE_AGAIN: Final = timedelta(seconds=3)
"""Facts that the worker that made them did not note in the record are noted by another one after this long."""


class Seat(Model):
    """Somebody in the room, or (not `admitted`) at its door."""

    participant_id: str
    name: str
    role: ParticipantRole
    identity: ParticipantIdentity
    invite_id: str = ""
    rank: int
    admitted: bool
    called: bool = False
    """They may come in from the door, and have not done so yet."""
    joined_at: Instant
    connection: str = ""
    """The one connection that speaks for them; empty while they are gone."""
    worker: str = ""
    thread: str
    """The same for a connection and for those that it is recovered as; another device has another one."""
    attached_at: Instant
    """When this connection took the seat, or showed that it still has it."""
    dropped_at: Instant | None = None
    media: MediaState = MediaState()
    muted_at: dict[MediaDevice, Instant] = Field(default_factory=dict)
    """When the host last switched what off, for people whose page asks for that instead of listening."""
    unlocked: tuple[MediaDevice, ...] = ()
    """Locked devices that they may use all the same."""
    token_ends_at: Instant | None = None
    token_warned: bool = False

    @property
    def connected(self) -> bool:
        return bool(self.connection)


class DeviceRequest(Model):
    """A question whether somebody will switch a device on."""

    request_id: str
    target: str
    device: MediaDevice
    until: Instant


class LiveBan(Model):
    participant_id: str
    invite_id: str = ""


class LiveRoom(Model):
    room_id: str
    room_name: str
    host_user_id: str
    host_id: str
    """The host's participant id."""
    version: int = 0
    phase: RoomPhase = RoomPhase.WAITING
    media_mode: MediaMode
    settings: RoomSettings
    opened_at: Instant
    started_at: Instant | None = None
    absence_ends_at: Instant | None
    """The room ends then unless its host comes; None while the host sits in it."""
    ending: EndReason | None = None
    """Decided, and being written into the record: nobody comes in any more."""
    ended_at: Instant | None = None
    seats: tuple[Seat, ...] = ()
    bans: tuple[LiveBan, ...] = ()
    revoked_invites: tuple[str, ...] = ()
    known: dict[str, str] = Field(default_factory=dict)
    """Who was ever in (participant → invitation): they may return to a locked room, and need not wait again."""
    next_rank: int = 1
    locked_devices: tuple[MediaDevice, ...] = ()
    prompts: tuple[DeviceRequest, ...] = ()
    hands: tuple[str, ...] = ()
    chat: tuple[ChatMessage, ...] = ()
    prompter: Prompter | None = None
    facts: tuple[RecordEntry, ...] = ()
    """Not noted in the record yet."""
    facts_since: Instant | None = None

    def seat(self, participant_id: str) -> Seat | None:
        return next((each for each in self.seats if each.participant_id == participant_id), None)

    @property
    def inside(self) -> tuple[Seat, ...]:
        return tuple(each for each in self.seats if each.admitted)

    @property
    def waiting(self) -> tuple[Seat, ...]:
        return tuple(each for each in self.seats if not each.admitted and not each.called)

    @property
    def guests(self) -> tuple[Seat, ...]:
        return tuple(each for each in self.inside if each.role == "guest")

    @property
    def host(self) -> Seat | None:
        return self.seat(self.host_id)

    @property
    def over(self) -> bool:
        return self.ended_at is not None

    @property
    def ends_at(self) -> datetime:
        return self.opened_at + timedelta(hours=MAX_DURATION_HOURS)

    def with_seat(self, seat: Seat) -> Self:
        """In the place of theirs, or behind the others."""
        if self.seat(seat.participant_id) is None:
            return self.having(seats=(*self.seats, seat))
        return self.having(
            seats=tuple(seat if each.participant_id == seat.participant_id else each for each in self.seats)
        )

    def without_seat(self, participant_id: str) -> Self:
        return self.having(seats=tuple(each for each in self.seats if each.participant_id != participant_id))

    def having(self, **changes: Any) -> Self:
        return self.model_copy(update=changes)

    def next_deadline(self) -> datetime | None:
        """When the clock has something to do here; None when never again."""
        due: list[datetime] = []
        if self.facts and self.facts_since is not None:
            due.append(self.facts_since + _NOTE_AGAIN)
        if not self.over:
            due.append(self.ends_at)
            if self.ending is not None:
                due.append(self.opened_at)  # at once, and again until it has ended
            if self.absence_ends_at is not None:
                due.append(self.absence_ends_at)
            due += [seat_ends_at(each.dropped_at) for each in self.seats if each.dropped_at is not None]
            due += [each.until for each in self.prompts]
            due += [
                each.token_ends_at - TOKEN_WARNING
                for each in self.inside
                if each.token_ends_at and not each.token_warned
            ]
        return min(due, default=None)


TOKEN_WARNING: Final = timedelta(seconds=60)


def seat_ends_at(dropped_at: datetime) -> datetime:
    return dropped_at + timedelta(seconds=SEAT_HELD_SECONDS)


def live_room(record: InterviewRoom, now: datetime) -> LiveRoom:
    """The live room of an active record: fresh, or as much of it as the record knows after the store lost it."""
    opened_at = record.opened_at or record.created_at
    return LiveRoom(
        room_id=record.room_id,
        room_name=record.room_name,
        host_user_id=record.host_user_id,
        host_id=record.host_zego_user_id,
        phase=RoomPhase.HOST_ABSENT if record.started_at else RoomPhase.WAITING,
        media_mode=record.media_mode,
        settings=record.settings,
        opened_at=opened_at,
        started_at=record.started_at,
        absence_ends_at=now + timedelta(seconds=record.settings.grace_seconds),
        bans=tuple(LiveBan(participant_id=each.participant_id, invite_id=each.invite_id) for each in record.bans),
        revoked_invites=tuple(each.id for each in record.invites if each.revoked_at),
        known={each.user_id: "" for each in record.participants if each.identity != "staff"},
        chat=tuple(record.chat[-MAX_LIVE_CHAT_MESSAGES:]),
    )
