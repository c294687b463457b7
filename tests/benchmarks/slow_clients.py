"""Clients that answer pings but never read: what they cost the server, and the healthy clients beside them.

    python -m tests.benchmarks.slow_clients --deaf 100 --seconds 60

A hundred events a second of 20 KB, once such that each must arrive (the deaf are closed, and come again every second)
and once such that only the newest matters (they stay until a ping finds them out). Memory is the server's resident size
against the same load without the deaf; so is the healthy clients' p99. Bars: 256 KB a deaf client, 1.3 times the p99.
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
    """Reads at once; notes how old each event is."""

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


def be_deaf(port: int, count: int) -> None:
    """Pong blindly, never read, and come again when closed; until stdin ends."""
    deaf: list[socket.socket] = []
    while not select.select([sys.stdin], [], [], 1.0)[0]:
        staying = []
        for each in deaf:
            try:
                each.sendall(masked_text("3"))
            except OSError:
                each.close()
            else:
                staying.append(each)
        deaf = staying
        with suppress(OSError, BadAnswer):  # too many connects from one address
            load = Load(port)
            try:
                load.connect(count - len(deaf), per_batch=1)
            finally:
                deaf += load.sockets


@contextmanager
def deaf_clients(port: int, count: int) -> Iterator[None]:
    """In a process of their own: what they do must not delay the reading that is timed here."""
    command = [sys.executable, "-m", "tests.benchmarks.slow_clients", "--deaf", str(count), "--port", str(port)]
    crowd = subprocess.Popen(command, stdin=subprocess.PIPE)
    try:
        yield
    finally:
        crowd.communicate()


@dataclass(frozen=True)
class Figures:
    p99_ms: float
    """Of the healthy clients."""
    resident_kb: float
    waiting_kb: float
    """The most that waited for one client."""
    cpu: float
    """Server CPU seconds a second: what is left of the ratio of the p99 when the machine is busy otherwise."""
    closed: float


def run(server: Server, kind: str, deaf: int, seconds: int) -> Figures:
    healthy = Healthy(Load(server.port))
    healthy.load.connect(HEALTHY)
    with deaf_clients(server.port, deaf):
        healthy.read(3.0)
        server.tell(f"go {kind} {PER_SECOND} {seconds}")
        resident, waiting, cpu = 0.0, 0.0, server.ask("cpu")
        for _ in range(seconds):
            healthy.read(1.0)
            resident = max(resident, server.ask("resident"))
            waiting = max(waiting, server.ask("waiting"))
        cpu = (server.ask("cpu") - cpu) / seconds
    healthy.load.close()
    return Figures(healthy.p99 * 1000, resident, waiting, cpu, server.ask("closed"))


def compare(kind: str, deaf: int, seconds: int, rounds: int) -> bool:
    """In turns, so that a noisy machine is noisy for both."""
    alone: list[Figures] = []
    beside: list[Figures] = []
    for _ in range(rounds):
        for figures, count in ((alone, 0), (beside, deaf)):
            with started("big") as server:
                figures.append(run(server, kind, count, seconds // rounds))
    p99_alone, p99_beside = (statistics.median(each.p99_ms for each in figures) for figures in (alone, beside))
    cpu_alone, cpu_beside = (statistics.median(each.cpu for each in figures) for figures in (alone, beside))
    memory = (max(each.resident_kb for each in beside) - statistics.median(each.resident_kb for each in alone)) / deaf
    waiting = max(each.waiting_kb for each in beside)
    closed = sum(each.closed for each in beside)
    print(
        f"{kind}: healthy p99 {p99_alone:.1f} ms alone, {p99_beside:.1f} ms beside {deaf} deaf: "
        f"{p99_beside / p99_alone:.2f} times; server CPU {cpu_alone:.2f} and {cpu_beside:.2f}: "
        f"{cpu_beside / cpu_alone:.2f} times; {memory:.0f} KB resident a deaf client, "
        f"at most {waiting:.0f} KB waited for one; {closed:.0f} closed as slow_client",
        flush=True,
    )
    return p99_beside <= p99_alone * P99_BAR and memory <= MEMORY_BAR_KB and waiting <= MEMORY_BAR_KB


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--deaf", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--port", type=int, help="be the deaf ones, there")
    options = parser.parse_args()
    if options.port:
        be_deaf(options.port, options.deaf)
        return 0
    met = [compare(kind, options.deaf, options.seconds, options.rounds) for kind in ("must", "latest")]
    print("bars met: 256 KB, 1.3 times" if all(met) else "a bar was MISSED")
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
