"""Reminders of scheduled interviews, fifteen minutes before they begin."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from domain.interviews.events import InterviewAboutToBegin
from domain.interviews.ports import InterviewRoomRepository
from domain.interviews.record.model import InterviewRoom, Schedule
from domain.interviews.record.service import InterviewRoomService
from domain.shared.background import BackgroundJob, Every
from domain.shared.errors import DomainError
from domain.shared.ports import Clock, IdGenerator

log = logging.getLogger("error.interviews")

REMINDS_BEFORE: Final = timedelta(minutes=15)
_INTERVAL_SECONDS: Final = 15.0
_BATCH_SIZE: Final = 200


class InterviewReminders:
    def __init__(
        self, records: InterviewRoomRepository, rooms: InterviewRoomService, clock: Clock, ids: IdGenerator
    ) -> None:
        self._records = records
        self._rooms = rooms
        self._clock = clock
        self._ids = ids

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        job = BackgroundJob(
            "interviews-reminders", Every(_INTERVAL_SECONDS), self.run_due, lease_seconds=_INTERVAL_SECONDS * 4
        )
        return (job,)

    async def run_due(self) -> None:
        """Saves each due reminder with its event. Repeating it, also in several processes, reminds once for each start.

        A reminder that was missed is sent late, until the scheduled end. Raises Unavailable.
        """
        now = self._clock.now()
        for room in await self._records.due_for_reminder(now + REMINDS_BEFORE, _BATCH_SIZE):
            if room.schedule is None or room.schedule.ends_at <= now:
                continue
            event = self._event(room, room.schedule)
            try:
                await self._rooms.change(room.room_id, self._reminding(room.schedule), [event])
            except DomainError as error:  # it stays due and is retried; the other rooms go on
                log.warning("interviews.reminder_failed", extra={"room": room.room_id, "code": error.code})

    def _reminding(self, schedule: Schedule) -> Callable[[InterviewRoom], InterviewRoom]:
        def remind(room: InterviewRoom) -> InterviewRoom:
            # Moved, opened or cancelled meanwhile: the event would tell what is no longer true.
            return room.reminded(self._clock.now()) if room.schedule == schedule else room

        return remind

    def _event(self, room: InterviewRoom, schedule: Schedule) -> InterviewAboutToBegin:
        return InterviewAboutToBegin(
            id=self._ids.next_id(),
            at=self._clock.now(),
            room_id=room.room_id,
            room_name=room.room_name,
            host_user_id=room.host_user_id,
            host_name=room.host_name,
            worker_id=room.worker_id,
            starts_at=schedule.starts_at,
        )
