"""python-socketio without changes."""

import asyncio
from typing import Any

import socketio
from aiohttp import web

from tests.benchmarks.fanout_servers.control import EVENT, PAYLOAD, serve


async def main() -> None:
    server = socketio.AsyncServer(async_mode="aiohttp")

    @server.on("connect", namespace="/bench")  # type: ignore[untyped-decorator]  # the library has no type information
    async def connect(sid: str, environ: dict[str, Any]) -> None:
        await server.enter_room(sid, "all", namespace="/bench")

    app = web.Application()
    server.attach(app)

    async def emit(burst: int) -> None:
        await asyncio.gather(*(server.emit(EVENT, PAYLOAD, room="all", namespace="/bench") for _ in range(burst)))

    await serve(app, server.eio.sockets, emit)


if __name__ == "__main__":
    asyncio.run(main())
