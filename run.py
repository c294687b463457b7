"""The command line and the composition root of an app process: `python run.py` starts everything.

The first process reads the configuration, brings the embedded servers along and supervises. It imports neither edges
nor areas, so that it starts at once. Its children, the app processes, serve: one or many, the same code, composed
below. This is the only file that knows all four top-level packages.
"""

import gc
import sys

from integrations.local.arguments import APP_PROCESS, DEMONSTRATION_VARIABLE
from integrations.local.command_line import exit_code_of, main

# Before the imports below, which take time and which only an app process needs.
if __name__ == "__main__":
    if sys.argv[1:] != [APP_PROCESS]:
        sys.exit(main(__file__))
    gc.set_threshold(100_000)  # until `tune_garbage_collector`: what is imported stays

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from domain.services import Services
from domain.shared.background import BackgroundJob, Continuous, JobRunner
from domain.shared.event_feed import EventFeed
from domain.shared.ip_addresses import parse_networks
from http_api.app import AppDependencies, build_app
from http_api.connections.limits import ConnectionLimits, connections_for
from http_api.connections.server import HttpServer
from http_api.core.authentication import RequestAuthenticator
from http_api.metrics_page import MetricsAccess
from http_api.operations import DRAIN, HealthCheck
from http_api.routes.interviews.guest_links import GuestLinks
from integrations.local.preparation import prepare_database
from integrations.local.processes.descriptors import raise_descriptor_limit
from integrations.local.processes.readiness import announce_prepared, announce_ready
from integrations.local.processes.signals import StopSignals
from integrations.local.processes.start_input import PREPARES_VARIABLE, receive_settings, told_to_serve
from integrations.logging import set_up_logging
from integrations.metrics import JobMetrics
from integrations.redis.presence import RedisPresenceStore
from integrations.redis.recovery import RedisRecoveryStore
from integrations.settings import HttpSettings, Settings, load_settings
from integrations.settings.groups import revealed
from integrations.wiring.area import background_of, projections_of
from integrations.wiring.areas import Areas, wire_areas
from integrations.wiring.infrastructure import Infrastructure, open_infrastructure
from realtime.asyncapi import asyncapi_document
from realtime.edge import Options, Ports, RealtimeEdge
from realtime.engineio.event_loop import new_event_loop, tune_garbage_collector
from realtime.engineio.limits import Limits
from realtime.namespaces.registry import namespace_factories

DRAIN_SECONDS = 3.0
"""To send connected clients to other processes."""
ANSWER_SECONDS = 1.5
"""After that, to finish requests."""
RELAY_SECONDS = 1.0
"""After that, to relay saved events. Events that a store does not take in time stay in their documents."""
log = logging.getLogger("business.launch")
LOOPBACK = parse_networks("127.0.0.0/8, ::1")


@dataclass(frozen=True)
class AppProcess:
    """Everything of one app process, joined and not started."""

    base: Infrastructure
    areas: Areas
    app: web.Application
    edge: RealtimeEdge | None
    feed: EventFeed
    jobs: JobRunner

    @property
    def services(self) -> Services:
        return self.areas.services

    async def drain(self) -> None:
        """Send connected clients to other processes. The jobs still run."""
        if self.edge is not None:
            await self.edge.drain(DRAIN_SECONDS)
        await self.areas.drain()


def compose(
    base: Infrastructure, areas: Areas, settings: Settings, *, several: bool = False, realtime: bool = True
) -> AppProcess:
    """`several`: other app processes of this machine share the port. Without `realtime` only REST is served."""
    edge = realtime_edge(base, areas.services, settings.http, several=several) if realtime else None
    app = http_app(base, areas.services, settings, several=several)
    consumers = list(projections_of(areas.all))
    jobs = list(background_of(base, areas.all))
    if edge is not None:
        edge.attach(app)
        consumers.append(edge.hub)  # behind the projections: what a push shows, a list shows, too
        jobs += edge.background
    feed = EventFeed(base.bus, consumers)
    jobs.append(BackgroundJob("event-feed", Continuous(), feed.run))
    runner = JobRunner(jobs, base.lease, base.clock, JobMetrics(base.registry))
    return AppProcess(base, areas, app, edge, feed, runner)


async def work(settings: Settings) -> int:
    set_up_logging(settings.logs.level, settings.logs.dir, os.environ.get("WORKER_INDEX", ""))
    limits = connection_limits(settings, raise_descriptor_limit())
    several = int(os.environ.get("WORKERS", "1")) > 1
    async with open_infrastructure(settings) as base:
        areas = wire_areas(base, settings)
        process = compose(base, areas, settings, several=several)
        if PREPARES_VARIABLE in os.environ:
            announce_prepared(created=await prepare_database(areas, settings.accounts))
        if not await told_to_serve():
            return 0
        with StopSignals() as signals:
            async with serving(process, settings.http, limits, several=several) as jobs:
                started = asyncio.ensure_future(process.feed.until_started())
                stopped = asyncio.ensure_future(signals.wait())
                await asyncio.wait((started, stopped, jobs), return_when=asyncio.FIRST_COMPLETED)
                if started.done():
                    tune_garbage_collector()
                    announce_ready()
                    await asyncio.wait((stopped, jobs), return_when=asyncio.FIRST_COMPLETED)
                started.cancel()
                if stopped.done():
                    return 0
                # A process that answers but hears nothing any more is worse than none: the supervisor starts another.
                log.critical("worker.background_ended", exc_info=jobs.exception())
    return 1


@asynccontextmanager
async def serving(
    process: AppProcess, settings: HttpSettings, limits: ConnectionLimits, *, several: bool = False
) -> "AsyncIterator[asyncio.Future[None]]":
    """Jobs run and the port is open; drained on the way out. Gives the future of the jobs, which never end by
    themselves unless something is broken."""
    jobs = asyncio.ensure_future(process.jobs.run())
    server = await listen(process, settings, limits)
    try:
        yield jobs
    finally:
        process.app[DRAIN].draining = True
        if several and not settings.worker_name:
            server.stop_accepting()  # the kernel sends newcomers to the others of this port, which take them
        await process.drain()
        await server.close()
        await process.base.outbox.drained(RELAY_SECONDS)
        jobs.cancel()
        await asyncio.wait([jobs], timeout=RELAY_SECONDS)
        await process.areas.close()


async def listen(process: AppProcess, settings: HttpSettings, limits: ConnectionLimits) -> HttpServer:
    """Raises OSError if the address is taken."""
    server = HttpServer(process.app, limits, process.base.registry, ANSWER_SECONDS)
    await server.start(settings.host, settings.port)
    return server


def connection_limits(settings: Settings, descriptors: int) -> ConnectionLimits:
    """`descriptors`: how many files and connections this process may open."""
    limits = ConnectionLimits(
        in_all=connections_for(descriptors),
        per_address=settings.http.connections_per_address,
        unlimited_networks=settings.http.proxies + (() if settings.is_production else LOOPBACK),
    )
    log.info(
        "connections.limits",
        extra={"descriptors": descriptors, "connections": limits.in_all, "perAddress": limits.per_address},
    )
    return limits


def http_app(base: Infrastructure, services: Services, settings: Settings, *, several: bool) -> web.Application:
    authenticator = RequestAuthenticator(
        tokens=base.tokens,
        staff=services.staff.access,
        users=services.users.sessions,
        limiter=base.limiter,
        clock=base.clock,
        trusted_proxies=settings.http.proxies,
        machine_secret=revealed(settings.http.service_secret),
        rate_factor=settings.http.rate_limit_factor,
        secure_cookies=settings.is_production,
    )
    dependencies = AppDependencies(
        checks=[HealthCheck("mongodb", base.checks.mongodb), HealthCheck("redis", base.checks.redis)],
        registry=base.registry,
        guest_links=GuestLinks(settings.public_url, settings.interviews.guest_url, settings.interviews.guest_page),
        allowed_origins=settings.http.origins,
        slow_seconds=settings.http.slow_request_ms / 1000,
        multiprocess_metrics=several,
        metrics_access=MetricsAccess(
            revealed(settings.http.metrics_token),
            local_only=settings.is_production,
            trusted_networks=settings.http.proxies,
        ),
        hsts=settings.is_production,
        asyncapi=asyncapi_document,
        demonstration=DEMONSTRATION_VARIABLE in os.environ,
        storage_origin=settings.cos.address if settings.cos.is_configured else "",
    )
    return build_app(services, authenticator, dependencies)


def realtime_edge(
    base: Infrastructure, services: Services, settings: HttpSettings, *, several: bool = False
) -> RealtimeEdge:
    ports = Ports(
        stream=base.bus,
        publisher=base.bus,
        tokens=base.tokens,
        authorities=services.staff.access,
        records=RedisRecoveryStore(base.redis),
        presence=RedisPresenceStore(base.redis),
        clock=base.clock,
        ids=base.ids,
    )
    behind_proxy = bool(settings.worker_name)
    options = Options(
        process_id=base.process_id,
        sid_prefix=settings.worker_name,
        limits=Limits().with_rates_scaled(settings.rate_limit_factor),
        allowed_origins=settings.origins or None,
        trusted_proxies=settings.proxies,
        # Without a proxy that knows which process made a session, a long-polling client would meet the wrong one.
        transports=("websocket",) if several and not behind_proxy else ("polling", "websocket"),
        access_refused=partial(services.audit.refusals.refused, "socket"),
        online_changed=services.statistics.publisher.changed,
    )
    return RealtimeEdge(ports, options, base.registry, namespace_factories(services))


def run_app_process() -> int:
    receive_settings()
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return exit_code_of(lambda: runner.run(work(load_settings())))


if __name__ == "__main__":
    sys.exit(run_app_process())
