"""A large video through broken connections and the death of app processes; what serving it costs.

The default size keeps the suite short. Full size: FILE_MEGABYTES=200 FILE_BREAKS=5.
"""

import asyncio
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.file_samples import video
from tests.journeys.support.app_processes import app_process_ids, kill_app_process
from tests.journeys.support.running import Product, running

MEGABYTES = int(os.environ.get("FILE_MEGABYTES", "24"))
BREAKS = int(os.environ.get("FILE_BREAKS", "5"))
SESSIONS = "/api/upload/sessions"
MEGABYTE = 1024 * 1024


@dataclass
class Sender:
    """A phone with a bad connection."""

    product: Product
    token: str
    client: aiohttp.ClientSession
    content: bytes
    upload: dict[str, Any]

    @classmethod
    async def begin(cls, product: Product, token: str, client: aiohttp.ClientSession, content: bytes) -> "Sender":
        body = {"type": "selfIntroductionVideo", "name": "自我介绍.mp4", "size": len(content)}
        async with client.post(SESSIONS, json=body) as answer:
            return cls(product, token, client, content, (await answer.json())["data"])

    def part(self, number: int) -> bytes:
        size = self.upload["partSize"]
        return self.content[(number - 1) * size : number * size]

    def path(self, number: int) -> str:
        return f"{SESSIONS}/{self.upload['uploadId']}/parts/{number}"

    async def missing(self) -> list[int]:
        async with self.client.get(f"{SESSIONS}/{self.upload['uploadId']}") as answer:
            received = (await answer.json())["data"]["received"]
        return [number for number in range(1, self.upload["partCount"] + 1) if number not in received]

    async def send(self, number: int) -> None:
        async with self.client.put(self.path(number), data=self.part(number)) as answer:
            assert answer.status == 200, await answer.text()

    async def half_of(self, number: int) -> asyncio.StreamWriter:
        """A connection on which half of a part has been sent."""
        host, _, port = self.product.url.removeprefix("http://").partition(":")
        _, writer = await asyncio.open_connection(host, int(port))
        part = self.part(number)
        head = f"PUT {self.path(number)} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.token}\r\n"
        writer.write(f"{head}Content-Length: {len(part)}\r\n\r\n".encode() + part[: len(part) // 2])
        await writer.drain()
        return writer


def resident_bytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) * 1024


@pytest.fixture
def product() -> Iterator[Product]:
    with running("--workers", "2") as started:
        yield started


async def test_a_video_arrives_whole_through_breaks_and_killed_processes_and_costs_no_memory_to_serve(
    product: Product,
) -> None:
    content = video(film_bytes=MEGABYTES * MEGABYTE - 1000)
    token = await product.admin_token()
    async with product.client(token) as client:
        phone = await Sender.begin(product, token, client, content)
        count = phone.upload["partCount"]
        for number in range(1, count // 2 + 1):
            if number <= BREAKS:
                (await phone.half_of(number)).transport.abort()
            await phone.send(number)

        open_parts = [await phone.half_of(count) for _ in range(4)]  # at both app processes
        for pid in app_process_ids(product):
            await kill_app_process(product, pid)
        for writer in open_parts:
            writer.close()
        async with client.get(f"/api/upload/file/{phone.upload['uploadId']}") as half:
            assert half.status == 404
        missing = await phone.missing()
        assert missing == [*range(count // 2 + 1, count + 1)]
        for number in reversed(missing):
            await phone.send(number)
        body = {"sha256": hashlib.sha256(content).hexdigest()}
        async with client.post(f"{SESSIONS}/{phone.upload['uploadId']}/complete", json=body) as answer:
            assert answer.status == 201, await answer.text()
            address = (await answer.json())["data"]["fileUrl"]

        before = {pid: resident_bytes(pid) for pid in app_process_ids(product)}
        digests = set()
        for _ in range(4):
            digest = hashlib.sha256()
            async with client.get(address) as served:
                async for piece in served.content.iter_chunked(MEGABYTE):
                    digest.update(piece)
            digests.add(digest.hexdigest())
        assert digests == {body["sha256"]}
        grown = {pid: resident_bytes(pid) - before[pid] for pid in before}
        assert max(grown.values()) < 5 * MEGABYTE, grown
