"""Use cases of the records: create, open, end, rate, list. Ending is here, and nowhere else."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Literal, Protocol

from pydantic import Field

from domain.audit.model import audit_of
from domain.interviews.errors import ActiveRoomExists, RoomNotFound
from domain.interviews.events import InterviewEnded, InterviewOpened
from domain.interviews.live.commands import RoomId
from domain.interviews.live.room import LiveRoom
from domain.interviews.participant_ids import staff_participant_id
from domain.interviews.ports import InterviewRoomRepository
from domain.interviews.record.entries import RecordEntry
from domain.interviews.record.listing import RoomFilter
from domain.interviews.record.model import (
    HOST,
    LAPSES_AFTER,
    MANAGE,
    VIEW,
    EndReason,
    InterviewRoom,
    MediaMode,
    RoomSource,
    RoomStatus,
    Schedule,
)
from domain.interviews.room_settings import RoomSettings
from domain.shared.actor import SYSTEM, Actor
from domain.shared.authority import StaffAuthority
from domain.shared.errors import Unavailable
from domain.shared.events import DomainEvent
from domain.shared.model import Model
from domain.shared.paging import Page, PageRequest
from domain.shared.ports import Clock, IdGenerator
from domain.shared.retry import retry_on_conflict

OnConflict = Literal["reuse", "supersede", "reject"]
LongText = Annotated[str, Field(max_length=2000)]
CandidateText = Annotated[str, Field(max_length=100)]


class NewRoom(Model):
    room_id: RoomId | None = None
    """Chosen by today's clients; issued when it is missing."""
    room_name: Annotated[str, Field(max_length=100)] = ""
    source: RoomSource = RoomSource.PC
    host_url: Annotated[str, Field(max_length=500)] = ""
    resume_id: Annotated[str, Field(max_length=24)] = ""
    candidate_name: CandidateText = ""
    candidate_phone: Annotated[str, Field(max_length=20)] = ""
    candidate_position: CandidateText = ""
    settings: RoomSettings = RoomSettings()
    schedule: Schedule | None = None
    """Scheduled rooms are opened by their host; as many as one likes, and only one is active at a time."""
    media_mode: MediaMode | None = None


_TOLD = {
    *("room_name", "host_url", "resume_id"),
    *("candidate_name", "candidate_phone", "candidate_position"),
}


class LiveRoomAccess(Protocol):
    """What the records need of the live rooms."""

    async def follow_end(self, room_id: str, reason: EndReason, by: str) -> None:
        """End the live room, if it has not ended. Raises Unavailable."""

    async def rooms(self, room_ids: Sequence[str]) -> dict[str, LiveRoom]:
        """Those of them that are live. Raises Unavailable."""


class InterviewRoomService:
    def __init__(
        self,
        records: InterviewRoomRepository,
        live: LiveRoomAccess,
        clock: Clock,
        ids: IdGenerator,
        default_mode: MediaMode,
    ) -> None:
        self._records = records
        self._live = live
        self._clock = clock
        self._ids = ids
        self._default_mode: MediaMode = default_mode

    # create and open

    async def create(self, host: StaffAuthority, wish: NewRoom, on_conflict: OnConflict, actor: Actor) -> InterviewRoom:
        """At most one active room a host. `supersede` ends the other one, `reuse` returns it.

        Raises PermissionDenied, ActiveRoomExists (`reject`), RoomIdTaken, Unavailable.
        """
        host.require(HOST)
        known = await self._records.find_by_room_id(wish.room_id) if wish.room_id else None
        if known is not None and known.host_user_id == host.id and known.status is RoomStatus.ACTIVE:
            return await self._completed(known.room_id, wish)  # sent again, or its token was asked for first
        if wish.schedule is not None:
            return await self._records.save(self._new(host, wish, RoomStatus.SCHEDULED), [])
        return await self._one_active(host, on_conflict, lambda: self._insert(host, wish, actor))

    async def open(self, host: StaffAuthority, room_id: str, on_conflict: OnConflict, actor: Actor) -> InterviewRoom:
        """A scheduled room begins. Raises RoomNotFound, NotYourRoom, RoomEnded, ActiveRoomExists, Unavailable."""
        host.require(HOST)
        if (await self.owned(host, room_id)).status is RoomStatus.ACTIVE:
            return await self.owned(host, room_id)
        return await self._one_active(host, on_conflict, lambda: self._open(host, room_id, actor))

    async def _one_active(
        self, host: StaffAuthority, on_conflict: OnConflict, begin: Callable[[], Awaitable[InterviewRoom]]
    ) -> InterviewRoom:
        async def attempt() -> InterviewRoom:
            active = await self._records.active_of(host.id)
            if active is not None:
                if on_conflict == "reuse":
                    return active
                if on_conflict == "reject":
                    raise ActiveRoomExists(roomId=active.room_id)
                await self.end(active.room_id, EndReason.SUPERSEDED, host.name)
            return await begin()

        # Two that begin at once: the store lets one of them in, the other one looks again.
        return await retry_on_conflict(attempt, again_on=() if on_conflict == "reject" else (ActiveRoomExists,))

    async def _completed(self, room_id: str, wish: NewRoom) -> InterviewRoom:
        """With what was not known when it began."""
        told = {name: value for name, value in wish.model_dump(include=_TOLD).items() if value}
        room = await self.find(room_id)
        rings = bool(wish.resume_id) and not room.resume_id
        named = room.updated(self._clock.now(), **told)
        if named.model_copy(update={"updated_at": room.updated_at}) == room:
            return room
        events = [self._opened(named)] if rings else []
        return await self._records.save(named, events)

    async def _insert(self, host: StaffAuthority, wish: NewRoom, actor: Actor) -> InterviewRoom:
        room = self._new(host, wish, RoomStatus.ACTIVE)
        return await self._records.save(room, self._opening_events(room, actor))

    async def _open(self, host: StaffAuthority, room_id: str, actor: Actor) -> InterviewRoom:
        room = (await self.owned(host, room_id)).opened(self._clock.now())
        return await self._records.save(room, self._opening_events(room, actor))

    def _new(self, host: StaffAuthority, wish: NewRoom, status: RoomStatus) -> InterviewRoom:
        now = self._clock.now()
        room_id = wish.room_id or f"room_{self._ids.next_id()}"
        fields = wish.model_dump(exclude={"room_id", "room_name", "media_mode"})
        return InterviewRoom(
            **fields,
            id=self._ids.next_id(),
            room_id=room_id,
            room_name=wish.room_name or f"{host.name}的面试间",
            host_user_id=host.id,
            host_name=host.name,
            host_zego_user_id=staff_participant_id(room_id, host.id),
            status=status,
            media_mode=wish.media_mode or self._default_mode,
            created_at=now,
            updated_at=now,
            opened_at=now if status is RoomStatus.ACTIVE else None,
        )

    def _opening_events(self, room: InterviewRoom, actor: Actor) -> list[DomainEvent]:
        audited = audit_of(
            self._ids.next_id(), self._clock.now(), actor, ("interview", room.room_id), after={"status": "active"}
        )
        return [self._opened(room), audited]

    def _opened(self, room: InterviewRoom) -> InterviewOpened:
        return InterviewOpened(
            id=self._ids.next_id(),
            at=self._clock.now(),
            room_id=room.room_id,
            room_name=room.room_name,
            host_user_id=room.host_user_id,
            host_name=room.host_name,
            resume_id=room.resume_id,
        )

    # end

    async def end(self, room_id: str, reason: EndReason, by: str, actor: Actor = SYSTEM) -> InterviewRoom:
        """The one way an interview ends, for REST, sockets, timers and callbacks; may be called any number of times.

        The record ends first; the live room and the media room follow it, by `InterviewEnded`, whatever dies here.
        Raises RoomNotFound, Unavailable.
        """
        room = await retry_on_conflict(lambda: self._end(room_id, reason, by, actor))
        with suppress(Unavailable):  # the event that is stored with the record will do it
            await self._live.follow_end(room_id, room.end_reason or reason, room.ended_by)
        return room

    async def _end(self, room_id: str, reason: EndReason, by: str, actor: Actor) -> InterviewRoom:
        before = await self.find(room_id)
        now = self._clock.now()
        after = before.ended(reason, by, now)
        if after is before:
            return before
        told = InterviewEnded(
            id=self._ids.next_id(),
            at=now,
            room_id=room_id,
            host_user_id=after.host_user_id,
            reason=reason,
            ended_by=by,
            duration=after.duration or 0,
            media_mode=after.media_mode,
        )
        audited = audit_of(
            self._ids.next_id(), now, actor, ("interview", room_id), {"status": before.status}, {"status": after.status}
        )
        return await self._records.save(after, [told, audited])

    async def end_by_staff(
        self, staff: StaffAuthority, room_id: str, actor: Actor, reason: EndReason = EndReason.HOST_ENDED
    ) -> InterviewRoom:
        """One's own; a manager anybody's. Raises RoomNotFound, NotYourRoom, Unavailable."""
        room = await self.seen_by(staff, room_id)
        if room.status is RoomStatus.SCHEDULED:
            reason = EndReason.CANCELLED
        elif staff.id != room.host_user_id:
            reason = EndReason.ADMIN
        return await self.end(room_id, reason, staff.name, actor)

    # read

    async def find(self, room_id: str) -> InterviewRoom:
        """Raises RoomNotFound."""
        room = await self._records.find_by_room_id(room_id)
        if room is None:
            raise RoomNotFound
        return room

    async def seen_by(self, staff: StaffAuthority, room_id: str) -> InterviewRoom:
        """Raises RoomNotFound, NotYourRoom."""
        staff.require(VIEW, HOST, MANAGE)
        room = await self.find(room_id)
        room.require_seen_by(staff)
        return room

    async def owned(self, staff: StaffAuthority, room_id: str) -> InterviewRoom:
        """Raises RoomNotFound, NotYourRoom; also for managers."""
        room = await self.seen_by(staff, room_id)
        room.require_seen_by(staff.model_copy(update={"permissions": frozenset()}))
        return room

    async def active_of(self, staff: StaffAuthority) -> InterviewRoom | None:
        return await self._records.active_of(staff.id)

    async def latest_of(self, staff: StaffAuthority) -> InterviewRoom | None:
        return await self._records.latest_of(staff.id)

    async def page(self, wanted: RoomFilter, page: PageRequest) -> Page[InterviewRoom]:
        return await self._records.page(wanted, page)

    async def live_of(self, room_ids: Sequence[str]) -> dict[str, LiveRoom]:
        """Who is in these rooms right now, for a list of them. Raises Unavailable."""
        return await self._live.rooms(room_ids)

    # change

    async def rate(
        self, staff: StaffAuthority, room_id: str, rating: int | None, note: str | None, actor: Actor
    ) -> InterviewRoom:
        """After the end. Raises RoomNotFound, NotYourRoom, RoomNotEnded."""
        await self.seen_by(staff, room_id)
        now = self._clock.now()
        audited = audit_of(self._ids.next_id(), now, actor, ("interview", room_id), after={"rating": rating})
        return await self.change(room_id, lambda room: room.rated(rating, note, staff.name, now), [audited])

    async def reschedule(self, host: StaffAuthority, room_id: str, schedule: Schedule) -> InterviewRoom:
        """Raises RoomNotFound, NotYourRoom, ActiveRoomExists (it has been opened)."""
        await self.owned(host, room_id)

        def moved(room: InterviewRoom) -> InterviewRoom:
            if room.status is not RoomStatus.SCHEDULED:
                raise ActiveRoomExists(roomId=room_id)
            return room.updated(self._clock.now(), schedule=schedule)

        return await self.change(room_id, moved)

    async def note(self, room_id: str, facts: tuple[RecordEntry, ...]) -> None:
        """Write down what happened in the live room. Again changes nothing. Raises Unavailable."""
        await self.change(room_id, lambda room: room.noting(facts, self._clock.now()))

    async def change(
        self,
        room_id: str,
        step: Callable[[InterviewRoom], InterviewRoom],
        events: Sequence[DomainEvent] = (),
    ) -> InterviewRoom:
        """Load, act, save; again when somebody else was quicker. A step that changes nothing saves nothing."""

        async def once() -> InterviewRoom:
            before = await self.find(room_id)
            after = step(before)
            return before if after is before else await self._records.save(after, events)

        return await retry_on_conflict(once)

    async def call_off_lapsed(self, now: datetime, most: int = 100) -> None:
        """Scheduled rooms that nobody opened. Raises Unavailable."""
        for room in await self._records.scheduled_until(now - LAPSES_AFTER, most):
            await self.end(room.room_id, EndReason.CANCELLED, "")
