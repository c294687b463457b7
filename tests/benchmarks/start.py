"""The time from the start command until the product is ready.

`python -m tests.benchmarks.start [--times 5]`: the first start on an empty directory (which also creates indexes, keys
and the administrator), and the next one on the same data. Baseline of the same run: the two embedded servers alone.
Bar: 5 seconds for the first start (median).
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.journeys.support.running import running
from tests.servers import MongoServer, RedisServer

BAR_SECONDS = 3.5


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


def product(folder: Path) -> float:
    started = time.perf_counter()
    with running(data=folder):
        return time.perf_counter() - started


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    times: dict[str, list[float]] = {"servers alone": [], "first start": [], "next start": []}
    for _ in range(parser.parse_args().times):
        with tempfile.TemporaryDirectory(prefix="start-", ignore_cleanup_errors=True) as folder:
            times["servers alone"].append(servers_alone())
            times["first start"].append(product(Path(folder)))
            times["next start"].append(product(Path(folder)))
    baseline = statistics.median(times["servers alone"])
    for name, measured in times.items():
        median = statistics.median(measured)
        print(f"{name:14} {median:5.2f} s (slowest {max(measured):.2f})   ratio {median / baseline:.1f}")
    first = statistics.median(times["first start"])
    print(f"first start: {first:.2f} s, at most {BAR_SECONDS}: {'ok' if first <= BAR_SECONDS else 'TOO SLOW'}")
    return 0 if first <= BAR_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
