"""A live room without any store: what tests of its rules play with."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from domain.interviews.invites.model import GuestIdentity
from domain.interviews.live import deadlines, membership
from domain.interviews.live.commands import Command
from domain.interviews.live.dispatch import act
from domain.interviews.live.membership import JoiningParticipant
from domain.interviews.live.pushes import RoomPush
from domain.interviews.live.room import LiveRoom, Seat, live_room
from domain.interviews.live.transition import CommandSender, PendingPush, RoomTransition, rooms_for
from domain.interviews.live.views import snapshot
from domain.interviews.participant_ids import guest_participant_id
from domain.interviews.record.model import EndReason
from domain.interviews.room_settings import RoomSettings
from domain.interviews.value_types import MediaState
from domain.shared.model import Model
from tests.domain.interviews.builders import NOW, a_room


class RoomScenario:
    """One room, its people's connections, and everything that each of them was told."""

    def __init__(self, media_mode: str = "zego", **settings: Any) -> None:
        self.now = NOW
        self._numbers = count(1)
        record = a_room(settings=RoomSettings(**settings), media_mode=media_mode)
        self.room: LiveRoom = live_room(record, NOW)
        self.host = self.room.host_id
        self.connections: dict[str, str] = {}
        self.told: list[PendingPush] = []
        """Of the last step."""
        self.heard: dict[str, list[tuple[str, RoomPush]]] = {}
        """By connection: what it was told while it was in the rooms."""
        self.listening: dict[str, frozenset[str]] = {}

    # steps

    def step(self, work: Callable[[RoomTransition], None]) -> Model | None:
        step = RoomTransition(self.room, self.now, lambda: f"id{next(self._numbers)}")
        work(step)
        self.told = step.told
        if step.changed:
            self.room = step.result()
        self._deliver()
        return step.answer

    def join(
        self,
        participant_id: str = "",
        identity: GuestIdentity = "customer",
        invite: str = "",
        connection: str = "",
        **media: bool,
    ) -> Seat:
        """The host, or a guest whose invitation is their own unless it is said."""
        who = participant_id or self.host
        is_host = who == self.host
        connection = connection or f"c{next(self._numbers)}"
        entrant = JoiningParticipant(
            participant_id=who,
            name=who[:4],
            role="host" if is_host else "guest",
            identity="staff" if is_host else identity,
            invite_id="" if is_host else (invite or f"invite of {who}"),
            connection=connection,
            thread=f"thread of {connection}",
            worker="w1",
            media=MediaState(**media),
        )
        self.step(lambda step: membership.join(step, entrant))
        seat = self.seat(who)
        self.connections[who] = connection
        self.listening[connection] = rooms_for(self.room.room_id, seat)
        self.heard.setdefault(connection, [])
        return seat

    def do(self, participant_id: str, command: Command, connection: str | None = "") -> Any:
        """Over their connection, unless another one is named; None is by REST."""
        if connection == "":
            connection = self.connections.get(participant_id, "none")
        who = CommandSender(participant_id=participant_id, connection=connection)
        return self.step(lambda step: act(step, who, command))

    def drop(self, participant_id: str) -> None:
        connection = self.connections[participant_id]
        self.listening.pop(connection, None)
        self.step(lambda step: membership.drop(step, participant_id, connection))

    def come_back(self, participant_id: str) -> None:
        connection = f"c{next(self._numbers)}"
        seat = self.room.seat(participant_id)
        thread = seat.thread if seat else "lost"
        self.step(lambda step: membership.come_back(step, participant_id, connection, thread, "w2"))
        self.connections[participant_id] = connection
        self.listening[connection] = rooms_for(self.room.room_id, self.seat(participant_id))
        self.heard[connection] = []

    def leave(self, participant_id: str) -> None:
        who = CommandSender(participant_id=participant_id, connection=self.connections[participant_id])
        self.step(lambda step: membership.go(step, step.seat_of(who), "leave"))
        self.listening.pop(who.connection or "", None)

    def wait(self, seconds: float) -> None:
        """Time passes, and the clock strikes whenever it is due, and at the end."""
        until = self.now + timedelta(seconds=seconds)
        while (due := self.room.next_deadline()) is not None and due <= until:
            self.now = max(self.now, due)
            self.step(deadlines.tick)
            if self.room.ending is not None and not self.room.over:
                self.end(self.room.ending)
            self.step(_noted)
        self.now = until

    def end(self, reason: EndReason = EndReason.HOST_ENDED) -> None:
        self.step(lambda step: deadlines.end(step, reason, "李老师"))

    # questions

    def seat(self, participant_id: str) -> Seat:
        seat = self.room.seat(participant_id)
        assert seat is not None
        return seat

    @property
    def inside(self) -> set[str]:
        return {each.participant_id for each in self.room.inside}

    def events(self, participant_id: str) -> list[str]:
        return [event for event, _ in self.heard[self.connections[participant_id]]]

    def last(self, participant_id: str, event: str) -> Any:
        return [push for name, push in self.heard[self.connections[participant_id]] if name == event][-1]

    def picture(self, participant_id: str) -> Any:
        return snapshot(self.room, self.seat(participant_id), self.now)

    def _deliver(self) -> None:
        for told in self.told:
            for connection, rooms in list(self.listening.items()):
                if rooms & set(told.rooms):
                    self.heard[connection].append((told.event, told.payload))
            if told.event in ("youKicked", "lobbyDenied", "youSuperseded", "roomEnded"):
                self._put_out(told)

    def _put_out(self, told: PendingPush) -> None:
        """As the edge does it, right behind the push that says so."""
        for connection, rooms in list(self.listening.items()):
            if rooms & set(told.rooms):
                del self.listening[connection]


def _noted(step: RoomTransition) -> None:
    if step.room.facts:
        step.set(facts=(), facts_since=None)


def a_guest(name: str = "somebody") -> str:
    return guest_participant_id(name)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)
