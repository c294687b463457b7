"""Our server with its default limits, which sends large events with the time of sending.

`go <kind> <per second> <seconds>`: the kind is `must` (must-arrive events) or `latest` (latest-only events). `queued`:
the longest queue of one client in KB. `closed`: the number of clients closed as slow.
"""

import asyncio
import time
from typing import Any

from aiohttp import web
from prometheus_client import CollectorRegistry

from realtime.engineio.event_loop import new_event_loop, tune_garbage_collector
from realtime.engineio.options import EngineOptions
from realtime.socketio.delivery import Delivery
from realtime.socketio.namespace import Admission, Namespace
from tests.benchmarks.fanout_servers.control import serve
from tests.realtime.harness import build_server

PAD = "x" * 20_000


class Bench(Namespace):
    async def admit(self, sid: str, environ: dict[str, Any], auth: object) -> Admission:
        return Admission(rooms=frozenset({"all"}))


async def main() -> None:
    registry = CollectorRegistry()
    server, fanout = build_server(EngineOptions(), registry)
    server.register_namespace(Bench("/bench"))
    app = web.Application()
    server.attach(app)
    sending: set[asyncio.Task[None]] = set()

    async def send(kind: str, per_second: int, seconds: int) -> None:
        begun = time.monotonic()
        for number in range(per_second * seconds):
            await asyncio.sleep(max(0.0, begun + number / per_second - time.monotonic()))
            payload = {"at": time.monotonic(), "pad": PAD}
            offset, key = (f"{number}-0", None) if kind == "must" else (None, "big")
            fanout.deliver([Delivery("/bench", ("all",), "big", payload, offset=offset, latest_key=key)])

    def go(kind: str, per_second: str, seconds: str) -> None:
        task = asyncio.get_running_loop().create_task(send(kind, int(per_second), int(seconds)))
        sending.add(task)
        task.add_done_callback(sending.discard)

    def queued() -> float:
        return max((socket.queued_bytes for socket in server.eio.sockets.values()), default=0) / 1024

    def closed() -> float:
        return registry.get_sample_value("realtime_closes_total", {"reason": "slow_client"}) or 0.0

    tune_garbage_collector()
    await serve(app, server.eio.sockets, commands={"go": go}, questions={"queued": queued, "closed": closed})


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main())
