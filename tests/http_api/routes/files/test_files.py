"""Upload, links, contents and deletion of files."""

import asyncio
import io
from urllib.parse import quote

import aiohttp
import pytest
from PIL import Image
from yarl import URL

from domain.shared.authority import Role
from tests.file_samples import pdf, photo_with_place, picture, png_claiming, video, workbook
from tests.http_api.routes.files.file_api import FileApi
from tests.waiting import eventually

FILE = "/api/upload/file"


async def test_a_file_is_uploaded_seen_by_its_link_and_deleted(
    files: FileApi, caplog: pytest.LogCaptureFixture
) -> None:
    _, token = await files.running.stores.hired(Role.EMPLOYEE)
    _, other = await files.running.stores.hired(Role.EMPLOYEE)

    done = await files.post(FILE, photo_with_place((900, 600)), token, name="照片/身份证.html", type_="idCardFront")

    assert (done.status, done.body["message"]) == (201, "文件上传成功")
    assert done.data["filename"] == "身份证.jpg"
    assert done.data["mimeType"] == "image/jpeg"
    assert (done.data["width"], done.data["height"]) == (600, 900)
    url = done.data["fileUrl"]
    redirect = await files.get(url, token)
    assert redirect.status == 307
    content = await files.get(redirect.headers["Location"])
    assert content.status == 200
    assert len(content.body) == done.data["size"]
    assert b"Secret Camera" not in content.body
    headers = content.headers
    assert headers["Content-Type"] == "image/jpeg"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert headers["Content-Disposition"].startswith("inline; filename*=UTF-8''%E8%BA%AB")
    assert headers["Cache-Control"].startswith("private, max-age=")
    assert int(headers["Cache-Control"].rpartition("=")[2]) <= 300

    small = (await files.get(f"{url}/link?size=small", token)).data
    assert small["expiresIn"] == 300
    thumbnail = await files.get(small["url"])
    assert Image.open(io.BytesIO(thumbnail.body)).size == (107, 160)
    part = await files.get(redirect.headers["Location"], Range="bytes=0-9")
    assert (part.status, part.body) == (206, content.body[:10])

    assert (await files.get(url, other)).code == "FILE_NOT_FOUND"
    assert (await files.get(url)).code == "NOT_AUTHENTICATED"
    assert (await files.running.call("DELETE", url, token=other)).code == "FILE_NOT_FOUND"
    whole = quote(f"https://crm.example.com{url}", safe="")  # as the former web client sends it
    assert (await files.running.http.get(URL(f"{files.running.url}{FILE}/{whole}", encoded=True))).status == 401
    deletion = URL(f"{files.running.url}{FILE}/{whole}", encoded=True)
    async with files.running.http.delete(deletion, headers={"Authorization": f"Bearer {token}"}) as answer:
        assert answer.status == 200
    assert (await files.get(url, token)).code == "FILE_NOT_FOUND"
    assert (await files.get(redirect.headers["Location"])).code == "FILE_LINK_INVALID"
    await files.running.services.files.maintenance.sweep()
    assert files.stored == []
    assert "Unhandled" not in caplog.text
    await eventually(lambda: audited(files, [("file.delete", "deleted"), ("file.upload", "stored")]))


async def audited(files: FileApi, expected: list[tuple[str, str]]) -> bool:
    rows = files.running.stores.database["audit_logs"].find({"targetKind": "file"})
    return sorted([(row["action"], row["after"]["state"]) async for row in rows]) == expected


async def test_videos_and_documents_come_as_they_are(files: FileApi) -> None:
    _, token = await files.running.stores.hired()

    film = await files.post("/api/upload/video", video(b"qt  ", 300_000), token, name="a.mov")
    paper = await files.post(FILE, pdf(), token, type="medicalReport", name="体检.pdf")
    table = await files.post(FILE, workbook(), token, type="import", name="名单.xlsx")

    assert (film.data["mimeType"], film.data["notice"]) == ("video/quicktime", "KEPT_AS_IS")
    assert film.data["type"] == "selfIntroductionVideo"
    for done, sent in ((film, video(b"qt  ", 300_000)), (paper, pdf()), (table, workbook())):
        link = (await files.get(f"{done.data['fileUrl']}/link", token)).data["url"]
        content = await files.get(link)
        assert content.body == sent or content.body.encode() == sent
        assert content.headers["Content-Disposition"].startswith("inline" if done is film else "attachment")


HOSTILE = {
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "personalPhoto", "FILE_FORMAT_REFUSED"),
    "html": (b"<html><script>alert(1)</script>", "article", "FILE_FORMAT_REFUSED"),
    "script in a gif": (b"GIF89a/*<svg/onload=alert(1)>*/=1;", "personalPhoto", "FILE_FORMAT_REFUSED"),
    "huge header": (png_claiming(60_000, 60_000), "personalPhoto", "IMAGE_REFUSED"),
    "thread": (png_claiming(1, 60_000), "personalPhoto", "IMAGE_REFUSED"),
    "cut": (picture()[:300], "personalPhoto", "FILE_DAMAGED"),
    "document as card": (pdf(), "idCardFront", "FILE_FORMAT_REFUSED"),
    "video as photo": (video(), "personalPhoto", "FILE_FORMAT_REFUSED"),
    "macro": (workbook(**{"xl/vbaProject.bin": b"x"}), "import", "FILE_FORMAT_REFUSED"),
    "empty": (b"", "personalPhoto", "FILE_MISSING"),
    "unknown kind": (picture(), "virus", "FILE_KIND_UNKNOWN"),
    "kind as path": (picture(), "../../etc", "INVALID_REQUEST"),
}


async def test_hostile_uploads_are_refused_and_leave_nothing(files: FileApi) -> None:
    _, token = await files.running.stores.hired()

    for case, (content, kind, code) in HOSTILE.items():
        refused = await files.post(FILE, content, token, name="../../../photo.jpg", type=kind)

        assert (refused.status, refused.code) == (400, code), case
        assert files.stored == [], case
    assert await files.running.stores.database["files"].count_documents({}) == 0


async def test_a_form_that_is_none_is_refused(files: FileApi) -> None:
    _, token = await files.running.stores.hired()
    url, auth = files.running.url + FILE, {"Authorization": f"Bearer {token}"}
    no_file = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--b--'
    cases = [
        ("application/json", b"{}", "BAD_FORM"),
        ("multipart/form-data", b"x", "BAD_FORM"),
        ("multipart/form-data; boundary=b", b"no parts at all", "BAD_FORM"),
        ("multipart/form-data; boundary=b", no_file, "FILE_MISSING"),
    ]

    for content_type, body, code in cases:
        async with files.running.http.post(url, data=body, headers={**auth, "Content-Type": content_type}) as response:
            assert (response.status, (await response.json())["code"]) == (400, code), body


async def test_a_form_with_two_files_or_a_long_text_is_refused(files: FileApi) -> None:
    _, token = await files.running.stores.hired()
    twice = aiohttp.FormData()
    for _ in range(2):
        twice.add_field("file", picture(), filename="a.jpg")
    auth = {"Authorization": f"Bearer {token}"}

    async with files.running.http.post(files.running.url + FILE, data=twice, headers=auth) as response:
        assert (await response.json())["code"] == "BAD_FORM"
    assert (await files.post(FILE, picture(), token, type="x" * 5000)).code == "BAD_FORM"
    assert files.stored == []


async def test_a_file_that_is_too_large_is_refused_while_it_comes(files: FileApi) -> None:
    _, token = await files.running.stores.hired()

    refused = await files.post(FILE, b"%PDF-" + b"x" * 51 * 1024 * 1024, token, type="report")

    assert (refused.status, refused.code) == (400, "FILE_TOO_LARGE")
    assert files.stored == []


async def test_bytes_that_are_written_to_a_file_are_no_burden(files: FileApi) -> None:
    """Twelve uploads of 20 MB: held in memory, they would exceed the budget of the process and of the address."""
    _, token = await files.running.stores.hired()
    films = [video(film_bytes=20_000_000 + number) for number in range(12)]

    done = await asyncio.gather(*(files.post("/api/upload/video", film, token) for film in films))

    assert [answer.status for answer in done] == [201] * 12


async def test_a_picture_of_ones_own_account(files: FileApi) -> None:
    me, token = await files.running.stores.hired(Role.EMPLOYEE)
    _, colleague = await files.running.stores.hired(Role.ADMISSIONS)

    first = await files.post("/api/auth/avatar", picture(color="red"), token, field="avatar")
    second = await files.post("/api/auth/avatar", picture(color="blue"), token, field="avatar")

    assert (first.status, first.body["message"]) == (200, "头像上传成功")
    assert (await files.get("/api/auth/me", token)).data["avatar"] == second.data["avatar"]
    assert (await files.get(second.data["avatar"], colleague)).status == 307
    assert (await files.get(first.data["avatar"], token)).code == "FILE_NOT_FOUND"
    assert (await files.post("/api/auth/avatar", pdf(), token, field="avatar")).code == "FILE_FORMAT_REFUSED"
    rows = await files.running.stores.database["users"].find_one({"avatar": second.data["avatar"]})
    assert rows is not None
    card = await files.post(FILE, picture(), token, type="idCardFront", area="staff", recordId=me)
    assert [(await files.get(card.data["fileUrl"], reader)).status for reader in (token, colleague)] == [307, 404]


async def test_a_picture_of_a_mini_program_user_is_seen_by_the_user_and_by_staff_who_may(files: FileApi) -> None:
    users = "/api/miniprogram-users"
    login = (await files.running.call("POST", f"{users}/login", {"openid": "o" * 28})).data
    stranger = (await files.running.call("POST", f"{users}/login", {"openid": "p" * 28})).data
    user, other = login["accessToken"], stranger["accessToken"]
    _, manager = await files.running.stores.hired(Role.MANAGER)
    _, employee = await files.running.stores.hired(Role.EMPLOYEE)

    done = await files.post(f"{users}/avatar", picture("PNG"), user, field="avatar")

    info = (await files.get(f"{users}/info", user)).data
    assert info["avatar"] == info["avatarFile"] == done.data["avatar"]
    statuses = [(await files.get(done.data["avatar"], token)).status for token in (user, manager, other, employee)]
    assert statuses == [307, 307, 404, 404]
    changed = await files.post(f"{users}/{login['id']}/avatar", picture(color="green"), manager, field="avatar")
    assert (await files.get(f"{users}/info", user)).data["avatar"] == changed.data["avatar"]
    assert (await files.post(f"{users}/{login['id']}/avatar", picture(), employee, field="avatar")).status == 403

    await files.running.call("DELETE", f"{users}/{login['id']}", {"reason": "用户申请注销"}, token=manager)
    _, admin = await files.running.stores.hired(Role.ADMIN)

    async def is_gone() -> bool:  # the files area follows the deletion
        return (await files.get(changed.data["avatar"], admin)).code == "FILE_NOT_FOUND"

    await eventually(is_gone)
