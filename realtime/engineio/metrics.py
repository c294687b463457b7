"""What the real-time engine tells Prometheus. Counted per event, never per receiver."""

from collections import Counter as Tally
from collections.abc import Collection, Iterable
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class SocketStatus(NamedTuple):
    """One connection at the moment of a sample."""

    transport: str
    namespaces: Collection[str]
    """Those that it has entered."""
    waiting_bytes: int


class RealtimeMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self.deliveries = Counter(
            "realtime_deliveries", "Events handed to a receiver", ["namespace"], registry=registry
        )
        self.bytes = Counter("realtime_bytes", "Bytes of events handed to receivers", ["namespace"], registry=registry)
        self.coalesced = Counter(
            "realtime_coalesced_values", "Latest-only values that a newer one replaced", registry=registry
        )
        self.dropped = Counter(
            "realtime_dropped_messages", "Inbound messages not handled", ["reason"], registry=registry
        )
        self.closes = Counter("realtime_closes", "Connections that ended", ["reason"], registry=registry)
        self.refused = Counter("realtime_refused", "Hand-shakes and namespaces refused", ["code"], registry=registry)
        self.event_age = Histogram(
            "realtime_event_age_seconds",
            "From the fact to the write of its event to the last receiver",
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0),
            registry=registry,
        )
        # Of several workers on one machine Prometheus asks any one: it adds up what the living ones wrote down.
        self._connected = Gauge(
            "realtime_connected_sockets",
            "Sockets in a namespace",
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
        self._waiting = Gauge(
            "realtime_queue_bytes", "Bytes that wait for slow clients", registry=registry, multiprocess_mode="livesum"
        )
        self._seen: set[tuple[str, str]] = set()

    def record_sockets(self, sockets: Iterable[SocketStatus]) -> None:
        """Write down how many sockets there are and what waits for them; to be done every few seconds."""
        by_namespace: Tally[tuple[str, str]] = Tally()
        by_transport: Tally[str] = Tally()
        waiting = 0
        for socket in sockets:
            by_transport[socket.transport] += 1
            waiting += socket.waiting_bytes
            for namespace in socket.namespaces:
                by_namespace[namespace, socket.transport] += 1
        self._seen |= by_namespace.keys()
        for namespace, transport in self._seen:
            self._connected.labels(namespace, transport).set(by_namespace[namespace, transport])
        for transport in ("polling", "websocket"):
            self._connections.labels(transport).set(by_transport[transport])
        self._waiting.set(waiting)
