"""What a connection costs while it idles, and what it costs to lose ten thousand at once.

    python -m tests.benchmarks.connections --idle 5000 --drop 10000

Every client offers deflate and is admitted to a namespace and a room.
"""

import argparse
import resource
import sys
import time

from tests.benchmarks.fanout import Server, python_server
from tests.benchmarks.fanout_load import Load

MEMORY_BAR_KB = 20.0
CPU_BAR_SECONDS = 2.0
STALL_BAR_SECONDS = 0.05


def idle_kilobytes(server: Server, count: int) -> float:
    warm = Load(server.port, offer_deflate=True)
    warm.connect(200)  # what is allocated once is not a connection's
    before = server.ask("rss")
    load = Load(server.port, offer_deflate=True)
    load.connect(count)
    time.sleep(1)
    used = server.ask("rss") - before
    load.close()
    warm.close()
    return used / count


def drop(server: Server, count: int) -> tuple[float, float]:
    """CPU seconds and longest stall while the server cleans up after `count` clients that went at once."""
    load = Load(server.port, offer_deflate=True)
    load.connect(count)
    time.sleep(1)
    server.ask("stall")
    before = server.ask("cpu")
    load.close()
    previous = before
    while True:
        time.sleep(0.5)
        now = server.ask("cpu")
        if now - previous < 0.02:
            return now - before, server.ask("stall")
        previous = now


def allow_files(count: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard < count + 100:
        sys.exit(f"needs {count + 100} open files, the limit is {hard}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--idle", type=int, default=5000)
    parser.add_argument("--drop", type=int, default=10_000)
    options = parser.parse_args()
    allow_files(max(options.idle + 200, options.drop))
    missed = False
    for name in ("stock", "ours"):
        server = python_server(name)
        try:
            kilobytes = idle_kilobytes(server, options.idle)
        finally:
            server.stop()
        print(f"{name}: {kilobytes:.1f} KB an idle connection ({options.idle} connections)", flush=True)
    missed |= kilobytes > MEMORY_BAR_KB
    server = python_server("ours")
    try:
        seconds, stall = drop(server, options.drop)
    finally:
        server.stop()
    print(f"ours: {options.drop} clients gone: {seconds:.2f} s CPU, longest stall {stall * 1000:.0f} ms", flush=True)
    missed |= seconds > CPU_BAR_SECONDS or stall > STALL_BAR_SECONDS
    print("a bar was MISSED" if missed else "bars met: 20 KB, 2 s, 50 ms")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
