"""Converts a video with ffmpeg: a process for each, limited in time, memory, processor, output and what it may open."""

import asyncio
import logging
import os
from pathlib import Path
from typing import Final

from integrations.untrusted_process import kill, start_untrusted

log = logging.getLogger("error.videos")

SECONDS: Final = 900.0
PROGRAM: Final = str(Path(__file__).with_name("worker.py"))
_WITHIN_1080P: Final = (
    "scale=w='min(iw,if(gte(iw,ih),1920,1080))':h='min(ih,if(gte(iw,ih),1080,1920))'"
    ":force_original_aspect_ratio=decrease:force_divisible_by=2,setsar=1,format=yuv420p"
)
# Only this file, read as the container that it is: no playlist, no address, no other file that its content names.
_INPUT: Final = ("-protocol_whitelist", "file,pipe", "-f", "mov", "-enable_drefs", "0", "-threads", "1")
_PICTURE: Final = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-vf", _WITHIN_1080P)
_SOUND: Final = ("-c:a", "aac", "-b:a", "128k", "-ac", "2")
_PLAIN: Final = ("-map", "0:v:0", "-map", "0:a:0?", "-map_metadata", "-1", "-map_chapters", "-1")
"""Keeps one picture and one sound track; drops tracks of places and times, titles and chapters."""
_OUTPUT: Final = ("-threads", "1", "-movflags", "+faststart", "-f", "mp4")


class FfmpegConversion:
    """Implements `VideoConversion`."""

    def __init__(self, ffmpeg: str, max_bytes: int, *, seconds: float = SECONDS) -> None:
        self._ffmpeg = ffmpeg
        self._max_bytes = max_bytes
        self._seconds = seconds

    async def convert(self, source: Path, directory: Path) -> Path | None:
        target = directory / "converted"
        limits = (str(os.getpid()), str(self._max_bytes), str(int(self._seconds) + 1))
        process = await start_untrusted(PROGRAM, *limits, *self._command(source, target), directory=directory)
        try:
            async with asyncio.timeout(self._seconds):
                code = await process.wait()
        except TimeoutError:
            code = None
        finally:
            await kill(process)
        if code != 0:
            log.warning("videos.not_converted", extra={"exitCode": code})
            return None
        return target

    def _command(self, source: Path, target: Path) -> tuple[str, ...]:
        quiet = ("-nostdin", "-loglevel", "quiet", "-xerror", "-filter_threads", "1")
        files = (*_INPUT, "-i", f"file:{source.absolute()}", *_PLAIN, *_PICTURE, *_SOUND, *_OUTPUT)
        return (self._ffmpeg, *quiet, *files, f"file:{target.absolute()}")
