"""Socket.IO over our engine: who is admitted where, what they send, how they leave."""

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable
from typing import Any

from aiohttp import web
from socketio import packet as codec

from domain.shared.tasks import TaskSet
from realtime.engineio import close_reasons
from realtime.engineio.metrics import RealtimeMetrics
from realtime.engineio.options import EngineOptions
from realtime.engineio.send_queue import Replay
from realtime.engineio.server import EngineServer
from realtime.engineio.socket import EngineSocket, Member
from realtime.engineio.timers import Deadlines
from realtime.engineio.write_batch import WriteBatch
from realtime.library_hooks import SocketIoServerBase
from realtime.socketio.client_manager import ClientManager
from realtime.socketio.connect import Admission, Namespace, Refused, TryAgain, failure
from realtime.socketio.delivery import encoded
from realtime.socketio.packet_decoder import Malformed, decode
from realtime.socketio.packet_encoder import event_message, packet_message

logger = logging.getLogger(__name__)

_CONNECT_COST = 5.0  # a CONNECT may cost a look-up in the database; an event is bounded by its own handler


class RealtimeServer(SocketIoServerBase):
    manager: ClientManager
    eio: EngineServer

    def __init__(
        self,
        options: EngineOptions,
        client_manager: ClientManager,
        write_batch: WriteBatch,
        metrics: RealtimeMetrics,
        position: Callable[[], str] = lambda: "",
    ) -> None:
        """`position` tells where the history stands that is being sent to the sockets."""
        self.limits = options.limits
        self._metrics = metrics
        self._tasks = TaskSet()
        self._lonely = Deadlines[EngineSocket](
            self.limits.connect_seconds, self._close_if_lonely, self.limits.sockets_per_iteration
        )
        super().__init__(EngineServer(options, self, write_batch, metrics, position), client_manager, logger)

    def attach(self, app: web.Application, socketio_path: str = "socket.io") -> None:
        self.eio.attach(app, socketio_path)

        async def close_everything(_: web.Application) -> None:
            await self.shutdown()

        app.on_shutdown.append(close_everything)

    def register_namespace(self, namespace_handler: Namespace) -> None:
        if not isinstance(namespace_handler, Namespace):
            raise TypeError("a namespace must be able to admit its clients")
        super().register_namespace(namespace_handler)

    # rooms

    def enter(self, sid: str, namespace: str, room: str) -> None:
        """Raises ValueError for a client that has left."""
        self.manager.enter(sid, namespace, room)

    def leave(self, sid: str, namespace: str, room: str) -> None:
        self.manager.leave(sid, namespace, room)

    def get_environ(self, sid: str, namespace: str | None = None) -> dict[str, Any] | None:
        member = self.manager.member(sid, namespace or "/")
        return None if member is None else member.socket.environ

    # endings

    async def disconnect(self, sid: str, namespace: str | None = None, ignore_queue: bool = False) -> None:
        """Put a client out of one namespace; the official client does not come back by itself after that."""
        member = self.manager.member(sid, namespace or "/")
        if member is not None:
            self._put_out(member, close_reasons.SERVER_DISCONNECT)

    async def close(self, sid: str, reason: str) -> None:
        """Close the whole connection of a client (its sid in a namespace, or Engine.IO's). The client may come back."""
        member = self.manager.find(sid)
        socket = self.eio.sockets.get(sid) if member is None else member.socket
        if socket is not None:
            socket.close(reason)

    async def drain(self, seconds: float) -> None:
        """Send everybody to another worker within `seconds`, each at a moment of its own; nobody new comes in."""
        self.eio.stop_accepting()
        sockets = list(self.eio.sockets.values())
        random.shuffle(sockets)
        pause = seconds / max(1, len(sockets))
        for turn, socket in enumerate(sockets, start=1):
            notice = {"delayMs": round(turn * pause * 1000)}
            for member in socket.members.values():
                if member.admitted:
                    socket.send(event_message(member.namespace, ["serverDraining", notice]))
        begun = asyncio.get_running_loop().time()
        for turn, socket in enumerate(sockets, start=1):
            await asyncio.sleep(max(0.0, begun + turn * pause - asyncio.get_running_loop().time()))
            socket.close(close_reasons.SERVER_SHUTDOWN)

    async def shutdown(self) -> None:
        """Close every connection and wait until each namespace has been told who left.

        Handlers that still work for a client that is gone have `close_seconds` to end.
        """
        await self.eio.shutdown()
        self._lonely.stop()
        await self._tasks.close(self.limits.close_seconds)

    # from the engine

    def opened(self, socket: EngineSocket) -> None:
        self._lonely.add(socket)

    def received(self, socket: EngineSocket, data: str | bytes) -> None:
        try:
            packet = decode(socket, data, self.limits)
        except Malformed:
            socket.close(close_reasons.MALFORMED)
            return
        if packet is None:
            return
        if packet.packet_type == codec.CONNECT:
            self._connect(socket, packet.namespace, packet.data)
            return
        member = socket.members.get(packet.namespace)
        if member is None or (not member.admitted and packet.packet_type != codec.DISCONNECT):
            self._metrics.dropped.labels("not_connected").inc()
        elif packet.packet_type == codec.DISCONNECT:
            self._let_go(member, close_reasons.NAMESPACE_LEFT)
        elif packet.packet_type in (codec.ACK, codec.BINARY_ACK):
            self._acknowledged(member, packet.id, packet.data)
        else:
            self._event(member, packet.id, packet.data)

    def closed(self, socket: EngineSocket, reason: str) -> None:
        for member in list(socket.members.values()):
            self._let_go(member, reason)

    # connecting

    def _connect(self, socket: EngineSocket, namespace: str, auth: object) -> None:
        handler = self.namespace_handlers.get(namespace)
        if handler is None:
            self._refuse_unknown(socket, namespace)
        elif namespace in socket.members:
            self._refuse(socket, namespace, "ALREADY_CONNECTED", "Already connected")
        elif socket.charge(_CONNECT_COST):
            member = socket.members[namespace] = Member(self.eio.generate_id(), namespace, socket)
            self._tasks.spawn(self._admit(member, handler, auth))

    async def _admit(self, member: Member, handler: Namespace, auth: object) -> None:
        socket = member.socket
        try:
            async with asyncio.timeout(self.limits.admit_seconds):
                admission = await handler.admit(member.sid, socket.environ, auth)
            if socket.members.get(member.namespace) is member:  # else it left while we were thinking
                self._enter(member, admission)
        except Refused as refused:
            self._turn_away(member, refused.code, refused.message)
        except (TryAgain, TimeoutError):  # neither yes nor no: the official client comes back by itself
            if socket.members.get(member.namespace) is member:
                socket.close(close_reasons.UNAVAILABLE)
        except Exception:
            logger.exception("admission to %s failed", member.namespace)
            self._turn_away(member, "INTERNAL_ERROR", "服务器内部错误 · Internal server error")

    def _enter(self, member: Member, admission: Admission) -> None:
        """One synchronous step: an event that is delivered meanwhile cannot exist, so none is lost and none doubled."""
        socket = member.socket
        backlog = admission.backlog()
        self.manager.admit(member, admission.rooms)
        socket.send(packet_message(codec.CONNECT, member.namespace, {**admission.answer, "sid": member.sid}))
        if backlog:
            socket.send_replay(Replay(message for _, message in encoded(backlog)))
        if admission.admitted is not None:
            admission.admitted()

    def _turn_away(self, member: Member, code: str, message: str) -> None:
        socket = member.socket
        if socket.members.get(member.namespace) is not member:
            return
        self._let_go(member, close_reasons.SERVER_DISCONNECT)
        self._refuse(socket, member.namespace, code, message)

    def _refuse(self, socket: EngineSocket, namespace: str, code: str, message: str) -> None:
        self._metrics.refused.labels(code).inc()
        answer = {"message": message, "data": {"code": code}}
        socket.send(packet_message(codec.CONNECT_ERROR, namespace, answer))

    def _refuse_unknown(self, socket: EngineSocket, namespace: str) -> None:
        """With the very answer that Socket.IO's conformance suite expects: a message and no `data`."""
        self._metrics.refused.labels("INVALID_NAMESPACE").inc()
        socket.send(packet_message(codec.CONNECT_ERROR, namespace, {"message": "Invalid namespace"}))

    # leaving

    def _put_out(self, member: Member, reason: str) -> None:
        member.socket.send(packet_message(codec.DISCONNECT, member.namespace))
        self._let_go(member, reason)

    def _let_go(self, member: Member, reason: str) -> None:
        """Out of all rooms now; the namespace hears of it right after."""
        socket = member.socket
        del socket.members[member.namespace]
        if not socket.members and not socket.closed:
            socket.without_namespace_since = asyncio.get_running_loop().time()
            self._lonely.add(socket)
        if member.admitted:
            member.admitted = False
            self.manager.remove(member)
            self._tasks.spawn(self._tell(member, reason))

    async def _tell(self, member: Member, reason: str) -> None:
        try:
            await self.namespace_handlers[member.namespace].left(member.sid, reason)
        except Exception:
            logger.exception("leaving %s failed", member.namespace)

    def _close_if_lonely(self, socket: EngineSocket, _: int) -> None:
        if socket.closed or any(member.admitted for member in socket.members.values()):
            return
        if asyncio.get_running_loop().time() - socket.without_namespace_since >= self.limits.connect_seconds - 0.001:
            socket.close(close_reasons.CONNECT_TIMEOUT)

    # events and acknowledgements

    def _event(self, member: Member, ack_id: int | None, arguments: list[Any]) -> None:
        """Handlers of one client run one after the other, in the order in which it sent its events."""
        if member.socket.over_rate or len(member.pending or ()) >= self.limits.max_pending_events:
            self._metrics.dropped.labels("rate_limited").inc()
            self._answer(member, ack_id, failure("RATE_LIMITED", "请求过于频繁，请稍后再试 · Too many requests"))
        elif member.pending is not None:
            member.pending.append((ack_id, arguments))
        else:
            member.pending = deque([(ack_id, arguments)])
            self._tasks.spawn(self._work(member))

    async def _work(self, member: Member) -> None:
        while member.pending and member.admitted:
            ack_id, arguments = member.pending.popleft()
            try:
                answer = await self.dispatch_event(arguments[0], member.namespace, member.sid, *arguments[1:])
                self._answer(member, ack_id, answer)
            except Exception:
                logger.exception("an event of %s failed", member.namespace)
                self._answer(member, ack_id, failure("INTERNAL_ERROR", "服务器内部错误 · Internal server error"))
        member.pending = None

    def _answer(self, member: Member, ack_id: int | None, answer: Any) -> None:
        if ack_id is None or not member.admitted:
            return
        values = list(answer) if isinstance(answer, tuple) else [] if answer is None else [answer]
        member.socket.send(packet_message(codec.ACK, member.namespace, values, ack_id))

    def _acknowledged(self, member: Member, ack_id: int, arguments: list[Any]) -> None:
        if self.manager.awaits_ack(member.sid, ack_id):
            self._tasks.spawn(self.manager.trigger_callback(member.sid, ack_id, arguments))
