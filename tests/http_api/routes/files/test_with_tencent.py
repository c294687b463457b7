"""The same routes where Tencent stores the files, and the reading of identity cards."""

import hashlib
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import Image
from pydantic import SecretStr
from yarl import URL

from domain.shared.authority import Role
from integrations.clock import SystemClock
from integrations.local.simulators.tencent.ocr import FRONT
from integrations.local.simulators.tencent.state import SIM_ACCOUNT
from integrations.settings import CosSettings, FileSettings, OcrSettings
from tests.file_samples import pdf, photo_with_place, picture, video
from tests.http_api.routes.files.file_api import FileApi
from tests.http_api.routes.files.test_sessions import SESSIONS, begin, send
from tests.integrations.tencent.simulated import Cloud, simulated_cloud

OCR = "/api/ocr/idcard"
SECRET = SecretStr(SIM_ACCOUNT.secret_key)


@pytest.fixture
async def cloud() -> AsyncIterator[Cloud]:
    async with simulated_cloud(SystemClock()) as running:
        yield running


@pytest.fixture
def area_settings(tmp_path: Path, cloud: Cloud) -> dict[str, Any]:
    account: dict[str, Any] = {"secret_id": SIM_ACCOUNT.secret_id, "secret_key": SECRET, "endpoint": cloud.url}
    return {
        "files": FileSettings(dir=tmp_path / "files"),
        "cos": CosSettings(bucket=SIM_ACCOUNT.bucket, region="ap-guangzhou", **account),
        "ocr": OcrSettings(daily_limit=3, **account),
    }


async def test_files_go_to_the_bucket_and_come_from_there(files: FileApi, cloud: Cloud) -> None:
    _, token = await files.running.stores.hired()

    done = await files.post("/api/upload/file", photo_with_place((900, 600)), token, type="personalPhoto")
    redirect = await files.get(done.data["fileUrl"], token)

    assert redirect.status == 307
    assert redirect.headers["Location"].startswith(f"{cloud.url}/draft/")
    async with cloud.http.get(URL(redirect.headers["Location"], encoded=True)) as response:
        content = await response.read()
    assert Image.open(io.BytesIO(content)).size == (600, 900)
    assert b"Secret Camera" not in content
    assert files.stored == []
    assert len(cloud.state.objects) == 4

    await files.running.call("DELETE", done.data["fileUrl"], token=token)
    await files.running.services.files.maintenance.sweep()
    assert cloud.state.objects == {}


async def test_parts_go_through_us_or_to_the_bucket_directly(files: FileApi, cloud: Cloud) -> None:
    _, token = await files.running.stores.hired()
    content = video(film_bytes=9_000_000)
    upload = await begin(files.running, token, content)
    part = upload["partSize"]
    assert upload["direct"]
    page = await files.get("/")
    assert f"connect-src {cloud.url} 'self'" in page.headers["Content-Security-Policy"]

    await send(files.running, token, upload, 3, content)
    for number in (1, 2):
        path = f"{SESSIONS}/{upload['uploadId']}/parts/{number}/link"
        link = (await files.running.call("GET", path, token=token)).data["url"]
        async with cloud.http.put(
            URL(link, encoded=True), data=content[(number - 1) * part : number * part]
        ) as response:
            assert response.status == 200
    complete = f"{SESSIONS}/{upload['uploadId']}/complete"
    done = await files.running.call("POST", complete, {"sha256": hashlib.sha256(content).hexdigest()}, token)

    assert (done.status, done.data["size"]) == (201, len(content))
    assert [each.content for each in cloud.state.objects.values()] == [content]
    assert cloud.state.uploads == {}


async def test_a_mini_program_sends_a_file_by_a_form_and_what_is_no_picture_is_refused_in_the_end(
    files: FileApi, cloud: Cloud
) -> None:
    _, token = await files.running.stores.hired()

    async def send_directly(content: bytes) -> tuple[int, str | None]:
        body = {"type": "personalPhoto", "name": "a.jpg", "size": len(content)}
        direct = (await files.running.call("POST", f"{SESSIONS}/direct", body, token)).data
        form = aiohttp.FormData(direct["fields"])
        form.add_field("file", content, filename="a.jpg")
        async with cloud.http.post(direct["url"], data=form) as response:
            assert response.status == 204
        done = await files.running.call("POST", f"{SESSIONS}/{direct['uploadId']}/complete", {}, token)
        return done.status, done.code

    assert await send_directly(photo_with_place()) == (201, None)
    assert await send_directly(b"<svg onload='alert(1)'/>") == (400, "FILE_FORMAT_REFUSED")
    assert all(b"Secret Camera" not in each.content for each in cloud.state.objects.values())
    await files.running.services.files.maintenance.sweep()
    assert len(cloud.state.objects) == 4


async def test_a_form_that_is_used_again_changes_no_file(files: FileApi, cloud: Cloud) -> None:
    _, token = await files.running.stores.hired()
    content = pdf()
    body = {"type": "report", "name": "a.pdf", "size": len(content)}
    direct = (await files.running.call("POST", f"{SESSIONS}/direct", body, token)).data

    async def post(sent: bytes) -> int:
        form = aiohttp.FormData(direct["fields"])
        form.add_field("file", sent, filename="a.pdf")
        async with cloud.http.post(direct["url"], data=form) as response:
            return response.status

    await post(content)
    done = await files.running.call("POST", f"{SESSIONS}/{direct['uploadId']}/complete", {}, token)
    assert [each.content for each in cloud.state.objects.values()] == [content]
    assert await post(b"x" * len(content)) == 204
    link = (await files.get(f"{done.data['fileUrl']}/link", token)).data["url"]
    async with cloud.http.get(URL(link, encoded=True)) as response:
        assert await response.read() == content

    await files.running.call("DELETE", done.data["fileUrl"], token=token)
    await files.running.services.files.maintenance.sweep()
    assert cloud.state.objects == {}


async def test_a_bucket_that_is_away_is_named_and_trying_again_works(files: FileApi, cloud: Cloud) -> None:
    _, token = await files.running.stores.hired()
    await cloud.control("faults", operation="PutObject", code="ServiceUnavailable", status=503, times=3)

    refused = await files.post("/api/upload/file", picture(), token, type="personalPhoto")
    assert (refused.status, refused.code) == (502, "UPSTREAM_FAILED")

    done = await files.post("/api/upload/file", picture(), token, type="personalPhoto")
    assert done.status == 201
    upload = await begin(files.running, token, pdf(), "report")
    await cloud.control("faults", operation="UploadPart", code="SlowDown", status=503, times=3)
    assert (await send(files.running, token, upload, 1, pdf())).code == "UPSTREAM_FAILED"
    assert (await send(files.running, token, upload, 1, pdf())).status == 200


async def test_an_identity_card_is_read_for_staff_who_have_a_quota(files: FileApi, cloud: Cloud) -> None:
    _, token = await files.running.stores.hired(Role.EMPLOYEE)
    card = photo_with_place((900, 600))

    read = await files.post(OCR, card, token, side="front")

    assert (read.status, read.body["message"]) == (200, "识别成功")
    assert read.data["words_result"]["公民身份号码"] == {"words": FRONT["IdNum"]}
    assert read.data["card"]["idNumber"] == FRONT["IdNum"]
    assert read.data["warnings"] == []
    back = await files.post(OCR, card, token, side="back")
    assert back.data["words_result"]["失效日期"] == {"words": "20400721"}
    assert (await files.post(OCR, card, token, side="inside")).code == "INVALID_REQUEST"
    assert (await files.post(OCR, card, "", side="front")).code == "NOT_AUTHENTICATED"
    assert (await files.post(OCR, pdf(), token)).code == "FILE_FORMAT_REFUSED"
    assert (await files.post(OCR, picture(size=(299, 400)), token)).code == "CARD_PICTURE_TOO_SMALL"
    await cloud.control("faults", operation="IDCardOCR", code="FailedOperation.ImageBlur")
    blurred = await files.post(OCR, card, token, side="front")
    assert (blurred.status, blurred.code) == (422, "CARD_BLURRED")
    used = await files.post(OCR, card, token, side="front")
    assert (used.status, used.code) == (429, "OCR_QUOTA_USED")
    assert files.stored == []
    assert cloud.state.objects == {}
