"""What the real-time engine tells Prometheus. Counted per event, never per receiver."""

from collections import Counter as Tally
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from realtime.socket import EngineSocket


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
        self._registry = registry

    def watch(self, sockets: "Callable[[], Iterable[EngineSocket]]") -> None:
        """Count sockets and waiting bytes whenever Prometheus asks."""
        self._registry.register(_SocketCollector(sockets))


class _SocketCollector(Collector):
    def __init__(self, sockets: "Callable[[], Iterable[EngineSocket]]") -> None:
        self._sockets = sockets

    def collect(self) -> Iterable[GaugeMetricFamily]:
        connected = GaugeMetricFamily(
            "realtime_connected_sockets", "Sockets in a namespace", labels=["namespace", "transport"]
        )
        transports = GaugeMetricFamily("realtime_connections", "Open Engine.IO connections", labels=["transport"])
        waiting = GaugeMetricFamily("realtime_queue_bytes", "Bytes that wait for slow clients")
        by_namespace: Tally[tuple[str, str]] = Tally()
        by_transport: Tally[str] = Tally()
        bytes_waiting = 0
        for socket in self._sockets():
            transport = "websocket" if socket.upgraded else "polling"
            by_transport[transport] += 1
            bytes_waiting += socket.waiting_bytes
            for namespace, member in socket.members.items():
                if member.admitted:
                    by_namespace[namespace, transport] += 1
        for (namespace, transport), count in by_namespace.items():
            connected.add_metric([namespace, transport], count)
        for transport in ("polling", "websocket"):
            transports.add_metric([transport], by_transport[transport])
        waiting.add_metric([], bytes_waiting)
        return [connected, transports, waiting]
