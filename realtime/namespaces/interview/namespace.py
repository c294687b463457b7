"""`/interview`: hosts and guests of video interviews, and the signaling between them."""

import asyncio
import logging
from typing import Any, ClassVar, Final, cast

from domain.interviews.errors import EventRateExceeded, NotJoined, TicketInvalid
from domain.interviews.events import LiveRoomPushed
from domain.interviews.invites.model import GuestTicket
from domain.interviews.live.commands import Command, End, Join, Leave, Relayed, RenewToken, Sync
from domain.interviews.live.results import EndResult, JoinResult, LeaveResult, MediaCredentials, RoomSnapshot
from domain.interviews.live.service import JoinOutcome, LiveRoomService, ParticipantConnection
from domain.interviews.live.transition import everyone
from domain.interviews.participant_ids import Visitor
from domain.interviews.ports import PeerMessage, PeerRelay, TicketSigner
from domain.interviews.record.model import HOST, MANAGE, VIEW
from domain.presence.recovery import RecoveryRecord
from domain.sessions.tokens import AccessClaims
from domain.shared.background import BackgroundJob, Continuous, Every
from domain.shared.errors import DomainError, Unavailable
from domain.shared.events import StreamEntry
from domain.shared.model import Model
from domain.shared.ports import Clock
from domain.shared.tasks import TaskSet
from domain.shared.text import Text
from realtime.delivery.client_registry import Client
from realtime.delivery.staff_authentication import INVALID_TOKEN, refusal
from realtime.namespaces.base import ClientNamespace, NamespaceContext
from realtime.namespaces.interview.commands import InterviewEvents
from realtime.namespaces.interview.pushes import LAST_WORDS, NAME, RELAYED, RESYNC, SHOWN_THE_DOOR, TOLD, told
from realtime.namespaces.interview.rate_limits import rate_of
from realtime.namespaces.interview.seated_connections import (
    EventRateLimiter,
    SeatedConnection,
    SeatedConnections,
    acting,
    participant_id_in,
    room_of,
)
from realtime.socketio.acknowledgements import acknowledged
from realtime.socketio.delivery import encode_deliveries
from realtime.socketio.errors import Refused
from realtime.socketio.packet_encoder import event_message, json_event_message

log = logging.getLogger("error.interviews")

_CATCH_UP_SECONDS: Final = 2.0
_OWED_SECONDS: Final = 0.5
_GHOST_SECONDS: Final = 10.0


class InterviewNamespace(InterviewEvents, ClientNamespace[AccessClaims | GuestTicket, Visitor]):
    name = NAME
    permission = "interview:host；访客凭入场凭证 guests by ticket"
    schemes = ("staffToken", "guestTicket")
    about = Text("视频面试：房间与信令", "Video interviews: rooms and signaling")
    pushes: ClassVar = (*TOLD, *RELAYED, RESYNC)

    def __init__(
        self,
        context: NamespaceContext,
        conversations: LiveRoomService,
        relay: PeerRelay,
        signer: TicketSigner,
        clock: Clock,
        worker: str,
    ) -> None:
        super().__init__(context)
        self._conversations = conversations
        self._relay = relay
        self._signer = signer
        self._clock = clock
        self._worker = worker
        self._seats = SeatedConnections()
        self._patience: dict[str, EventRateLimiter] = {}
        self._arriving: dict[str, asyncio.Task[None]] = {}
        """Recovered connections that are about to take up their seats."""
        self._owed: set[tuple[str, str, str]] = set()
        """Room, participant, connection: gone, and nobody could be told yet."""
        self._ending: dict[str, asyncio.Event] = {}
        """Connections whose `end` has not been acknowledged yet."""
        self._tasks = TaskSet()
        context.hub.translate(LiveRoomPushed, told)
        context.hub.listen(LiveRoomPushed, self._heard)

    # who may enter

    def identify(self, environ: dict[str, Any], auth: object) -> AccessClaims | GuestTicket:
        ticket = auth.get("ticket") if isinstance(auth, dict) else None
        if ticket is None:
            return self._context.authenticator.identify(environ, auth)
        return self._ticket(ticket)

    def verify(self, token: str) -> AccessClaims | GuestTicket:
        try:
            return self._context.authenticator.verify(token)
        except Refused as refused:
            if refused.code != INVALID_TOKEN[0]:
                raise
        return self._ticket(token)

    def _ticket(self, shown: object) -> GuestTicket:
        try:
            if not isinstance(shown, str):
                raise TicketInvalid
            return self._signer.read_ticket(shown, self._clock.now())
        except DomainError as error:
            raise refusal(error) from None

    async def authorise(self, credential: AccessClaims | GuestTicket, record: RecoveryRecord | None) -> Visitor:
        """What a guest may do in which room is asked when they join it."""
        if isinstance(credential, AccessClaims):
            authority = await self._context.authenticator.authority(credential, record)
            authority.require(VIEW, HOST, MANAGE)
            return authority
        return credential

    async def allowed_rooms(self, visitor: Visitor, recorded: frozenset[str] | None) -> frozenset[str]:
        room_id = room_of(recorded or frozenset())
        return await self._conversations.rooms_of(visitor, room_id) if room_id else frozenset()

    def can_resume(self, rooms: frozenset[str], recorded: frozenset[str]) -> bool:
        """Exactly as they were, or from the beginning: who has lost a seat must learn of it, and join."""
        return rooms == recorded

    # coming back, and going

    def client_entered(self, client: Client) -> None:
        room_id = room_of(client.rooms)
        if not room_id:
            return
        participant_id = participant_id_in(client.rooms)
        seating = SeatedConnection(client, room_id, participant_id, inside=everyone(room_id) in client.rooms)
        self._seats.put(seating)
        if not self._put_out_by_history(seating, client.start_offset):
            self._arriving[client.sid] = self._tasks.spawn(self._take_up(seating))

    async def client_left(self, client: Client) -> None:
        self._patience.pop(client.sid, None)
        self._ending.pop(client.sid, None)
        self._arriving.pop(client.sid, None)
        seating = self._seats.remove(client.sid)
        if seating is not None:
            await self._drop(seating.room_id, seating.participant_id, client.sid)

    async def _take_up(self, seating: SeatedConnection) -> None:
        client = seating.client
        try:
            await self._conversations.come_back(seating.room_id, seating.participant_id, self._line(client))
        except Unavailable:
            self._context.recovery.close_connection(client, "unavailable")  # it reconnects and can be recovered
        except DomainError as error:
            # Lost in the moment between: whoever comes back now is told that it has to join.
            self._context.recovery.close_connection(client, error.code.lower())
        finally:
            self._arriving.pop(client.sid, None)
        if self._seats.find(client.sid) is not seating:  # it went while we wrote that it is there
            await self._drop(seating.room_id, seating.participant_id, client.sid)

    async def _drop(self, room_id: str, participant_id: str, connection: str) -> None:
        try:
            await self._conversations.dropped(room_id, participant_id, connection)
        except DomainError:
            self._owed.add((room_id, participant_id, connection))

    async def retake(self) -> None:
        """What the store says of this worker's people may be wrong: it was given up, or the store has come back from a
        crash. Who is here shows it, who is not is taken off, and everybody is asked to look again.
        Raises Unavailable."""
        for seating in self._seats:
            if seating.client.sid not in self._arriving:
                self._arriving[seating.client.sid] = self._tasks.spawn(self._take_up(seating))
            hint = RESYNC.payload(room_id=seating.room_id).model_dump(mode="json", by_alias=True)
            seating.client.socket.send(event_message(NAME, [RESYNC.event, hint]))
        await self.take_off_ghosts()

    async def take_off_ghosts(self) -> None:
        """A joining that was cut short may have been done all the same, and its connection be gone since.
        Raises Unavailable."""
        for room_id, participant_id, connection in await self._conversations.of_worker(self._worker):
            if self._context.clients.find(connection) is None:
                await self._drop(room_id, participant_id, connection)

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        return (
            BackgroundJob(
                "interviews-peer-relay", Continuous(), lambda: self._relay.follow(self._worker, self._received)
            ),
            BackgroundJob("interviews-owed", Every(_OWED_SECONDS, at_start=False), self._tell_owed),
            BackgroundJob("interviews-ghosts", Every(_GHOST_SECONDS, at_start=False), self.take_off_ghosts),
        )

    async def _follow_peers(self) -> None:
        await self._relay.follow(self._worker, self._received)

    async def _tell_owed(self) -> None:
        owed, self._owed = self._owed, set()
        for each in owed:
            await self._drop(*each)

    # joining and leaving

    @acknowledged(Join)
    async def on_join(self, sid: str, payload: Join) -> JoinResult:
        """进入面试间；`lobby` 为真时等候 lobbyAdmitted 后再次 join · enter; once more for the whole picture again"""
        self._require_patience(sid, "join")
        client = self._context.clients.find(sid)
        if client is None:
            raise NotJoined
        await self._settled(sid)
        seating = self._seats.find(sid)
        if seating is not None and seating.room_id != payload.room_id:
            raise NotJoined(roomId=seating.room_id)  # one connection, one room: leave first
        present = await self._conversations.join(cast(Visitor, client.visitor), payload, self._line(client))
        # Not before everything in the picture has been handed out here: what comes behind it comes once.
        await self._context.hub.reached(present.after, _CATCH_UP_SECONDS)
        if self._context.clients.find(sid) is not client:
            await self._drop(present.room_id, present.participant_id, sid)
            raise NotJoined
        asyncio.get_running_loop().call_soon(self._sit_down, client, present)  # behind the acknowledgement
        return present.answer

    @acknowledged(Leave)
    async def on_leave(self, sid: str, payload: Leave) -> LeaveResult:
        """离开（主动）；主持人离开后面试间保留一段时间 · go; without its host the room lives on for a while"""
        seating = await self._seating(sid, "leave")
        if seating.inside:
            answer = await self._conversations.leave(seating.room_id, acting(seating))
        else:
            await self._conversations.leave_door(seating.room_id, seating.participant_id, sid)
            answer = LeaveResult(left_at=self._clock.now())
        self._take_out(seating)
        return answer

    @acknowledged(End)
    async def on_end(self, sid: str, payload: End) -> EndResult:
        """（主持人）结束面试，所有人收到 roomEnded · (host) end it for everybody"""
        seating = await self._seating(sid, "end")
        answered = self._ending[sid] = asyncio.Event()
        try:
            return await self._conversations.end(seating.room_id, acting(seating), payload)
        finally:
            asyncio.get_running_loop().call_soon(answered.set)  # behind the acknowledgement

    @acknowledged(Sync)
    async def on_sync(self, sid: str, payload: Sync) -> RoomSnapshot:
        """完整快照 · the whole picture once more"""
        seating = await self._seating(sid, "sync")
        return await self._conversations.sync(seating.room_id, acting(seating))

    @acknowledged(RenewToken)
    async def on_renewToken(self, sid: str, payload: RenewToken) -> MediaCredentials:  # the name on the wire
        """新的媒体令牌与 TURN 凭证 · a fresh media token and TURN credentials"""
        seating = await self._seating(sid, "renewToken")
        return await self._conversations.renew_token(seating.room_id, acting(seating), payload)

    # what InterviewEvents asks for

    async def act(self, sid: str, event: str, command: Command) -> Model | None:
        seating = await self._seating(sid, event)
        return await self._conversations.act(seating.room_id, acting(seating), command)

    async def pass_on(self, sid: str, event: str, command: Relayed) -> None:
        seating = await self._seating(sid, event)
        await self._conversations.relay(seating.room_id, acting(seating), command)

    def be_patient(self, sid: str, event: str) -> None:
        self._require_patience(sid, event)

    # parts

    def _line(self, client: Client) -> ParticipantConnection:
        return ParticipantConnection(connection=client.sid, thread=client.record_key[:24], worker=self._worker)

    async def _seating(self, sid: str, event: str) -> SeatedConnection:
        """Raises EventRateExceeded, NotJoined."""
        self._require_patience(sid, event)
        await self._settled(sid)
        seating = self._seats.find(sid)
        if seating is None:
            raise NotJoined
        return seating

    async def _settled(self, sid: str) -> None:
        """A recovered connection has taken up its seat, or cannot."""
        if (arriving := self._arriving.get(sid)) is not None:
            await asyncio.wait({arriving})

    def _require_patience(self, sid: str, event: str) -> None:
        if self._context.clients.find(sid) is None:
            raise NotJoined
        now = asyncio.get_running_loop().time()
        wait = self._patience.setdefault(sid, EventRateLimiter()).wait_for(event, rate_of(event), now)
        if wait > 0:
            raise EventRateExceeded(max(1, round(wait + 0.5)))

    def _sit_down(self, client: Client, present: JoinOutcome) -> None:
        """One synchronous step: into the rooms, and everything that happened since the picture was taken."""
        context, hub = self._context, self._context.hub
        if context.clients.find(client.sid) is not client:
            self._tasks.spawn(self._drop(present.room_id, present.participant_id, client.sid))
            return
        if not hub.history.covers(present.after):
            context.recovery.close_connection(client, "history_lost")
            return
        new = present.rooms - client.rooms
        for room in client.rooms - present.rooms:
            context.rooms.leave(client.sid, NAME, room)
        for room in new:
            context.rooms.enter(client.sid, NAME, room)
        inside = everyone(present.room_id) in present.rooms
        seating = SeatedConnection(client, present.room_id, present.participant_id, inside)
        client.rooms = present.rooms
        self._seats.put(seating)
        for _, message in encode_deliveries(hub.history.missed(NAME, new, present.after)):
            client.socket.send(message)
        if new:
            client.start_offset = present.after  # what went before is in the picture, and was not theirs to hear
        if not self._put_out_by_history(seating, present.after):
            self._remember(client)

    def _take_out(self, seating: SeatedConnection) -> None:
        """Out of all rooms, at once; the connection stays."""
        client = seating.client
        self._seats.remove(client.sid)
        for room in client.rooms:
            self._context.rooms.leave(client.sid, NAME, room)
        client.rooms = frozenset()
        self._remember(client)

    def _remember(self, client: Client) -> None:
        client.record_saved = False
        self._tasks.spawn(self._write_down(client))

    async def _write_down(self, client: Client) -> None:
        try:
            await self._context.recovery.confirm_deliveries([client], released=False)
        except Unavailable:
            return  # still marked as not recorded: it is tried again

    # what the bus tells

    def _heard(self, entry: StreamEntry) -> None:
        event = entry.event
        if isinstance(event, LiveRoomPushed) and event.event in SHOWN_THE_DOOR:
            for seating in self._seats.meant(event.room_id, event.rooms):
                self._put_out(seating, event.event)

    def _put_out(self, seating: SeatedConnection, event: str) -> None:
        self._take_out(seating)
        if event in LAST_WORDS:
            # After this packet the official client stays away until somebody connects it again.
            self._tasks.spawn(self._close(seating.client.sid))

    async def _close(self, sid: str) -> None:
        """What the bus tells may be here before the answer to whoever brought it about."""
        if (answered := self._ending.pop(sid, None)) is not None:
            await answered.wait()
        await self.server.disconnect(sid, NAME)

    def _put_out_by_history(self, seating: SeatedConnection, after: str) -> bool:
        """Put out in the moment before it was known to be here."""
        for delivery in self._context.hub.history.missed(NAME, seating.client.rooms, after):
            if delivery.event in SHOWN_THE_DOOR:
                self._put_out(seating, delivery.event)
                return True
        return False

    def _received(self, received: PeerMessage) -> None:
        """From a peer; whoever has lost their seat in between is not given it."""
        seating = self._seats.find(received.connection)
        if seating is None or not seating.inside or seating.room_id != received.room_id:
            return
        payload = received.payload
        if received.event in ("offer", "answer"):
            payload = f'{payload[:-1]},"polite":{"true" if received.polite else "false"}}}'
        seating.client.socket.send(json_event_message(NAME, received.event, payload))
