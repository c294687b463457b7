"""CPU per delivery: our server against stock python-socketio and, where Node is installed, socket.io 4 on Node.

    python -m tests.benchmarks.fanout --sockets 1000 3000 --runs 3

The servers alternate, so that other load on the machine affects all of them; the result of each is the median of its
runs, and only the ratios are meaningful. Only the CPU of the server process counts, user and system.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.fanout_load import Load

NODE_VERSION = "4.8.4"
_SERVERS = Path(__file__).parent / "fanout_servers"
BARS = {("stock", 1): 0.2, ("node", 1): 0.8, ("node", 10): 0.4}


class Server:
    """A server process that takes questions and commands over pipes."""

    def __init__(self, command: list[str], cwd: Path | None = None) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=cwd, bufsize=1
        )
        self.port = int(self._line())

    def ask(self, question: str) -> float:
        self.tell(question)
        return float(self._line())

    def tell(self, command: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()

    def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


def python_server(name: str) -> Server:
    return Server([sys.executable, "-m", f"tests.benchmarks.fanout_servers.{name}"])


def install_node(folder: Path) -> bool:
    """False without Node or without access to its package registry."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return False
    shutil.copy(_SERVERS / "node.js", folder)
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", f"socket.io@{NODE_VERSION}"]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True).returncode == 0


def cpu_per_delivery(server: Server, sockets: int, burst: int, rounds: int) -> float:
    """In microseconds, over `rounds` rounds of `burst` events to `sockets` sockets."""
    load = Load(server.port)
    load.connect(sockets)
    server.tell(f"emit 3 {burst} 50")
    warm = load.read_bytes(expected=1 << 60, quiet_seconds=3.0)
    before = server.ask("cpu")
    server.tell(f"emit {rounds} {burst} 20")
    expected = warm // 3 * rounds
    received = load.read_bytes(expected)
    used = server.ask("cpu") - before
    load.close()
    if received != expected:
        raise RuntimeError(f"{received} of {expected} bytes arrived")
    return used / (rounds * burst * sockets) * 1e6


def measure(names: list[str], node: Path | None, sockets: int, burst: int, rounds: int, runs: int) -> dict[str, float]:
    figures: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(runs):
        for name in names:
            server = Server(["node", "node.js"], cwd=node) if name == "node" else python_server(name)
            try:
                figures[name].append(cpu_per_delivery(server, sockets, burst, rounds))
            finally:
                server.stop()
    return {name: statistics.median(values) for name, values in figures.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sockets", type=int, nargs="+", default=[1000, 3000])
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--bursts", type=int, nargs="+", default=[1, 10])
    options = parser.parse_args()
    missed = False
    with tempfile.TemporaryDirectory() as folder:
        node = Path(folder) if install_node(Path(folder)) else None
        names = ["ours", "stock"] + (["node"] if node else [])
        for sockets in options.sockets:
            for burst in options.bursts:
                rounds = max(5, options.rounds // burst)
                figures = measure(names, node, sockets, burst, rounds, options.runs)
                print(f"{sockets} sockets, {burst} event(s) an iteration: ", end="")
                print(", ".join(f"{name} {value:.1f} us" for name, value in figures.items()), flush=True)
                for name in names[1:]:
                    ratio = figures["ours"] / figures[name]
                    bar = BARS.get((name, burst))
                    verdict = "" if bar is None else f" (bar {bar}: {'met' if ratio <= bar else 'MISSED'})"
                    missed |= bar is not None and ratio > bar
                    print(f"    ours / {name} = {ratio:.2f}{verdict}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
