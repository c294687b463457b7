"""What goes on behind the rooms, on whichever worker gets to it: clocks, records, workers that died."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from domain.interviews.errors import RoomNotFound
from domain.interviews.live import deadlines
from domain.interviews.live.service import LiveRoomService
from domain.interviews.live.transition import RoomTransition
from domain.interviews.live.unit_of_work import LiveRoomUnitOfWork
from domain.interviews.ports import AppProcessRegistry, InterviewRoomRepository, LiveRoomStore
from domain.interviews.record.service import InterviewRoomService
from domain.shared.background import BackgroundJob, Every
from domain.shared.errors import DomainError
from domain.shared.ports import Clock

log = logging.getLogger("error.interviews")

_CLOCK_SECONDS: Final = 0.25
_NOTE_SECONDS: Final = 0.25
_BEAT_SECONDS: Final = 2.0
_SURE_SECONDS: Final = 6.0
"""Whoever declares others dead has been heard itself for this long."""
_RECONCILE_SECONDS: Final = 15.0
_AT_ONCE: Final = 50
_A_MOMENT: Final = 0.005
"""Between one room and the next, where there is no hurry: people who talk meanwhile come first."""
_PAGE: Final = 200


class LiveRoomMaintenance:
    """Every step may be taken twice, or by two workers at once. Nothing is lost when the one that takes it dies."""

    def __init__(
        self,
        records: InterviewRoomRepository,
        rooms: InterviewRoomService,
        live: LiveRoomUnitOfWork,
        conversations: LiveRoomService,
        store: LiveRoomStore,
        workers: AppProcessRegistry,
        clock: Clock,
        worker: str,
    ) -> None:
        self._records = records
        self._rooms = rooms
        self._live = live
        self._conversations = conversations
        self._store = store
        self._workers = workers
        self._clock = clock
        self._worker = worker
        self._beaten_at = self._beating_since = clock.now()
        self.on_given_up: Callable[[], Awaitable[None]] = _nothing
        """Called when what the store says of this worker's people may be wrong: they take up their seats again."""

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        return (
            BackgroundJob("interviews-deadlines", Every(_CLOCK_SECONDS), self.tick_due),
            BackgroundJob("interviews-attendance", Every(_NOTE_SECONDS), self.note_all),
            BackgroundJob("interviews-heartbeat", Every(_BEAT_SECONDS), self._beat),
            BackgroundJob(
                "interviews-reconcile",
                Every(_RECONCILE_SECONDS),
                self.reconcile,
                lease_seconds=_RECONCILE_SECONDS * 2,
            ),
        )

    async def withdraw(self) -> None:
        """This worker stops, and has sent its people elsewhere. Raises Unavailable."""
        await self._workers.withdraw(self._worker)

    async def tick_due(self) -> None:
        """Let the clocks strike that are due, and end what has to end. Raises Unavailable."""
        for room_id in await self._store.claim_due(self._clock.now(), _AT_ONCE):
            try:
                await self.tick(room_id)
            except DomainError as error:  # it is due again in some seconds
                log.warning("interviews.tick_failed", extra={"room": room_id, "code": error.code})

    async def tick(self, room_id: str) -> None:
        changed = await self._live.change_existing(room_id, deadlines.tick)
        if changed is None:
            await self._store.drop_deadline(room_id)
            return
        room = changed.room
        if room.ending is not None and not room.over:
            try:
                await self._rooms.end(room_id, room.ending, "")
            except RoomNotFound:  # a live room of nothing
                await self._live.follow_end(room_id, room.ending, "")
        if room.facts:
            await self.note(room_id)

    async def note_all(self) -> None:
        """Raises Unavailable; nothing is forgotten then."""
        for room_id in list(self._live.unnoted):
            await self.note(room_id)

    async def note(self, room_id: str) -> None:
        """Take what happened in the live room into its record."""
        self._live.unnoted.discard(room_id)
        room = await self._live.peek(room_id)
        if room is None or not room.facts:
            return
        noted = room.facts
        try:
            await self._rooms.note(room_id, noted)
        except RoomNotFound:
            log.warning("interviews.no_record", extra={"room": room_id})
        except DomainError:
            self._live.unnoted.add(room_id)
            raise

        def noted_now(step: RoomTransition) -> None:
            left = tuple(fact for fact in step.room.facts if fact not in noted)
            if left != step.room.facts:
                step.set(facts=left, facts_since=step.now if left else None)

        await self._live.change_existing(room_id, noted_now)

    async def reconcile(self) -> None:
        """Records and live rooms agree again, whatever died or was lost. Raises Unavailable."""
        await self._rooms.call_off_lapsed(self._clock.now())
        after = ""
        while page := await self._records.active_ids(after, _PAGE):
            for room_id in page:
                await self._ensure(room_id)
                await asyncio.sleep(_A_MOMENT)
            after = page[-1]

    async def _ensure(self, room_id: str) -> None:
        try:
            room, record = await self._live.ensure(room_id), await self._rooms.find(room_id)
            barred = {ban.participant_id for ban in room.bans}
            for ban in record.bans:
                if ban.participant_id not in barred:
                    await self._conversations.enforce_ban(room_id, ban.participant_id)
        except DomainError as error:
            log.warning("interviews.not_ensured", extra={"room": room_id, "code": error.code})

    async def _beat(self) -> None:
        now = self._clock.now()
        if now - self._beaten_at > timedelta(seconds=_BEAT_SECONDS * 2):
            self._beating_since = now  # the store was away, for the others perhaps a moment longer
        if not await self._workers.beat(self._worker):
            await self.on_given_up()
        self._beaten_at = now
        if now - self._beating_since < timedelta(seconds=_SURE_SECONDS):
            return
        for lost in await self._workers.given_up():
            log.warning("interviews.worker_lost", extra={"worker": lost.worker})
            await self._conversations.worker_lost(lost.worker, lost.until)
            await self._workers.bury(lost.worker)


async def _nothing() -> None:
    return
