"""The queue of media jobs: turns events of interviews into jobs, so that no use case waits for the provider."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from domain.interviews.events import InterviewEnded, ParticipantBanned, ParticipantRemoved
from domain.interviews.media.jobs import MediaJob, MediaJobStore, media_job
from domain.interviews.media.ports import MediaUserIds
from domain.shared.events import DomainEvent
from domain.shared.signal import Signal

_REMOVAL_EXPIRES_AFTER: Final = timedelta(seconds=60)
"""Without a ban: the participant may have rejoined by then."""


class MediaJobQueue:
    """Follows `InterviewEnded`, `ParticipantBanned` and `ParticipantRemoved` durably."""

    def __init__(self, jobs: MediaJobStore, ids: MediaUserIds) -> None:
        self._jobs = jobs
        self._ids = ids
        self.job_added = Signal()
        """Wakes the job runner of this app process."""

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        jobs = [job for event in events if (job := await self._job_for(event)) is not None]
        if jobs:
            await self._jobs.add(jobs)
            self.job_added.set()

    async def enqueue_removal(
        self, key: str, room_id: str, user_ids: Sequence[str], reason: str, now: datetime
    ) -> None:
        """Removes users who are in the media room but not in the interview. Idempotent by `key`. Raises Unavailable."""
        await self._jobs.add([media_job(key, "putOut", room_id, now, tuple(user_ids), reason)])
        self.job_added.set()

    async def _job_for(self, event: DomainEvent) -> MediaJob | None:
        if isinstance(event, InterviewEnded):
            if event.media_mode == "mesh" and not await self._ids.has_users(event.room_id):
                return None  # calls from browser to browser end with the signaling
            return media_job(event.id, "closeRoom", event.room_id, event.at, (), event.reason)
        if isinstance(event, ParticipantBanned | ParticipantRemoved):
            user_ids = await self._ids.of_participant(event.room_id, event.participant_id)
            job = media_job(event.id, "putOut", event.room_id, event.at, tuple(user_ids), "kicked")
            if isinstance(event, ParticipantRemoved):
                return job.model_copy(update={"until": event.at + _REMOVAL_EXPIRES_AFTER})
            return job
        return None
