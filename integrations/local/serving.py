"""Starts stores and simulators, has the database prepared, then supervises the app processes."""

import argparse
import secrets
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

from integrations.local.arguments import ADMIN, DEMONSTRATION_VARIABLE
from integrations.local.launch import (
    logs_off_the_terminal,
    settings_of_app_processes,
    start_embedded_servers,
    start_simulators,
)
from integrations.local.metrics_directory import keep_metrics_directory
from integrations.local.ports import reserve_port
from integrations.local.processes.app_process import AppProcess
from integrations.local.processes.start_input import PREPARES_VARIABLE
from integrations.local.processes.supervisor import Supervisor
from integrations.local.terminal import DATABASE, DEMO, READY, STORES, StartReport, greet, warn
from integrations.logging import set_up_logging
from integrations.settings import load_settings
from integrations.settings.groups import revealed
from integrations.settings.rules import has_weak_admin_password


async def serve(
    supervisor: Supervisor, first: AppProcess, options: argparse.Namespace, metrics: Path | None, report: StartReport
) -> int:
    """`first`: the app process that prepares the database. Returns the exit code when the product has stopped."""
    settings, data = load_settings(), options.data_dir
    if has_weak_admin_password(settings):  # in production load_settings refuses it
        warn("ADMIN_PASSWORD 容易被猜到，只适合在本机试用", "ADMIN_PASSWORD is easy to guess: only for trials")
    settings = logs_off_the_terminal(settings, data)
    set_up_logging(settings.logs.level, settings.logs.dir)
    host = options.host or settings.http.host
    async with AsyncExitStack() as stack:
        port, holder = reserve_port(host, settings.http.port if options.port is None else options.port)
        stack.callback(holder.close)
        url = f"http://{host}:{port}"
        known = await start_embedded_servers(settings, data, stack)
        if metrics:
            keep_metrics_directory(metrics, data, stack)
        known = await start_simulators(known, data, port, stack)
        report.done(STORES)
        values = settings_of_app_processes(known, host, port, options.workers)
        if options.demo:  # the phones come from all over the country, as far as their headers go
            values[DEMONSTRATION_VARIABLE] = "1"
            values["TRUSTED_PROXIES"] = ",".join(filter(None, (known.http.trusted_proxies, "127.0.0.1/32")))
        password = revealed(known.accounts.admin_password) or secrets.token_urlsafe(12)
        if not await _prepared(first, values, password):
            return await first.wait()
        report.done(DATABASE)
        if options.demo:
            from integrations.local.demo.start import start_demo  # imports every area

            await start_demo(known, url, stack)
            report.done(DEMO)
        shown = password if first.created_first_account and not known.accounts.admin_password else None

        def say_ready() -> None:
            report.done(READY)
            greet(url, ADMIN, shown, known.logs.dir, data, several=metrics is not None and not known.http.worker_name)

        return await supervisor.run(values, say_ready)


async def _prepared(first: AppProcess, values: Mapping[str, str], password: str) -> bool:
    """Indexes, layout and the first account are there. False when the process has ended, and said why."""
    first.configure({**values, "ADMIN_PASSWORD": password, PREPARES_VARIABLE: "1"})
    return await first.wait_until_prepared()
