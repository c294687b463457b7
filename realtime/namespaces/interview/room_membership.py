"""Moves connections into and out of the Socket.IO rooms of an interview room, without losing or repeating a push."""

import asyncio
from collections.abc import Awaitable, Callable

from domain.interviews.events import LiveRoomPushed
from domain.interviews.live.connections import SeatConnection
from domain.interviews.live.service import JoinOutcome
from domain.interviews.live.socket_rooms import participant_id_in, participants_room, room_id_in
from domain.shared.errors import Unavailable
from domain.shared.events import StreamEntry
from domain.shared.tasks import TaskSet
from realtime.delivery.client_registry import Client
from realtime.namespaces.base import NamespaceContext
from realtime.namespaces.interview.pushes import CLOSING_EVENTS, NAME, REMOVING_EVENTS
from realtime.namespaces.interview.seat_attachment import SeatAttachment
from realtime.namespaces.interview.seated_connections import SeatedConnection, SeatedConnections
from realtime.socketio.delivery import encode_deliveries


class RoomMembership:
    def __init__(
        self,
        context: NamespaceContext,
        seated: SeatedConnections,
        attachment: SeatAttachment,
        tasks: TaskSet,
        disconnect: Callable[[str], Awaitable[None]],
    ) -> None:
        """`disconnect` closes a connection."""
        self._context = context
        self._seated = seated
        self._attachment = attachment
        self._tasks = tasks
        self._disconnect = disconnect
        self._ending: dict[str, asyncio.Event] = {}
        """Connections whose `end` has not been acknowledged yet."""

    def enter(self, client: Client, joined: JoinOutcome) -> None:
        """One synchronous step: enter the rooms, and send every push that is newer than the snapshot."""
        context, hub = self._context, self._context.hub
        if context.clients.find(client.sid) is not client:
            self._tasks.spawn(self._attachment.disconnected(seat_connection(client, joined)))
            return
        if not hub.history.covers(joined.after):
            context.recovery.close_connection(client, "history_lost")
            return
        new = joined.rooms - client.rooms
        for room in client.rooms - joined.rooms:
            context.rooms.leave(client.sid, NAME, room)
        for room in new:
            context.rooms.enter(client.sid, NAME, room)
        admitted = participants_room(joined.room_id) in joined.rooms
        seated = SeatedConnection(client, joined.room_id, joined.participant_id, admitted)
        client.rooms = joined.rooms
        self._seated.put(seated)
        for _, message in encode_deliveries(hub.history.missed(NAME, new, joined.after)):
            client.socket.send(message)
        if new:
            client.start_offset = joined.after  # earlier pushes are in the snapshot, or were not for this client
        if not self._removed_since(seated, joined.after):
            self._record(client)

    def recovered(self, client: Client) -> None:
        """A recovered connection is in its rooms again: take its seat, unless it was removed in the meantime."""
        room_id = room_id_in(client.rooms)
        if not room_id:
            return
        admitted = participants_room(room_id) in client.rooms
        seated = SeatedConnection(client, room_id, participant_id_in(client.rooms), admitted)
        self._seated.put(seated)
        if not self._removed_since(seated, client.start_offset):
            self._attachment.reattach(seated)

    def leave(self, seated: SeatedConnection) -> None:
        """Leave all rooms at once; the connection stays open."""
        client = seated.client
        self._seated.remove(client.sid)
        for room in client.rooms:
            self._context.rooms.leave(client.sid, NAME, room)
        client.rooms = frozenset()
        self._record(client)

    def follow(self, entry: StreamEntry) -> None:
        """Removes the connections that a push of the stream removes from the room."""
        event = entry.event
        if isinstance(event, LiveRoomPushed) and event.event in REMOVING_EVENTS:
            for seated in self._seated.in_rooms(event.room_id, event.rooms):
                self._remove(seated, event.event)

    def delay_close(self, sid: str) -> asyncio.Event:
        """Keeps this connection open until the returned event is set: its `end` is acknowledged before it is closed."""
        acknowledged = self._ending[sid] = asyncio.Event()
        return acknowledged

    def forget(self, sid: str) -> None:
        """The connection is closed."""
        self._ending.pop(sid, None)

    def _remove(self, seated: SeatedConnection, event: str) -> None:
        self.leave(seated)
        if event in CLOSING_EVENTS:
            # After a disconnect by the server the official client does not reconnect by itself.
            self._tasks.spawn(self._close(seated.client.sid))

    async def _close(self, sid: str) -> None:
        if (acknowledged := self._ending.pop(sid, None)) is not None:
            await acknowledged.wait()
        await self._disconnect(sid)

    def _removed_since(self, seated: SeatedConnection, after: str) -> bool:
        """Removes a connection if a push between `after` and now has done so before the connection was registered."""
        for delivery in self._context.hub.history.missed(NAME, seated.client.rooms, after):
            if delivery.event in REMOVING_EVENTS:
                self._remove(seated, delivery.event)
                return True
        return False

    def _record(self, client: Client) -> None:
        client.record_saved = False
        self._tasks.spawn(self._update_recovery_record(client))

    async def _update_recovery_record(self, client: Client) -> None:
        try:
            await self._context.recovery.confirm_deliveries([client], released=False)
        except Unavailable:
            return  # `record_saved` is still False: the connection maintenance tries again


def seat_connection(client: Client, joined: JoinOutcome) -> SeatConnection:
    return SeatConnection(room_id=joined.room_id, participant_id=joined.participant_id, connection=client.sid)
