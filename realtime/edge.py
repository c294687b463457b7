"""The real-time edge: all its parts built together, for the composition root to attach, run and drain."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from prometheus_client import CollectorRegistry, Histogram

from domain.presence.ports import PresenceStore
from domain.presence.recovery import RecoveryStore
from domain.sessions.tokens import AccessTokens
from domain.shared.background import BackgroundJob, Every
from domain.shared.errors import Unavailable
from domain.shared.ip_addresses import IpNetwork
from domain.shared.ports import Clock, EventPublisher, EventStream, IdGenerator
from domain.staff.ports import StaffAuthorities
from realtime.delivery.client_registry import Client, ClientRegistry
from realtime.delivery.connection_maintenance import ConnectionMaintenance
from realtime.delivery.departed_clients import DepartedClients
from realtime.delivery.fanout import Fanout
from realtime.delivery.hub import Hub
from realtime.delivery.presence import PresenceTracker
from realtime.delivery.recovery import Recovery
from realtime.delivery.staff_authentication import StaffAuthenticator
from realtime.engineio.limits import Limits
from realtime.engineio.metrics import RealtimeMetrics
from realtime.engineio.options import EngineOptions
from realtime.engineio.write_batch import WriteBatch
from realtime.namespaces.base import ClientNamespace, NamespaceContext, NamespaceFactory
from realtime.socketio.client_manager import ClientManager
from realtime.socketio.server import RealtimeServer

log = logging.getLogger("error.realtime")

_LAG_SAMPLE_SECONDS = 0.25
_SOCKET_COUNT_SECONDS = 5.0


@dataclass(frozen=True)
class Ports:
    stream: EventStream
    publisher: EventPublisher
    tokens: AccessTokens
    authorities: StaffAuthorities
    records: RecoveryStore
    presence: PresenceStore
    clock: Clock
    ids: IdGenerator


@dataclass(frozen=True)
class Options:
    process_id: str
    """Unique among all app processes that share the event stream, and for each start of one."""
    limits: Limits = field(default_factory=Limits)
    allowed_origins: Sequence[str] | None = None
    trusted_proxies: Sequence[IpNetwork] = ()
    ping_interval: float = 25.0
    ping_timeout: float = 20.0
    transports: Sequence[str] = ("polling", "websocket")
    sid_prefix: str = ""
    """The name by which a proxy finds this app process; see `EngineOptions`."""
    online_changed: Callable[[], None] = lambda: None
    access_refused: Callable[[str, str], None] = lambda staff_id, name: None

    @property
    def engine(self) -> EngineOptions:
        return EngineOptions(
            limits=self.limits,
            allowed_origins=self.allowed_origins,
            trusted_proxies=self.trusted_proxies,
            ping_interval=self.ping_interval,
            ping_timeout=self.ping_timeout,
            transports=self.transports,
            sid_prefix=self.sid_prefix,
        )


class RealtimeEdge:
    def __init__(
        self,
        ports: Ports,
        options: Options,
        registry: CollectorRegistry,
        namespaces: Sequence[NamespaceFactory],
    ) -> None:
        metrics = RealtimeMetrics(registry)
        rooms, batch = ClientManager(), WriteBatch(options.limits.sockets_per_iteration)
        self.hub = Hub(Fanout(rooms, batch, metrics), registry)
        self.server = RealtimeServer(options.engine, rooms, batch, metrics, lambda: self.hub.position)
        self.clients = ClientRegistry()
        self.presence = PresenceTracker(
            ports.presence,
            ports.publisher,
            ports.clock,
            ports.ids,
            options.process_id,
            options.online_changed,
        )
        authenticator = StaffAuthenticator(
            ports.tokens, ports.authorities, ports.clock, self.hub, options.access_refused
        )
        recovery = Recovery(ports.records, self.hub, ports.stream, ports.publisher, self.clients, ports.ids, registry)
        self._departed = DepartedClients(recovery)
        context = NamespaceContext(
            hub=self.hub,
            rooms=rooms,
            authenticator=authenticator,
            clients=self.clients,
            recovery=recovery,
            departed=self._departed,
            presence=self.presence,
            clock=ports.clock,
            process_id=options.process_id,
        )
        self._maintenance = ConnectionMaintenance(
            self.server, self.hub, self.clients, recovery, self._departed, self.presence, self._recheck, ports.clock
        )
        built = [build(context) for build in namespaces]
        self._namespaces: Mapping[str, ClientNamespace[Any, Any]] = {each.name: each for each in built}
        for namespace in built:
            self.server.register_namespace(namespace)
        self._loop_lag = Histogram(
            "loop_lag_seconds",
            "Delay of callbacks in the event loop",
            buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
            registry=registry,
        )

    def attach(self, app: web.Application) -> None:
        """Adds the routes, and closes all connections when the application shuts down."""
        self.server.attach(app)

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        return (
            *self.presence.background,
            *self._maintenance.background,
            *(job for namespace in self._namespaces.values() for job in namespace.background),
            BackgroundJob("loop-lag", Every(0), self._measure_lag),
            BackgroundJob("socket-count", Every(_SOCKET_COUNT_SECONDS), self._count_sockets),
        )

    async def drain(self, seconds: float) -> None:
        """Closes all connections within `seconds` and writes the recovery records of their clients.

        To be called while the background jobs run. Afterwards no client is connected and none can connect.
        """
        await self.server.drain(seconds)
        await self.server.shutdown()
        try:
            await self._departed.write_records()
        except Unavailable:
            log.warning("drain.records_not_written")  # the records exist, with an older confirmed offset
        await self.presence.withdraw()

    async def _recheck(self, client: Client) -> None:
        await self._namespaces[client.namespace].recheck(client)

    async def _measure_lag(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + _LAG_SAMPLE_SECONDS
        await asyncio.sleep(_LAG_SAMPLE_SECONDS)
        self._loop_lag.observe(max(0.0, loop.time() - due))

    async def _count_sockets(self) -> None:
        self.server.eio.record_sockets()
