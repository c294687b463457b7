"""What goes on behind the namespaces: records kept alive, tokens that expire, access that changes, forced goodbyes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from domain.presence.events import DisconnectRequested
from domain.shared.background import BackgroundJob, Every
from domain.shared.errors import Unavailable
from domain.shared.events import StreamEntry
from domain.shared.ports import Clock
from domain.shared.tasks import TaskSet
from domain.staff.events import StaffAccessChanged
from realtime.delivery.clients import Client, Clients
from realtime.delivery.connection_pushes import FORCED_OFFLINE, ForcedOffline
from realtime.delivery.departed_clients import DepartedClients
from realtime.delivery.hub import Hub
from realtime.delivery.presence import Presence
from realtime.delivery.recovery import Recovery
from realtime.socketio.packet_encoder import event_message
from realtime.socketio.server import RealtimeServer

log = logging.getLogger("error.realtime")

_RELEASE_SECONDS: Final = 0.1
_PROVE_SECONDS: Final = 60.0
_SECOND: Final = 1.0
_BATCH: Final = 500
_RECHECKS: Final = 5


class ConnectionMaintenance:
    def __init__(
        self,
        server: RealtimeServer,
        hub: Hub,
        clients: Clients,
        recovery: Recovery,
        departed: DepartedClients,
        presence: Presence,
        recheck: Callable[[Client], Awaitable[None]],
        clock: Clock,
    ) -> None:
        """`recheck` asks a client's namespace whether it may still be there; raises Unavailable."""
        self._server = server
        self._clients = clients
        self._recovery = recovery
        self._departed = departed
        self._presence = presence
        self._recheck_access = recheck
        self._clock = clock
        self._tasks = TaskSet()
        hub.listen(StaffAccessChanged, self._access_changed)
        hub.listen(DisconnectRequested, self._disconnect_requested)
        hub.on_break(self._history_lost)

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        return (
            BackgroundJob("recovery-release", Every(_RELEASE_SECONDS, at_start=False), self._departed.write_down),
            BackgroundJob("recovery-confirm", Every(_PROVE_SECONDS, at_start=False), self._prove),
            BackgroundJob("connections-expire", Every(_SECOND, at_start=False), self._each_second),
        )

    async def _prove(self) -> None:
        clients = list(self._clients)
        for start in range(0, len(clients), _BATCH):
            await self._recovery.confirm_deliveries(clients[start : start + _BATCH], released=False)
            await asyncio.sleep(0.05)  # no hurry; others have work to do

    async def _each_second(self) -> None:
        now = self._clock.now()
        unrecorded: list[Client] = []
        for client in self._clients:
            if client.credential.expires_at <= now:
                client.socket.close("token_expired")
            elif not client.recorded:
                unrecorded.append(client)
        if unrecorded:
            await self._recovery.confirm_deliveries(unrecorded, released=False)

    # what the bus tells

    def _access_changed(self, entry: StreamEntry) -> None:
        event = entry.event
        if not isinstance(event, StaffAccessChanged):
            return
        for client in self._clients.of(event.staff_id):
            if event.session_id in ("", client.credential.session_id):
                self._tasks.spawn(self._recheck(client))

    async def _recheck(self, client: Client) -> None:
        for attempt in range(_RECHECKS):
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
        told = ForcedOffline(reason=event.reason, by=event.by).model_dump(mode="json", by_alias=True)
        for client in clients:
            client.socket.send(event_message(client.namespace, [FORCED_OFFLINE.event, told]))
            # After this packet the official client stays away until somebody connects it again.
            await self._server.disconnect(client.sid, client.namespace)
        clients[0].socket.close("forced_offline")

    def _history_lost(self) -> None:
        """Something may be missing that nobody can give again: everybody starts anew, told why."""
        self._tasks.spawn(self._send_away(list(self._clients), "history_lost"))

    async def _send_away(self, clients: list[Client], reason: str) -> None:
        for count, client in enumerate(clients, start=1):
            client.socket.close(reason)
            if count % 100 == 0:
                await asyncio.sleep(0.05)
