"""The whole real-time part of an app process over its own Redis, with recovery and presence."""

import asyncio
import socket

from realtime.engineio.event_loop import new_event_loop, tune_garbage_collector
from tests.benchmarks.fanout_servers.control import answer_questions
from tests.realtime.realtime_process import realtime_process
from tests.servers import RedisServer


async def main() -> None:
    redis = RedisServer()
    redis.start()
    try:
        async with realtime_process(redis.url, listener=socket.create_server(("127.0.0.1", 0), backlog=8192)) as it:
            print(it.url.split("/")[2].split(":")[1], flush=True)
            tune_garbage_collector()
            await answer_questions(it.edge.server.eio.sockets)
    finally:
        redis.dispose()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main())
