"""Maintenance of live connections: recovery records, expired tokens, changed access, forced disconnects."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from domain.presence.events import DisconnectRequested
from domain.shared.authority import Role
from domain.shared.background import BackgroundJob, Every
from domain.shared.errors import Unavailable
from domain.shared.events import StreamEntry
from domain.shared.parts import parts_of
from domain.shared.ports import Clock
from domain.shared.tasks import TaskSet
from domain.staff.events import StaffAccessChanged, StaffMoved
from domain.staff.role import RoleChanged
from realtime.delivery.client_registry import Client, ClientRegistry
from realtime.delivery.connection_pushes import FORCED_OFFLINE, ForcedOffline
from realtime.delivery.departed_clients import DepartedClients
from realtime.delivery.hub import Hub
from realtime.delivery.presence import PresenceTracker
from realtime.delivery.recovery import Recovery
from realtime.socketio.packet_encoder import event_message
from realtime.socketio.server import RealtimeServer

log = logging.getLogger("error.realtime")

_RELEASE_SECONDS: Final = 0.1
_CONFIRM_SECONDS: Final = 60.0
_EXPIRY_SECONDS: Final = 1.0
_BATCH: Final = 500
_RECHECK_ATTEMPTS: Final = 5


class ConnectionMaintenance:
    def __init__(
        self,
        server: RealtimeServer,
        hub: Hub,
        clients: ClientRegistry,
        recovery: Recovery,
        departed: DepartedClients,
        presence: PresenceTracker,
        recheck: Callable[[Client], Awaitable[None]],
        clock: Clock,
    ) -> None:
        """`recheck` asks a client's namespace whether the client may stay; it raises Unavailable."""
        self._server = server
        self._clients = clients
        self._recovery = recovery
        self._departed = departed
        self._presence = presence
        self._recheck_access = recheck
        self._clock = clock
        self._tasks = TaskSet()
        hub.listen(StaffAccessChanged, self._access_changed)
        hub.listen(RoleChanged, self._role_changed)
        hub.listen(StaffMoved, self._staff_moved)
        hub.listen(DisconnectRequested, self._disconnect_requested)
        hub.on_history_lost(self._history_lost)

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        return (
            BackgroundJob("recovery-release", Every(_RELEASE_SECONDS, at_start=False), self._departed.write_records),
            BackgroundJob("recovery-confirm", Every(_CONFIRM_SECONDS, at_start=False), self._confirm),
            BackgroundJob("connections-expire", Every(_EXPIRY_SECONDS, at_start=False), self._close_expired),
        )

    async def _confirm(self) -> None:
        clients = list(self._clients)
        for part in parts_of(clients, _BATCH):
            await self._recovery.confirm_deliveries(part, released=False)
            await asyncio.sleep(0.05)  # not urgent: lets other tasks run

    async def _close_expired(self) -> None:
        now = self._clock.now()
        unsaved: list[Client] = []
        for client in self._clients:
            if client.credential.expires_at <= now:
                client.socket.close("token_expired")
            elif not client.record_saved:
                unsaved.append(client)
        if unsaved:
            await self._recovery.confirm_deliveries(unsaved, released=False)

    # listeners of the event stream

    def _access_changed(self, entry: StreamEntry) -> None:
        event = entry.event
        if not isinstance(event, StaffAccessChanged):
            return
        for client in self._clients.of_visitor(event.staff_id):
            if event.session_id in ("", client.credential.session_id):
                self._tasks.spawn(self._recheck(client))

    def _role_changed(self, entry: StreamEntry) -> None:
        if isinstance(entry.event, RoleChanged):
            for client in self._clients:
                if client.visitor.role == entry.event.role.code:
                    self._tasks.spawn(self._recheck(client))

    def _staff_moved(self, entry: StreamEntry) -> None:
        if isinstance(entry.event, StaffMoved):
            for client in self._clients:
                if client.visitor.role == Role.MANAGER:  # the others do not see by department
                    self._tasks.spawn(self._recheck(client))

    async def _recheck(self, client: Client) -> None:
        for attempt in range(_RECHECK_ATTEMPTS):
            try:
                await self._recheck_access(client)
                return
            except Unavailable:
                await asyncio.sleep(0.5 * 2**attempt)
        client.socket.close("access_unknown")

    def _disconnect_requested(self, entry: StreamEntry) -> None:
        if isinstance(entry.event, DisconnectRequested):
            clients = self._presence.clients_of(entry.event.connection_id)
            if clients:
                self._tasks.spawn(self._force_offline(list(clients), entry.event))

    async def _force_offline(self, clients: list[Client], event: DisconnectRequested) -> None:
        notice = ForcedOffline(reason=event.reason, by=event.by).model_dump(mode="json", by_alias=True)
        for client in clients:
            client.socket.send(event_message(client.namespace, [FORCED_OFFLINE.event, notice]))
            # After this packet the official client does not reconnect by itself.
            await self._server.disconnect(client.sid, client.namespace)
        clients[0].socket.close("forced_offline")

    def _history_lost(self) -> None:
        """Events may be lost for good: every client has to reconnect and start from a snapshot."""
        self._tasks.spawn(self._close_all(list(self._clients), "history_lost"))

    async def _close_all(self, clients: list[Client], reason: str) -> None:
        for count, client in enumerate(clients, start=1):
            client.socket.close(reason)
            if count % 100 == 0:
                await asyncio.sleep(0.05)
