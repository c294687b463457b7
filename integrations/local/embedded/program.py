"""What the stack needs to know of a server program: how to run it and how to see that it serves."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from integrations.local.embedded.errors import Substitute


@dataclass(frozen=True)
class Launch:
    argv: Sequence[str]
    directory: Path
    stdin: bytes | None = None


class ServerProgram(Protocol):
    @property
    def substitute(self) -> Substitute: ...

    def launch(self, port: int) -> Launch:
        """Raises ProgramMissing."""

    async def serves(self, port: int) -> bool:
        """Whether it answers a request now. Never raises for a server that is not there."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
