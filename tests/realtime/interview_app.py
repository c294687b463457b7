"""A worker that serves interviews, as a process: NAME PORT REDIS MONGODB DATABASE."""

import asyncio
import signal
import socket
import sys

from realtime.engineio.event_loop import new_event_loop, tune_garbage_collector
from tests.realtime.studio import studio


async def main(name: str, port: int, redis_url: str, mongodb_uri: str, database: str) -> None:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with studio(redis_url, mongodb_uri, database, name, listener=listener, dead_after_seconds=4) as it:
        tune_garbage_collector()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await stop.wait()
        await it.edge.drain(1.0)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:6]))
