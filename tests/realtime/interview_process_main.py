"""The main module of a spawned interview process. Arguments: NAME PORT REDIS MONGODB DATABASE."""

import asyncio
import signal
import socket
import sys

from realtime.engineio.event_loop import new_event_loop, tune_garbage_collector
from tests.realtime.interview_process import interview_process


async def main(name: str, port: int, redis_url: str, mongodb_uri: str, database: str) -> None:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with interview_process(
        redis_url, mongodb_uri, database, name, listener=listener, dead_after_seconds=4
    ) as process:
        tune_garbage_collector()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await stop.wait()
        await process.edge.drain(1.0)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:6]))
