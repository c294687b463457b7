"""Object storage in COS: the promises of every storage, the provider's errors, and what clients may do themselves."""

import logging
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from domain.files.ports import ObjectStorage, ServedAs
from domain.shared.errors import UpstreamFailed, UpstreamTimedOut
from integrations.provider_http import NotSent
from integrations.tencent.cos.http import CosHttp, CosRefused
from integrations.tencent.cos.signatures import CosKey
from integrations.tencent.cos.storage import CosObjectStorage
from tests.integrations.clocks import SettableClock
from tests.integrations.files.storage_promises import MEGABYTE, StoragePromises
from tests.integrations.tencent.simulated import Cloud

SERVED = ServedAs("image/png", "王芳 身份证.png", inline=True)


@pytest.fixture
def storage(cloud: Cloud) -> CosObjectStorage:
    return cloud.storage()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(b"content")
    return path


class TestCosObjectStorage(StoragePromises):
    async def content_of(self, storage: ObjectStorage, key: str) -> bytes | None:
        assert storage.direct is not None
        async with aiohttp.ClientSession() as http, http.get(storage.direct.link(key, SERVED, 60)) as response:
            return await response.read() if response.status == 200 else None


async def test_a_link_shows_one_object_as_it_should_be_shown_and_only_for_its_time(
    cloud: Cloud, clock: SettableClock, storage: CosObjectStorage, source: Path
) -> None:
    await storage.store("a/1/original", source, "image/png")
    link = storage.direct.link("a/1/original", SERVED, 60)

    async with cloud.http.get(link) as response:
        assert await response.read() == b"content"
        assert response.headers["Content-Type"] == "image/png"
        assert response.headers["Content-Disposition"].startswith("inline; filename*=UTF-8''%E7%8E%8B")
    async with cloud.http.get(link, headers={"Range": "bytes=1-3"}) as response:
        assert (response.status, await response.read()) == (206, b"ont")
    for forged in (link.replace("/original", "/other"), link.replace("image%2Fpng", "text%2Fhtml")):
        async with cloud.http.get(URL(forged, encoded=True)) as response:
            assert response.status == 403, forged
    async with cloud.http.delete(URL(link, encoded=True)) as response:
        assert response.status == 403
    clock.advance(61)
    async with cloud.http.get(link) as response:
        assert response.status == 403


async def test_without_a_signature_nothing_is_shown(cloud: Cloud, storage: CosObjectStorage, source: Path) -> None:
    await storage.store("a/1/original", source, "image/png")

    async with cloud.http.get(f"{cloud.url}/a/1/original") as response:
        assert response.status == 403
        assert "<Code>AccessDenied</Code>" in await response.text()


@pytest.mark.parametrize(
    ("code", "status", "is_repeated"),
    [
        ("SlowDown", 503, True),
        ("ServiceUnavailable", 503, True),
        ("AccessDenied", 403, False),
        ("NoSuchBucket", 404, False),
    ],
)
async def test_a_busy_provider_is_asked_again_and_a_refusal_is_final(
    cloud: Cloud, storage: CosObjectStorage, source: Path, code: str, status: int, is_repeated: bool
) -> None:
    await cloud.control("faults", operation="PutObject", code=code, status=status)

    if is_repeated:
        await storage.store("a/1/original", source, "image/png")
    else:
        with pytest.raises(CosRefused):
            await storage.store("a/1/original", source, "image/png")
    assert cloud.state.calls["PutObject"] == (2 if is_repeated else 1)


async def test_an_answer_that_is_lost_changes_nothing(cloud: Cloud, storage: CosObjectStorage, tmp_path: Path) -> None:
    storage_id = await storage.begin_parts("a/1/original")
    for number, size in ((1, MEGABYTE), (2, 10)):
        (tmp_path / "part").write_bytes(bytes([number]) * size)
        await cloud.control("faults", operation="UploadPart", lose_answer=True)
        await storage.store_part("a/1/original", storage_id, number, tmp_path / "part")
    await cloud.control("faults", operation="CompleteMultipartUpload", lose_answer=True)

    await storage.join_parts("a/1/original", storage_id)

    assert len(cloud.state.objects["a/1/original"].content) == MEGABYTE + 10


async def test_a_provider_that_does_not_answer_is_named(cloud: Cloud, source: Path) -> None:
    await cloud.control("faults", operation="PutObject", delay_seconds=5, times=10)
    with pytest.raises(UpstreamTimedOut):
        await cloud.storage(call_seconds=0.05).store("a/1/original", source, "image/png")

    bucket = cloud.cos().bucket
    nowhere = CosHttp(cloud.http, type(bucket)("http://127.0.0.1:1", bucket.name, bucket.key), cloud.clock)
    with pytest.raises(NotSent):
        await CosObjectStorage(nowhere, cloud.clock, pause_seconds=0.001).store("a/1/original", source, "image/png")


@pytest.mark.parametrize("body", ["", "<html><p>", "<!DOCTYPE a><InitiateMultipartUploadResult/>"])
async def test_an_answer_that_is_no_plain_xml_is_a_failure_of_the_provider(cloud: Cloud, body: str) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=body)

    app = web.Application()
    app.router.add_route("*", "/{key:.*}", answer)
    async with TestServer(app) as server:
        address, bucket = str(server.make_url("")).rstrip("/"), cloud.cos().bucket
        cos = CosHttp(cloud.http, type(bucket)(address, bucket.name, bucket.key), cloud.clock)
        storage = CosObjectStorage(cos, cloud.clock, pause_seconds=0.001)
        for call in (storage.begin_parts("a/1/original"), storage.parts("a/1/original", "1")):
            with pytest.raises(UpstreamFailed):
                await call


async def test_a_wrong_key_and_a_wrong_clock_are_refused(cloud: Cloud, source: Path) -> None:
    with pytest.raises(CosRefused) as refused:
        await cloud.storage(CosKey("sim-tencent-id", "wrong")).store("a/1/original", source, "image/png")
    assert refused.value.cos_code == "SignatureDoesNotMatch"

    await cloud.control("clock", advance_seconds=3600)
    with pytest.raises(CosRefused) as refused:
        await cloud.storage().store("a/1/original", source, "image/png")
    assert refused.value.cos_code == "RequestTimeTooSkewed"


async def test_errors_and_logs_quote_no_address(cloud: Cloud, source: Path, caplog: pytest.LogCaptureFixture) -> None:
    await cloud.control("faults", operation="PutObject", code="AccessDenied", status=403)

    with caplog.at_level(logging.DEBUG), pytest.raises(CosRefused) as refused:
        await cloud.storage().store("users/secret/original", source, "image/png")

    assert "secret" not in caplog.text + repr(refused.value) + repr(refused.value.__context__)
    assert "AccessDenied" in caplog.text


async def test_a_client_sends_a_part_by_itself_but_no_other(cloud: Cloud, storage: CosObjectStorage) -> None:
    storage_id = await storage.begin_parts("a/1/original")
    link = storage.direct.part_link("a/1/original", storage_id, 1, 7, 60)

    async with cloud.http.put(link, data=b"content") as response:
        assert response.status == 200
    async with cloud.http.put(link, data=b"another size") as response:
        assert response.status == 403
    async with cloud.http.put(link.replace("partNumber=1", "partNumber=2"), data=b"content") as response:
        assert response.status == 403

    assert [(part.number, part.size) for part in await storage.parts("a/1/original", storage_id)] == [(1, 7)]


async def test_a_form_takes_one_object_of_one_size(
    cloud: Cloud, clock: SettableClock, storage: CosObjectStorage
) -> None:
    form = storage.direct.form("a/1/original", 7, 60)

    async def send(content: bytes, **changed: str) -> int:
        body = aiohttp.FormData({**form.fields, **changed})
        body.add_field("file", content, filename="a.png")
        async with cloud.http.post(form.url, data=body) as response:
            return response.status

    assert await send(b"content") == 204
    assert cloud.state.objects["a/1/original"].content == b"content"
    assert await send(b"too long for it") == 400
    assert await send(b"content", key="a/2/original") == 403
    assert await send(b"content", policy="e30=") == 400
    clock.advance(61)
    assert await send(b"content") == 403


async def test_many_parts_are_listed_page_by_page(cloud: Cloud, storage: CosObjectStorage, tmp_path: Path) -> None:
    storage_id = await storage.begin_parts("a/1/original")
    _, parts = cloud.state.uploads[storage_id]
    (tmp_path / "part").write_bytes(b"x")
    await storage.store_part("a/1/original", storage_id, 1, tmp_path / "part")
    parts.update(dict.fromkeys(range(2, 2301), parts[1]))

    assert [part.number for part in await storage.parts("a/1/original", storage_id)] == list(range(1, 2301))
