"""Conversion by ffmpeg: what becomes of a film, and that a harmful one costs no more than its own process."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from domain.files.formats import FileFormat
from integrations.files.inspection import ContentInspection
from integrations.videos.ffmpeg import PROGRAM, FfmpegConversion
from tests.video_samples import FFMPEG, film_of_a_phone, needs_ffmpeg
from tests.waiting import eventually

MAX_BYTES = 10_000_000


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


@needs_ffmpeg
async def test_a_film_of_a_phone_becomes_an_mp4_without_what_it_says_about_its_maker(
    tmp_path: Path, directory: Path
) -> None:
    source = film_of_a_phone(tmp_path)
    assert b"116.4074" in source.read_bytes()

    target = await FfmpegConversion(FFMPEG, MAX_BYTES).convert(source, directory)

    assert target is not None
    content = target.read_bytes()
    assert await ContentInspection().inspect(target, FileFormat.MP4)
    assert content.index(b"moov") < content.index(b"mdat")
    assert b"avc1" in content
    assert b"mp4a" in content
    assert b"116.4074" not in content
    assert b"Wang" not in content


@needs_ffmpeg
async def test_what_is_no_whole_film_is_not_converted(tmp_path: Path, directory: Path) -> None:
    source = film_of_a_phone(tmp_path)
    film, other = source.read_bytes(), tmp_path / "other"
    picture = film.index(b"mdat") + 100
    contents = {
        "playlist": f"ffconcat version 1.0\nfile {source}\n".encode(),
        "stream list": f"#EXTM3U\n#EXTINF:1,\nfile://{source}\n".encode(),
        "broken picture": film[:picture] + b"\x55" * 3000 + film[picture + 3000 :],
        "no film": film[:24] + b"\0" * 1000,
    }
    for content in contents.values():
        other.write_bytes(content)
        assert await FfmpegConversion(FFMPEG, MAX_BYTES).convert(other, directory) is None
        (directory / "converted").unlink(missing_ok=True)

    assert await FfmpegConversion(FFMPEG, max_bytes=1000).convert(source, directory) is None


async def test_a_conversion_that_takes_too_long_is_ended(tmp_path: Path, directory: Path) -> None:
    sleeper = tmp_path / "sleeper"
    sleeper.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 60\n")
    sleeper.chmod(0o700)

    assert await FfmpegConversion(str(sleeper), MAX_BYTES, seconds=1).convert(tmp_path / "film", directory) is None

    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux ends it")
async def test_a_conversion_ends_with_the_process_that_began_it() -> None:
    begin = (
        "import os, subprocess, sys, time;"
        f"child = subprocess.Popen([sys.executable, {PROGRAM!r}, str(os.getpid()), '1', '9', '/bin/sleep', '60']);"
        "print(child.pid, flush=True); time.sleep(60)"
    )
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", begin, stdout=PIPE)
    assert parent.stdout is not None
    child = int(await parent.stdout.readline())
    await eventually(lambda: Path(f"/proc/{child}/comm").read_text() == "sleep\n")

    parent.send_signal(signal.SIGKILL)
    await parent.wait()

    await eventually(lambda: _is_dead(child))


def _is_dead(process: int) -> bool:
    """True if the process is gone, or a zombie that its parent has not waited for."""
    try:
        return ") Z " in Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
