"""Metrics of the connections of an app process."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class ConnectionMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self.open = Gauge(
            "http_connections", "Open connections, WebSockets included", registry=registry, multiprocess_mode="livesum"
        )
        self.body_bytes = Gauge(
            "http_unfinished_body_bytes",
            "Bytes held for unfinished requests",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self.refused = Counter(
            "http_connections_refused", "Connections closed when they were accepted", ["reason"], registry=registry
        )
        self.cut = Counter(
            "http_connections_cut", "Connections closed for a limit of a request", ["reason"], registry=registry
        )
        self.malformed = Counter("http_malformed_requests", "Requests that are not valid HTTP", registry=registry)
