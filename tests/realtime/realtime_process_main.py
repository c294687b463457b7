"""The program of an app process with the real-time part alone: arguments NAME PORT REDIS_URL."""

import asyncio
import signal
import socket
import sys

from realtime.engineio.event_loop import new_event_loop
from tests.realtime.realtime_process import FakeStaffAuthorities, realtime_process


async def main(name: str, port: int, redis_url: str) -> None:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind(("127.0.0.1", port))
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    authorities = FakeStaffAuthorities()

    def print_queries() -> None:
        sys.stdout.write(f"{authorities.queries}\n")
        sys.stdout.flush()

    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, print_queries)
    async with realtime_process(redis_url, authorities, process_id=name, listener=listener, dead_after_seconds=4) as it:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await stop.wait()
        await it.edge.drain(1.0)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
