"""People whose page asks again and again instead of holding a socket, as pages of today do.

They sit in the same live room. A seat without a socket is kept by asking, or by being in the media room; when both have
stopped for a while it counts as a dropped connection, with everything that follows from one.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from domain.interviews.errors import NotJoined
from domain.interviews.invites.model import GuestTicket
from domain.interviews.live.commands import Capabilities, Join
from domain.interviews.live.results import JoinResult
from domain.interviews.live.room import LiveRoom, Seat
from domain.interviews.live.service import LiveRoomService, ParticipantConnection
from domain.interviews.live.transition import CommandSender
from domain.interviews.live.unit_of_work import LiveRoomUnitOfWork
from domain.interviews.media.ports import MediaPresence, MediaUserIds
from domain.interviews.participant_ids import Visitor, participant_id_of
from domain.shared.background import BackgroundJob, Every
from domain.shared.errors import NotFound, RuleViolated
from domain.shared.ports import Clock

log = logging.getLogger("error.interviews")

WORKER: Final = "poll"
"""No process: it never dies, the board decides."""
_PREFIX: Final = "poll:"
ARRIVING: Final = timedelta(seconds=60)
"""From a token to the media room."""
POLLING: Final = timedelta(seconds=20)
"""Several polls long."""
SWEEP_SECONDS: Final = 2.0
_AT_ONCE: Final = 200


class PollingDeadlines(Protocol):
    """Until when each of them is taken to be there. Every method raises Unavailable."""

    async def keep(self, room_id: str, participant_id: str, until: datetime) -> None:
        """Never shortens."""

    async def due(self, now: datetime, most: int) -> Sequence[tuple[str, str]]: ...

    async def forget(self, room_id: str, participant_id: str, now: datetime) -> None:
        """Unless they were kept anew."""


class PollingClients:
    def __init__(
        self,
        board: PollingDeadlines,
        live: LiveRoomUnitOfWork,
        conversations: LiveRoomService,
        presence: MediaPresence,
        ids: MediaUserIds,
        clock: Clock,
    ) -> None:
        self._board = board
        self._live = live
        self._conversations = conversations
        self._presence = presence
        self._ids = ids
        self._clock = clock

    async def come(self, visitor: Visitor, room_id: str) -> JoinResult:
        """Into the room or to its door, unless they are there with a socket already. Raises what joining raises."""
        participant_id = participant_id_of(visitor, room_id)
        room = await self._live.peek(room_id)
        seat = room.seat(participant_id) if room else None
        own = connection_of(participant_id)
        line = ParticipantConnection(connection=own, thread=own, worker=WORKER)
        if seat is not None and seat.connected:
            line = ParticipantConnection(connection=seat.connection, thread=seat.thread, worker=seat.worker)
        command = Join(room_id=room_id, caps=Capabilities(zego=True, webrtc=False))
        present = await self._conversations.join(visitor, command, line)
        await self._board.keep(room_id, participant_id, self._clock.now() + ARRIVING)
        return present.answer

    async def seen(self, ticket: GuestTicket) -> tuple[LiveRoom, Seat]:
        """They ask what is new. Raises Banned, NotJoined, RoomEnded and what coming back raises."""
        room = await self._live.peek(ticket.room_id)
        seat = room.seat(ticket.participant_id) if room else None
        if room is None or seat is None or not seat.connected:
            await self.come(ticket, ticket.room_id)
            room = await self._live.peek(ticket.room_id)
            seat = room.seat(ticket.participant_id) if room else None
        await self._board.keep(ticket.room_id, ticket.participant_id, self._clock.now() + POLLING)
        if room is None or seat is None or not seat.admitted:  # who waits at the door learns nothing of the room
            raise NotJoined
        return room, seat

    async def leave(self, ticket: GuestTicket) -> None:
        """Their page closes, in the room or at its door. One that holds a socket says so there."""
        connection = connection_of(ticket.participant_id)
        who = CommandSender(participant_id=ticket.participant_id, connection=connection)
        try:
            await self._conversations.leave(ticket.room_id, who)
        except NotJoined:
            await self._conversations.leave_door(ticket.room_id, ticket.participant_id, connection)
        except (RuleViolated, NotFound):
            return  # it has ended

    async def entered(self, room_id: str, participant_id: str) -> None:
        """The media plane has them."""
        await self._board.keep(room_id, participant_id, self._clock.now() + ARRIVING)

    async def left_media(self, room_id: str, participant_id: str) -> None:
        await self._board.keep(room_id, participant_id, self._clock.now() + POLLING)

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        sweep = BackgroundJob("interview-pollers", Every(SWEEP_SECONDS), self.sweep, lease_seconds=SWEEP_SECONDS * 3)
        return (sweep,)

    async def sweep(self) -> None:
        """Seats that nothing keeps any more have lost their connection. Raises Unavailable."""
        now = self._clock.now()
        for room_id, participant_id in await self._board.due(now, _AT_ONCE):
            ids = await self._ids.of_participant(room_id, participant_id)
            if (await self._presence.users(room_id)).intersection(ids):
                await self._board.keep(room_id, participant_id, now + ARRIVING)
                continue
            await self._conversations.dropped(room_id, participant_id, connection_of(participant_id))
            await self._board.forget(room_id, participant_id, now)


def connection_of(participant_id: str) -> str:
    return _PREFIX + participant_id


def is_poller(seat: Seat) -> bool:
    return seat.connection.startswith(_PREFIX)
