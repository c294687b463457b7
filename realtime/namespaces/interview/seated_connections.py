"""The connections of this app process that have a seat in a live room, by connection and by room."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from domain.interviews.live.connections import SeatConnection
from domain.interviews.live.transition import CommandSender
from realtime.delivery.client_registry import Client


@dataclass(slots=True, eq=False)
class SeatedConnection:
    """A connection with a seat in the room, or in its lobby (while not `admitted`)."""

    client: Client
    room_id: str
    participant_id: str
    admitted: bool

    @property
    def sender(self) -> CommandSender:
        return CommandSender(participant_id=self.participant_id, connection=self.client.sid)

    @property
    def seat_connection(self) -> SeatConnection:
        return SeatConnection(room_id=self.room_id, participant_id=self.participant_id, connection=self.client.sid)


class SeatedConnections:
    def __init__(self) -> None:
        self._by_sid: dict[str, SeatedConnection] = {}
        self._by_room: dict[str, dict[str, SeatedConnection]] = {}

    def __iter__(self) -> Iterator[SeatedConnection]:
        return iter(list(self._by_sid.values()))

    def __len__(self) -> int:
        return len(self._by_sid)

    def put(self, seated: SeatedConnection) -> None:
        self.remove(seated.client.sid)
        self._by_sid[seated.client.sid] = seated
        self._by_room.setdefault(seated.room_id, {})[seated.client.sid] = seated

    def find(self, sid: str) -> SeatedConnection | None:
        return self._by_sid.get(sid)

    def remove(self, sid: str) -> SeatedConnection | None:
        seated = self._by_sid.pop(sid, None)
        if seated is not None:
            of_room = self._by_room[seated.room_id]
            del of_room[sid]
            if not of_room:
                del self._by_room[seated.room_id]
        return seated

    def in_rooms(self, room_id: str, rooms: Iterable[str]) -> list[SeatedConnection]:
        """The connections of an interview room that are in at least one of these Socket.IO rooms."""
        wanted = set(rooms)
        of_room = self._by_room.get(room_id, {})
        return [each for each in of_room.values() if not each.client.rooms.isdisjoint(wanted)]
