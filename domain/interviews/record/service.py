"""Use cases of interview rooms: create, open, end, rate, list. Every end of an interview goes through `end`."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Protocol

from domain.audit.model import audit_of
from domain.interviews.errors import ActiveRoomExists, RoomNotFound
from domain.interviews.events import InterviewEnded, InterviewOpened, InterviewScheduled
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
    RoomStatus,
    Schedule,
)
from domain.interviews.record.new_room import NewRoom, OnConflict
from domain.interviews.value_types import MediaMode
from domain.shared.actor import SYSTEM, Actor
from domain.shared.authority import StaffAuthority
from domain.shared.errors import Unavailable
from domain.shared.events import DomainEvent
from domain.shared.paging import Page, PageRequest
from domain.shared.ports import Clock, IdGenerator
from domain.shared.retry import retry_on_conflict

_DESCRIPTIVE_FIELDS = {
    *("room_name", "host_url", "worker_id", "customer_id"),
    *("candidate_name", "candidate_phone", "candidate_position"),
}


class LiveRoomAccess(Protocol):
    """The part of the live rooms that this service needs."""

    async def follow_end(self, room_id: str, reason: EndReason, by: str) -> None:
        """End the live room; idempotent. Raises Unavailable."""

    async def rooms(self, room_ids: Sequence[str]) -> dict[str, LiveRoom]:
        """The rooms among these ids that are live. Raises Unavailable."""


class InterviewRoomService:
    def __init__(
        self,
        records: InterviewRoomRepository,
        live_rooms: LiveRoomAccess,
        clock: Clock,
        ids: IdGenerator,
        default_mode: MediaMode,
    ) -> None:
        self._records = records
        self._live_rooms = live_rooms
        self._clock = clock
        self._ids = ids
        self._default_mode: MediaMode = default_mode

    # create and open

    async def create(
        self, host: StaffAuthority, new_room: NewRoom, on_conflict: OnConflict, actor: Actor
    ) -> InterviewRoom:
        """A host has at most one active room: `supersede` ends the other one, `reuse` returns it, `reject` refuses.

        Raises PermissionDenied, ActiveRoomExists (`reject`), RoomIdTaken, ScheduleNotAhead, Unavailable.
        """
        host.require(HOST)
        known = await self._records.find_by_room_id(new_room.room_id) if new_room.room_id else None
        if known is not None and known.host_user_id == host.id and known.status is RoomStatus.ACTIVE:
            # The request was sent again, or a token for the room was requested before the room.
            return await self._complete(known.room_id, new_room)
        if new_room.schedule is not None:
            new_room.schedule.require_ahead(self._clock.now())
            room = self._new(host, new_room, RoomStatus.SCHEDULED)
            return await self._records.save(room, self._scheduling_events(room, None, new_room.schedule, actor))
        return await self._one_active(host, on_conflict, lambda: self._insert(host, new_room, actor))

    async def open(self, host: StaffAuthority, room_id: str, on_conflict: OnConflict, actor: Actor) -> InterviewRoom:
        """Opens a scheduled room. Raises RoomNotFound, NotYourRoom, RoomEnded, ActiveRoomExists, Unavailable."""
        host.require(HOST)
        room = await self.get_owned(host, room_id)
        if room.status is RoomStatus.ACTIVE:
            return room
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

        # Of two concurrent attempts the store accepts one; the other sees the active room when it tries again.
        return await retry_on_conflict(attempt, again_on=() if on_conflict == "reject" else (ActiveRoomExists,))

    async def _complete(self, room_id: str, new_room: NewRoom) -> InterviewRoom:
        """Adds the descriptive fields that were unknown when the room was created."""
        given = {name: value for name, value in new_room.model_dump(include=_DESCRIPTIVE_FIELDS).items() if value}
        room = await self.find(room_id)
        worker_became_known = bool(new_room.worker_id) and not room.worker_id
        completed = room.updated(self._clock.now(), **given)
        if completed.model_copy(update={"updated_at": room.updated_at}) == room:
            return room
        events = [self._opened_event(completed)] if worker_became_known else []
        return await self._records.save(completed, events)

    async def _insert(self, host: StaffAuthority, new_room: NewRoom, actor: Actor) -> InterviewRoom:
        room = self._new(host, new_room, RoomStatus.ACTIVE)
        return await self._records.save(room, self._opening_events(room, actor))

    async def _open(self, host: StaffAuthority, room_id: str, actor: Actor) -> InterviewRoom:
        room = (await self.get_owned(host, room_id)).opened(self._clock.now())
        return await self._records.save(room, self._opening_events(room, actor))

    def _new(self, host: StaffAuthority, new_room: NewRoom, status: RoomStatus) -> InterviewRoom:
        now = self._clock.now()
        room_id = new_room.room_id or f"room_{self._ids.next_id()}"
        fields = new_room.model_dump(exclude={"room_id", "room_name", "media_mode"})
        return InterviewRoom(
            **fields,
            id=self._ids.next_id(),
            room_id=room_id,
            room_name=new_room.room_name or f"{host.name}的面试间",
            host_user_id=host.id,
            host_name=host.name,
            host_zego_user_id=staff_participant_id(room_id, host.id),
            status=status,
            media_mode=new_room.media_mode or self._default_mode,
            created_at=now,
            updated_at=now,
            opened_at=now if status is RoomStatus.ACTIVE else None,
        )

    def _scheduling_events(
        self, room: InterviewRoom, before: Schedule | None, after: Schedule, actor: Actor
    ) -> list[DomainEvent]:
        now = self._clock.now()
        former = {"startsAt": before.starts_at.isoformat()} if before else {}
        changed = {"startsAt": after.starts_at.isoformat()}
        return [
            InterviewScheduled(
                id=self._ids.next_id(),
                at=now,
                room_id=room.room_id,
                host_user_id=room.host_user_id,
                room_name=room.room_name,
                worker_id=room.worker_id,
                starts_at=after.starts_at,
                former_start=before.starts_at if before else None,
                by_id=actor.id,
                by_name=actor.name,
            ),
            audit_of(self._ids.next_id(), now, actor, ("interview", room.room_id), former, changed),
        ]

    def _opening_events(self, room: InterviewRoom, actor: Actor) -> list[DomainEvent]:
        audited = audit_of(
            self._ids.next_id(), self._clock.now(), actor, ("interview", room.room_id), after={"status": "active"}
        )
        return [self._opened_event(room), audited]

    def _opened_event(self, room: InterviewRoom) -> InterviewOpened:
        return InterviewOpened(
            id=self._ids.next_id(),
            at=self._clock.now(),
            room_id=room.room_id,
            room_name=room.room_name,
            host_user_id=room.host_user_id,
            host_name=room.host_name,
            worker_id=room.worker_id,
        )

    # end

    async def end(self, room_id: str, reason: EndReason, by: str, actor: Actor = SYSTEM) -> InterviewRoom:
        """Ends an interview, for REST, sockets, deadlines and callbacks alike. Idempotent.

        The record ends first; the live room and the media room follow by `InterviewEnded`, even if this process dies.
        Raises RoomNotFound, Unavailable.
        """
        room = await retry_on_conflict(lambda: self._end(room_id, reason, by, actor))
        with suppress(Unavailable):  # the follower of the stored event ends the live room later
            await self._live_rooms.follow_end(room_id, room.end_reason or reason, room.ended_by)
        return room

    async def _end(self, room_id: str, reason: EndReason, by: str, actor: Actor) -> InterviewRoom:
        before = await self.find(room_id)
        now = self._clock.now()
        after = before.ended(reason, by, now)
        if after is before:
            return before
        ended = InterviewEnded(
            id=self._ids.next_id(),
            at=now,
            room_id=room_id,
            host_user_id=after.host_user_id,
            reason=reason,
            ended_by=by,
            duration=after.duration or 0,
            media_mode=after.media_mode,
            room_name=after.room_name,
            worker_id=after.worker_id,
            starts_at=after.schedule.starts_at if after.schedule else None,
            by_id=actor.id,
        )
        audited = audit_of(
            self._ids.next_id(), now, actor, ("interview", room_id), {"status": before.status}, {"status": after.status}
        )
        return await self._records.save(after, [ended, audited])

    async def end_by_staff(
        self, staff: StaffAuthority, room_id: str, actor: Actor, reason: EndReason = EndReason.HOST_ENDED
    ) -> InterviewRoom:
        """Hosts end their own rooms, managers any room. Raises RoomNotFound, NotYourRoom, Unavailable."""
        room = await self.get_visible(staff, room_id)
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

    async def get_visible(self, staff: StaffAuthority, room_id: str) -> InterviewRoom:
        """The room, if this staff member hosts it or manages interviews. Raises RoomNotFound, NotYourRoom."""
        staff.require(VIEW, HOST, MANAGE)
        room = await self.find(room_id)
        room.require_visible_to(staff)
        return room

    async def get_owned(self, staff: StaffAuthority, room_id: str) -> InterviewRoom:
        """The room, if this staff member hosts it. Raises RoomNotFound, NotYourRoom (also for managers)."""
        room = await self.get_visible(staff, room_id)
        room.require_visible_to(staff.model_copy(update={"permissions": frozenset()}))
        return room

    async def active_of(self, staff: StaffAuthority) -> InterviewRoom | None:
        return await self._records.active_of(staff.id)

    async def page(self, room_filter: RoomFilter, page: PageRequest) -> Page[InterviewRoom]:
        return await self._records.page(room_filter, page)

    async def live_rooms(self, room_ids: Sequence[str]) -> dict[str, LiveRoom]:
        """The live rooms by room id; rooms that are not live are missing. Raises Unavailable."""
        return await self._live_rooms.rooms(room_ids)

    # change

    async def rate(
        self, staff: StaffAuthority, room_id: str, rating: int | None, note: str | None, actor: Actor
    ) -> InterviewRoom:
        """Rates an ended interview. Raises RoomNotFound, NotYourRoom, RoomNotEnded."""
        await self.get_visible(staff, room_id)
        now = self._clock.now()
        audited = audit_of(self._ids.next_id(), now, actor, ("interview", room_id), after={"rating": rating})
        return await self.change(room_id, lambda room: room.rated(rating, note, staff.name, now), [audited])

    async def reschedule(self, host: StaffAuthority, room_id: str, schedule: Schedule, actor: Actor) -> InterviewRoom:
        """Raises RoomNotFound, NotYourRoom, RoomEnded, ActiveRoomExists (it has been opened), ScheduleNotAhead."""
        room = await self.get_owned(host, room_id)
        schedule.require_ahead(self._clock.now())
        events = self._scheduling_events(room, room.schedule, schedule, actor)
        return await self.change(room_id, lambda room: room.rescheduled(schedule, self._clock.now()), events)

    async def record(self, room_id: str, entries: tuple[RecordEntry, ...]) -> None:
        """Writes entries of the live room into the record. Idempotent. Raises RoomNotFound, Unavailable."""
        await self.change(room_id, lambda room: room.with_entries(entries, self._clock.now()))

    async def change(
        self,
        room_id: str,
        transform: Callable[[InterviewRoom], InterviewRoom],
        events: Sequence[DomainEvent] = (),
    ) -> InterviewRoom:
        """Load, transform, save; retried on a conflict. Saves nothing when `transform` returns its argument."""

        async def once() -> InterviewRoom:
            before = await self.find(room_id)
            after = transform(before)
            return before if after is before else await self._records.save(after, events)

        return await retry_on_conflict(once)

    async def cancel_lapsed(self, now: datetime, limit: int = 100) -> None:
        """Cancels scheduled rooms that were not opened in time. Raises Unavailable."""
        for room in await self._records.scheduled_until(now - LAPSES_AFTER, limit):
            await self.end(room.room_id, EndReason.CANCELLED, "")
