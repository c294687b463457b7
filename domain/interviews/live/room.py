"""The live room: the state of an interview that is in progress. An immutable value; each change gives a new one.

Several fields keep their earlier names in the stored JSON (see the aliases).
"""

from datetime import datetime, timedelta
from typing import Any, Final, Self

from pydantic import Field

from domain.interviews.live.teleprompter import Prompter
from domain.interviews.record.entries import RecordEntry
from domain.interviews.record.model import EndReason, InterviewRoom
from domain.interviews.room_settings import MAX_DURATION_HOURS, SEAT_HELD_SECONDS, RoomSettings
from domain.interviews.value_types import (
    ChatMessage,
    MediaDevice,
    MediaMode,
    MediaState,
    ParticipantIdentity,
    ParticipantRole,
    RoomPhase,
)
from domain.shared.model import Instant, Model

MAX_LIVE_CHAT_MESSAGES: Final = 200
MAX_LOBBY: Final = 20
TOKEN_WARNING: Final = timedelta(seconds=60)
"""How long before a media token expires its participant is told."""
_RECORD_AFTER: Final = timedelta(seconds=3)
"""Entries that the app process which made them has not recorded by then are recorded by another one."""


class Seat(Model):
    """The place of a participant in the room, or in the lobby (while not `admitted`)."""

    participant_id: str
    name: str
    role: ParticipantRole
    identity: ParticipantIdentity
    invite_id: str = ""
    rank: int
    """Given once and growing: of two peers the one with the lower rank offers first and is the impolite one."""
    admitted: bool
    may_enter: bool = Field(default=False, alias="called")
    """The host has admitted the participant from the lobby, who has not joined again yet."""
    joined_at: Instant
    connection: str = ""
    """The one connection that acts for this seat; empty while the participant is disconnected."""
    process: str = Field(default="", alias="worker")
    """The app process that serves the connection."""
    recovery_id: str = Field(alias="thread")
    """The same for a connection and for those that it is recovered as; another device has another one."""
    attached_at: Instant
    """When this connection took the seat, or confirmed that it still has it."""
    dropped_at: Instant | None = None
    media: MediaState = MediaState()
    muted_at: dict[MediaDevice, Instant] = Field(default_factory=dict)
    """When the host last switched each device off, for polling clients."""
    unlocked: tuple[MediaDevice, ...] = ()
    """Locked devices that this participant may use all the same."""
    token_ends_at: Instant | None = None
    token_warned: bool = False

    @property
    def connected(self) -> bool:
        return bool(self.connection)


class DeviceRequest(Model):
    """The host asks a participant to switch a device on."""

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
    grace_ends_at: Instant | None = Field(alias="absenceEndsAt")
    """When the room ends unless the host joins; None while the host has a seat."""
    pending_end: EndReason | None = Field(default=None, alias="ending")
    """The end has been decided and is being written into the record; joins are refused."""
    ended_at: Instant | None = None
    seats: tuple[Seat, ...] = ()
    bans: tuple[LiveBan, ...] = ()
    revoked_invites: tuple[str, ...] = ()
    known_guests: dict[str, str] = Field(default_factory=dict, alias="known")
    """Guests who were in the room before: participant id to invitation id. They may join a locked room and need not
    wait in the lobby."""
    next_rank: int = 1
    locked_devices: tuple[MediaDevice, ...] = ()
    device_requests: tuple[DeviceRequest, ...] = Field(default=(), alias="prompts")
    raised_hands: tuple[str, ...] = Field(default=(), alias="hands")
    chat: tuple[ChatMessage, ...] = ()
    prompter: Prompter | None = None
    unrecorded: tuple[RecordEntry, ...] = Field(default=(), alias="facts")
    """Entries that are not in the record yet."""
    unrecorded_since: Instant | None = Field(default=None, alias="factsSince")

    def seat(self, participant_id: str) -> Seat | None:
        return next((seat for seat in self.seats if seat.participant_id == participant_id), None)

    @property
    def admitted_seats(self) -> tuple[Seat, ...]:
        return tuple(seat for seat in self.seats if seat.admitted)

    @property
    def lobby_seats(self) -> tuple[Seat, ...]:
        """Guests who wait for the decision of the host."""
        return tuple(seat for seat in self.seats if not seat.admitted and not seat.may_enter)

    @property
    def guest_seats(self) -> tuple[Seat, ...]:
        return tuple(seat for seat in self.admitted_seats if seat.role == "guest")

    @property
    def host_seat(self) -> Seat | None:
        return self.seat(self.host_id)

    @property
    def ended(self) -> bool:
        return self.ended_at is not None

    @property
    def ends_at(self) -> datetime:
        return self.opened_at + timedelta(hours=MAX_DURATION_HOURS)

    def with_seat(self, seat: Seat) -> Self:
        """Replaces the participant's seat, or adds one."""
        if self.seat(seat.participant_id) is None:
            return self.with_changes(seats=(*self.seats, seat))
        return self.with_changes(
            seats=tuple(seat if each.participant_id == seat.participant_id else each for each in self.seats)
        )

    def without_seat(self, participant_id: str) -> Self:
        return self.with_changes(seats=tuple(seat for seat in self.seats if seat.participant_id != participant_id))

    def with_changes(self, **changes: Any) -> Self:
        return self.model_copy(update=changes)

    def next_deadline(self) -> datetime | None:
        """When `rules.deadlines.apply_deadlines` or the recording of entries is due next; None when never again."""
        due: list[datetime] = []
        if self.unrecorded and self.unrecorded_since is not None:
            due.append(self.unrecorded_since + _RECORD_AFTER)
        if not self.ended:
            due.append(self.ends_at)
            if self.pending_end is not None:
                due.append(self.opened_at)  # at once, and again until the room has ended
            if self.grace_ends_at is not None:
                due.append(self.grace_ends_at)
            due += [seat_ends_at(seat.dropped_at) for seat in self.seats if seat.dropped_at is not None]
            due += [request.until for request in self.device_requests]
            unwarned = [
                seat.token_ends_at for seat in self.admitted_seats if seat.token_ends_at and not seat.token_warned
            ]
            due += [token_ends_at - TOKEN_WARNING for token_ends_at in unwarned]
        return min(due, default=None)


def seat_ends_at(dropped_at: datetime) -> datetime:
    return dropped_at + timedelta(seconds=SEAT_HELD_SECONDS)


def live_room_of(record: InterviewRoom, now: datetime) -> LiveRoom:
    """The live room of an active record: a new one, or what the record knows of one that the store has lost."""
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
        grace_ends_at=now + timedelta(seconds=record.settings.grace_seconds),
        bans=tuple(LiveBan(participant_id=ban.participant_id, invite_id=ban.invite_id) for ban in record.bans),
        revoked_invites=tuple(invite.id for invite in record.invites if invite.revoked_at),
        known_guests={each.user_id: "" for each in record.participants if each.identity != "staff"},
        chat=tuple(record.chat[-MAX_LIVE_CHAT_MESSAGES:]),
    )
