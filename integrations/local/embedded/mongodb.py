"""The MongoDB-wire server of the package secantusdb (GPL-2.0): a separate program over a socket, never imported."""

import json
import os
import secrets
import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from pymongo import AsyncMongoClient
from pymongo.errors import ConnectionFailure, PyMongoError

from integrations.local.embedded.errors import MONGODB, ExternalServer, ProgramMissing
from integrations.local.embedded.program import Condition, ServerCommand

PACKAGE = "secantusdb"
PROGRAM = "secantusd-py"
# The server scans its table of retryable writes at every write, and many sockets slow it down.
URI_OPTIONS = "retryWrites=false&maxPoolSize=4&directConnection=true"
OPTIONS = ("--sync-on-commit", "--cache-size", "256M", "--log-level", "WARNING", "--standalone")
"""`--standalone`: the server keeps no oplog, which costs it a fifth of every write. Nothing here reads one."""
RESPONSE_MILLISECONDS = 2000
PROBE = {"_id": "embedded"}


@dataclass(frozen=True)
class Credentials:
    user: str
    password: str

    @classmethod
    def new(cls) -> "Credentials":
        return cls(f"homecare-{secrets.token_hex(4)}", secrets.token_hex(32))


def secantus_program(python: Path, search_path: str | None = None) -> str:
    """The path where pip installed it: beside our Python, or on the search path. Raises ProgramMissing."""
    program = shutil.which(python.with_name(PROGRAM)) or shutil.which(PROGRAM, path=search_path)
    if program is None:
        raise ProgramMissing(PACKAGE, MONGODB)
    return program


class EmbeddedMongo:
    """Without credentials the server accepts every client: only while its first user is created."""

    def __init__(self, directory: Path, credentials: Credentials | None) -> None:
        self._directory = directory
        self._credentials = credentials
        self._checking: AsyncMongoClient[dict[str, object]] | None = None

    @property
    def alternative(self) -> ExternalServer:
        return MONGODB

    def uri(self, port: int) -> str:
        if self._credentials is None:
            return f"mongodb://127.0.0.1:{port}/?{URI_OPTIONS}"
        user = f"{self._credentials.user}:{self._credentials.password}"
        return f"mongodb://{user}@127.0.0.1:{port}/?authSource=admin&{URI_OPTIONS}"

    def command(self, port: int) -> ServerCommand:
        argv = [
            *(secantus_program(Path(sys.executable)), "--config", str(self._empty_configuration())),
            *("--host", "127.0.0.1", "--port", str(port), "--storage-path", str(self._directory / "data")),
            *OPTIONS,
        ]
        return ServerCommand(argv if self._credentials is None else [*argv, "--auth"], self._directory)

    def _empty_configuration(self) -> Path:
        """Passed explicitly, or the server would read a configuration from the home directory."""
        file = self._directory / "secantusd.toml"
        file.touch(mode=0o600)
        return file

    async def responds(self, port: int) -> bool:
        client = self._client(port)
        try:
            await client.admin.command("ping")
        except PyMongoError:
            return False
        finally:
            await client.close()
        return True

    async def check(self, port: int, disk_full: bool) -> Condition:
        """On a full disk it only reads, what an earlier check has written: a write that fails stops the engine."""
        self._checking = self._checking or self._client(port)
        probes = self._checking.embedded.probes
        try:
            await probes.find_one(PROBE)
            if not disk_full:
                await probes.update_one(PROBE, {"$inc": {"count": 1}}, upsert=True)
        except ConnectionFailure:
            return "silent"
        except PyMongoError:
            return "fails"
        return "works"

    async def close(self) -> None:
        if self._checking is not None:
            await self._checking.close()
            self._checking = None

    def _client(self, port: int) -> AsyncMongoClient[dict[str, object]]:
        return AsyncMongoClient(
            self.uri(port),
            serverSelectionTimeoutMS=RESPONSE_MILLISECONDS,
            connectTimeoutMS=RESPONSE_MILLISECONDS,
            socketTimeoutMS=RESPONSE_MILLISECONDS,
        )

    async def create_user(self, port: int, credentials: Credentials) -> None:
        """Raises PyMongoError."""
        async with AsyncMongoClient[dict[str, object]](self.uri(port)) as client:
            await client.admin.command(
                "createUser", credentials.user, pwd=credentials.password, roles=[{"role": "root", "db": "admin"}]
            )


class CredentialsFile:
    """Lost credentials do no harm: the owner of the directory may create a new user."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "credentials.json"

    def read(self) -> Credentials | None:
        try:
            return Credentials(**json.loads(self._path.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def write(self, credentials: Credentials) -> None:
        """Atomic: the file has its old or its new content after a crash."""
        temporary = self._path.with_suffix(".new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(asdict(credentials), file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self._path)
