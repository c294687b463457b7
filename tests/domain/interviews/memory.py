"""In-memory stores of the interviews area.

`tests/integrations/{mongo,redis}/interviews/test_store_promises.py` hold them to the promises of the real stores.
"""

import asyncio
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeVar

from domain.interviews.errors import ActiveRoomExists, NotJoined, PeerOffline, RoomIdTaken
from domain.interviews.live.room import LiveRoom, Seat
from domain.interviews.media.jobs import JobKind, MediaJob, MediaJobStore
from domain.interviews.media.ports import MediaPresence, MediaUserIds
from domain.interviews.media.reports import MediaReport, MediaReportKind
from domain.interviews.polling.deadlines import PollingDeadlines
from domain.interviews.ports import (
    AppProcessRegistry,
    InterviewRoomRepository,
    LiveRoomStore,
    LostProcess,
    PeerMessage,
    PeerRelay,
    PeerRoute,
    StoredLiveRoom,
)
from domain.interviews.record.listing import RoomFilter
from domain.interviews.record.model import InterviewRoom, RoomStatus
from domain.shared.errors import Conflict, Unavailable
from domain.shared.events import DomainEvent
from domain.shared.paging import MAX_PAGED_ROWS, Page, PageRequest
from domain.shared.ports import Clock

Event = TypeVar("Event", bound=DomainEvent)

CLAIM_SECONDS: Final = 5.0
DEAD_AFTER_SECONDS: Final = 8.0
_MIN_ID_TERM_LENGTH: Final = 4
_PARTICIPANT_ID: Final = re.compile(r"p[0-9a-f]{20}", re.ASCII)


class Outage:
    """Makes a store fail like one that is down."""

    def __init__(self) -> None:
        self.unavailable = False

    async def reach(self) -> None:
        """Yields to other tasks, so that concurrent use cases interleave. Raises Unavailable during an outage."""
        await asyncio.sleep(0)
        if self.unavailable:
            raise Unavailable


class MemoryInterviewRooms(Outage, InterviewRoomRepository):
    def __init__(self) -> None:
        super().__init__()
        self.stored: dict[str, InterviewRoom] = {}
        self.events: list[DomainEvent] = []
        """The events of all saves, in order."""

    async def find(self, entity_id: str) -> InterviewRoom | None:
        await self.reach()
        return self.stored.get(entity_id)

    async def find_by_room_id(self, room_id: str) -> InterviewRoom | None:
        await self.reach()
        return next((room for room in self.stored.values() if room.room_id == room_id), None)

    async def active_of(self, host_user_id: str) -> InterviewRoom | None:
        await self.reach()
        return self._active_of(host_user_id)

    async def latest_of(self, host_user_id: str) -> InterviewRoom | None:
        await self.reach()
        return next((room for room in self._newest_first() if room.host_user_id == host_user_id), None)

    async def page(self, room_filter: RoomFilter, page: PageRequest) -> Page[InterviewRoom]:
        await self.reach()
        skip = page.skip
        found = [room for room in self._newest_first() if _matches(room, room_filter)]
        if room_filter.status is RoomStatus.SCHEDULED:
            found.sort(key=lambda room: (room.schedule and room.schedule.starts_at, room.id))
        without_long_parts = {"chat": (), "attendance": (), "invites": ()}
        shown = [room.model_copy(update=without_long_parts) for room in found[skip : skip + page.page_size]]
        return Page.of(shown, min(len(found), MAX_PAGED_ROWS), page)

    async def scheduled_until(self, before: datetime, limit: int) -> Sequence[InterviewRoom]:
        await self.reach()
        return [room for room in self._scheduled() if room.schedule and room.schedule.ends_at < before][:limit]

    async def due_for_reminder(self, starting_until: datetime, limit: int) -> Sequence[InterviewRoom]:
        await self.reach()
        due = [room for room in self._scheduled() if room.schedule and room.schedule.starts_at <= starting_until]
        return [room for room in due if room.reminded_at is None][:limit]

    def _scheduled(self) -> list[InterviewRoom]:
        scheduled = [
            (room.schedule.starts_at, room.id, room)
            for room in self.stored.values()
            if room.status is RoomStatus.SCHEDULED and room.schedule is not None
        ]
        return [room for _, _, room in sorted(scheduled)]

    async def active_ids(self, after: str, limit: int) -> Sequence[str]:
        await self.reach()
        active = [room.room_id for room in self.stored.values() if room.status is RoomStatus.ACTIVE]
        return sorted(room_id for room_id in active if room_id > after)[:limit]

    async def save(self, entity: InterviewRoom, events: Sequence[DomainEvent]) -> InterviewRoom:
        await self.reach()
        known = self.stored.get(entity.id)
        if (known.version if known else 0) != entity.version:
            raise Conflict
        if any(room.room_id == entity.room_id and room.id != entity.id for room in self.stored.values()):
            raise RoomIdTaken
        active = self._active_of(entity.host_user_id)
        if entity.status is RoomStatus.ACTIVE and active is not None and active.id != entity.id:
            raise ActiveRoomExists
        saved = entity.model_copy(update={"version": entity.next_version})
        self.stored[saved.id] = saved
        self.events += events
        return saved

    def events_of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    def _active_of(self, host_user_id: str) -> InterviewRoom | None:
        rooms = (room for room in self.stored.values() if room.host_user_id == host_user_id)
        return next((room for room in rooms if room.status is RoomStatus.ACTIVE), None)

    def _newest_first(self) -> list[InterviewRoom]:
        return sorted(self.stored.values(), key=lambda room: (room.created_at, room.id), reverse=True)


def _matches(room: InterviewRoom, wanted: RoomFilter) -> bool:
    return (
        wanted.host_user_id in ("", room.host_user_id)
        and wanted.status in (None, room.status)
        and wanted.customer_id in ("", room.customer_id)
        and _is_found(room, _term(wanted.search))
    )


def _is_found(room: InterviewRoom, term: str) -> bool:
    if not term:
        return True
    names = (room.room_name, room.host_name, room.candidate_name, room.candidate_position)
    numbers = (room.room_id, _display_number(room.room_id), room.candidate_phone)
    return any(_term(name).startswith(term) for name in names) or (
        len(term) >= _MIN_ID_TERM_LENGTH and any(_term(number).startswith(term) for number in numbers)
    )


def _term(text: str) -> str:
    return "".join(text.casefold().split())


def _display_number(room_id: str) -> str:
    number = re.match(r"room_(\d+)(_|$)", room_id)
    return f"AD-{number[1]}" if number else ""


class MemoryLiveRooms(Outage, LiveRoomStore):
    def __init__(self) -> None:
        super().__init__()
        self.stored: dict[str, LiveRoom] = {}
        self.events: list[DomainEvent] = []
        """The event stream."""
        self._deadlines: dict[str, datetime] = {}
        self._results: dict[tuple[str, str], str] = {}

    @property
    def next_deadline(self) -> datetime | None:
        return min(self._deadlines.values(), default=None)

    async def load(self, room_id: str, command: str = "") -> StoredLiveRoom:
        await self.reach()
        result = self._results.get((room_id, command)) if command else None
        return StoredLiveRoom(room=self.stored.get(room_id), head=self._head(), command_result=result)

    async def save(
        self, room: LiveRoom, before: int, events: Sequence[DomainEvent], command: str = "", result: str = ""
    ) -> str:
        await self.reach()
        known = self.stored.get(room.room_id)
        if (known.version if known else 0) != before or (command and (room.room_id, command) in self._results):
            raise Conflict
        self.stored[room.room_id] = room
        self._deadlines.pop(room.room_id, None)
        if (due := room.next_deadline()) is not None:
            self._deadlines[room.room_id] = due
        if command:
            self._results[room.room_id, command] = result
        self.events += events
        return self._head()

    async def claim_due(self, now: datetime, limit: int) -> Sequence[str]:
        await self.reach()
        due = sorted((at, room_id) for room_id, at in self._deadlines.items() if at <= now)[:limit]
        self._deadlines |= {room_id: now + timedelta(seconds=CLAIM_SECONDS) for _, room_id in due}
        return [room_id for _, room_id in due]

    async def room_ids(self) -> Sequence[str]:
        await self.reach()
        return sorted(self._deadlines, key=self._deadlines.__getitem__)

    async def drop_deadline(self, room_id: str) -> None:
        await self.reach()
        self._deadlines.pop(room_id, None)

    def lose(self, room_id: str) -> None:
        """The store loses the room, but not its deadline."""
        del self.stored[room_id]

    def _head(self) -> str:
        return f"{len(self.events)}-0"


class MemoryPeerRelay(PeerRelay):
    """Reads the seats from the stored live rooms, like the real relay."""

    def __init__(self, live_rooms: MemoryLiveRooms) -> None:
        self._live_rooms = live_rooms
        self._deliveries: dict[str, Callable[[PeerMessage], None]] = {}

    async def follow(self, process: str, deliver: Callable[[PeerMessage], None]) -> None:
        self._deliveries[process] = deliver
        try:
            await asyncio.Event().wait()
        finally:
            del self._deliveries[process]

    async def send(self, route: PeerRoute, payload: Mapping[str, object]) -> None:
        await asyncio.sleep(0)
        sender = self._connected_seat(route.room_id, route.sender_id)
        if sender is None or sender.connection != route.sender_connection:
            raise NotJoined
        receiver = self._connected_seat(route.room_id, route.to)
        if receiver is None or receiver is sender or receiver.process not in self._deliveries:
            raise PeerOffline
        message = PeerMessage(
            room_id=route.room_id,
            connection=receiver.connection,
            event=route.event,
            payload=json.dumps(payload, separators=(",", ":")),
            polite=receiver.rank > sender.rank,
        )
        self._deliveries[receiver.process](message)

    def _connected_seat(self, room_id: str, participant_id: str) -> Seat | None:
        room = self._live_rooms.stored.get(room_id)
        seat = room.seat(participant_id) if room else None
        return seat if seat is not None and seat.admitted and seat.connected else None


class MemoryAppProcesses(AppProcessRegistry):
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heartbeats: dict[str, datetime] = {}
        self._lost: dict[str, datetime] = {}

    async def heartbeat(self, process: str) -> bool:
        known = process in self._heartbeats
        self._heartbeats[process] = self._clock.now()
        return known

    async def lost(self) -> Sequence[LostProcess]:
        oldest = self._clock.now() - timedelta(seconds=DEAD_AFTER_SECONDS)
        for process in [process for process, at in self._heartbeats.items() if at <= oldest]:
            self._lost[process] = self._heartbeats.pop(process)
        half_of_the_silence = timedelta(seconds=DEAD_AFTER_SECONDS / 2)
        return [LostProcess(process=process, until=at + half_of_the_silence) for process, at in self._lost.items()]

    async def forget_lost(self, process: str) -> None:
        self._lost.pop(process, None)

    async def withdraw(self, process: str) -> None:
        self._heartbeats.pop(process, None)
        self._lost.pop(process, None)


class MemoryMediaJobs(MediaJobStore):
    def __init__(self) -> None:
        self.stored: dict[str, MediaJob] = {}
        """The open jobs."""
        self._completed: set[str] = set()

    async def add(self, jobs: Sequence[MediaJob]) -> None:
        for job in jobs:
            if job.key not in self._completed:
                self.stored.setdefault(job.key, job)

    async def claim(self, kind: JobKind, now: datetime, lease_seconds: float) -> MediaJob | None:
        await asyncio.sleep(0)
        due = [job for job in self.stored.values() if job.kind == kind and job.next_try_at <= now]
        if not due:
            return None
        job = min(due, key=lambda each: each.next_try_at)
        leased_until = now + timedelta(seconds=lease_seconds)
        claimed = job.model_copy(update={"tries": job.tries + 1, "next_try_at": leased_until})
        self.stored[job.key] = claimed
        return claimed

    async def complete(self, key: str, now: datetime) -> None:
        if self.stored.pop(key, None) is not None:
            self._completed.add(key)

    async def postpone(self, key: str, until: datetime) -> None:
        if key in self.stored:
            self.stored[key] = self.stored[key].model_copy(update={"next_try_at": until})


@dataclass
class _MediaRoom:
    incarnation: int
    opened: bool = False
    closed: bool = False
    present: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    """By user: log-in and instant."""
    ended_logins: set[tuple[str, str]] = field(default_factory=set)


class MemoryMediaPresence(MediaPresence):
    def __init__(self) -> None:
        self._rooms: dict[str, _MediaRoom] = {}

    async def is_news(self, report: MediaReport) -> bool:
        room = self._room_for(report)
        return room is not None and _is_news(room, report)

    async def apply(self, report: MediaReport) -> bool:
        room = self._room_for(report)
        if room is None:
            return False
        self._rooms[report.room_id] = room
        news = _is_news(room, report)
        if report.kind is MediaReportKind.LEFT:
            room.ended_logins.add((report.user_id, report.login))
        if news:
            match report.kind:
                case MediaReportKind.ROOM_OPENED:
                    room.opened = True
                case MediaReportKind.ROOM_CLOSED:
                    room.closed = True
                case MediaReportKind.ENTERED:
                    room.present[report.user_id] = (report.login, report.at)
                case MediaReportKind.LEFT:
                    del room.present[report.user_id]
        return news

    async def users(self, room_id: str) -> frozenset[str]:
        room = self._rooms.get(room_id)
        return frozenset() if room is None or room.closed else frozenset(room.present)

    async def reconcile(self, room_id: str, users: Sequence[str], asked_at: datetime) -> None:
        room = self._rooms.setdefault(room_id, _MediaRoom(incarnation=-1))
        for user, (_, at) in list(room.present.items()):
            if user not in users and at < asked_at:
                del room.present[user]
        for user in users:
            room.present.setdefault(user, ("", asked_at))

    def _room_for(self, report: MediaReport) -> _MediaRoom | None:
        """The room of the report's incarnation, a new one for a later incarnation, None for an earlier one."""
        incarnation = int(report.incarnation)
        known = self._rooms.get(report.room_id)
        if known is None or known.incarnation < incarnation:
            return _MediaRoom(incarnation)
        return known if known.incarnation == incarnation else None


def _is_news(room: _MediaRoom, report: MediaReport) -> bool:
    if room.closed:
        return False
    login, at = room.present.get(report.user_id, (None, None))
    match report.kind:
        case MediaReportKind.ROOM_OPENED:
            return not room.opened
        case MediaReportKind.ROOM_CLOSED:
            return True
        case MediaReportKind.LEFT:
            return login == report.login
    has_ended = (report.user_id, report.login) in room.ended_logins
    return not has_ended and login != report.login and (at is None or at <= report.at)


class MemoryMediaUserIds(MediaUserIds):
    def __init__(self) -> None:
        self._owners: dict[str, dict[str, str]] = {}

    async def claim(self, room_id: str, media_user_id: str, participant_id: str) -> bool:
        if _PARTICIPANT_ID.fullmatch(media_user_id) and media_user_id != participant_id:
            return False
        return self._owners.setdefault(room_id, {}).setdefault(media_user_id, participant_id) == participant_id

    async def has_users(self, room_id: str) -> bool:
        return room_id in self._owners

    async def of_participant(self, room_id: str, participant_id: str) -> Sequence[str]:
        owners = self._owners.get(room_id, {})
        claimed = sorted(user_id for user_id, owner in owners.items() if owner == participant_id)
        return [participant_id, *(user_id for user_id in claimed if user_id != participant_id)]

    async def owner_of(self, room_id: str, media_user_id: str) -> str:
        return self._owners.get(room_id, {}).get(media_user_id, media_user_id)


class MemoryPollingDeadlines(PollingDeadlines):
    def __init__(self) -> None:
        self.stored: dict[tuple[str, str], datetime] = {}

    async def extend(self, room_id: str, participant_id: str, until: datetime) -> None:
        key = (room_id, participant_id)
        self.stored[key] = max(until, self.stored.get(key, until))

    async def due(self, now: datetime, limit: int) -> Sequence[tuple[str, str]]:
        return [key for key, until in sorted(self.stored.items(), key=lambda item: item[1]) if until <= now][:limit]

    async def remove(self, room_id: str, participant_id: str, now: datetime) -> None:
        key = (room_id, participant_id)
        if key in self.stored and self.stored[key] <= now:
            del self.stored[key]
