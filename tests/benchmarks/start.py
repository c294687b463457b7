"""The time from the start command until the product is ready.

`python -m tests.benchmarks.start [--times 5]`: the first start on an empty directory (which also creates indexes, keys
and the administrator), and the next one on the same data. Baseline of the same run: the two embedded servers alone.
Bars (median, two quiet cores): 3.5 and 2 seconds. Each time the code is a fresh copy, so that the first start compiles
it, as after an installation (pip has compiled the libraries), and the next one does not.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.journeys.support.running import ROOT, running
from tests.servers import MongoServer, RedisServer

CODE = ("domain", "http_api", "integrations", "realtime")
BARS = {"first start": 3.5, "next start": 2.0}


def seconds(start: Callable[[], None]) -> float:
    started = time.perf_counter()
    start()
    return time.perf_counter() - started


def servers_alone() -> float:
    mongo, redis = MongoServer(), RedisServer()
    try:
        return seconds(mongo.start) + seconds(redis.start)
    finally:
        redis.dispose()
        mongo.dispose()


def copy_of_code(folder: Path) -> None:
    for name in CODE:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    shutil.copy(ROOT / "run.py", folder)


def product(folder: Path) -> float:
    started = time.perf_counter()
    with running(data=folder, root=folder, environment={"PYTHONDONTWRITEBYTECODE": ""}):
        return time.perf_counter() - started


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    times: dict[str, list[float]] = {"servers alone": [], "first start": [], "next start": []}
    for _ in range(parser.parse_args().times):
        with tempfile.TemporaryDirectory(prefix="start-", ignore_cleanup_errors=True) as folder:
            copy_of_code(Path(folder))
            times["servers alone"].append(servers_alone())
            times["first start"].append(product(Path(folder)))
            times["next start"].append(product(Path(folder)))
    baseline = statistics.median(times["servers alone"])
    for name, measured in times.items():
        median = statistics.median(measured)
        print(f"{name:14} {median:5.2f} s (slowest {max(measured):.2f})   ratio {median / baseline:.1f}")
    slow = [name for name, bar in BARS.items() if statistics.median(times[name]) > bar]
    print(f"too slow: {', '.join(slow)}" if slow else "ok", f"(at most {BARS})")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
