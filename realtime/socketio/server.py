"""The Socket.IO server: admits clients to namespaces, dispatches their events, and removes them when they leave."""

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
from realtime.socketio.acknowledgements import error_answer
from realtime.socketio.client_manager import ClientManager
from realtime.socketio.delivery import encode_deliveries
from realtime.socketio.errors import Refused, TryAgain
from realtime.socketio.namespace import Admission, Namespace
from realtime.socketio.packet_decoder import Malformed, decode
from realtime.socketio.packet_encoder import event_message, packet_message

logger = logging.getLogger(__name__)

_CONNECT_COST = 5.0  # in messages: a CONNECT may need a database query


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
        """`position` returns the position in the event stream up to which events have been sent to the sockets."""
        self.limits = options.limits
        self._metrics = metrics
        self._tasks = TaskSet()
        self._entry_deadlines = Deadlines[EngineSocket](
            self.limits.connect_seconds, self._close_without_namespace, self.limits.sockets_per_iteration
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

    # disconnecting

    async def disconnect(self, sid: str, namespace: str | None = None, ignore_queue: bool = False) -> None:
        """Disconnects a client from one namespace; after that the official client does not reconnect by itself."""
        member = self.manager.member(sid, namespace or "/")
        if member is not None:
            member.socket.send(packet_message(codec.DISCONNECT, member.namespace))
            self._remove(member, close_reasons.SERVER_DISCONNECT)

    async def close(self, sid: str, reason: str) -> None:
        """Closes the whole connection; `sid` is a client's or the Engine.IO session's. The client may reconnect."""
        member = self.manager.find(sid)
        socket = self.eio.sockets.get(sid) if member is None else member.socket
        if socket is not None:
            socket.close(reason)

    async def drain(self, seconds: float) -> None:
        """Closes all connections one after the other within `seconds`, so that clients reconnect elsewhere.

        No new connection is accepted. Each client is told its delay first.
        """
        self.eio.stop_accepting()
        sockets = list(self.eio.sockets.values())
        random.shuffle(sockets)
        pause = seconds / max(1, len(sockets))
        for number, socket in enumerate(sockets, start=1):
            notice = {"delayMs": round(number * pause * 1000)}
            for member in socket.members.values():
                if member.admitted:
                    socket.send(event_message(member.namespace, ["serverDraining", notice]))
        begun = asyncio.get_running_loop().time()
        for number, socket in enumerate(sockets, start=1):
            await asyncio.sleep(max(0.0, begun + number * pause - asyncio.get_running_loop().time()))
            socket.close(close_reasons.SERVER_SHUTDOWN)

    async def shutdown(self) -> None:
        """Closes all connections and waits until the namespaces have been notified of all clients that left.

        Event handlers that are still running have `close_seconds` to end.
        """
        await self.eio.shutdown()
        self._entry_deadlines.stop()
        await self._tasks.close(self.limits.close_seconds)

    # called by the engine

    def opened(self, socket: EngineSocket) -> None:
        self._entry_deadlines.add(socket)

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
            self._remove(member, close_reasons.NAMESPACE_LEFT)
        elif packet.packet_type in (codec.ACK, codec.BINARY_ACK):
            self._acknowledged(member, packet.id, packet.data)
        else:
            self._event(member, packet.id, packet.data)

    def closed(self, socket: EngineSocket, reason: str) -> None:
        for member in list(socket.members.values()):
            self._remove(member, reason)

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
            if socket.members.get(member.namespace) is member:  # else it left during the decision
                self._enter(member, admission)
        except Refused as refused:
            self._refuse_member(member, refused.code, refused.message)
        except (TryAgain, TimeoutError):  # no decision: the official client reconnects by itself
            if socket.members.get(member.namespace) is member:
                socket.close(close_reasons.UNAVAILABLE)
        except Exception:
            logger.exception("admission to %s failed", member.namespace)
            self._refuse_member(member, "INTERNAL_ERROR", "服务器内部错误 · Internal server error")

    def _enter(self, member: Member, admission: Admission) -> None:
        """One synchronous step: no event can be delivered during it, so none is lost and none is doubled."""
        socket = member.socket
        backlog = admission.backlog()
        self.manager.admit(member, admission.rooms)
        socket.send(packet_message(codec.CONNECT, member.namespace, {**admission.answer, "sid": member.sid}))
        if backlog:
            socket.send_replay(Replay(message for _, message in encode_deliveries(backlog)))
        if admission.on_entered is not None:
            admission.on_entered()

    def _refuse_member(self, member: Member, code: str, message: str) -> None:
        socket = member.socket
        if socket.members.get(member.namespace) is not member:
            return
        self._remove(member, close_reasons.SERVER_DISCONNECT)
        self._refuse(socket, member.namespace, code, message)

    def _refuse(self, socket: EngineSocket, namespace: str, code: str, message: str) -> None:
        self._metrics.refused.labels(code).inc()
        answer = {"message": message, "data": {"code": code}}
        socket.send(packet_message(codec.CONNECT_ERROR, namespace, answer))

    def _refuse_unknown(self, socket: EngineSocket, namespace: str) -> None:
        """Sends exactly the packet that Socket.IO's conformance suite expects: a message and no `data`."""
        self._metrics.refused.labels("INVALID_NAMESPACE").inc()
        socket.send(packet_message(codec.CONNECT_ERROR, namespace, {"message": "Invalid namespace"}))

    # leaving

    def _remove(self, member: Member, reason: str) -> None:
        """Removes the client from all rooms at once; its namespace is notified right after."""
        socket = member.socket
        del socket.members[member.namespace]
        if not socket.members and not socket.closed:
            socket.without_namespace_since = asyncio.get_running_loop().time()
            self._entry_deadlines.add(socket)
        if member.admitted:
            member.admitted = False
            self.manager.remove(member)
            self._tasks.spawn(self._notify_left(member, reason))

    async def _notify_left(self, member: Member, reason: str) -> None:
        try:
            await self.namespace_handlers[member.namespace].client_disconnected(member.sid, reason)
        except Exception:
            logger.exception("leaving %s failed", member.namespace)

    def _close_without_namespace(self, socket: EngineSocket, _: int) -> None:
        if socket.closed or any(member.admitted for member in socket.members.values()):
            return
        if asyncio.get_running_loop().time() - socket.without_namespace_since >= self.limits.connect_seconds - 0.001:
            socket.close(close_reasons.CONNECT_TIMEOUT)

    # events and acknowledgements

    def _event(self, member: Member, ack_id: int | None, arguments: list[Any]) -> None:
        """Runs the handlers of one client one after the other, in the order in which it sent its events."""
        if member.socket.over_rate or len(member.pending or ()) >= self.limits.max_pending_events:
            self._metrics.dropped.labels("rate_limited").inc()
            self._answer(member, ack_id, error_answer("RATE_LIMITED", "请求过于频繁，请稍后再试 · Too many requests"))
        elif member.pending is not None:
            member.pending.append((ack_id, arguments))
        else:
            member.pending = deque([(ack_id, arguments)])
            self._tasks.spawn(self._run_handlers(member))

    async def _run_handlers(self, member: Member) -> None:
        while member.pending and member.admitted:
            ack_id, arguments = member.pending.popleft()
            try:
                answer = await self.dispatch_event(arguments[0], member.namespace, member.sid, *arguments[1:])
                self._answer(member, ack_id, answer)
            except Exception:
                logger.exception("an event of %s failed", member.namespace)
                self._answer(member, ack_id, error_answer("INTERNAL_ERROR", "服务器内部错误 · Internal server error"))
        member.pending = None

    def _answer(self, member: Member, ack_id: int | None, answer: Any) -> None:
        if ack_id is None or not member.admitted:
            return
        values = list(answer) if isinstance(answer, tuple) else [] if answer is None else [answer]
        member.socket.send(packet_message(codec.ACK, member.namespace, values, ack_id))

    def _acknowledged(self, member: Member, ack_id: int, arguments: list[Any]) -> None:
        if self.manager.awaits_ack(member.sid, ack_id):
            self._tasks.spawn(self.manager.trigger_callback(member.sid, ack_id, arguments))
