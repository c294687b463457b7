"""Use cases of the participants of a live room: join, leave, act, end, and signal to each other."""

from domain.interviews.events import ParticipantBanned, ParticipantRemoved
from domain.interviews.live.commands import Command, End, Join, Kick, Relayed, RenewToken, Unban
from domain.interviews.live.dispatch import RESULTS, command_key, dispatch
from domain.interviews.live.join_authorization import JoinAuthorization
from domain.interviews.live.peer_messages import peer_push
from domain.interviews.live.results import EndResult, JoinResult, LeaveResult
from domain.interviews.live.room import LiveRoom, Seat
from domain.interviews.live.rules import host, membership
from domain.interviews.live.rules.membership import ParticipantConnection
from domain.interviews.live.socket_rooms import rooms_for
from domain.interviews.live.transition import CommandSender, RoomTransition
from domain.interviews.live.unit_of_work import LiveRoomUnitOfWork, RoomChange
from domain.interviews.live.views import RoomSnapshot, snapshot
from domain.interviews.media.credentials import MediaCredentials, MediaToken
from domain.interviews.participant_ids import Visitor
from domain.interviews.ports import MediaTokenIssuer, PeerRelay, PeerRoute, TurnServers
from domain.interviews.record.model import Ban, EndReason
from domain.interviews.record.service import InterviewRoomService
from domain.shared.actor import SYSTEM, Actor
from domain.shared.model import Model
from domain.shared.ports import Clock, IdGenerator


class JoinOutcome(Model):
    """The Socket.IO rooms of a joined connection, and the stream offset after which it needs pushes."""

    room_id: str
    participant_id: str
    rooms: frozenset[str]
    after: str
    result: JoinResult


class LiveRoomService:
    def __init__(
        self,
        rooms: InterviewRoomService,
        unit_of_work: LiveRoomUnitOfWork,
        authorization: JoinAuthorization,
        relay: PeerRelay,
        media_tokens: MediaTokenIssuer,
        turn: TurnServers,
        clock: Clock,
        ids: IdGenerator,
    ) -> None:
        self._rooms = rooms
        self._unit_of_work = unit_of_work
        self._authorization = authorization
        self._relay = relay
        self._media_tokens = media_tokens
        self._turn = turn
        self._clock = clock
        self._ids = ids

    # join and leave

    async def join(self, visitor: Visitor, command: Join, connection: ParticipantConnection) -> JoinOutcome:
        """Into the room, or into its lobby (`result.lobby`). Joining again gives a new snapshot.

        Raises RoomNotFound, NotYourRoom, RoomEnded, RoomNotOpen, Banned, TicketInvalid, RoomLocked, RoomFull,
        LobbyFull.
        """
        joining = await self._authorization.authorize(visitor, command, connection)
        token = self._media_token(command.room_id, joining.participant_id)
        joining = joining.model_copy(update={"token_ends_at": token.expires_at if token else None})
        change = await self._unit_of_work.change(
            command.room_id, lambda transition: membership.join(transition, joining)
        )
        return self._join_outcome(change, joining.participant_id, token)

    async def leave(self, room_id: str, sender: CommandSender) -> LeaveResult:
        """Raises NotJoined, RoomEnded."""

        def leave(transition: RoomTransition) -> None:
            membership.remove_seat(transition, transition.seat_of(sender), "leave")

        await self._unit_of_work.change(room_id, leave)
        return LeaveResult(left_at=self._clock.now())

    async def leave_lobby(self, room_id: str, participant_id: str, connection: str) -> None:
        """Raises Unavailable."""

        def leave(transition: RoomTransition) -> None:
            seat = transition.room.seat(participant_id)
            if seat is not None and not seat.admitted and seat.connection == connection:
                membership.remove_seat(transition, seat, "leave")

        await self._unit_of_work.change_existing(room_id, leave)

    # act

    async def execute(self, room_id: str, sender: CommandSender, command: Command) -> Model | None:
        """Any command of `dispatch.RULES`; a repetition with the same id is executed once. Raises what the rule
        raises."""
        if isinstance(command, Kick):
            await self._record_removal(room_id, sender, command)
        elif isinstance(command, Unban):
            await self._record_unban(room_id, sender, command)
        results: list[Model | None] = []

        def apply(transition: RoomTransition) -> None:
            dispatch(transition, sender, command)
            results[:] = [transition.result]

        change = await self._unit_of_work.change(room_id, apply, command_key(sender, command))
        if change.command_result is not None:
            return _stored_result(command, change.command_result)
        return results[0] if results else None

    async def end(self, room_id: str, sender: CommandSender, command: End, actor: Actor = SYSTEM) -> EndResult:
        """Raises NotHost, NotJoined, RoomEnded."""
        room = (await self._unit_of_work.change(room_id, lambda transition: transition.require_host(sender))).room
        name = room.host_seat.name if room.host_seat else ""
        ended = await self._rooms.end(room_id, EndReason(command.reason), name, actor)
        return EndResult(ended_at=ended.ended_at or self._clock.now(), end_reason=ended.end_reason or "")

    async def sync(self, room_id: str, sender: CommandSender) -> RoomSnapshot:
        """Raises NotJoined, RoomEnded."""

        def require_seat(transition: RoomTransition) -> None:
            transition.seat_of(sender)

        change = await self._unit_of_work.change(room_id, require_seat)
        return snapshot(change.room, _require_seat(change.room, sender.participant_id), self._clock.now())

    async def renew_token(self, room_id: str, sender: CommandSender, _: RenewToken) -> MediaCredentials:
        """Raises NotJoined, RoomEnded."""
        token = self._media_token(room_id, sender.participant_id)

        def renew(transition: RoomTransition) -> None:
            seat = transition.seat_of(sender)
            if token is not None:
                transition.update_seat(seat, token_ends_at=token.expires_at, token_warned=False)

        await self._unit_of_work.change(room_id, renew)
        ice_servers = self._turn.ice_servers(sender.participant_id, self._clock.now())
        return MediaCredentials(zego=token, ice_servers=ice_servers)

    async def enforce_ban(self, room_id: str, participant_id: str) -> None:
        """Removes a participant whom the record bans. Idempotent. Raises Unavailable."""
        await self._unit_of_work.change_existing(
            room_id, lambda transition: host.enforce_ban(transition, participant_id)
        )

    async def revoke_invite(self, room_id: str, invite_id: str) -> None:
        await self._unit_of_work.change_existing(room_id, lambda transition: host.revoke_invite(transition, invite_id))

    # signal

    async def relay(self, room_id: str, sender: CommandSender, command: Relayed) -> None:
        """Passes a signaling message to another participant. Raises NotJoined, PeerOffline, Unavailable."""
        event, payload = peer_push(room_id, sender.participant_id, command)
        route = PeerRoute(
            room_id=room_id,
            sender_id=sender.participant_id,
            sender_connection=sender.connection or "",
            to=command.to,
            event=event,
        )
        await self._relay.send(route, payload)

    # parts

    def _join_outcome(self, change: RoomChange, participant_id: str, token: MediaToken | None) -> JoinOutcome:
        room, now = change.room, self._clock.now()
        seat = _require_seat(room, participant_id)
        result = JoinResult(lobby=True)
        if seat.admitted:
            result = JoinResult(
                snapshot=snapshot(room, seat, now),
                zego=token,
                ice_servers=self._turn.ice_servers(participant_id, now),
            )
        return JoinOutcome(
            room_id=room.room_id,
            participant_id=participant_id,
            rooms=rooms_for(room.room_id, seat),
            after=change.head,
            result=result,
        )

    async def _record_removal(self, room_id: str, sender: CommandSender, command: Kick) -> None:
        """Writes a ban into the record before the participant is removed, so that a crash in between does not let them
        rejoin; with it the event that removes them from the media room."""
        target = command.participant_id
        room = (await self._unit_of_work.change(room_id, lambda transition: transition.require_host(sender))).room
        seat = room.seat(target)
        if target == room.host_id or (seat is None and target not in room.known_guests):
            return  # the rule refuses the command
        now, event_id = self._clock.now(), self._ids.next_id()
        if not command.ban:
            removed = ParticipantRemoved(id=event_id, at=now, room_id=room_id, participant_id=target)
            await self._rooms.change(room_id, lambda record: record.updated(now), [removed])
            return
        ban = Ban(
            participant_id=target,
            name=seat.name if seat else "",
            invite_id=seat.invite_id if seat else room.known_guests[target],
            reason=command.reason,
            by=sender.participant_id,
            at=now,
        )
        banned = ParticipantBanned(id=event_id, at=now, room_id=room_id, participant_id=target)
        await self._rooms.change(room_id, lambda record: record.with_ban(ban, now), [banned])

    async def _record_unban(self, room_id: str, sender: CommandSender, command: Unban) -> None:
        await self._unit_of_work.change(room_id, lambda transition: transition.require_host(sender))
        now = self._clock.now()
        await self._rooms.change(room_id, lambda record: record.without_ban(command.participant_id, now))

    def _media_token(self, room_id: str, participant_id: str) -> MediaToken | None:
        if not self._media_tokens.available:
            return None
        return self._media_tokens.issue(room_id, participant_id, self._clock.now())


def _require_seat(room: LiveRoom, participant_id: str) -> Seat:
    seat = room.seat(participant_id)
    assert seat is not None  # noqa: S101  # the transition before has required or given it
    return seat


def _stored_result(command: Command, stored: str) -> Model | None:
    model = RESULTS.get(type(command))
    return model.model_validate_json(stored) if model and stored else None
