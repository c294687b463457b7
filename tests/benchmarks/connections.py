"""Memory of an idle connection, and CPU and stall when ten thousand clients disconnect at once.

    python -m tests.benchmarks.connections --idle 5000 --drop 10000

Every client offers deflate and is admitted to a namespace and a room. `ours` is the engine alone, `stock` the library;
`whole_process` does all that an app process does for a connection: recovery records and presence with its events.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from tests.benchmarks.fanout import Server, python_server
from tests.benchmarks.fanout_load import Load
from tests.realtime.realtime_process import token

MEMORY_BAR_KB = 20.0
CPU_BAR_SECONDS = 2.0
STALL_BAR_SECONDS = 0.05
NAMES = ("stock", "ours", "whole_process")


def load_for(name: str, server: Server, first: int = 0) -> Load:
    if name != "whole_process":
        return Load(server.port, offer_deflate=True)
    return Load(server.port, offer_deflate=True, hello=partial(_as_staff, first))


def _as_staff(first: int, number: int) -> str:
    return "40/users," + json.dumps({"token": token(f"staff{first + number}")})


def idle_kilobytes(name: str, server: Server, count: int) -> float:
    warm = load_for(name, server)
    warm.connect(200)  # so that one-time allocations are not counted
    before = server.ask("rss")
    load = load_for(name, server, first=200)
    load.connect(count)
    time.sleep(1)
    used = server.ask("rss") - before
    load.close()
    warm.close()
    return used / count


def drop(name: str, server: Server, count: int) -> tuple[float, float]:
    """CPU seconds and longest stall of the loop while the server cleans up after `count` disconnects at once."""
    load = load_for(name, server)
    load.connect(count)
    time.sleep(2)
    server.ask("stall")
    before = server.ask("cpu")
    load.close()
    previous = before
    while True:
        time.sleep(0.5)
        now = server.ask("cpu")
        if server.ask("connected") == 0 and now - previous < 0.02:
            return now - before, server.ask("stall")
        previous = now


def allow_files(count: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard < count + 100:
        sys.exit(f"needs {count + 100} open files, the limit is {hard}")


@contextmanager
def started(name: str) -> Iterator[Server]:
    server = python_server(name)
    try:
        yield server
    finally:
        server.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--idle", type=int, default=5000)
    parser.add_argument("--drop", type=int, default=10_000)
    options = parser.parse_args()
    allow_files(max(options.idle + 200, options.drop))
    missed = False
    baseline = 0.0
    for name in NAMES:
        with started(name) as server:
            kilobytes = idle_kilobytes(name, server, options.idle)
        baseline = baseline or kilobytes
        print(f"{name}: {kilobytes:.1f} KB an idle connection ({options.idle}); {kilobytes / baseline:.2f} of stock")
        missed |= name != "stock" and kilobytes > MEMORY_BAR_KB
    stock_seconds = stock_stall = 0.0
    for name in NAMES:
        with started(name) as server:
            seconds, stall = drop(name, server, options.drop)
        stock_seconds, stock_stall = stock_seconds or seconds, stock_stall or stall
        print(
            f"{name}: {options.drop} clients closed: {seconds:.2f} s CPU ({seconds / stock_seconds:.2f} of stock), "
            f"longest stall {stall * 1000:.0f} ms ({stall / stock_stall:.3f} of stock)",
            flush=True,
        )
        missed |= name != "stock" and (seconds > CPU_BAR_SECONDS or stall > STALL_BAR_SECONDS)
    print("a bar was MISSED" if missed else "bars met: 20 KB, 2 s, 50 ms")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
