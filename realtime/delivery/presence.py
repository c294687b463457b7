"""Who is connected to this worker, written on the board that all workers share, and told to whoever watches."""

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
from domain.shared.ports import Clock, EventPublisher, IdGenerator
from realtime.delivery.clients import Client

log = logging.getLogger("error.presence")

_FLUSH_SECONDS: Final = 0.1
"""A page enters several namespaces at once: that is one change, not three."""
_BEAT_SECONDS: Final = 3.0
_SWEEP_SECONDS: Final = 5.0
_BATCH: Final = 500
DASHBOARD: Final = "/statistics"


class Presence:
    """What this worker knows is the truth; the board follows, also after it was away or had forgotten."""

    def __init__(
        self,
        board: PresenceStore,
        publisher: EventPublisher,
        clock: Clock,
        ids: IdGenerator,
        worker: str,
        online_changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._board = board
        self._publisher = publisher
        self._clock = clock
        self._ids = ids
        self._worker = worker
        self._online_changed = online_changed
        self._online_told = 0
        self._clients: dict[str, dict[str, Client]] = {}  # by the connection's id in the engine
        self._entries: dict[str, Connection] = {}  # likewise
        self._engine_ids: dict[str, str] = {}  # by public id
        self._changed: set[str] = set()  # public ids
        self._shown: dict[str, str] = {}  # public ids that the others know of, and whose they are
        self._anew = True
        self._owed: list[DomainEvent] = []
        self._flushing = asyncio.Lock()

    # what the namespaces tell

    def entered(self, client: Client) -> None:
        engine_id = client.socket.sid
        self._clients.setdefault(engine_id, {})[client.namespace] = client
        self._describe(engine_id, client)

    def left(self, client: Client) -> None:
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
        """Of a connection of this worker."""
        return list(self._clients.get(self._engine_ids.get(connection_id, ""), {}).values())

    @property
    def connections(self) -> Sequence[Connection]:
        return list(self._entries.values())

    @property
    def online(self) -> int:
        return sum(DASHBOARD in clients for clients in self._clients.values())

    def _describe(self, engine_id: str, client: Client) -> None:
        environ = client.socket.environ
        agent = str(environ.get("HTTP_USER_AGENT", ""))[:256].encode(errors="replace").decode()
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
            worker=self._worker,
        )
        self._entries[engine_id] = entry
        self._engine_ids[entry.id] = engine_id
        self._changed.add(entry.id)

    async def all_connections(self) -> Sequence[Connection]:
        """Of all workers. Raises Unavailable."""
        return await self._board.all()

    # what the others see

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        return (
            BackgroundJob("presence-flush", Every(_FLUSH_SECONDS), self.flush),
            BackgroundJob("presence-heartbeat", Every(_BEAT_SECONDS), self._beat),
            BackgroundJob("presence-sweep", Every(_SWEEP_SECONDS), self._sweep, lease_seconds=_SWEEP_SECONDS * 2),
        )

    async def withdraw(self) -> None:
        """This worker stops: nobody is connected to it any more."""
        for engine_id in list(self._entries):
            entry = self._entries.pop(engine_id)
            self._changed.add(entry.id)
        self._clients.clear()
        self._engine_ids.clear()
        try:
            await self.flush()
            await self._board.withdraw(self._worker)
        except Unavailable:
            log.warning("presence.not_withdrawn")  # the others will notice that this worker is silent

    async def flush(self) -> None:
        """Raises Unavailable; nothing is forgotten then."""
        async with self._flushing:  # `withdraw` asks, too; each must take away only what it told itself
            await self._flush()

    async def _flush(self) -> None:
        if self._anew:
            await self._board.replace(self._worker, (), self.online)
            self._changed |= self._engine_ids.keys() | self._shown.keys()
            self._anew = False
        while self._changed and not self._anew:
            await self._write(list(islice(self._changed, _BATCH)))
        if (online := self.online) != self._online_told:
            self._online_told = online
            self._online_changed()
        while self._owed:
            batch = self._owed[:_BATCH]
            await self._publisher.publish(batch)
            del self._owed[: len(batch)]

    async def _write(self, changed: Sequence[str]) -> None:
        """A slice of what changed, so that thousands who come or go at once hold nobody up."""
        put = [self._entries[self._engine_ids[each]] for each in changed if each in self._engine_ids]
        removed = [each for each in changed if each not in self._engine_ids and each in self._shown]
        self._changed.difference_update(changed)  # before the wait: what changes during it is another change
        try:
            known = await self._board.write(self._worker, put, removed, self.online)
        except BaseException:
            self._changed.update(changed)
            raise
        if not known:
            self._changed.update(changed)
            self._anew = True
            return
        self._owed += [self._opened(entry) for entry in put]
        self._owed += [self._closed(each, self._shown.pop(each)) for each in removed]
        self._shown.update((entry.id, entry.staff_id) for entry in put)

    async def _beat(self) -> None:
        for engine_id, entry in list(self._entries.items()):
            client = next(iter(self._clients[engine_id].values()))
            if entry.transport != _transport(client):  # upgraded meanwhile
                self._describe(engine_id, client)
        if not await self._board.beat(self._worker):
            self._anew = True

    async def _sweep(self) -> None:
        dead = await self._board.sweep()
        self._owed += [self._closed(entry.id, entry.staff_id) for entry in dead]
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
