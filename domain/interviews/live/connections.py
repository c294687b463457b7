"""Connections of seats: reattach a recovered connection, report a closed one, find those of an app process."""

import asyncio
from datetime import datetime
from typing import Final

from domain.interviews.live.join_authorization import may_keep_seat
from domain.interviews.live.rules import membership
from domain.interviews.live.rules.membership import ParticipantConnection
from domain.interviews.live.socket_rooms import rooms_for
from domain.interviews.live.unit_of_work import LiveRoomUnitOfWork
from domain.interviews.participant_ids import Visitor, participant_id_of
from domain.shared.model import Model

_PAUSE_SECONDS: Final = 0.005
"""Between two rooms of a scan, so that the commands of participants are not delayed."""


class SeatConnection(Model):
    room_id: str
    participant_id: str
    connection: str


class SeatConnections:
    def __init__(self, unit_of_work: LiveRoomUnitOfWork) -> None:
        self._unit_of_work = unit_of_work

    async def rooms_of(self, visitor: Visitor, room_id: str) -> frozenset[str]:
        """The Socket.IO rooms that a recovered connection may be in: none when it has lost its seat or the right to it.
        Raises Unavailable."""
        room = await self._unit_of_work.peek(room_id)
        seat = room.seat(participant_id_of(visitor, room_id)) if room else None
        if room is None or room.ended or room.pending_end is not None or seat is None:
            return frozenset()
        return rooms_for(room_id, seat) if may_keep_seat(visitor, seat) else frozenset()

    async def reattach(self, room_id: str, participant_id: str, connection: ParticipantConnection) -> None:
        """A recovered connection takes its seat again. Raises NotJoined, RoomEnded, RoomNotFound, Unavailable."""
        await self._unit_of_work.change(
            room_id, lambda transition: membership.reattach(transition, participant_id, connection)
        )

    async def disconnected(self, closed: SeatConnection) -> None:
        """The connection is closed. Idempotent. Raises Unavailable: the caller must report it again later."""
        await self._unit_of_work.change_existing(
            closed.room_id,
            lambda transition: membership.disconnect(transition, closed.participant_id, closed.connection),
        )

    async def process_lost(self, process: str, until: datetime) -> None:
        """Disconnects every seat that the process served until this instant. Raises Unavailable."""
        for room_id in await self._unit_of_work.room_ids():
            await self._unit_of_work.change_existing(
                room_id, lambda transition: membership.disconnect_process(transition, process, until)
            )

    async def of_process(self, process: str) -> list[SeatConnection]:
        """The connections that this process serves according to the store. Scans slowly. Raises Unavailable."""
        found = []
        for room_id in await self._unit_of_work.room_ids():
            await asyncio.sleep(_PAUSE_SECONDS)
            room = await self._unit_of_work.peek(room_id)
            found += [
                SeatConnection(room_id=room_id, participant_id=seat.participant_id, connection=seat.connection)
                for seat in (room.seats if room else ())
                if seat.process == process and seat.connected
            ]
        return found
