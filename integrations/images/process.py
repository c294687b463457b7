"""Runs the image program: one process, one image at a time, replaced when it dies or takes too long."""

import asyncio
import json
import logging
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from domain.files.errors import FileDamaged, FileFormatRefused, ImageRefused, ImagesBusy
from domain.files.formats import FileFormat
from domain.files.ports import ProcessedImage
from integrations.untrusted_process import kill, start_untrusted

log = logging.getLogger("error.images")

PROGRAM: Final = str(Path(__file__).with_name("worker.py"))
SECONDS: Final = 20.0
WAIT_SECONDS: Final = 100.0
"""The longest wait of an image for its turn; proxies wait longer."""
IMAGES_OF_A_PROCESS: Final = 200
"""A process is replaced after so many images, which frees the memory that libraries have leaked."""
_ERRORS: Final = {error.code: error for error in (FileDamaged, ImageRefused, FileFormatRefused)}


class ImageProcess:
    """Implements `ImageProcessing`."""

    def __init__(
        self, max_pixels: int, *, program: str = PROGRAM, seconds: float = SECONDS, wait_seconds: float = WAIT_SECONDS
    ) -> None:
        self._max_pixels = max_pixels
        self._program = program
        self._seconds = seconds
        self._wait_seconds = wait_seconds
        self._turn = asyncio.Lock()
        self._process: Process | None = None
        self._left = 0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def process(self, source: Path, claimed: FileFormat, directory: Path) -> ProcessedImage:
        request = {
            "source": str(source),
            "directory": str(directory),
            "format": claimed,
            "maxPixels": self._max_pixels,
        }
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._turn.acquire()
        except TimeoutError:
            raise ImagesBusy from None
        try:
            answer = await self._ask(request)
        finally:
            self._turn.release()
        if "error" in answer:
            raise _ERRORS.get(answer["error"], FileDamaged)
        return _image(answer)

    async def _ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Raises ImageRefused when the process died of it or took too long."""
        process = await self._started()
        requests, answers = process.stdin, process.stdout
        if requests is None or answers is None:
            raise TypeError("both are pipes")
        finished = False
        try:
            async with asyncio.timeout(self._seconds):
                requests.write(json.dumps(request).encode() + b"\n")
                await requests.drain()
                line = await answers.readline()
            answer: dict[str, Any] = json.loads(line)
            finished = True
            self._left -= 1
            return answer
        except (TimeoutError, ValueError, OSError):
            log.warning("images.process_ended", extra={"exitCode": process.returncode})
            raise ImageRefused from None
        finally:
            if not finished or not self._left:  # also after a cancellation: the next request would read this answer
                await self.close()

    async def _started(self) -> Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await start_untrusted(self._program, stdin=PIPE, stdout=PIPE)
            self._left = IMAGES_OF_A_PROCESS
        return self._process

    async def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await kill(process)


def _image(answer: Mapping[str, Any]) -> ProcessedImage:
    return ProcessedImage(
        path=Path(answer["path"]),
        format=FileFormat(answer["format"]),
        size=answer["size"],
        width=answer["width"],
        height=answer["height"],
        thumbnails={name: _image(each) for name, each in answer.get("thumbnails", {}).items()},
    )
