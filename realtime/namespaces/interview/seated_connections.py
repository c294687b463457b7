"""Which of this worker's connections sit where."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from domain.interviews.live.transition import CommandSender
from realtime.delivery.client_registry import Client
from realtime.engineio.limits import Rate, TokenBucket


@dataclass(slots=True, eq=False)
class SeatedConnection:
    """A connection that is in a room, or at its door."""

    client: Client
    room_id: str
    participant_id: str
    inside: bool


class SeatedConnections:
    def __init__(self) -> None:
        self._by_sid: dict[str, SeatedConnection] = {}
        self._by_room: dict[str, dict[str, SeatedConnection]] = {}

    def __iter__(self) -> Iterator[SeatedConnection]:
        return iter(list(self._by_sid.values()))

    def __len__(self) -> int:
        return len(self._by_sid)

    def put(self, seating: SeatedConnection) -> None:
        self.remove(seating.client.sid)
        self._by_sid[seating.client.sid] = seating
        self._by_room.setdefault(seating.room_id, {})[seating.client.sid] = seating

    def find(self, sid: str) -> SeatedConnection | None:
        return self._by_sid.get(sid)

    def remove(self, sid: str) -> SeatedConnection | None:
        seating = self._by_sid.pop(sid, None)
        if seating is not None:
            of_room = self._by_room[seating.room_id]
            del of_room[sid]
            if not of_room:
                del self._by_room[seating.room_id]
        return seating

    def meant(self, room_id: str, rooms: Iterable[str]) -> list[SeatedConnection]:
        """Those of a room who are in one of `rooms`."""
        wanted = set(rooms)
        of_room = self._by_room.get(room_id, {})
        return [each for each in of_room.values() if not each.client.rooms.isdisjoint(wanted)]


@dataclass(slots=True)
class EventRateLimiter:
    """How often one connection may send each kind of event."""

    buckets: dict[str, TokenBucket] = field(default_factory=dict)

    def wait_for(self, event: str, rate: Rate, now: float) -> float:
        """0 when it may; else the seconds until it may."""
        bucket = self.buckets.setdefault(event, TokenBucket(rate, now))
        left = bucket.take(rate, now)
        if left >= 0:
            return 0.0
        bucket.refund()  # who asks too often is not punished beyond the rate
        return -left / rate.per_second


def acting(seating: SeatedConnection) -> CommandSender:
    return CommandSender(participant_id=seating.participant_id, connection=seating.client.sid)


def room_of(rooms: frozenset[str]) -> str:
    return next((room[2:] for room in rooms if room[:2] in ("r:", "l:")), "")


def participant_id_in(rooms: frozenset[str]) -> str:
    return next((room[2:] for room in rooms if room[:2] == "p:"), "")
