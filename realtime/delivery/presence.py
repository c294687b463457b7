"""Presence: writes the connections of this app process to the shared store and publishes their changes."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final

from domain.presence.events import ConnectionClosed, ConnectionOpened
from domain.presence.model import Connection, device_of
from domain.presence.ports import PresenceStore
from domain.shared.background import BackgroundJob, Every
from domain.shared.errors import Unavailable
from domain.shared.events import DomainEvent
from domain.shared.plain_text import clean_line
from domain.shared.ports import Clock, EventPublisher, IdGenerator
from realtime.delivery.client_registry import Client

log = logging.getLogger("error.presence")

_FLUSH_SECONDS: Final = 0.1
"""A page enters several namespaces at once; within this time that is one change."""
_BEAT_SECONDS: Final = 3.0
_SWEEP_SECONDS: Final = 5.0
_BATCH: Final = 500
DASHBOARD: Final = "/statistics"
"""A connection that has entered this namespace counts as an open dashboard."""


class PresenceTracker:
    """The connections in memory are authoritative: the store follows, also after it was down or lost its data."""

    def __init__(
        self,
        store: PresenceStore,
        publisher: EventPublisher,
        clock: Clock,
        ids: IdGenerator,
        process_id: str,
        online_changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._publisher = publisher
        self._clock = clock
        self._ids = ids
        self._process_id = process_id
        self._online_changed = online_changed
        self._published_online = 0
        self._clients: dict[str, dict[str, Client]] = {}  # by Engine.IO session id
        self._entries: dict[str, Connection] = {}  # by Engine.IO session id
        self._engine_ids: dict[str, str] = {}  # by connection id
        self._changed: set[str] = set()  # connection ids
        self._stored: dict[str, str] = {}  # staff ids by connection id, as in the store
        self._rewrite = True
        self._unpublished: list[DomainEvent] = []
        self._flushing = asyncio.Lock()

    # called by namespaces

    def client_entered(self, client: Client) -> None:
        engine_id = client.socket.sid
        self._clients.setdefault(engine_id, {})[client.namespace] = client
        self._describe(engine_id, client)

    def client_left(self, client: Client) -> None:
        engine_id = client.socket.sid
        clients = self._clients.get(engine_id, {})
        if clients.get(client.namespace) is client:
            del clients[client.namespace]
        if clients:
            self._describe(engine_id, client)
            return
        self._clients.pop(engine_id, None)
        entry = self._entries.pop(engine_id, None)
        if entry is not None:
            del self._engine_ids[entry.id]
            self._changed.add(entry.id)

    def clients_of(self, connection_id: str) -> Sequence[Client]:
        """The clients of a connection of this app process."""
        return list(self._clients.get(self._engine_ids.get(connection_id, ""), {}).values())

    def connection_of(self, client: Client) -> Connection | None:
        """None when the connection has just closed."""
        return self._entries.get(client.socket.sid)

    @property
    def connections(self) -> Sequence[Connection]:
        return list(self._entries.values())

    @property
    def online(self) -> int:
        return sum(DASHBOARD in clients for clients in self._clients.values())

    def _describe(self, engine_id: str, client: Client) -> None:
        environ = client.socket.environ
        agent = clean_line(str(environ.get("HTTP_USER_AGENT", ""))[:256])
        known = self._entries.get(engine_id)
        entry = Connection.model_construct(
            id=known.id if known else self._ids.next_id(),
            staff_id=client.visitor.id,
            name=client.visitor.name,
            role=client.visitor.role,
            namespaces=tuple(sorted(self._clients[engine_id])),
            transport=_transport(client),
            device=known.device if known else device_of(agent),
            user_agent=agent,
            address=str(environ.get("REMOTE_ADDR", "")),
            connected_at=known.connected_at if known else self._clock.now(),
            worker=self._process_id,
        )
        self._entries[engine_id] = entry
        self._engine_ids[entry.id] = engine_id
        self._changed.add(entry.id)

    # the shared store

    async def all_connections(self) -> Sequence[Connection]:
        """The connections of all app processes. Raises Unavailable."""
        return await self._store.all()

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        return (
            BackgroundJob("presence-flush", Every(_FLUSH_SECONDS), self.flush),
            BackgroundJob("presence-heartbeat", Every(_BEAT_SECONDS), self._beat),
            BackgroundJob("presence-sweep", Every(_SWEEP_SECONDS), self._sweep, lease_seconds=_SWEEP_SECONDS * 2),
        )

    async def withdraw(self) -> None:
        """Removes this app process and its connections from the store, because it stops."""
        for engine_id in list(self._entries):
            entry = self._entries.pop(engine_id)
            self._changed.add(entry.id)
        self._clients.clear()
        self._engine_ids.clear()
        try:
            await self.flush()
            await self._store.withdraw(self._process_id)
        except Unavailable:
            log.warning("presence.not_withdrawn")  # other processes will notice the missing heartbeat

    async def flush(self) -> None:
        """Writes and publishes all changes. Raises Unavailable; the rest is kept then."""
        # `withdraw` calls it, too; each call must remove only the changes that it wrote itself
        async with self._flushing:
            await self._flush()

    async def _flush(self) -> None:
        if self._rewrite:
            await self._store.replace(self._process_id, (), self.online)
            self._changed |= self._engine_ids.keys() | self._stored.keys()
            self._rewrite = False
        while self._changed and not self._rewrite:
            await self._write(list(islice(self._changed, _BATCH)))
        if (online := self.online) != self._published_online:
            self._published_online = online
            self._online_changed()
        while self._unpublished:
            batch = self._unpublished[:_BATCH]
            await self._publisher.publish(batch)
            del self._unpublished[: len(batch)]

    async def _write(self, changed: Sequence[str]) -> None:
        """Writes a part of the changes, so that thousands at once do not block the loop."""
        put = [self._entries[self._engine_ids[each]] for each in changed if each in self._engine_ids]
        removed = [each for each in changed if each not in self._engine_ids and each in self._stored]
        self._changed.difference_update(changed)  # before the await: a change during it must be written again
        try:
            known = await self._store.write(self._process_id, put, removed, self.online)
        except BaseException:
            self._changed.update(changed)
            raise
        if not known:
            self._changed.update(changed)
            self._rewrite = True
            return
        self._unpublished += [self._opened(entry) for entry in put]
        self._unpublished += [self._closed(each, self._stored.pop(each)) for each in removed]
        self._stored.update((entry.id, entry.staff_id) for entry in put)

    async def _beat(self) -> None:
        for engine_id, entry in list(self._entries.items()):
            client = next(iter(self._clients[engine_id].values()))
            if entry.transport != _transport(client):  # upgraded in the meantime
                self._describe(engine_id, client)
        if not await self._store.beat(self._process_id):
            self._rewrite = True

    async def _sweep(self) -> None:
        dead = await self._store.sweep()
        self._unpublished += [self._closed(entry.id, entry.staff_id) for entry in dead]
        if dead:
            self._online_changed()

    def _opened(self, entry: Connection) -> ConnectionOpened:
        return ConnectionOpened.model_construct(id=self._ids.next_id(), at=self._clock.now(), connection=entry)

    def _closed(self, connection_id: str, staff_id: str) -> ConnectionClosed:
        return ConnectionClosed.model_construct(
            id=self._ids.next_id(), at=self._clock.now(), connection_id=connection_id, staff_id=staff_id
        )


def _transport(client: Client) -> str:
    return "websocket" if client.socket.upgraded else "polling"
