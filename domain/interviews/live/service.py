"""What people in a room do, use case by use case: come in, act, speak to each other, go."""

import asyncio
from datetime import datetime
from typing import Final

from domain.interviews.errors import Banned, NotYourRoom, RoomNotFound
from domain.interviews.events import ParticipantBanned, ParticipantRemoved
from domain.interviews.invites.model import GuestTicket
from domain.interviews.live import host_rules, membership
from domain.interviews.live.commands import (
    Command,
    End,
    Join,
    Kick,
    Relayed,
    RenewToken,
    Unban,
)
from domain.interviews.live.dispatch import ANSWERS, act, command_key
from domain.interviews.live.membership import JoiningParticipant
from domain.interviews.live.peer_messages import relayed
from domain.interviews.live.results import (
    EndResult,
    JoinResult,
    LeaveResult,
    MediaCredentials,
    MediaToken,
    RoomSnapshot,
)
from domain.interviews.live.room import LiveRoom, Seat
from domain.interviews.live.transition import CommandSender, RoomTransition, rooms_for
from domain.interviews.live.unit_of_work import Changed, LiveRoomUnitOfWork
from domain.interviews.live.views import snapshot
from domain.interviews.participant_ids import Visitor, participant_id_of
from domain.interviews.ports import InterviewRoomRepository, MediaTokenIssuer, PeerRelay, PeerRoute, TurnServers
from domain.interviews.record.model import HOST, MANAGE, Ban, EndReason, InterviewRoom
from domain.interviews.record.service import InterviewRoomService
from domain.shared.actor import SYSTEM, Actor
from domain.shared.authority import StaffAuthority
from domain.shared.model import Model
from domain.shared.ports import Clock, IdGenerator

_A_MOMENT: Final = 0.005


class ParticipantConnection(Model):
    """How somebody is connected. `thread` stays the same when the connection is lost and recovered."""

    connection: str
    thread: str
    worker: str


class JoinOutcome(Model):
    """Where a connection stands after it came in: its rooms, and from which offset of the bus it listens to them."""

    room_id: str
    participant_id: str
    rooms: frozenset[str]
    after: str
    answer: JoinResult


class LiveRoomService:
    def __init__(
        self,
        records: InterviewRoomRepository,
        rooms: InterviewRoomService,
        live: LiveRoomUnitOfWork,
        relay: PeerRelay,
        media: MediaTokenIssuer,
        turn: TurnServers,
        clock: Clock,
        ids: IdGenerator,
    ) -> None:
        self._records = records
        self._rooms = rooms
        self._live = live
        self._relay = relay
        self._media = media
        self._turn = turn
        self._clock = clock
        self._ids = ids

    # come and go

    async def join(self, visitor: Visitor, command: Join, line: ParticipantConnection) -> JoinOutcome:
        """Into the room, or to its door (`answer.lobby`). Again it is the whole picture once more.

        Raises RoomNotFound, NotYourRoom, RoomEnded, RoomNotOpen, Banned, TicketInvalid, RoomLocked, RoomFull,
        LobbyFull.
        """
        who = await self._entrant(visitor, command, line)
        ticket = self._media_ticket(command.room_id, who.participant_id)
        who = who.model_copy(update={"token_ends_at": ticket.expires_at if ticket else None})
        changed = await self._live.change(command.room_id, lambda step: membership.join(step, who))
        return self._present(changed, who.participant_id, ticket)

    async def come_back(self, room_id: str, participant_id: str, line: ParticipantConnection) -> frozenset[str]:
        """A recovered connection takes up its seat; its rooms. Raises NotJoined, RoomEnded, RoomNotFound."""
        changed = await self._live.change(
            room_id, lambda step: membership.come_back(step, participant_id, line.connection, line.thread, line.worker)
        )
        seat = changed.room.seat(participant_id)
        return rooms_for(room_id, seat) if seat else frozenset()

    async def rooms_of(self, visitor: Visitor, room_id: str) -> frozenset[str]:
        """Where a recovered connection may listen: nowhere, when its seat is gone, or its right to it.
        Raises Unavailable."""
        room = await self._live.peek(room_id)
        participant_id = participant_id_of(visitor, room_id)
        seat = room.seat(participant_id) if room and not room.over and room.ending is None else None
        if seat is None or not _may_sit(visitor, seat):
            return frozenset()
        return rooms_for(room_id, seat)

    async def dropped(self, room_id: str, participant_id: str, connection: str) -> None:
        """The connection is gone. Raises Unavailable: say it again later."""
        await self._live.change_existing(room_id, lambda step: membership.drop(step, participant_id, connection))

    async def leave(self, room_id: str, who: CommandSender) -> LeaveResult:
        await self._live.change(room_id, lambda step: membership.go(step, step.seat_of(who), "leave"))
        return LeaveResult(left_at=self._clock.now())

    async def leave_door(self, room_id: str, participant_id: str, connection: str) -> None:
        """Somebody who waits goes away. Raises Unavailable."""

        def going(step: RoomTransition) -> None:
            seat = step.room.seat(participant_id)
            if seat is not None and not seat.admitted and seat.connection == connection:
                membership.go(step, seat, "leave")

        await self._live.change_existing(room_id, going)

    async def worker_lost(self, worker: str, until: datetime) -> None:
        """Nobody whom that worker served is connected any more. Raises Unavailable."""
        for room_id in await self._live.room_ids():
            await self._live.change_existing(room_id, lambda step: membership.lose_worker(step, worker, until))

    async def of_worker(self, worker: str) -> list[tuple[str, str, str]]:
        """Room, participant and connection of everybody whom this worker is said to serve. Takes its time: people who
        talk meanwhile come first. Raises Unavailable."""
        found = []
        for room_id in await self._live.room_ids():
            await asyncio.sleep(_A_MOMENT)
            room = await self._live.peek(room_id)
            found += [
                (room_id, seat.participant_id, seat.connection)
                for seat in (room.seats if room else ())
                if seat.worker == worker and seat.connected
            ]
        return found

    # act

    async def act(self, room_id: str, who: CommandSender, command: Command) -> Model | None:
        """Any command of `RULES`. Twice sent is once done. Raises what the rule raises."""
        if isinstance(command, Kick):
            await self._ban(room_id, who, command)
        elif isinstance(command, Unban):
            await self._unban(room_id, who, command)
        changed, answer = await self._act(room_id, who, command)
        return answer if changed.done is None else _answered(command, changed.done)

    async def end(self, room_id: str, who: CommandSender, command: End, actor: Actor = SYSTEM) -> EndResult:
        """Raises NotHost, NotJoined, RoomEnded."""
        room = await self._live.change(room_id, lambda step: step.require_host(who))
        name = room.room.host.name if room.room.host else ""
        ended = await self._rooms.end(room_id, EndReason(command.reason), name, actor)
        return EndResult(ended_at=ended.ended_at or self._clock.now(), end_reason=ended.end_reason or "")

    async def sync(self, room_id: str, who: CommandSender) -> RoomSnapshot:
        changed = await self._live.change(room_id, lambda step: _require_seat(step, who))
        return snapshot(changed.room, _seated(changed.room, who.participant_id), self._clock.now())

    async def renew_token(self, room_id: str, who: CommandSender, _: RenewToken) -> MediaCredentials:
        ticket = self._media_ticket(room_id, who.participant_id)

        def renewing(step: RoomTransition) -> None:
            seat = step.seat_of(who)
            if ticket is not None:
                step.put(seat, token_ends_at=ticket.expires_at, token_warned=False)

        await self._live.change(room_id, renewing)
        return MediaCredentials(zego=ticket, ice_servers=self._turn.ice_servers(who.participant_id, self._clock.now()))

    async def enforce_ban(self, room_id: str, participant_id: str) -> None:
        """Put out whom the record bans, should they still be in. Raises Unavailable."""
        await self._live.change_existing(room_id, lambda step: host_rules.enforce_ban(step, participant_id))

    async def revoke_invite(self, room_id: str, invite_id: str) -> None:
        await self._live.change_existing(room_id, lambda step: host_rules.revoke_invite(step, invite_id))

    # speak to each other

    async def relay(self, room_id: str, who: CommandSender, command: Relayed) -> None:
        """Raises NotJoined, PeerOffline, Unavailable."""
        event, payload = relayed(room_id, who.participant_id, command)
        route = PeerRoute(
            room_id=room_id, sender_id=who.participant_id, sender=who.connection or "", to=command.to, event=event
        )
        await self._relay.send(route, payload)

    # parts

    async def _entrant(self, visitor: Visitor, command: Join, line: ParticipantConnection) -> JoiningParticipant:
        if isinstance(visitor, GuestTicket):
            await self._require_welcome(visitor, command.room_id)
            return JoiningParticipant(
                participant_id=visitor.participant_id,
                name=visitor.name,
                role="guest",
                identity=visitor.identity,
                invite_id=visitor.invite_id,
                connection=line.connection,
                thread=line.thread,
                worker=line.worker,
                media=command.media,
            )
        return JoiningParticipant(
            participant_id=participant_id_of(visitor, command.room_id),
            name=visitor.name,
            role="host" if await self._hosts(visitor, command.room_id) else "guest",
            identity="staff",
            connection=line.connection,
            thread=line.thread,
            worker=line.worker,
            media=command.media,
        )

    async def _require_welcome(self, ticket: GuestTicket, room_id: str) -> None:
        """The record has the last word on who is barred: a live room may have come back from a crash without its last
        second. Raises NotYourRoom, RoomNotFound, RoomEnded, RoomNotOpen, Banned."""
        if ticket.room_id != room_id:
            raise NotYourRoom
        record = await self._rooms.find(room_id)
        record.require_active()
        if any(ban.participant_id == ticket.participant_id for ban in record.bans):
            raise Banned

    async def _hosts(self, staff: StaffAuthority, room_id: str) -> bool:
        """Raises NotYourRoom unless they host it, or may look after everybody's."""
        room = await self._live.peek(room_id)
        if room is None:
            record = await self._records.find_by_room_id(room_id)
            if record is None:
                raise RoomNotFound
            host_user_id = record.host_user_id
        else:
            host_user_id = room.host_user_id
        if host_user_id == staff.id:
            staff.require(HOST)
            return True
        if not staff.may(MANAGE):
            raise NotYourRoom
        return False

    def _present(self, changed: Changed, participant_id: str, ticket: MediaToken | None) -> JoinOutcome:
        room, now = changed.room, self._clock.now()
        seat = _seated(room, participant_id)
        answer = JoinResult(lobby=True)
        if seat.admitted:
            answer = JoinResult(
                snapshot=snapshot(room, seat, now),
                zego=ticket,
                ice_servers=self._turn.ice_servers(participant_id, now),
            )
        return JoinOutcome(
            room_id=room.room_id,
            participant_id=participant_id,
            rooms=rooms_for(room.room_id, seat),
            after=changed.head,
            answer=answer,
        )

    async def _act(self, room_id: str, who: CommandSender, command: Command) -> tuple[Changed, Model | None]:
        answers: list[Model | None] = []

        def acting(step: RoomTransition) -> None:
            act(step, who, command)
            answers[:] = [step.answer]

        changed = await self._live.change(room_id, acting, command_key(who, command))
        return changed, answers[0] if answers else None

    async def _ban(self, room_id: str, who: CommandSender, command: Kick) -> None:
        """Into the record before anybody is put out, so that nothing which dies in between lets them return."""
        target = command.participant_id
        room = (await self._live.change(room_id, lambda step: step.require_host(who))).room
        seat = room.seat(target)
        if target == room.host_id or (seat is None and target not in room.known):
            return  # the rule says what is wrong
        now = self._clock.now()
        if not command.ban:
            removed = ParticipantRemoved(id=self._ids.next_id(), at=now, room_id=room_id, participant_id=target)
            await self._rooms.change(room_id, lambda record: record.updated(now), [removed])
            return
        ban = Ban(
            participant_id=target,
            name=seat.name if seat else "",
            invite_id=seat.invite_id if seat else room.known[target],
            reason=command.reason,
            by=who.participant_id,
            at=now,
        )
        told = ParticipantBanned(id=self._ids.next_id(), at=now, room_id=room_id, participant_id=target)
        await self._rooms.change(room_id, lambda record: record.banning(ban, now), [told])

    async def _unban(self, room_id: str, who: CommandSender, command: Unban) -> None:
        await self._live.change(room_id, lambda step: step.require_host(who))
        now = self._clock.now()

        def lifting(record: InterviewRoom) -> InterviewRoom:
            return record.unbanning(command.participant_id, now)

        await self._rooms.change(room_id, lifting)

    def _media_ticket(self, room_id: str, participant_id: str) -> MediaToken | None:
        if not self._media.available:
            return None
        return self._media.ticket(room_id, participant_id, self._clock.now())


def _may_sit(visitor: Visitor, seat: Seat) -> bool:
    return isinstance(visitor, GuestTicket) or visitor.may(HOST if seat.role == "host" else MANAGE)


def _seated(room: LiveRoom, participant_id: str) -> Seat:
    seat = room.seat(participant_id)
    assert seat is not None  # noqa: S101  # the step that was just taken gave them one
    return seat


def _require_seat(step: RoomTransition, who: CommandSender) -> None:
    step.seat_of(who)


def _answered(command: Command, stored: str) -> Model | None:
    model = ANSWERS.get(type(command))
    return model.model_validate_json(stored) if model and stored else None
