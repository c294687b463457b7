"""The command line and the composition root: `python run.py` starts everything.

The first process reads the configuration, brings the embedded servers along, prepares the database and supervises. Its
children, the app processes, serve: one or many, the same code. This is the only file that knows
all four top-level packages.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from domain.services import Services
from domain.shared.background import BackgroundJob, Continuous, JobRunner
from domain.shared.errors import DomainError
from domain.shared.event_feed import EventFeed
from domain.shared.ip_addresses import parse_networks
from http_api.app import AppDependencies, build_app
from http_api.connections.limits import ConnectionLimits, connections_for
from http_api.connections.server import HttpServer
from http_api.core.authentication import RequestAuthenticator
from http_api.metrics_page import MetricsAccess
from http_api.operations import DRAIN, HealthCheck
from http_api.routes.interviews.guest_links import GuestLinks
from integrations.local import arguments
from integrations.local.commands import check_config, create_admin, greet, rebuild_statistics, with_servers
from integrations.local.demo.start import start_demo
from integrations.local.embedded.errors import EmbeddedServerFailed
from integrations.local.launch import (
    ADMIN,
    log,
    logs_off_the_terminal,
    prepare_database,
    process_environment,
    remove_metrics_directory,
    reserve_port,
    start_embedded_servers,
    start_simulators,
)
from integrations.local.processes.descriptors import raise_descriptor_limit
from integrations.local.processes.readiness import announce_ready
from integrations.local.processes.signals import StopSignals
from integrations.local.processes.supervisor import EX_CONFIG, Supervisor
from integrations.logging import set_up_logging
from integrations.metrics import JobMetrics
from integrations.redis.presence import RedisPresenceStore
from integrations.redis.recovery import RedisRecoveryStore
from integrations.settings import HttpSettings, Settings, SettingsRefused, load_settings
from integrations.settings.groups import revealed
from integrations.wiring.area import background_of, projections_of
from integrations.wiring.areas import Areas, wire_areas
from integrations.wiring.infrastructure import Infrastructure, open_infrastructure
from realtime.asyncapi import asyncapi_document
from realtime.edge import Options, Ports, RealtimeEdge
from realtime.engineio.event_loop import new_event_loop, tune_garbage_collector
from realtime.engineio.limits import Limits
from realtime.namespaces.registry import namespace_factories

PROGRAM = str(Path(__file__).resolve())
DATA_DIR_HELP = "内置服务的数据目录，默认 ./data · data of the embedded servers"
DRAIN_SECONDS = 3.0
"""To send connected clients to other processes."""
ANSWER_SECONDS = 1.5
"""After that, to finish requests."""
RELAY_SECONDS = 1.0
"""After that, to relay saved events. Events that a store does not take in time stay in their documents."""
LOOPBACK = parse_networks("127.0.0.0/8, ::1")


def main(typed: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(typed)
    try:
        settings = load_settings()
        match options.command:
            case "check-config":
                return check_config(settings)
            case "worker":
                return _run(work(settings))
            case "create-admin":
                return _run(with_servers(settings, options, lambda known: create_admin(known, options)))
            case "rebuild-statistics":
                return _run(with_servers(settings, options, rebuild_statistics))
            case _:
                return _run(serve(settings, options))
    except SettingsRefused as refused:
        print("配置有误，无法启动 · The configuration is refused:", *refused.problems, sep="\n  - ", file=sys.stderr)
        return EX_CONFIG
    except EmbeddedServerFailed as failed:
        print(failed, file=sys.stderr)
        return EX_CONFIG
    except DomainError as error:
        print(f"{error.shown_text.zh} · {error.shown_text.en} [{error.code}]", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _run(coroutine: Coroutine[Any, Any, int]) -> int:
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(coroutine)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description="家政公司实时后台：不带参数即启动全部服务。 "
        "Real-time back end; without arguments it starts everything.",
        epilog="其余配置见环境变量与 .env.<APP_ENV>（run.py check-config 列出全部）。 "
        "All other settings come from the environment and .env.<APP_ENV>; `check-config` lists them.",
    )
    parser.add_argument("--host", help="监听地址，默认 127.0.0.1 · address to listen on")
    parser.add_argument("--port", type=arguments.port, help="监听端口，默认 8000 · port to listen on")
    parser.add_argument("--workers", type=arguments.workers, default=1, help="工作进程数，默认 1 · worker processes")
    parser.add_argument(
        "--demo", action="store_true", help="填充演示数据，模拟登录与签约 · demo data, simulated log-ins and signing"
    )
    parser.add_argument(
        "--data-dir",
        type=Path,
        default=Path("data"),
        help=DATA_DIR_HELP,
    )
    _add_commands(parser)
    return parser


def _add_commands(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="command", metavar="命令 command")
    admin = _with_data(
        commands, "create-admin", "创建管理员或重设其密码", "create an administrator or reset a password"
    )
    admin.add_argument(
        "--username",
        type=arguments.username,
        default=ADMIN,
        help=f"登录用的账号，默认 {ADMIN} · the name to log in with",
    )
    admin.add_argument(
        "--name", type=arguments.name, default="管理员", help="显示的姓名，默认 管理员 · the name that others see"
    )
    admin.add_argument(
        "--reset", action="store_true", help="重设已有账号的密码 · reset the password of an existing account"
    )
    commands.add_parser("check-config", help="检查配置并列出全部变量 · check the configuration, list all variables")
    _with_data(commands, "rebuild-statistics", "由用户与登录日志重算统计", "recompute the statistics from the records")
    commands.add_parser("worker", help="（内部）一个工作进程 · (internal) one worker process")


def _with_data(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, zh: str, en: str
) -> argparse.ArgumentParser:
    """A command that opens the stores."""
    command = commands.add_parser(
        name,
        help=f"{zh} · {en}",
        description=f"{zh}；使用内置服务时请先停止 run.py。 "
        f"{en.capitalize()}; with the embedded servers stop run.py first.",
    )
    # Its default is the one before the command, which would otherwise be overwritten.
    command.add_argument("--data-dir", type=Path, default=argparse.SUPPRESS, help=DATA_DIR_HELP)
    return command


# --- the first process


async def serve(settings: Settings, options: argparse.Namespace) -> int:
    settings = logs_off_the_terminal(settings, options.data_dir)
    set_up_logging(settings.logs.level, settings.logs.dir)
    raise_descriptor_limit()  # its children inherit it, the embedded servers among them
    host = options.host or settings.http.host
    async with AsyncExitStack() as stack:
        port, holder = reserve_port(host, settings.http.port if options.port is None else options.port)
        stack.callback(holder.close)
        known = await start_embedded_servers(settings, options.data_dir, stack)
        known = await start_simulators(known, options.data_dir, port, stack)
        environment = process_environment(known, options.data_dir, host, port, options.workers)
        stack.callback(remove_metrics_directory, options.data_dir)
        url = f"http://{host}:{port}"
        password = await prepare_database(known)
        if options.demo:  # the phones come from all over the country, as far as their headers go
            environment["TRUSTED_PROXIES"] = ",".join(filter(None, (known.http.trusted_proxies, "127.0.0.1/32")))
            await start_demo(known, url, stack)
        greet(url, password, known.logs.dir, several=options.workers > 1 and not known.http.worker_name)
        command = [sys.executable, PROGRAM, "worker"]
        return await Supervisor(lambda _: command, options.workers, log, environment=environment).run()


# --- an app process


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
    with StopSignals() as signals:
        async with open_infrastructure(settings) as base:
            process = compose(base, wire_areas(base, settings), settings, several=several)
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
        asyncapi=asyncapi_document(),
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
        online_changed=services.statistics.publisher.changed,
    )
    return RealtimeEdge(ports, options, base.registry, namespace_factories(services))


if __name__ == "__main__":
    sys.exit(main())
