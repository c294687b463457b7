"""Uploads in parts over HTTP: through broken connections, another app process, and a death in the middle."""

import asyncio
import hashlib
from collections.abc import Mapping
from typing import Any

from integrations.settings import FileSettings
from tests.app_process import Answer, RunningProcess, running_process, settings_of
from tests.file_samples import picture, video
from tests.http_api.routes.files.file_api import FileApi

SESSIONS = "/api/upload/sessions"
VIDEO = "selfIntroductionVideo"


async def begin(running: RunningProcess, token: str, content: bytes, kind: str = VIDEO) -> dict[str, Any]:
    body = {"type": kind, "name": "自我介绍.mp4", "size": len(content)}
    done = await running.call("POST", SESSIONS, body, token)
    assert done.status == 201, done
    data: dict[str, Any] = done.data
    return data


async def send(
    running: RunningProcess, token: str, upload: Mapping[str, Any], number: int, content: bytes, sha256: str = ""
) -> Answer:
    part = content[(number - 1) * upload["partSize"] : number * upload["partSize"]]
    url = f"{running.url}{SESSIONS}/{upload['uploadId']}/parts/{number}"
    headers = {"Authorization": f"Bearer {token}", "X-Content-Sha256": sha256 or hashlib.sha256(part).hexdigest()}
    async with running.http.put(url, data=part, headers=headers) as response:
        return Answer(response.status, await response.json(), response.headers.copy(), {})


async def broken_off(running: RunningProcess, token: str, upload: Mapping[str, Any], number: int, part: bytes) -> None:
    """The connection ends in the middle of a part."""
    path = f"{SESSIONS}/{upload['uploadId']}/parts/{number}"
    host, _, port = running.url.removeprefix("http://").partition(":")
    _, writer = await asyncio.open_connection(host, int(port))
    head = f"PUT {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: {len(part)}\r\n\r\n"
    writer.write(head.encode() + part[: len(part) // 2])
    await writer.drain()
    writer.transport.abort()


async def test_an_upload_goes_on_after_breaks_and_on_another_process_that_outlives_the_first(
    files: FileApi, mongodb_uri: str, redis_url: str
) -> None:
    _, token = await files.running.stores.hired()
    content = video(film_bytes=18_000_000)
    upload = await begin(files.running, token, content)
    complete = f"{SESSIONS}/{upload['uploadId']}/complete"
    assert upload["partCount"] == 5

    for number in (5, 2):
        await broken_off(files.running, token, upload, number, content[:4_000_000])
        assert (await send(files.running, token, upload, number, content)).status == 200
    await files.running.die()
    (files.directory / "incoming").mkdir(exist_ok=True)

    settings = settings_of(
        mongodb_uri,
        redis_url,
        files.running.stores.database.name,
        files=FileSettings(dir=files.directory),
    )
    async with running_process(settings, realtime=False) as other:
        state = (await other.call("GET", f"{SESSIONS}/{upload['uploadId']}", token=token)).data
        assert state["received"] == [2, 5]
        early = await other.call("POST", complete, {}, token)
        assert (early.status, early.code) == (422, "UPLOAD_INCOMPLETE")
        assert early.body["details"] == {"missing": [1, 3, 4]}
        for number in (4, 1, 3):
            assert (await send(other, token, upload, number, content)).status == 200

        done = await other.call("POST", complete, {"sha256": hashlib.sha256(content).hexdigest()}, token)
        again = await other.call("POST", complete, {}, token)

        assert (done.status, done.data) == (201, again.data)
        link = (await other.call("GET", f"{done.data['fileUrl']}/link", token=token)).data["url"]
        received = await other.call("GET", link)
        assert hashlib.sha256(received.body).digest() == hashlib.sha256(content).digest()
        assert len(files.stored) == 1


async def test_wrong_parts_are_refused_by_name(files: FileApi) -> None:
    _, token = await files.running.stores.hired()
    content = video(film_bytes=9_000_000)
    upload = await begin(files.running, token, content)
    unknown = {**upload, "uploadId": "0" * 24}
    cases = {
        "wrong checksum": (await send(files.running, token, upload, 2, content, "0" * 64), "CHECKSUM_WRONG"),
        "too short": (await send(files.running, token, upload, 2, content[:5_000_000]), "PART_REFUSED"),
        "not a film": (await send(files.running, token, upload, 1, b"<svg>".ljust(9_000_000)), "FILE_FORMAT_REFUSED"),
        "part 4 of 3": (await send(files.running, token, upload, 4, content * 2), "PART_REFUSED"),
        "part 10,001": (await send(files.running, token, upload, 10_001, content), "PART_REFUSED"),
        "part 0": (await send(files.running, token, upload, 0, content), "INVALID_REQUEST"),
        "of nobody": (await send(files.running, token, unknown, 1, content), "UPLOAD_NOT_FOUND"),
    }
    _, stranger = await files.running.stores.hired()
    cases["of another"] = (await send(files.running, stranger, upload, 1, content), "UPLOAD_NOT_FOUND")

    assert {name: answer.code for name, (answer, _) in cases.items()} == {
        name: code for name, (_, code) in cases.items()
    }
    assert files.stored == []
    assert (await files.running.call("DELETE", f"{SESSIONS}/{upload['uploadId']}", token=token)).status == 200
    assert (await send(files.running, token, upload, 1, content)).code == "UPLOAD_NOT_FOUND"
    too_large = await files.running.call("POST", SESSIONS, {"type": VIDEO, "size": 10**12}, token)
    assert too_large.code == "FILE_TOO_LARGE"
    direct = await files.running.call("POST", f"{SESSIONS}/direct", {"type": VIDEO, "size": 100}, token)
    assert (direct.status, direct.code) == (422, "DIRECT_UPLOAD_UNAVAILABLE")


async def test_a_mini_program_user_may_send_a_picture_in_parts(files: FileApi) -> None:
    login = (await files.running.call("POST", "/api/miniprogram-users/login", {"openid": "o" * 28})).data
    content = picture(size=(900, 600))
    body = {"type": "avatar", "area": "users", "recordId": login["id"], "size": len(content)}
    token = login["accessToken"]

    upload = (await files.running.call("POST", SESSIONS, body, token)).data
    await send(files.running, token, upload, 1, content)
    done = await files.running.call("POST", f"{SESSIONS}/{upload['uploadId']}/complete", {}, token)

    assert (done.data["width"], done.data["hasThumbnails"]) == (900, True)
    info = await files.running.call("GET", "/api/miniprogram-users/info", token=token)
    assert info.data["avatar"] == done.data["fileUrl"]
    assert (await files.running.call("POST", SESSIONS, {**body, "recordId": "0" * 24}, token)).status == 403
