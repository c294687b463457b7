"""Polling clients: legacy pages that poll instead of holding a socket.

Their participants sit in the same live room. A poll, or being in the media room, extends the deadline of such a seat;
after the deadline the seat counts as disconnected, with the same consequences as a dropped connection.
"""

from datetime import timedelta
from typing import Final

from domain.interviews.errors import NotJoined
from domain.interviews.invites.model import GuestTicket
from domain.interviews.live.commands import Capabilities, Join
from domain.interviews.live.connections import SeatConnection, SeatConnections
from domain.interviews.live.results import JoinResult
from domain.interviews.live.room import LiveRoom, Seat
from domain.interviews.live.rules.membership import ParticipantConnection
from domain.interviews.live.service import LiveRoomService
from domain.interviews.live.transition import CommandSender
from domain.interviews.live.unit_of_work import LiveRoomUnitOfWork
from domain.interviews.media.ports import MediaPresence, MediaUserIds
from domain.interviews.participant_ids import Visitor, participant_id_of
from domain.interviews.polling.deadlines import PollingDeadlines
from domain.shared.background import BackgroundJob, Every
from domain.shared.errors import NotFound, RuleViolated
from domain.shared.ports import Clock

POLLING_PROCESS: Final = "poll"
"""The `process` of a polling seat. No real process, so it is never lost; the deadline decides instead."""
_PREFIX: Final = "poll:"
_UNTIL_MEDIA_ROOM: Final = timedelta(seconds=60)
"""From the token to the arrival in the media room."""
_UNTIL_NEXT_POLL: Final = timedelta(seconds=20)
"""Several times the interval of polls."""
_SWEEP_SECONDS: Final = 2.0
_SWEEP_LIMIT: Final = 200


class PollingClients:
    def __init__(
        self,
        deadlines: PollingDeadlines,
        unit_of_work: LiveRoomUnitOfWork,
        live_rooms: LiveRoomService,
        connections: SeatConnections,
        presence: MediaPresence,
        ids: MediaUserIds,
        clock: Clock,
    ) -> None:
        self._deadlines = deadlines
        self._unit_of_work = unit_of_work
        self._live_rooms = live_rooms
        self._connections = connections
        self._presence = presence
        self._ids = ids
        self._clock = clock

    async def join(self, visitor: Visitor, room_id: str) -> JoinResult:
        """Into the room or its lobby; a seat that is connected by a socket keeps its connection. Raises what joining
        raises."""
        participant_id = participant_id_of(visitor, room_id)
        room = await self._unit_of_work.peek(room_id)
        seat = room.seat(participant_id) if room else None
        polling_id = polling_connection(participant_id)
        connection = ParticipantConnection(id=polling_id, recovery_id=polling_id, process=POLLING_PROCESS)
        if seat is not None and seat.connected:
            connection = ParticipantConnection(id=seat.connection, recovery_id=seat.recovery_id, process=seat.process)
        command = Join(room_id=room_id, caps=Capabilities(zego=True, webrtc=False))
        joined = await self._live_rooms.join(visitor, command, connection)
        await self._deadlines.extend(room_id, participant_id, self._clock.now() + _UNTIL_MEDIA_ROOM)
        return joined.result

    async def poll(self, ticket: GuestTicket) -> tuple[LiveRoom, Seat]:
        """The room and the guest's seat; a disconnected guest joins again. Raises Banned, NotJoined (also in the
        lobby), RoomEnded and what joining raises."""
        room = await self._unit_of_work.peek(ticket.room_id)
        seat = room.seat(ticket.participant_id) if room else None
        if room is None or seat is None or not seat.connected:
            await self.join(ticket, ticket.room_id)
            room = await self._unit_of_work.peek(ticket.room_id)
            seat = room.seat(ticket.participant_id) if room else None
        await self._deadlines.extend(ticket.room_id, ticket.participant_id, self._clock.now() + _UNTIL_NEXT_POLL)
        if room is None or seat is None or not seat.admitted:
            raise NotJoined
        return room, seat

    async def leave(self, ticket: GuestTicket) -> None:
        """The polling page was closed, in the room or in the lobby. A seat that is connected by a socket stays."""
        connection = polling_connection(ticket.participant_id)
        sender = CommandSender(participant_id=ticket.participant_id, connection=connection)
        try:
            await self._live_rooms.leave(ticket.room_id, sender)
        except NotJoined:
            await self._live_rooms.leave_lobby(ticket.room_id, ticket.participant_id, connection)
        except (RuleViolated, NotFound):
            return  # the interview has ended

    async def media_entered(self, room_id: str, participant_id: str) -> None:
        await self._deadlines.extend(room_id, participant_id, self._clock.now() + _UNTIL_MEDIA_ROOM)

    async def media_left(self, room_id: str, participant_id: str) -> None:
        await self._deadlines.extend(room_id, participant_id, self._clock.now() + _UNTIL_NEXT_POLL)

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        sweep = BackgroundJob("interview-pollers", Every(_SWEEP_SECONDS), self.sweep, lease_seconds=_SWEEP_SECONDS * 3)
        return (sweep,)

    async def sweep(self) -> None:
        """Disconnects polling seats whose deadline has passed and that are not in the media room. Raises
        Unavailable."""
        now = self._clock.now()
        for room_id, participant_id in await self._deadlines.due(now, _SWEEP_LIMIT):
            ids = await self._ids.of_participant(room_id, participant_id)
            if (await self._presence.users(room_id)).intersection(ids):
                await self._deadlines.extend(room_id, participant_id, now + _UNTIL_MEDIA_ROOM)
                continue
            connection = polling_connection(participant_id)
            closed = SeatConnection(room_id=room_id, participant_id=participant_id, connection=connection)
            await self._connections.disconnected(closed)
            await self._deadlines.remove(room_id, participant_id, now)


def polling_connection(participant_id: str) -> str:
    """The connection id of a polling seat."""
    return _PREFIX + participant_id


def is_polling(seat: Seat) -> bool:
    return seat.connection.startswith(_PREFIX)
