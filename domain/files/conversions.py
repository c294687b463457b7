"""Converts stored videos that some browsers do not play, one after the other, in the background."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Final

from domain.files.errors import FileDamaged, FileFormatRefused, UploadIncomplete
from domain.files.formats import FileFormat
from domain.files.model import FileRecord
from domain.files.ports import FileInspection, FileRepository, ObjectStorage, UploadSpool, VideoConversion
from domain.shared.background import BackgroundJob, Every
from domain.shared.errors import DomainError
from domain.shared.ports import Lease
from domain.shared.retry import retry_on_conflict
from domain.shared.signal import Signal
from domain.shared.tasks import stop_if_cancelled

log = logging.getLogger("business.files")

PAUSE_SECONDS: Final = 10.0
MAX_ATTEMPTS: Final = 5
"""After so many interrupted attempts the conversion fails, because the video may be what kills the process."""
_JOB: Final = "files-convert"
_LEASE_SECONDS: Final = 60.0
"""Short, so that another process takes over soon after this one dies; extended during a conversion."""


class VideoConversions:
    """The file stays readable all the time, at the same address: first the original is shown, then the converted video.

    The two are different objects, whose keys follow from the record. So the process that continues after a crash, or
    deletes the file, knows both.
    """

    def __init__(
        self,
        files: FileRepository,
        storage: ObjectStorage,
        spool: UploadSpool,
        inspection: FileInspection,
        videos: VideoConversion | None,
        lease: Lease,
        lease_seconds: float = _LEASE_SECONDS,
    ) -> None:
        """`videos` None: nothing is converted."""
        self._files = files
        self._storage = storage
        self._spool = spool
        self._inspection = inspection
        self._videos = videos
        self._lease = lease
        self._lease_seconds = lease_seconds
        self._wake = Signal()

    @property
    def enabled(self) -> bool:
        return self._videos is not None

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        if not self.enabled:
            return ()
        return (BackgroundJob(_JOB, Every(PAUSE_SECONDS, self._wake), self.convert_next, self._lease_seconds),)

    def wake(self) -> None:
        """Starts the next round at once, because a video waits."""
        self._wake.set()

    async def convert_next(self) -> None:
        """Converts one video, if any waits. An interrupted conversion begins again in the next round."""
        file = await self._files.next_conversion()
        if file is None or self._videos is None:
            return
        if not file.is_replaced:
            async with self._lease_extended():
                await self._convert(file, self._videos)
            file = await self._files.find(file.id)
        if file is not None and file.is_replaced:
            await self._storage.delete([file.key_of("original")])
            await self._files.save(file.conversion_ended(), [])
        self.wake()  # perhaps there are more

    @contextlib.asynccontextmanager
    async def _lease_extended(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._extend_lease(), name="files-convert-lease")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _extend_lease(self) -> None:
        while True:
            await asyncio.sleep(self._lease_seconds / 4)
            with contextlib.suppress(DomainError):  # the next time, then
                await self._lease.acquire(_JOB, self._lease_seconds)
            stop_if_cancelled()

    async def _convert(self, file: FileRecord, videos: VideoConversion) -> None:
        size = None
        if file.conversion is not None and file.conversion.attempts < MAX_ATTEMPTS:
            with contextlib.suppress(UploadIncomplete, FileDamaged, FileFormatRefused):
                size = await self._store_converted(file, videos)
        await self._end(file, size)
        log.info("files.conversion_ended", extra={"file": file.id, "bytes": size})

    async def _store_converted(self, file: FileRecord, videos: VideoConversion) -> int | None:
        original = file.key_of("original")
        async with self._spool.examine(lambda directory: self._storage.fetch(original, directory)) as received:
            await self._files.save(file.conversion_begun(), [])  # the storage answers: an outage is no attempt
            target = await videos.convert(received.path, received.directory)
            if target is None:
                return None
            await self._inspection.inspect(target, FileFormat.MP4)
            size = target.stat().st_size
            await self._storage.store(file.converted_key, target, FileFormat.MP4)
            return size

    async def _end(self, file: FileRecord, size: int | None) -> None:
        """`size` None: the conversion failed. The file may have been attached or deleted meanwhile."""

        async def once() -> None:
            current = await self._files.find(file.id)
            if current is None or current.state == "deleted":  # the sweep may have removed the other objects before
                await self._storage.delete([file.converted_key])
            elif current.conversion is not None and current.conversion.state == "waiting":
                ended = current.conversion_failed() if size is None else current.converted(size)
                await self._files.save(ended, [])

        await retry_on_conflict(once)
