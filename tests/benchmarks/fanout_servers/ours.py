"""Our server with one namespace, which admits all clients to one room."""

import asyncio
from typing import Any

from aiohttp import web
from prometheus_client import CollectorRegistry

from realtime.engineio.event_loop import new_event_loop, tune_garbage_collector
from realtime.engineio.limits import Limits, Rate
from realtime.engineio.options import EngineOptions
from realtime.socketio.delivery import Delivery
from realtime.socketio.namespace import Admission, Namespace
from tests.benchmarks.fanout_servers.control import EVENT, PAYLOAD, serve
from tests.realtime.harness import build_server


class Bench(Namespace):
    async def admit(self, sid: str, environ: dict[str, Any], auth: object) -> Admission:
        return Admission(rooms=frozenset({"all"}))


async def main() -> None:
    limits = Limits(connects_per_address=Rate(1e6, 1e6), max_sockets=50_000)
    server, fanout = build_server(EngineOptions(limits), CollectorRegistry())
    server.register_namespace(Bench("/bench"))
    app = web.Application()
    server.attach(app)

    async def emit(burst: int) -> None:
        for _ in range(burst):
            fanout.deliver([Delivery("/bench", ("all",), EVENT, PAYLOAD)])

    tune_garbage_collector()
    await serve(app, server.eio.sockets, emit)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main())
