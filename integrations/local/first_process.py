"""The first process: starts the app processes, which import their code while it does the same, then serves."""

import argparse
import asyncio
import logging
import sys
from contextlib import AsyncExitStack

from integrations.local.arguments import APP_PROCESS
from integrations.local.metrics_directory import new_metrics_directory
from integrations.local.processes.descriptors import raise_descriptor_limit
from integrations.local.processes.supervisor import Supervisor
from integrations.local.terminal import StartReport

log = logging.getLogger("business.launch")


def run_first_process(program: str, options: argparse.Namespace, report: StartReport) -> int:
    return asyncio.run(_run(program, options, report))


async def _run(program: str, options: argparse.Namespace, report: StartReport) -> int:
    raise_descriptor_limit()  # its children inherit it, the embedded servers among them
    async with AsyncExitStack() as stack:
        metrics = new_metrics_directory(stack) if options.workers > 1 else None
        environment = {"PROMETHEUS_MULTIPROC_DIR": str(metrics)} if metrics else {}
        command = [sys.executable, program, APP_PROCESS]
        supervisor = Supervisor(lambda _: command, options.workers, log, environment=environment)
        stack.push_async_callback(supervisor.discard)
        first = (await supervisor.start_ahead())[0]

        from integrations.local.serving import serve  # takes time, so the app processes have been started before

        return await serve(supervisor, first, options, metrics, report)
