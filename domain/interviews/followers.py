"""What follows the record: its live room begins and ends with it, whatever dies in between."""

from collections.abc import Sequence

from domain.interviews.events import InterviewEnded, InterviewOpened, ParticipantBanned
from domain.interviews.live.service import LiveRoomService
from domain.interviews.live.unit_of_work import LiveRoomUnitOfWork
from domain.shared.errors import NotFound, RuleViolated
from domain.shared.events import DomainEvent


class OpeningFollower:
    """The clock of a room runs from its opening on, also when nobody ever comes."""

    def __init__(self, live: LiveRoomUnitOfWork) -> None:
        self._live = live

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        for event in events:
            if isinstance(event, InterviewOpened):
                try:
                    await self._live.ensure(event.room_id)
                except (NotFound, RuleViolated):
                    continue  # it has ended in the meantime


class BanFollower:
    def __init__(self, conversations: LiveRoomService) -> None:
        self._conversations = conversations

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        for event in events:
            if isinstance(event, ParticipantBanned):
                await self._conversations.enforce_ban(event.room_id, event.participant_id)


class EndFollower:
    def __init__(self, live: LiveRoomUnitOfWork) -> None:
        self._live = live

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        for event in events:
            if isinstance(event, InterviewEnded):
                await self._live.follow_end(event.room_id, event.reason, event.ended_by)
