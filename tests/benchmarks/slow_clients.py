"""Clients that answer pings but never read: their cost for the server and for the healthy clients beside them.

    python -m tests.benchmarks.slow_clients --stalled 100 --seconds 60

The server sends a hundred events of 20 KB a second: first must-arrive events (stalled clients are closed and reconnect
every second), then latest-only events (stalled clients stay until their ping times out). The server's resident memory
and the p99 of the healthy clients are compared with the same load without stalled clients. Bars: 256 KB for each
stalled client, 1.3 times the p99.
"""

import argparse
import re
import select
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.benchmarks.connections import started
from tests.benchmarks.fanout import Server
from tests.benchmarks.fanout_load import BadAnswer, Load, masked_text

MEMORY_BAR_KB = 256.0
P99_BAR = 1.3
PER_SECOND = 100
HEALTHY = 20
_SENT_AT = re.compile(rb'"at":([0-9.]+),')


@dataclass
class Healthy:
    """Reads at once and records the age of each event."""

    load: Load
    ages: list[float] = field(default_factory=list)

    def read(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            for key, _ in self.load.selector.select(left):
                assert isinstance(key.fileobj, socket.socket)
                data = key.fileobj.recv(1 << 20)
                now = time.monotonic()
                self.ages += [now - float(at) for at in _SENT_AT.findall(data)]
                if data.endswith(b"\x81\x012"):
                    key.fileobj.sendall(masked_text("3"))

    @property
    def p99(self) -> float:
        return sorted(self.ages)[int(len(self.ages) * 0.99)]


def run_stalled(port: int, count: int) -> None:
    """Send pongs, never read, and reconnect when closed; until stdin ends."""
    stalled: list[socket.socket] = []
    while not select.select([sys.stdin], [], [], 1.0)[0]:
        staying = []
        for each in stalled:
            try:
                each.sendall(masked_text("3"))
            except OSError:
                each.close()
            else:
                staying.append(each)
        stalled = staying
        with suppress(OSError, BadAnswer):  # too many connects from one address
            load = Load(port)
            try:
                load.connect(count - len(stalled), per_batch=1)
            finally:
                stalled += load.sockets


@contextmanager
def stalled_clients(port: int, count: int) -> Iterator[None]:
    """In a separate process, so that they do not delay the reading that is timed here."""
    command = [sys.executable, "-m", "tests.benchmarks.slow_clients", "--stalled", str(count), "--port", str(port)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE)
    try:
        yield
    finally:
        process.communicate()


@dataclass(frozen=True)
class Figures:
    p99_ms: float
    """Of the healthy clients."""
    resident_kb: float
    queued_kb: float
    """The longest queue of one client."""
    cpu: float
    """CPU seconds of the server per second: comparable even when the machine is busy."""
    closed: float


def run(server: Server, kind: str, stalled: int, seconds: int) -> Figures:
    healthy = Healthy(Load(server.port))
    healthy.load.connect(HEALTHY)
    with stalled_clients(server.port, stalled):
        healthy.read(3.0)
        server.tell(f"go {kind} {PER_SECOND} {seconds}")
        resident, queued, cpu = 0.0, 0.0, server.ask("cpu")
        for _ in range(seconds):
            healthy.read(1.0)
            resident = max(resident, server.ask("resident"))
            queued = max(queued, server.ask("queued"))
        cpu = (server.ask("cpu") - cpu) / seconds
    healthy.load.close()
    return Figures(healthy.p99 * 1000, resident, queued, cpu, server.ask("closed"))


def compare(kind: str, stalled: int, seconds: int, rounds: int) -> bool:
    """Both alternate, so that other load on the machine affects both."""
    alone: list[Figures] = []
    beside: list[Figures] = []
    for _ in range(rounds):
        for figures, count in ((alone, 0), (beside, stalled)):
            with started("large_events") as server:
                figures.append(run(server, kind, count, seconds // rounds))
    p99_alone, p99_beside = (statistics.median(each.p99_ms for each in figures) for figures in (alone, beside))
    cpu_alone, cpu_beside = (statistics.median(each.cpu for each in figures) for figures in (alone, beside))
    memory = (
        max(each.resident_kb for each in beside) - statistics.median(each.resident_kb for each in alone)
    ) / stalled
    queued = max(each.queued_kb for each in beside)
    closed = sum(each.closed for each in beside)
    print(
        f"{kind}: healthy p99 {p99_alone:.1f} ms alone, {p99_beside:.1f} ms beside {stalled} stalled clients: "
        f"{p99_beside / p99_alone:.2f} times; server CPU {cpu_alone:.2f} and {cpu_beside:.2f}: "
        f"{cpu_beside / cpu_alone:.2f} times; {memory:.0f} KB resident for each stalled client, "
        f"at most {queued:.0f} KB queued for one; {closed:.0f} closed as slow_client",
        flush=True,
    )
    return p99_beside <= p99_alone * P99_BAR and memory <= MEMORY_BAR_KB and queued <= MEMORY_BAR_KB


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stalled", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--port", type=int, help="run the stalled clients against this port")
    options = parser.parse_args()
    if options.port:
        run_stalled(options.port, options.stalled)
        return 0
    met = [compare(kind, options.stalled, options.seconds, options.rounds) for kind in ("must", "latest")]
    print("bars met: 256 KB, 1.3 times" if all(met) else "a bar was MISSED")
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
