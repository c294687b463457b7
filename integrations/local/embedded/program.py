"""The port of an embedded server program: how to run it, and how to see that it responds and works."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from integrations.local.embedded.errors import ExternalServer

Condition = Literal["works", "fails", "silent"]
"""`fails`: it answers, but with errors only. `silent`: no answer in time, for example because it is busy."""


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

    async def check(self, port: int, disk_full: bool) -> Condition:
        """Reads, and writes unless the disk is full, on a connection of its own. Adapts the server to a full disk."""

    async def close(self) -> None:
        """Closes the connection of `check`."""
