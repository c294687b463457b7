"""The port of an embedded server program: how to run it, and how to see that it responds."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from integrations.local.embedded.errors import ExternalServer


@dataclass(frozen=True)
class ServerCommand:
    argv: Sequence[str]
    directory: Path
    stdin: bytes | None = None


class ServerProgram(Protocol):
    @property
    def alternative(self) -> ExternalServer: ...

    def command(self, port: int) -> ServerCommand:
        """Raises ProgramMissing."""

    async def responds(self, port: int) -> bool:
        """True when the server answers a request now. Never raises when the server cannot be reached."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
