"""Uploads at once: what they cost other requests, and the memory of the app process. Serving a large file.

    python -m tests.benchmarks.files --uploads 100 --megabytes 200

One app process takes `--uploads` photos at once while another client asks for its own profile fifty times a second;
then one video of `--megabytes` is served. Bars: p99 of the other requests 250 ms, 400 MB resident, 5 MB to serve.
"""

import argparse
import asyncio
import random
import sys
import time

import aiohttp

from tests.file_samples import picture, video
from tests.journeys.support.app_processes import app_process_ids
from tests.journeys.support.running import Product, running
from tests.journeys.test_large_files import MEGABYTE, resident_bytes

P99_BAR_SECONDS = 0.25
RESIDENT_BAR = 400 * MEGABYTE
SERVING_BAR = 5 * MEGABYTE
PER_SECOND = 50


def photos(count: int) -> list[bytes]:
    """Each of 3 MB, as from a phone: pixels that need decoding, and no two alike."""
    rng = random.Random(7)
    base = picture(size=(4032, 3024), color="teal")
    return [base + rng.randbytes(3 * MEGABYTE) for _ in range(count)]


async def post(client: aiohttp.ClientSession, path: str, content: bytes, kind: str) -> dict[str, object]:
    form = aiohttp.FormData()
    form.add_field("type", kind)
    form.add_field("file", content, filename="a.jpg")
    async with client.post(path, data=form, timeout=aiohttp.ClientTimeout(total=600)) as answer:
        body = await answer.json()
        assert answer.status == 201, body
        data: dict[str, object] = body["data"]
        return data


async def other_requests(client: aiohttp.ClientSession, pid: int, until: asyncio.Event) -> tuple[list[float], int]:
    """Their seconds, and the highest resident memory meanwhile."""
    seconds, most = [], 0
    while not until.is_set():
        started = time.perf_counter()
        async with client.get("/api/auth/me") as answer:
            await answer.read()
        seconds.append(time.perf_counter() - started)
        most = max(most, resident_bytes(pid))
        await asyncio.sleep(1 / PER_SECOND)
    return sorted(seconds), most


async def uploads_at_once(product: Product, count: int) -> tuple[float, int, float]:
    token = await product.admin_token()
    (pid,) = app_process_ids(product)
    contents = photos(count)
    async with product.client(token) as client, product.client(token) as other:
        done = asyncio.Event()
        watching = asyncio.create_task(other_requests(other, pid, done))
        started = time.perf_counter()
        results = await asyncio.gather(
            *(post(client, "/api/upload/file", content, "personalPhoto") for content in contents),
            return_exceptions=True,
        )
        took = time.perf_counter() - started
        done.set()
        seconds, most = await watching
        refused = [str(each)[:200] for each in results if isinstance(each, BaseException)]
        print(f"{count} uploads in {took:.1f} s, {len(refused)} refused {refused[:1]}")
        return seconds[int(len(seconds) * 0.99)], most, took


async def serving(product: Product, megabytes: int) -> int:
    """By how much the app process grew."""
    (pid,) = app_process_ids(product)
    async with product.client(await product.admin_token()) as client:
        content = video(film_bytes=megabytes * MEGABYTE - 1000)
        address = (await post(client, "/api/upload/video", content, "selfIntroductionVideo"))["fileUrl"]
        before = resident_bytes(pid)
        async with client.get(str(address)) as served:
            async for _ in served.content.iter_chunked(MEGABYTE):
                pass
        return resident_bytes(pid) - before


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uploads", type=int, default=100)
    parser.add_argument("--megabytes", type=int, default=200)
    options = parser.parse_args()
    with running() as product:
        p99, resident, _ = asyncio.run(uploads_at_once(product, options.uploads))
        grown = asyncio.run(serving(product, options.megabytes))
    print(f"p99 of other requests {p99 * 1000:.0f} ms (bar {P99_BAR_SECONDS * 1000:.0f})")
    print(f"resident {resident / MEGABYTE:.0f} MB (bar {RESIDENT_BAR // MEGABYTE})")
    print(f"serving {options.megabytes} MB: {grown / MEGABYTE:.1f} MB (bar {SERVING_BAR // MEGABYTE})")
    return 0 if p99 < P99_BAR_SECONDS and resident < RESIDENT_BAR and grown < SERVING_BAR else 1


if __name__ == "__main__":
    sys.exit(main())
