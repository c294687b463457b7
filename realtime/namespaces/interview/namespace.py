"""`/interview`: hosts and guests of video interviews, and the signaling between them."""

import asyncio
from typing import Any, ClassVar, Final, Self, cast

from domain.interviews.errors import NotJoined
from domain.interviews.events import LiveRoomPushed
from domain.interviews.live.commands import Command, End, Join, Leave, Relayed, RenewToken, Sync
from domain.interviews.live.results import EndResult, JoinResult, LeaveResult
from domain.interviews.live.socket_rooms import room_id_in
from domain.interviews.live.views import RoomSnapshot
from domain.interviews.media.credentials import MediaCredentials
from domain.interviews.participant_ids import Visitor
from domain.interviews.ports import PeerMessage
from domain.interviews.record.model import HOST, MANAGE, VIEW
from domain.interviews.services import InterviewServices
from domain.presence.recovery import RecoveryRecord
from domain.services import Services
from domain.sessions.tokens import AccessClaims
from domain.shared.background import BackgroundJob, Continuous
from domain.shared.model import Model
from domain.shared.tasks import TaskSet
from domain.shared.text import Text
from realtime.delivery.client_registry import Client
from realtime.namespaces.base import ClientNamespace, NamespaceContext
from realtime.namespaces.interview.commands import InterviewEvents
from realtime.namespaces.interview.credentials import InterviewCredential, InterviewCredentials
from realtime.namespaces.interview.pushes import NAME, RELAYED, RESYNC, ROOM_PUSHES, room_push
from realtime.namespaces.interview.rate_limits import EventRateLimiter
from realtime.namespaces.interview.room_membership import RoomMembership, seat_connection
from realtime.namespaces.interview.seat_attachment import SeatAttachment
from realtime.namespaces.interview.seated_connections import SeatedConnection, SeatedConnections
from realtime.socketio.acknowledgements import acknowledged
from realtime.socketio.packet_encoder import json_event_message

_CATCH_UP_SECONDS: Final = 2.0


class InterviewNamespace(InterviewEvents, ClientNamespace[InterviewCredential, Visitor]):
    name = NAME
    permission = "interview:host；访客凭入场凭证 guests by ticket"
    schemes = ("staffToken", "guestTicket")
    about = Text("视频面试：房间与信令", "Video interviews: rooms and signaling")
    pushes: ClassVar = (*ROOM_PUSHES, *RELAYED, RESYNC)

    @classmethod
    def build(cls, context: NamespaceContext, services: Services) -> Self:
        return cls(context, services.interviews)

    def __init__(self, context: NamespaceContext, interviews: InterviewServices) -> None:
        super().__init__(context)
        self._live_rooms = interviews.live_rooms
        self._connections = interviews.connections
        self._process = interviews.process
        self._relay = interviews.relay
        self._credentials = InterviewCredentials(context.authenticator, interviews.signer, context.clock)
        self._rate_limiter = EventRateLimiter()
        self._seated = SeatedConnections()
        tasks = TaskSet()
        self.attachment = SeatAttachment(
            context, interviews.connections, self._seated, tasks, interviews.process, interviews.seats_in_doubt
        )
        self._membership = RoomMembership(context, self._seated, self.attachment, tasks, self._disconnect)
        context.hub.translate(LiveRoomPushed, room_push)
        context.hub.listen(LiveRoomPushed, self._membership.follow)

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        relay = BackgroundJob(
            "interviews-peer-relay", Continuous(), lambda: self._relay.follow(self._process, self._deliver)
        )
        return (relay, *self.attachment.background)

    # access

    def identify(self, environ: dict[str, Any], auth: object) -> InterviewCredential:
        return self._credentials.identify(environ, auth)

    def verify(self, token: str) -> InterviewCredential:
        return self._credentials.verify(token)

    async def authorise(self, credential: InterviewCredential, record: RecoveryRecord | None) -> Visitor:
        """Staff need a permission of interviews; the rights in a room are checked when the visitor joins it."""
        if isinstance(credential, AccessClaims):
            authority = await self._context.authenticator.authority(credential, record)
            authority.require(VIEW, HOST, MANAGE)
            return authority
        return credential

    async def allowed_rooms(self, visitor: Visitor, recorded: frozenset[str] | None) -> frozenset[str]:
        room_id = room_id_in(recorded or frozenset())
        return await self._connections.rooms_of(visitor, room_id) if room_id else frozenset()

    def can_resume(self, rooms: frozenset[str], recorded: frozenset[str]) -> bool:
        """Only with exactly the same rooms: a client that has lost its seat must start anew, and join."""
        return rooms == recorded

    # connections

    def client_entered(self, client: Client) -> None:
        self._membership.recovered(client)

    async def client_left(self, client: Client) -> None:
        self._rate_limiter.forget(client.sid)
        self._membership.forget(client.sid)
        seated = self._seated.remove(client.sid)
        if seated is not None:
            await self.attachment.disconnected(seated.seat_connection)

    # events

    @acknowledged(Join)
    async def on_join(self, sid: str, payload: Join) -> JoinResult:
        """进入面试间；`lobby` 为真时等候 lobbyAdmitted 后再次 join · join; join again for a new snapshot"""
        self.require_rate(sid, "join")
        client = self._context.clients.find(sid)
        if client is None:
            raise NotJoined
        await self.attachment.settled(sid)
        seated = self._seated.find(sid)
        if seated is not None and seated.room_id != payload.room_id:
            raise NotJoined(roomId=seated.room_id)  # a connection is in one room at a time
        connection = self.attachment.connection_of(client)
        joined = await self._live_rooms.join(cast(Visitor, client.visitor), payload, connection)
        # Wait until every push that the snapshot contains was delivered here, so that none is sent again after it.
        await self._context.hub.reached(joined.after, _CATCH_UP_SECONDS)
        if self._context.clients.find(sid) is not client:
            await self.attachment.disconnected(seat_connection(client, joined))
            raise NotJoined
        asyncio.get_running_loop().call_soon(self._membership.enter, client, joined)  # after the acknowledgement
        return joined.result

    @acknowledged(Leave)
    async def on_leave(self, sid: str, payload: Leave) -> LeaveResult:
        """离开面试间；主持人离开后面试间保留一段时间 · leave; the room stays open for a while without its host"""
        seated = await self._require_seat(sid, "leave")
        if seated.admitted:
            result = await self._live_rooms.leave(seated.room_id, seated.sender)
        else:
            await self._live_rooms.leave_lobby(seated.room_id, seated.participant_id, sid)
            result = LeaveResult(left_at=self._context.clock.now())
        self._membership.leave(seated)
        return result

    @acknowledged(End)
    async def on_end(self, sid: str, payload: End) -> EndResult:
        """（主持人）结束面试，所有人收到 roomEnded · (host) end the interview; everyone receives `roomEnded`"""
        seated = await self._require_seat(sid, "end")
        acknowledged_end = self._membership.delay_close(sid)
        try:
            return await self._live_rooms.end(seated.room_id, seated.sender, payload)
        finally:
            asyncio.get_running_loop().call_soon(acknowledged_end.set)  # after the acknowledgement

    @acknowledged(Sync)
    async def on_sync(self, sid: str, payload: Sync) -> RoomSnapshot:
        """完整快照 · a new snapshot"""
        seated = await self._require_seat(sid, "sync")
        return await self._live_rooms.sync(seated.room_id, seated.sender)

    @acknowledged(RenewToken)
    async def on_renewToken(self, sid: str, payload: RenewToken) -> MediaCredentials:  # the name on the wire
        """新的媒体令牌与 TURN 凭证 · a new media token and new TURN credentials"""
        seated = await self._require_seat(sid, "renewToken")
        return await self._live_rooms.renew_token(seated.room_id, seated.sender, payload)

    async def execute(self, sid: str, event: str, command: Command) -> Model | None:
        seated = await self._require_seat(sid, event)
        return await self._live_rooms.execute(seated.room_id, seated.sender, command)

    async def relay(self, sid: str, event: str, command: Relayed) -> None:
        seated = await self._require_seat(sid, event)
        await self._live_rooms.relay(seated.room_id, seated.sender, command)

    def require_rate(self, sid: str, event: str) -> None:
        if self._context.clients.find(sid) is None:
            raise NotJoined
        self._rate_limiter.require_allowed(sid, event)

    # parts

    async def _require_seat(self, sid: str, event: str) -> SeatedConnection:
        """Raises EventRateExceeded, NotJoined."""
        self.require_rate(sid, event)
        await self.attachment.settled(sid)
        seated = self._seated.find(sid)
        if seated is None:
            raise NotJoined
        return seated

    def _deliver(self, message: PeerMessage) -> None:
        """Sends a peer's message, unless its receiver has lost the seat in the meantime."""
        seated = self._seated.find(message.connection)
        if seated is None or not seated.admitted or seated.room_id != message.room_id:
            return
        payload = message.payload
        if message.event in ("offer", "answer"):
            payload = f'{payload[:-1]},"polite":{"true" if message.polite else "false"}}}'
        seated.client.socket.send(json_event_message(NAME, message.event, payload))

    async def _disconnect(self, sid: str) -> None:
        await self.server.disconnect(sid, NAME)
