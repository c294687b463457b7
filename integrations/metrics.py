"""Prometheus metrics of connection pools, log-in attempts, background jobs and disks."""

from collections.abc import Callable
from functools import cache
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from pymongo import monitoring
from redis.asyncio import BlockingConnectionPool

from domain.audit.refusals import Way
from domain.monitoring.model import Disk
from domain.shared.background import JobResult

MAX_OUTCOMES: Final = 100
"""Of one provider: its codes are the values of a label, and each is kept for the life of the process."""


class RefusalMetrics:
    """Counts accesses of staff that were refused; by person they are in the store."""

    def __init__(self, registry: CollectorRegistry) -> None:
        counter = Counter("access_refusals", "Refused accesses of staff", ["way"], registry=registry)
        self._by_way = cache(counter.labels)

    def refused(self, way: Way) -> None:
        self._by_way(way).inc()


class MongoPoolGauge(monitoring.ConnectionPoolListener):
    """Connections of this process to MongoDB, counted from events of the driver."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._open = Gauge(
            "mongodb_pool_connections", "Open connections to MongoDB", registry=registry, multiprocess_mode="livesum"
        )
        self._used = Gauge(
            "mongodb_pool_in_use",
            "Connections to MongoDB in use",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._refused = Counter(
            "mongodb_pool_refusals", "Commands that timed out waiting for a connection", registry=registry
        )

    def connection_created(self, event: monitoring.ConnectionCreatedEvent) -> None:
        self._open.inc()

    def connection_closed(self, event: monitoring.ConnectionClosedEvent) -> None:
        self._open.dec()

    def connection_checked_out(self, event: monitoring.ConnectionCheckedOutEvent) -> None:
        self._used.inc()

    def connection_checked_in(self, event: monitoring.ConnectionCheckedInEvent) -> None:
        self._used.dec()

    def connection_check_out_failed(self, event: monitoring.ConnectionCheckOutFailedEvent) -> None:
        self._refused.inc()

    def connection_check_out_started(self, event: monitoring.ConnectionCheckOutStartedEvent) -> None:
        pass

    def connection_ready(self, event: monitoring.ConnectionReadyEvent) -> None:
        pass

    def pool_created(self, event: monitoring.PoolCreatedEvent) -> None:
        pass

    def pool_ready(self, event: monitoring.PoolReadyEvent) -> None:
        pass

    def pool_cleared(self, event: monitoring.PoolClearedEvent) -> None:
        pass

    def pool_closed(self, event: monitoring.PoolClosedEvent) -> None:
        pass


def observe_redis_pool(pool: BlockingConnectionPool, registry: CollectorRegistry) -> None:
    """Read at scrape time; with several app processes the value is that of the scraped process."""
    used = Gauge("redis_pool_in_use", "Connections to Redis in use", registry=registry)
    used.set_function(lambda: len(pool._in_use_connections))


class LoginAttemptCounter:
    """Log-in attempts by method, result and error code."""

    def __init__(self, registry: CollectorRegistry) -> None:
        counter = Counter("login_attempts", "Log-in attempts", ["method", "result", "reason"], registry=registry)
        self._counter_of = cache(counter.labels)  # looking labels up costs more than counting

    def __call__(self, method: str, result: str, reason: str) -> None:
        self._counter_of(method, result, reason).inc()


def limiter_fallbacks(registry: CollectorRegistry) -> Callable[[], None]:
    counter = Counter(
        "rate_limit_fallbacks", "Rate limits decided by this process alone, without Redis", registry=registry
    )
    return counter.inc


def provider_calls(registry: CollectorRegistry) -> Callable[[str], Callable[[str, str, float], None]]:
    """For a provider's name, the observer of its calls: operation, outcome, seconds."""
    seconds = Histogram(
        "provider_call_seconds",
        "Calls to providers by outcome (0: accepted; else the provider's error code)",
        ["provider", "operation", "outcome"],
        registry=registry,
    )

    def observer_of(provider: str) -> Callable[[str, str, float], None]:
        outcomes: set[str] = set()

        def observe(operation: str, outcome: str, took: float) -> None:
            if outcome not in outcomes and len(outcomes) >= MAX_OUTCOMES:
                outcome = "other"
            outcomes.add(outcome)
            seconds.labels(provider, operation, outcome).observe(took)

        return observe

    return observer_of


class JobMetrics:
    """Rounds of background jobs, by job and outcome."""

    def __init__(self, registry: CollectorRegistry) -> None:
        rounds = Counter("job_rounds", "Rounds of background jobs", ["job", "outcome"], registry=registry)
        seconds = Histogram(
            "job_seconds",
            "Time of one round of a background job",
            ["job"],
            buckets=(0.001, 0.01, 0.1, 1, 10, 60),
            registry=registry,
        )
        self._rounds_of, self._seconds_of = cache(rounds.labels), cache(seconds.labels)

    def finished(self, job: str, result: JobResult) -> None:
        self._rounds_of(job, result.outcome).inc()
        if result.outcome != "not_leased":
            self._seconds_of(job).observe(result.seconds)


class DiskMetrics:
    """Space of the disks of this machine, and warnings about it."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._free = Gauge(
            "disk_free_bytes",
            "Free space of the disk of the embedded servers (data) and of the log files (logs)",
            ["volume"],
            registry=registry,
            multiprocess_mode="livemin",
        )
        self._total = Gauge(
            "disk_total_bytes", "Size of that disk", ["volume"], registry=registry, multiprocess_mode="livemin"
        )
        self._warnings = Counter(
            "disk_warnings", "How often a disk became low or full", ["volume", "level"], registry=registry
        )

    def measured(self, disk: Disk) -> None:
        self._free.labels(disk.volume).set(disk.free_bytes)
        self._total.labels(disk.volume).set(disk.total_bytes)

    def warned(self, disk: Disk) -> None:
        self._warnings.labels(disk.volume, disk.level.value).inc()
