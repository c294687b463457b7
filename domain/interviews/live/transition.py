"""One step of a live room: what it becomes, and whom it tells what. Rules change it; nobody else sees it half done."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.interviews.errors import NotHost, NotJoined, RoomEnded
from domain.interviews.live.pushes import RoomPush
from domain.interviews.live.room import LiveRoom, Seat
from domain.interviews.record.entries import RecordEntry
from domain.shared.model import Model

# Rooms of the bus and of the sockets.


def everyone(room_id: str) -> str:
    """All who were admitted."""
    return f"r:{room_id}"


def host_of(room_id: str) -> str:
    return f"h:{room_id}"


def door_of(room_id: str) -> str:
    """All who wait."""
    return f"l:{room_id}"


def only(participant_id: str) -> str:
    return f"p:{participant_id}"


def one_device(thread: str) -> str:
    """The connection that speaks for somebody, and no other of theirs."""
    return f"t:{thread}"


def rooms_for(room_id: str, seat: Seat) -> frozenset[str]:
    """Where the connection that speaks for this seat listens."""
    mine = {
        only(seat.participant_id),
        one_device(seat.thread),
        everyone(room_id) if seat.admitted else door_of(room_id),
    }
    return frozenset(mine | {host_of(room_id)} if seat.role == "host" else mine)


@dataclass(frozen=True, slots=True)
class PendingPush:
    event: str
    rooms: tuple[str, ...]
    payload: RoomPush


class CommandSender(Model):
    """Who asks. `connection` None: the host, by REST, whether they sit in the room or not."""

    participant_id: str
    connection: str | None


@dataclass(slots=True)
class RoomTransition:
    before: LiveRoom
    now: datetime
    fresh_id: Callable[[], str]
    room: LiveRoom = field(init=False)
    told: list[PendingPush] = field(default_factory=list)
    answer: Model | None = None

    def __post_init__(self) -> None:
        self.room = self.before

    @property
    def version(self) -> int:
        """The one that the room has after this step. It also grows with time, so that it never takes a value again that
        somebody was told, not even when the store comes back from a crash without its last second."""
        return max(self.before.version + 1, int(self.now.timestamp() * 1000))

    @property
    def changed(self) -> bool:
        return bool(self.told) or self.room is not self.before

    def result(self) -> LiveRoom:
        return self.room.having(version=self.version)

    # what rules do

    def set(self, **changes: Any) -> None:
        self.room = self.room.having(**changes)

    def put(self, seat: Seat, **changes: Any) -> Seat:
        seat = seat.model_copy(update=changes)
        self.room = self.room.with_seat(seat)
        return seat

    def note(self, fact: RecordEntry) -> None:
        self.set(facts=(*self.room.facts, fact), facts_since=self.room.facts_since or self.now)

    def tell(self, event: str, rooms: Iterable[str], push: type[RoomPush], **fields: Any) -> None:
        payload = push(room_id=self.room.room_id, version=self.version, at=self.now, **fields)
        self.told.append(PendingPush(event, tuple(rooms), payload))

    def tell_all(self, event: str, push: type[RoomPush], **fields: Any) -> None:
        self.tell(event, (everyone(self.room.room_id),), push, **fields)

    def tell_host(self, event: str, push: type[RoomPush], **fields: Any) -> None:
        self.tell(event, (host_of(self.room.room_id),), push, **fields)

    def tell_one(self, event: str, participant_id: str, push: type[RoomPush], **fields: Any) -> None:
        self.tell(event, (only(participant_id),), push, **fields)

    # what rules ask

    def require_open(self) -> None:
        """Raises RoomEnded."""
        if self.room.over or self.room.ending is not None:
            raise RoomEnded(endReason=self.room.ending)

    def seat_of(self, who: CommandSender) -> Seat:
        """The seat that this connection speaks for. Raises RoomEnded, NotJoined."""
        self.require_open()
        seat = self.room.seat(who.participant_id)
        if seat is None or not seat.admitted or not seat.connected or seat.connection != who.connection:
            raise NotJoined
        return seat

    def require_host(self, who: CommandSender) -> None:
        """Raises RoomEnded, NotJoined, NotHost."""
        if who.connection is None:
            self.require_open()
            if who.participant_id != self.room.host_id:
                raise NotHost
        elif self.seat_of(who).role != "host":
            raise NotHost
