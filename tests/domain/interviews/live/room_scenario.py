"""A live room without a store, for tests of its rules: participants act, and every push that reaches them is kept."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from domain.interviews.invites.model import GuestIdentity
from domain.interviews.live.commands import Command
from domain.interviews.live.dispatch import dispatch
from domain.interviews.live.pushes import RoomPush
from domain.interviews.live.room import LiveRoom, Seat, live_room_of
from domain.interviews.live.rules import membership
from domain.interviews.live.rules.deadlines import apply_deadlines, end_room
from domain.interviews.live.rules.membership import JoiningParticipant, ParticipantConnection
from domain.interviews.live.socket_rooms import rooms_for
from domain.interviews.live.transition import CommandSender, PendingPush, RoomTransition
from domain.interviews.live.views import snapshot
from domain.interviews.participant_ids import guest_participant_id
from domain.interviews.record.model import EndReason
from domain.interviews.room_settings import RoomSettings
from domain.interviews.value_types import MediaState
from domain.shared.model import Model
from tests.domain.interviews.builders import NOW, a_room

REMOVING_PUSHES = {"youKicked", "lobbyDenied", "youSuperseded", "roomEnded"}


class RoomScenario:
    def __init__(self, media_mode: str = "zego", **settings: Any) -> None:
        self.now = NOW
        self._numbers = count(1)
        record = a_room(settings=RoomSettings(**settings), media_mode=media_mode)
        self.room: LiveRoom = live_room_of(record, NOW)
        self.host = self.room.host_id
        self.connections: dict[str, str] = {}
        """The newest connection of each participant."""
        self.last_pushes: list[PendingPush] = []
        """The pushes of the last transition."""
        self.received: dict[str, list[tuple[str, RoomPush]]] = {}
        """By connection: the pushes to the Socket.IO rooms that it was in."""
        self.socket_rooms: dict[str, frozenset[str]] = {}
        """By connection that is open."""

    # transitions

    def apply(self, rule: Callable[[RoomTransition], None]) -> Model | None:
        transition = RoomTransition(self.room, self.now, lambda: f"id{next(self._numbers)}")
        rule(transition)
        self.last_pushes = transition.pushes
        if transition.changed:
            self.room = transition.changed_room()
        self._deliver()
        return transition.result

    def join(
        self,
        participant_id: str = "",
        identity: GuestIdentity = "customer",
        invite: str = "",
        connection: str = "",
        **media: bool,
    ) -> Seat:
        """The host joins, or a guest; by default every guest has an invitation of their own."""
        participant_id = participant_id or self.host
        is_host = participant_id == self.host
        connection = connection or f"c{next(self._numbers)}"
        joining = JoiningParticipant(
            participant_id=participant_id,
            name=participant_id[:4],
            role="host" if is_host else "guest",
            identity="staff" if is_host else identity,
            invite_id="" if is_host else (invite or f"invite of {participant_id}"),
            connection=ParticipantConnection(id=connection, recovery_id=f"recovery of {connection}", process="w1"),
            media=MediaState(**media),
        )
        self.apply(lambda transition: membership.join(transition, joining))
        seat = self.seat(participant_id)
        self.connections[participant_id] = connection
        self.socket_rooms[connection] = rooms_for(self.room.room_id, seat)
        self.received.setdefault(connection, [])
        return seat

    def send(self, participant_id: str, command: Command, connection: str | None = "") -> Any:
        """Over the participant's newest connection, unless another one is given; None is the host by REST."""
        if connection == "":
            connection = self.connections.get(participant_id, "none")
        sender = CommandSender(participant_id=participant_id, connection=connection)
        return self.apply(lambda transition: dispatch(transition, sender, command))

    def disconnect(self, participant_id: str) -> None:
        connection = self.connections[participant_id]
        self.socket_rooms.pop(connection, None)
        self.apply(lambda transition: membership.disconnect(transition, participant_id, connection))

    def recover(self, participant_id: str) -> None:
        seat = self.room.seat(participant_id)
        connection = ParticipantConnection(
            id=f"c{next(self._numbers)}", recovery_id=seat.recovery_id if seat else "lost", process="w2"
        )
        self.apply(lambda transition: membership.reattach(transition, participant_id, connection))
        self.connections[participant_id] = connection.id
        self.socket_rooms[connection.id] = rooms_for(self.room.room_id, self.seat(participant_id))
        self.received[connection.id] = []

    def leave(self, participant_id: str) -> None:
        connection = self.connections[participant_id]
        sender = CommandSender(participant_id=participant_id, connection=connection)
        self.apply(lambda transition: membership.remove_seat(transition, transition.seat_of(sender), "leave"))
        self.socket_rooms.pop(connection, None)

    def wait(self, seconds: float) -> None:
        """Lets time pass; every deadline on the way is applied when it is due."""
        until = self.now + timedelta(seconds=seconds)
        while (due := self.room.next_deadline()) is not None and due <= until:
            self.now = max(self.now, due)
            self.apply(apply_deadlines)
            if self.room.pending_end is not None and not self.room.ended:
                self.end(self.room.pending_end)
            self.apply(_recorded)
        self.now = until

    def end(self, reason: EndReason = EndReason.HOST_ENDED) -> None:
        self.apply(lambda transition: end_room(transition, reason, "李老师"))

    # queries

    def seat(self, participant_id: str) -> Seat:
        seat = self.room.seat(participant_id)
        assert seat is not None
        return seat

    @property
    def admitted(self) -> set[str]:
        return {seat.participant_id for seat in self.room.admitted_seats}

    def events(self, participant_id: str) -> list[str]:
        return [event for event, _ in self.received[self.connections[participant_id]]]

    def last(self, participant_id: str, event: str) -> Any:
        return [push for name, push in self.received[self.connections[participant_id]] if name == event][-1]

    def snapshot(self, participant_id: str) -> Any:
        return snapshot(self.room, self.seat(participant_id), self.now)

    def _deliver(self) -> None:
        for push in self.last_pushes:
            receivers = [connection for connection, rooms in self.socket_rooms.items() if rooms & set(push.rooms)]
            for connection in receivers:
                self.received[connection].append((push.event, push.payload))
                if push.event in REMOVING_PUSHES:  # the namespace removes the connection right after this push
                    del self.socket_rooms[connection]


def _recorded(transition: RoomTransition) -> None:
    if transition.room.unrecorded:
        transition.update(unrecorded=(), unrecorded_since=None)


def a_guest(name: str = "guest") -> str:
    return guest_participant_id(name)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


CUSTOMER, WORKER = a_guest("customer"), a_guest("helper")
