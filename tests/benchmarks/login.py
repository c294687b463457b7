"""The CPU cost of a log-in, compared with a minimal aiohttp + motor server.

`python -m tests.benchmarks.login [--logins 3000]` starts the product and a minimal handler (finds the user, updates
its counters), sends both the same log-ins alternately, and prints log-ins per CPU-second of each process and their
ratio. Then it prints the time from the HTTP response of a log-in to the event at a dashboard, at 100 log-ins a second.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp
import socketio

from tests.journeys.running import Product, running
from tests.servers import MongoServer, free_port

MINIMAL = """
import sys
from datetime import UTC, datetime
from aiohttp import web
from motor.motor_asyncio import AsyncIOMotorClient

async def login(request):
    body = await request.json()
    users = request.app["users"]
    found = await users.find_one({"openid": body["openid"]})
    if found is None:
        await users.insert_one({"openid": body["openid"], "loginCount": 1})
    else:
        await users.update_one(
            {"_id": found["_id"]}, {"$inc": {"loginCount": 1}, "$set": {"lastLoginAt": datetime.now(UTC)}}
        )
    return web.json_response({"success": True})

async def start(app):
    client = AsyncIOMotorClient(sys.argv[2])
    app["users"] = client.minimal.users
    await app["users"].create_index("openid", unique=True)
    yield
    client.close()

app = web.Application()
app.cleanup_ctx.append(start)
app.router.add_post("/login", login)
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
"""
USERS = 200
CLIENTS = 16


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def app_process_of(product: Product) -> int:
    found = subprocess.run(
        ["pgrep", "-P", str(product.process.pid), "-f", "run.py worker"], capture_output=True, text=True
    )
    return int(found.stdout.split()[0])


def openid(number: int) -> str:
    return f"oBench{number % USERS:022d}"


async def send(url: str, path: str, logins: int) -> None:
    """Sends log-ins of the same users in the same order, CLIENTS at a time."""
    numbers = iter(range(logins))
    async with aiohttp.ClientSession(url) as session:

        async def client() -> None:
            for number in numbers:
                async with session.post(path, json={"openid": openid(number)}) as answer:
                    assert answer.status in (200, 201), await answer.text()

        await asyncio.gather(*(client() for _ in range(CLIENTS)))


async def compare(product: Product, logins: int) -> None:
    mongo, port = MongoServer(), free_port()
    mongo.start()
    minimal = subprocess.Popen([sys.executable, "-c", MINIMAL, str(port), mongo.uri])
    ours, theirs = app_process_of(product), minimal.pid
    path, minimal_url = "/api/miniprogram-users/login", f"http://127.0.0.1:{port}"
    try:
        await asyncio.sleep(1.5)
        await send(product.url, path, USERS)
        await send(minimal_url, "/login", USERS)
        ratios = []
        for round_number in range(5):
            rates = []
            for pid, url, route in ((ours, product.url, path), (theirs, minimal_url, "/login")):
                before = cpu_seconds(pid)
                await send(url, route, logins // 5)
                await asyncio.sleep(0.3)  # includes the deferred work in the measurement
                rates.append(logins / 5 / (cpu_seconds(pid) - before))
            ratios.append(rates[0] / rates[1])
            print(f"round {round_number}: ours {rates[0]:.0f}, minimal {rates[1]:.0f} log-ins per CPU-second")
        print(f"ratio (median of 5): {statistics.median(ratios):.2f}   bar: >= 0.45")
    finally:
        minimal.terminate()
        minimal.wait(10)
        mongo.dispose()


async def measure_event(product: Product, seconds: int) -> None:
    """Matches each log-in with the first push that counts it."""
    client = socketio.AsyncClient()
    pushes: list[tuple[float, int]] = []
    token = await product.admin_token()

    @client.on("*", namespace="/statistics")  # type: ignore[untyped-decorator]  # the library has no type information
    async def on_push(event: str, payload: dict[str, Any], *_: object) -> None:
        pushes.append((time.perf_counter(), payload["todayLogins"]))

    await client.connect(product.url, auth={"token": token}, namespaces=["/statistics"], transports=["websocket"])
    await asyncio.sleep(1)
    base = pushes[-1][1]
    responded: list[float] = []
    async with aiohttp.ClientSession(product.url) as session:

        async def login(number: int) -> None:
            async with session.post("/api/miniprogram-users/login", json={"openid": openid(number)}) as answer:
                await answer.read()
            responded.append(time.perf_counter())

        async with asyncio.TaskGroup() as group:
            for number in range(seconds * 100):
                group.create_task(login(number))
                await asyncio.sleep(0.01)
    await asyncio.sleep(1)
    await client.disconnect()
    delays = []
    for counted, at in enumerate(sorted(responded), start=1):
        seen = next(moment for moment, logins in pushes if logins >= base + counted)
        delays.append(max(0.0, seen - at) * 1000)
    delays.sort()
    p50, p99 = delays[len(delays) // 2], delays[int(len(delays) * 0.99)]
    print(
        f"answer -> dashboard at 100/s, {len(delays)} log-ins: p50 {p50:.0f} ms, p99 {p99:.0f} ms   bar: p99 <= 250 ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--logins", type=int, default=3000)
    parser.add_argument("--seconds", type=int, default=10)
    options = parser.parse_args()
    with running() as product:
        asyncio.run(compare(product, options.logins))
        asyncio.run(measure_event(product, options.seconds))


if __name__ == "__main__":
    main()
