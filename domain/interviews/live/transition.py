"""A transition of a live room: collects the changes of one command and the pushes that report them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.interviews.errors import NotHost, NotJoined, RoomEnded
from domain.interviews.live.pushes import RoomPush
from domain.interviews.live.room import LiveRoom, Seat
from domain.interviews.live.socket_rooms import host_room, participant_room, participants_room
from domain.interviews.record.entries import RecordEntry
from domain.shared.model import Model


@dataclass(frozen=True, slots=True)
class PendingPush:
    """A push that is published when the transition is saved. `rooms` are Socket.IO rooms."""

    event: str
    rooms: tuple[str, ...]
    payload: RoomPush


class CommandSender(Model):
    """The participant who sends a command. `connection` is None for the host by REST, with or without a seat."""

    participant_id: str
    connection: str | None


@dataclass(slots=True)
class RoomTransition:
    """Rules change `room` step by step; the result is saved as a whole or not at all."""

    before: LiveRoom
    now: datetime
    next_id: Callable[[], str]
    room: LiveRoom = field(init=False)
    pushes: list[PendingPush] = field(default_factory=list)
    result: Model | None = None
    """The result of the command, if it has one."""

    def __post_init__(self) -> None:
        self.room = self.before

    @property
    def version(self) -> int:
        """The version of the room after this transition. It also grows with time: a store that comes back from a crash
        without its last second must not reuse a version that clients have seen."""
        return max(self.before.version + 1, int(self.now.timestamp() * 1000))

    @property
    def changed(self) -> bool:
        return bool(self.pushes) or self.room is not self.before

    def changed_room(self) -> LiveRoom:
        return self.room.with_changes(version=self.version)

    # changes

    def update(self, **changes: Any) -> None:
        self.room = self.room.with_changes(**changes)

    def update_seat(self, seat: Seat, **changes: Any) -> Seat:
        seat = seat.model_copy(update=changes)
        self.room = self.room.with_seat(seat)
        return seat

    def record(self, entry: RecordEntry) -> None:
        self.update(unrecorded=(*self.room.unrecorded, entry), unrecorded_since=self.room.unrecorded_since or self.now)

    # pushes

    def push(self, event: str, rooms: Iterable[str], push: type[RoomPush], **fields: Any) -> None:
        payload = push(room_id=self.room.room_id, version=self.version, at=self.now, **fields)
        self.pushes.append(PendingPush(event, tuple(rooms), payload))

    def push_to_all(self, event: str, push: type[RoomPush], **fields: Any) -> None:
        self.push(event, (participants_room(self.room.room_id),), push, **fields)

    def push_to_host(self, event: str, push: type[RoomPush], **fields: Any) -> None:
        self.push(event, (host_room(self.room.room_id),), push, **fields)

    def push_to_one(self, event: str, participant_id: str, push: type[RoomPush], **fields: Any) -> None:
        self.push(event, (participant_room(participant_id),), push, **fields)

    # preconditions

    def require_open(self) -> None:
        """Raises RoomEnded."""
        if self.room.ended or self.room.pending_end is not None:
            raise RoomEnded(endReason=self.room.pending_end)

    def seat_of(self, sender: CommandSender) -> Seat:
        """The seat that the sender's connection acts for. Raises RoomEnded, NotJoined."""
        self.require_open()
        seat = self.room.seat(sender.participant_id)
        if seat is None or not seat.admitted or not seat.connected or seat.connection != sender.connection:
            raise NotJoined
        return seat

    def require_host(self, sender: CommandSender) -> None:
        """Raises RoomEnded, NotJoined, NotHost."""
        if sender.connection is None:
            self.require_open()
            if sender.participant_id != self.room.host_id:
                raise NotHost
        elif self.seat_of(sender).role != "host":
            raise NotHost
