"""Durable followers that keep the live room in step with the record: it opens, bans and ends with it."""

from collections.abc import Sequence

from domain.interviews.events import InterviewEnded, InterviewOpened, ParticipantBanned
from domain.interviews.live.service import LiveRoomService
from domain.interviews.live.unit_of_work import LiveRoomUnitOfWork
from domain.shared.errors import NotFound, RuleViolated
from domain.shared.events import DomainEvent


class OpeningFollower:
    """Creates the live room when the interview opens, so that its deadlines run even if no participant ever joins."""

    def __init__(self, unit_of_work: LiveRoomUnitOfWork) -> None:
        self._unit_of_work = unit_of_work

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        for event in events:
            if isinstance(event, InterviewOpened):
                try:
                    await self._unit_of_work.ensure(event.room_id)
                except (NotFound, RuleViolated):
                    continue  # it has ended in the meantime


class BanFollower:
    def __init__(self, live_rooms: LiveRoomService) -> None:
        self._live_rooms = live_rooms

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        for event in events:
            if isinstance(event, ParticipantBanned):
                await self._live_rooms.enforce_ban(event.room_id, event.participant_id)


class EndFollower:
    def __init__(self, unit_of_work: LiveRoomUnitOfWork) -> None:
        self._unit_of_work = unit_of_work

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        for event in events:
            if isinstance(event, InterviewEnded):
                await self._unit_of_work.follow_end(event.room_id, event.reason, event.ended_by)
