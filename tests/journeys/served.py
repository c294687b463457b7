"""Which process of a product did what, as its log, its process table and its list of connections say."""

import json
import subprocess
from collections.abc import Sequence

from tests.journeys.people import Dashboard, dashboard
from tests.journeys.running import Product
from tests.waiting import eventually


def children(product: Product, pattern: str = "") -> list[int]:
    command = ["pgrep", "-P", str(product.process.pid), *(["-f", pattern] if pattern else [])]
    return [int(pid) for pid in subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()]


def alive(pids: Sequence[int]) -> list[int]:
    """Those that still run; who ended and waits to be noticed does not."""
    listed = subprocess.run(
        ["ps", "-o", "pid=,stat=", "-p", ",".join(map(str, pids))], capture_output=True, text=True, check=False
    ).stdout
    rows = [line.split() for line in listed.splitlines()]
    return [int(pid) for pid, state in rows if not state.startswith("Z")]


def served_by(product: Product, path: str) -> set[str]:
    """The workers that answered there."""
    lines = [json.loads(line) for line in product.printed.splitlines() if line.startswith('{"')]
    return {line["worker"] for line in lines if line.get("stream") == "access" and line.get("path") == path}


async def workers_of(url: str, token: str, watching: Sequence[Dashboard]) -> dict[str, Dashboard]:
    """One of the dashboards for each worker that has any. Whoever is connected is listed soon after."""
    found: dict[str, str] = {}

    async def all_are_listed() -> bool:
        async with dashboard(url, token, "websocket", namespaces=("/connections",)) as observer:
            found.update({each["userAgent"]: each["worker"] for each in await observer.listed_connections()})
        return all(each.name in found for each in watching)

    await eventually(all_are_listed, 10)
    return {found[each.name].partition("-")[0]: each for each in watching}
