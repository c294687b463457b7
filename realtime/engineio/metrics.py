"""Prometheus metrics of the real-time server. Deliveries are counted once per event, never per receiver."""

from collections import Counter as Tally
from collections.abc import Collection, Iterable
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class SocketStatus(NamedTuple):
    """One connection at the moment of a sample."""

    transport: str
    namespaces: Collection[str]
    """The namespaces that it has entered."""
    queued_bytes: int


class RealtimeMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self.deliveries = Counter(
            "realtime_deliveries", "Deliveries: events times receivers", ["namespace"], registry=registry
        )
        self.bytes = Counter("realtime_bytes", "Bytes of all deliveries", ["namespace"], registry=registry)
        self.coalesced = Counter(
            "realtime_coalesced_values", "Latest-only values that a newer one replaced in a queue", registry=registry
        )
        self.dropped = Counter(
            "realtime_dropped_messages", "Messages of clients that were not handled", ["reason"], registry=registry
        )
        self.closes = Counter("realtime_closes", "Closed connections", ["reason"], registry=registry)
        self.refused = Counter("realtime_refused", "Refused handshakes and CONNECTs", ["code"], registry=registry)
        self.event_age = Histogram(
            "realtime_event_age_seconds",
            "Time from an event to its write to the last receiver",
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0),
            registry=registry,
        )
        # Prometheus scrapes any one of the app processes of a machine: it sums the values of all living ones.
        self._connected = Gauge(
            "realtime_connected_sockets",
            "Connections that have entered a namespace",
            ["namespace", "transport"],
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._connections = Gauge(
            "realtime_connections",
            "Open Engine.IO connections",
            ["transport"],
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._queued = Gauge(
            "realtime_queue_bytes", "Bytes queued for slow clients", registry=registry, multiprocess_mode="livesum"
        )
        self._seen: set[tuple[str, str]] = set()

    def record_sockets(self, sockets: Iterable[SocketStatus]) -> None:
        """Sets the gauges of connections and queued bytes; to be called every few seconds."""
        by_namespace: Tally[tuple[str, str]] = Tally()
        by_transport: Tally[str] = Tally()
        queued = 0
        for socket in sockets:
            by_transport[socket.transport] += 1
            queued += socket.queued_bytes
            for namespace in socket.namespaces:
                by_namespace[namespace, socket.transport] += 1
        self._seen |= by_namespace.keys()
        for namespace, transport in self._seen:
            self._connected.labels(namespace, transport).set(by_namespace[namespace, transport])
        for transport in ("polling", "websocket"):
            self._connections.labels(transport).set(by_transport[transport])
        self._queued.set(queued)
