"""Videos that some browsers do not play, where ffmpeg is installed."""

from pathlib import Path
from typing import Any

import pytest

from integrations.settings import FileSettings
from tests.file_samples import video
from tests.http_api.routes.files.file_api import FileApi
from tests.video_samples import film_of_a_phone, needs_ffmpeg
from tests.waiting import eventually

pytestmark = needs_ffmpeg
VIDEO = "/api/upload/video"


@pytest.fixture
def area_settings(tmp_path: Path) -> dict[str, Any]:
    return {"files": FileSettings(dir=tmp_path / "files")}


async def test_a_film_is_converted_after_the_answer_under_the_same_address(files: FileApi, tmp_path: Path) -> None:
    _, token = await files.running.stores.hired()
    content = film_of_a_phone(tmp_path).read_bytes()

    async def notice_of(film: bytes, notice: str | None) -> bool:
        """The same content again is answered with the file that is there."""
        again = (await files.post(VIDEO, film, token, name="介绍.mov")).data
        return bool(again["notice"] == notice)

    done = (await files.post(VIDEO, content, token, name="介绍.mov")).data
    assert (done["mimeType"], done["size"], done["notice"]) == ("video/quicktime", len(content), "WILL_BE_CONVERTED")
    await eventually(lambda: notice_of(content, None))

    redirect = await files.get(done["fileUrl"], token)
    shown = await files.get(redirect.headers["Location"])
    assert shown.headers["Content-Type"] == "video/mp4"
    assert shown.headers["Content-Disposition"].endswith(".mp4")
    assert b"avc1" in shown.body
    assert b"116.4074" not in shown.body
    await eventually(lambda: [path.stat().st_size for path in files.stored] == [len(shown.body)])

    broken = video(b"qt  ")
    kept = (await files.post(VIDEO, broken, token, name="坏.mov")).data
    await eventually(lambda: notice_of(broken, "NOT_CONVERTED"))
    redirect = await files.get(kept["fileUrl"], token)
    assert (await files.get(redirect.headers["Location"])).headers["Content-Type"] == "video/quicktime"
