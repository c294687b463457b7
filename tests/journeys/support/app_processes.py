"""The processes of a running product, by its process table, its log and its list of connections."""

import json
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from tests.journeys.support.people import Dashboard, dashboard
from tests.journeys.support.running import Product
from tests.waiting import eventually


def child_process_ids(product: Product, pattern: str = "") -> list[int]:
    """Process ids of the direct children of run.py whose command line contains `pattern`."""
    return sorted(pid for pid, parent, line in process_table() if parent == product.process.pid and pattern in line)


def process_table() -> Iterator[tuple[int, int, str]]:
    """Process id, parent's process id and command line of every process of this machine, without zombies."""
    for directory in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError):
            state, parent = (directory / "stat").read_text().rpartition(")")[2].split()[:2]
            line = (directory / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if state != "Z":
                yield int(directory.name), int(parent), line


def app_process_ids(product: Product) -> list[int]:
    return child_process_ids(product, "run.py worker")


async def kill_app_process(product: Product, pid: int) -> None:
    """Kill one app process and wait until its replacement is ready."""
    ready = product.printed.count("is ready (pid")
    os.kill(pid, signal.SIGKILL)
    await eventually(lambda: product.printed.count("is ready (pid") > ready, 30)


def running_of(pids: Sequence[int]) -> list[int]:
    """Those of `pids` that still run. Zombies do not count."""
    return sorted(set(pids) & {pid for pid, _, _ in process_table()})


def processes_that_served(product: Product, route: str) -> set[str]:
    """Numbers of the app processes that answered requests to `route`, by the access log."""
    lines = [json.loads(line) for line in product.printed.splitlines() if line.startswith('{"')]
    return {line["worker"] for line in lines if line.get("stream") == "access" and line.get("route") == route}


async def one_dashboard_per_process(url: str, token: str, dashboards: Sequence[Dashboard]) -> dict[str, Dashboard]:
    """One of the dashboards for each app process that serves any, by the number of the process."""
    processes: dict[str, str] = {}

    async def all_are_listed() -> bool:  # a connection is listed soon after it is opened
        async with dashboard(url, token, "websocket", namespaces=("/connections",)) as observer:
            processes.update({each["userAgent"]: each["worker"] for each in await observer.listed_connections()})
        return all(each.name in processes for each in dashboards)

    await eventually(all_are_listed, 10)
    return {processes[each.name].partition("-")[0]: each for each in dashboards}
