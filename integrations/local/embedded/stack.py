"""The embedded MongoDB and Redis servers of `run.py`: child processes on loopback with random secrets.

Each is started only when no address of an external server is configured. The stack keeps a reserve of disk space for
their restarts.
"""

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path

from pymongo.errors import PyMongoError

from integrations.disk_space import DataDisk
from integrations.local.embedded.data_directory import LockedDataDirectory
from integrations.local.embedded.errors import MONGODB, StartFailed
from integrations.local.embedded.mongodb import Credentials, CredentialsFile, EmbeddedMongo
from integrations.local.embedded.redis import EmbeddedRedis
from integrations.local.embedded.server import RETRY_FOR_SECONDS, EmbeddedServer

RESERVE_EVERY_SECONDS = 0.5


@dataclass(frozen=True)
class EmbeddedAddresses:
    """None for a server that was not requested."""

    mongodb_uri: str | None
    redis_url: str | None


class EmbeddedStack:
    def __init__(
        self,
        data_dir: Path,
        with_mongodb: bool,
        with_redis: bool,
        logger: logging.Logger,
        retry_for_seconds: float = RETRY_FOR_SECONDS,
    ) -> None:
        self._directory = LockedDataDirectory(data_dir)
        self._disk = DataDisk(self._directory.path)
        self._with_mongodb = with_mongodb
        self._with_redis = with_redis
        self._logger = logger
        self._retry_for_seconds = retry_for_seconds
        self._servers: list[EmbeddedServer] = []
        self._reserve_task: asyncio.Task[None] | None = None

    async def start(self) -> EmbeddedAddresses:
        """Returns when the servers respond; from then on they are restarted when they end.

        Raises EmbeddedServerFailed after everything that was started has been stopped.
        """
        if not (self._with_mongodb or self._with_redis):
            return EmbeddedAddresses(None, None)
        await self._directory.lock()
        starting = [asyncio.create_task(self._start_mongodb()), asyncio.create_task(self._start_redis())]
        try:
            mongodb_uri, redis_url = await asyncio.gather(*starting)
        except BaseException:
            for task in starting:
                task.cancel()
            await asyncio.wait(starting)
            await self.stop()
            raise
        self._reserve_task = asyncio.create_task(self._keep_reserve())
        return EmbeddedAddresses(mongodb_uri, redis_url)

    async def stop(self) -> None:
        """Stops every server that was started. Idempotent."""
        if self._reserve_task is not None:
            self._reserve_task.cancel()
            await asyncio.wait((self._reserve_task,))
            self._reserve_task = None
        await asyncio.gather(*(server.stop() for server in self._servers))
        self._servers.clear()
        self._directory.unlock()

    @property
    def directory(self) -> Path:
        return self._directory.path

    @property
    def pids(self) -> list[int]:
        """Process ids of the servers that run now."""
        return [server.pid for server in self._servers if server.pid is not None]

    async def _keep_reserve(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self._disk.keep_reserve)
            except OSError as error:
                self._logger.warning("no space can be reserved: %s", error.strerror)
            await asyncio.sleep(RESERVE_EVERY_SECONDS)

    async def _start_redis(self) -> str | None:
        if not self._with_redis:
            return None
        redis = EmbeddedRedis(self._directory.private_subdirectory("redis"), self._disk)
        server = self._server(redis)
        await server.start()
        return redis.url(server.port)

    async def _start_mongodb(self) -> str | None:
        if not self._with_mongodb:
            return None
        directory = self._directory.private_subdirectory("mongodb")
        credentials = CredentialsFile(directory).read() or await self._new_credentials(directory)
        mongo = EmbeddedMongo(directory, credentials)
        server = self._server(mongo)
        await server.start()
        return mongo.uri(server.port)

    async def _new_credentials(self, directory: Path) -> Credentials:
        """Costs half a second at the first start: the server accepts its first user only without authentication."""
        mongo = EmbeddedMongo(directory, None)
        server = self._server(mongo)
        await server.start()
        credentials = Credentials.new()
        try:
            await mongo.create_user(server.port, credentials)
        except PyMongoError as error:
            raise StartFailed(MONGODB, f"createUser: {error}") from error
        await server.stop()
        self._servers.remove(server)
        CredentialsFile(directory).write(credentials)
        return credentials

    def _server(self, program: EmbeddedMongo | EmbeddedRedis) -> EmbeddedServer:
        server = EmbeddedServer(
            program, self._directory.lock_descriptor, self._disk, self._logger, self._retry_for_seconds
        )
        self._servers.append(server)
        return server
