"""Keeps the seats in the store in step with the connections of this app process: attach, disconnect, and repair."""

import asyncio
from typing import Final

from domain.interviews.live.connections import SeatConnection, SeatConnections
from domain.interviews.live.rules.membership import ParticipantConnection
from domain.shared.background import BackgroundJob, Every, OnSignal
from domain.shared.errors import DomainError, Unavailable
from domain.shared.signal import Signal
from domain.shared.tasks import TaskSet
from realtime.delivery.client_registry import Client
from realtime.namespaces.base import NamespaceContext
from realtime.namespaces.interview.pushes import NAME, RESYNC
from realtime.namespaces.interview.seated_connections import SeatedConnection, SeatedConnections
from realtime.socketio.packet_encoder import event_message

_RETRY_SECONDS: Final = 0.5
_STALE_SECONDS: Final = 10.0
_RECOVERY_ID_LENGTH: Final = 24


class SeatAttachment:
    def __init__(
        self,
        context: NamespaceContext,
        connections: SeatConnections,
        seated: SeatedConnections,
        tasks: TaskSet,
        process: str,
        seats_in_doubt: Signal,
    ) -> None:
        self._context = context
        self._connections = connections
        self._seated = seated
        self._tasks = tasks
        self._process = process
        self._seats_in_doubt = seats_in_doubt
        self._reattaching: dict[str, asyncio.Task[None]] = {}
        """By connection."""
        self._unreported: set[SeatConnection] = set()
        """Closed connections that could not be reported to the store yet."""

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        return (
            BackgroundJob("interviews-owed", Every(_RETRY_SECONDS, at_start=False), self._report_again),
            BackgroundJob("interviews-ghosts", Every(_STALE_SECONDS, at_start=False), self.disconnect_stale),
            BackgroundJob("interviews-reattach", OnSignal(self._seats_in_doubt), self.reattach_all),
        )

    def connection_of(self, client: Client) -> ParticipantConnection:
        return ParticipantConnection(
            id=client.sid, recovery_id=client.record_key[:_RECOVERY_ID_LENGTH], process=self._process
        )

    def reattach(self, seated: SeatedConnection) -> None:
        """Starts a task in which a recovered connection takes its seat again."""
        sid = seated.client.sid
        if sid not in self._reattaching:
            self._reattaching[sid] = self._tasks.spawn(self._reattach(seated))

    async def settled(self, sid: str) -> None:
        """Returns when no reattachment of this connection is in progress."""
        if (task := self._reattaching.get(sid)) is not None:
            await asyncio.wait({task})

    async def disconnected(self, closed: SeatConnection) -> None:
        """Reports a closed connection to the store; repeated in the background until it succeeds."""
        self._reattaching.pop(closed.connection, None)
        try:
            await self._connections.disconnected(closed)
        except DomainError:
            self._unreported.add(closed)

    async def reattach_all(self) -> None:
        """Repairs the seats after the store may have been wrong about this process: all connections take their seats
        again, stale ones are disconnected, and clients are asked to sync. Raises Unavailable."""
        for seated in self._seated:
            self.reattach(seated)
            hint = RESYNC.payload(room_id=seated.room_id).model_dump(mode="json", by_alias=True)
            seated.client.socket.send(event_message(NAME, [RESYNC.event, hint]))
        await self.disconnect_stale()

    async def disconnect_stale(self) -> None:
        """Disconnects seats whose connection no longer exists: an interrupted `join` may have been saved after its
        connection had closed. Raises Unavailable."""
        for seat_connection in await self._connections.of_process(self._process):
            if self._context.clients.find(seat_connection.connection) is None:
                await self.disconnected(seat_connection)

    async def _report_again(self) -> None:
        unreported, self._unreported = self._unreported, set()
        for closed in unreported:
            await self.disconnected(closed)

    async def _reattach(self, seated: SeatedConnection) -> None:
        client, recovery = seated.client, self._context.recovery
        try:
            await self._connections.reattach(seated.room_id, seated.participant_id, self.connection_of(client))
        except Unavailable:
            recovery.close_connection(client, "unavailable")  # the client reconnects with what it needs to be recovered
        except DomainError as error:
            # The seat was lost a moment ago: after reconnecting the client learns that it has to join.
            recovery.close_connection(client, error.code.lower())
        finally:
            self._reattaching.pop(client.sid, None)
        if self._seated.find(client.sid) is not seated:  # the connection closed while its seat was attached
            await self.disconnected(seated.seat_connection)
