"""Sweeps: removes deleted files, unfinished uploads, and files that no record has claimed."""

import logging
from collections.abc import Sequence
from typing import Final

from domain.audit.model import audit_of
from domain.files.model import FileRecord
from domain.files.ports import FileRepository, FileUsage, ObjectStorage, UploadSpool
from domain.shared.actor import SYSTEM
from domain.shared.background import BackgroundJob, Every
from domain.shared.errors import Conflict, UpstreamFailed
from domain.shared.ports import Clock, IdGenerator

log = logging.getLogger("business.files")

SWEEP_SECONDS: Final = 600.0
USAGE_SECONDS: Final = 3600.0
BATCH: Final = 100
_ACTOR: Final = SYSTEM.model_copy(update={"action": "file.expired"})


class FileMaintenance:
    def __init__(
        self,
        files: FileRepository,
        usage: FileUsage,
        storage: ObjectStorage,
        spool: UploadSpool,
        clock: Clock,
        ids: IdGenerator,
    ) -> None:
        self._files = files
        self._usage = usage
        self._storage = storage
        self._spool = spool
        self._clock = clock
        self._ids = ids

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        return (
            BackgroundJob("files-sweep", Every(SWEEP_SECONDS), self.sweep, lease_seconds=SWEEP_SECONDS),
            BackgroundJob("files-usage", Every(USAGE_SECONDS), self._usage.measure, lease_seconds=300),
            BackgroundJob("files-spool", Every(USAGE_SECONDS), self._spool.sweep),
        )

    async def sweep(self) -> int:
        """Removes all files that are due, and returns their number. After an interruption the next round continues."""
        gone = 0
        while due := await self._files.due(self._clock.now(), BATCH):
            purged = await self._purge_all(due)
            gone += purged
            if purged < BATCH:  # the last batch, or other processes change these files
                break
        if gone:
            log.info("files.purged", extra={"files": gone})
        return gone

    async def _purge_all(self, due: Sequence[FileRecord]) -> int:
        gone, refused = 0, None
        for file in due:
            try:
                await self._purge(file)
                gone += 1
            except Conflict:  # it was attached, or a part of it arrived, at this moment
                continue
            except UpstreamFailed as error:  # the files behind this one are removed all the same
                refused = error
        if refused is not None and not gone:
            raise refused
        return gone

    async def _purge(self, file: FileRecord) -> None:
        now = self._clock.now()
        if file.state != "deleted":
            expired = file.deleted(now)
            rows = [audit_of(self._ids.next_id(), now, _ACTOR, ("file", file.id), file.snapshot(), expired.snapshot())]
            file = await self._files.save(expired, rows)  # before its content is removed: no reader may see half of it
        if file.upload is not None and file.upload.storage_id:
            await self._storage.drop_parts(file.key_of("original"), file.upload.storage_id)
        await self._storage.delete(sorted(file.keys))
        await self._files.save(file.purged(), [])
