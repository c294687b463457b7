"""An API that closes every connection, for clients that must survive it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class UnreachableApi:
    """Counts the connections that it has closed without a response."""

    def __init__(self) -> None:
        self.attempts = 0
        self.url = ""

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["UnreachableApi"]:
        server = await asyncio.start_server(self._close, "127.0.0.1", 0)
        async with server:
            self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            yield self

    async def _close(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.attempts += 1
        writer.close()
