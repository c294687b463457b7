"""Background maintenance of live rooms: deadlines, entries for the record, and agreement of records and live rooms."""

import asyncio
import logging
from typing import Final

from domain.interviews.errors import RoomNotFound
from domain.interviews.live.rules.deadlines import apply_deadlines
from domain.interviews.live.service import LiveRoomService
from domain.interviews.live.transition import RoomTransition
from domain.interviews.live.unit_of_work import LiveRoomUnitOfWork
from domain.interviews.ports import InterviewRoomRepository, LiveRoomStore
from domain.interviews.record.service import InterviewRoomService
from domain.shared.background import BackgroundJob, Every
from domain.shared.errors import DomainError
from domain.shared.ports import Clock

log = logging.getLogger("error.interviews")

_DEADLINE_SECONDS: Final = 0.25
_RECORD_SECONDS: Final = 0.25
_RECONCILE_SECONDS: Final = 15.0
_DUE_LIMIT: Final = 50
_PAUSE_SECONDS: Final = 0.005
"""Between two rooms of a reconciliation, so that the commands of participants are not delayed."""
_PAGE: Final = 200


class LiveRoomMaintenance:
    """Every step is idempotent and may run in two processes at once. A step that was interrupted is repeated."""

    def __init__(
        self,
        records: InterviewRoomRepository,
        rooms: InterviewRoomService,
        unit_of_work: LiveRoomUnitOfWork,
        live_rooms: LiveRoomService,
        store: LiveRoomStore,
        clock: Clock,
    ) -> None:
        self._records = records
        self._rooms = rooms
        self._unit_of_work = unit_of_work
        self._live_rooms = live_rooms
        self._store = store
        self._clock = clock

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        return (
            BackgroundJob("interviews-deadlines", Every(_DEADLINE_SECONDS), self.apply_due_deadlines),
            BackgroundJob("interviews-attendance", Every(_RECORD_SECONDS), self.record_all),
            BackgroundJob(
                "interviews-reconcile",
                Every(_RECONCILE_SECONDS),
                self.reconcile,
                lease_seconds=_RECONCILE_SECONDS * 2,
            ),
        )

    async def apply_due_deadlines(self) -> None:
        """Applies the deadlines of all rooms that are due. Raises Unavailable."""
        for room_id in await self._store.claim_due(self._clock.now(), _DUE_LIMIT):
            try:
                await self._apply_deadlines(room_id)
            except DomainError as error:  # the room is due again in some seconds
                log.warning("interviews.tick_failed", extra={"room": room_id, "code": error.code})

    async def _apply_deadlines(self, room_id: str) -> None:
        change = await self._unit_of_work.change_existing(room_id, apply_deadlines)
        if change is None:
            await self._store.drop_deadline(room_id)
            return
        room = change.room
        if room.pending_end is not None and not room.ended:
            try:
                await self._rooms.end(room_id, room.pending_end, "")
            except RoomNotFound:  # a live room without a record
                await self._unit_of_work.follow_end(room_id, room.pending_end, "")
        if room.unrecorded:
            await self.record(room_id)

    async def record_all(self) -> None:
        """Writes the entries of rooms that this process changed into their records. Raises Unavailable; the rest is
        recorded by the next call."""
        for room_id in list(self._unit_of_work.with_unrecorded):
            await self.record(room_id)

    async def record(self, room_id: str) -> None:
        """Writes the entries of one live room into its record."""
        self._unit_of_work.with_unrecorded.discard(room_id)
        room = await self._unit_of_work.peek(room_id)
        if room is None or not room.unrecorded:
            return
        recorded = room.unrecorded
        try:
            await self._rooms.record(room_id, recorded)
        except RoomNotFound:
            log.warning("interviews.no_record", extra={"room": room_id})
        except DomainError:
            self._unit_of_work.with_unrecorded.add(room_id)
            raise

        def forget_recorded(transition: RoomTransition) -> None:
            rest = tuple(entry for entry in transition.room.unrecorded if entry not in recorded)
            if rest != transition.room.unrecorded:
                transition.update(unrecorded=rest, unrecorded_since=transition.now if rest else None)

        await self._unit_of_work.change_existing(room_id, forget_recorded)

    async def reconcile(self) -> None:
        """Makes records and live rooms agree after crashes and losses of data. Raises Unavailable."""
        await self._rooms.cancel_lapsed(self._clock.now())
        after = ""
        while page := await self._records.active_ids(after, _PAGE):
            for room_id in page:
                await self._reconcile_room(room_id)
                await asyncio.sleep(_PAUSE_SECONDS)
            after = page[-1]

    async def _reconcile_room(self, room_id: str) -> None:
        try:
            room, record = await self._unit_of_work.ensure(room_id), await self._rooms.find(room_id)
            banned = {ban.participant_id for ban in room.bans}
            for ban in record.bans:
                if ban.participant_id not in banned:
                    await self._live_rooms.enforce_ban(room_id, ban.participant_id)
        except DomainError as error:
            log.warning("interviews.not_ensured", extra={"room": room_id, "code": error.code})
