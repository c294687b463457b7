"""The client manager: which client is in which rooms. Replaces the library's with plain dictionaries."""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from socketio import packet as socketio_packet

from realtime.engineio.socket import EngineSocket, Member
from realtime.library_hooks import ClientManagerBase
from realtime.socketio.packet_encoder import packet_message


class ClientManager(ClientManagerBase):
    """Only admitted clients are in rooms, so no event of a room reaches a client that was not admitted.

    The cost of a disconnect depends on the rooms of that client alone.
    """

    def __init__(self) -> None:
        super().__init__()
        self._members: dict[str, dict[str, Member]] = {}
        self._rooms: dict[str, dict[str, dict[str, EngineSocket]]] = {}

    # synchronous methods, for this package

    def admit(self, member: Member, rooms: Collection[str]) -> None:
        member.admitted = True
        self._members.setdefault(member.namespace, {})[member.sid] = member
        for room in rooms:
            self._enter(member, room)

    def member(self, sid: str, namespace: str) -> Member | None:
        return self._members.get(namespace, {}).get(sid)

    def find(self, sid: str) -> Member | None:
        """The client with this sid in any namespace."""
        return next((members[sid] for members in self._members.values() if sid in members), None)

    def enter(self, sid: str, namespace: str, room: str) -> None:
        """Raises ValueError for a client that is not (or no longer) in the namespace."""
        member = self.member(sid, namespace)
        if member is None:
            raise ValueError("sid is not connected to requested namespace")
        if room in self._members[namespace] and room != sid:
            raise ValueError("cannot enter a sid room")
        self._enter(member, room)

    def leave(self, sid: str, namespace: str, room: str) -> None:
        member = self.member(sid, namespace)
        if member is not None and room in member.rooms:
            member.rooms.discard(room)
            self._remove_from_room(namespace, room, sid)

    def remove(self, member: Member) -> None:
        namespace = self._members.get(member.namespace, {})
        if namespace.pop(member.sid, None) is None:
            return
        if not namespace:
            del self._members[member.namespace]
        for room in member.rooms:
            self._remove_from_room(member.namespace, room, member.sid)
        member.rooms.clear()
        self.forget_acks(member.sid)

    def receivers(self, namespace: str, rooms: Sequence[str]) -> list[EngineSocket]:
        """The sockets that are in at least one of the rooms now. A client's sid names a room with this client alone."""
        found = [self._room(namespace, room) for room in rooms]
        if len(found) == 1:
            return list(found[0].values())
        union: dict[str, EngineSocket] = {}
        for sockets in found:
            union |= sockets
        return list(union.values())

    def has_receivers(self, namespace: str, rooms: Sequence[str]) -> bool:
        return any(self._room(namespace, room) for room in rooms)

    def _room(self, namespace: str, room: str) -> dict[str, EngineSocket]:
        sockets = self._rooms.get(namespace, {}).get(room)
        if sockets is not None:
            return sockets
        member = self.member(room, namespace)
        return {} if member is None else {room: member.socket}

    def _enter(self, member: Member, room: str) -> None:
        if room != member.sid:
            member.rooms.add(room)
            self._rooms.setdefault(member.namespace, {}).setdefault(room, {})[member.sid] = member.socket

    def _remove_from_room(self, namespace: str, room: str, sid: str) -> None:
        rooms = self._rooms[namespace]
        sockets = rooms[room]
        del sockets[sid]
        if not sockets:
            del rooms[room]

    # called by the library's server

    def get_namespaces(self) -> Collection[str]:
        return self._members.keys()

    def get_participants(self, namespace: str, room: str | Sequence[str]) -> Iterator[tuple[str, str]]:
        for name in [room] if isinstance(room, str) else room:
            for sid, socket in list(self._room(namespace, name).items()):
                yield sid, socket.sid

    def is_connected(self, sid: str, namespace: str) -> bool:
        return self.member(sid, namespace) is not None

    async def can_disconnect(self, sid: str, namespace: str) -> bool:
        return self.is_connected(sid, namespace)

    def eio_sid_from_sid(self, sid: str, namespace: str) -> str | None:
        member = self.member(sid, namespace)
        return None if member is None else member.socket.sid

    def sid_from_eio_sid(self, eio_sid: str, namespace: str) -> str | None:
        socket = self.server.eio.sockets.get(eio_sid)
        member = None if socket is None else socket.members.get(namespace)
        return member.sid if member is not None and member.admitted else None

    def get_rooms(self, sid: str, namespace: str) -> list[str]:
        member = self.member(sid, namespace)
        return [] if member is None else [sid, *member.rooms]

    async def enter_room(self, sid: str, namespace: str, room: str, eio_sid: str | None = None) -> None:
        self.enter(sid, namespace, room)

    async def leave_room(self, sid: str, namespace: str, room: str) -> None:
        self.leave(sid, namespace, room)

    async def close_room(self, room: str, namespace: str) -> None:
        for sid in list(self._rooms.get(namespace, {}).get(room, {})):
            self.leave(sid, namespace, room)

    async def emit(
        self,
        event: str,
        data: Any,
        namespace: str,
        room: str | Sequence[str] | None = None,
        skip_sid: str | Sequence[str] | None = None,
        callback: Callable[..., Any] | None = None,
        to: str | Sequence[str] | None = None,
        **options: Any,
    ) -> None:
        """As in the library, with binary values and acknowledgements. Raises ValueError without a room."""
        target = to or room
        if not target:
            raise ValueError("an event goes to rooms, never to a whole namespace")
        arguments = [event, *(data if isinstance(data, tuple) else [] if data is None else [data])]
        skipped = {skip_sid} if isinstance(skip_sid, str) else set(skip_sid or ())
        receivers = {sid: eio_sid for sid, eio_sid in self.get_participants(namespace, target) if sid not in skipped}
        message = packet_message(socketio_packet.EVENT, namespace, arguments)
        for sid in receivers:
            member = self.member(sid, namespace)
            if member is None:
                continue
            if callback is not None:
                ack_id = self.next_ack_id(sid, callback)
                message = packet_message(socketio_packet.EVENT, namespace, arguments, ack_id)
            member.socket.send(message)
