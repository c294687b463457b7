"""Stores a file that has arrived, gives it to a record, and deletes it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from domain.audit.model import AuditRecorded, audit_of
from domain.files.access import AccessRules
from domain.files.content import Content, ContentChecks
from domain.files.conversions import VideoConversions
from domain.files.errors import AlreadyStored, FileNotFound, FilesQuotaUsed, TooManyFiles
from domain.files.limits import FileLimits
from domain.files.model import DRAFT_AREA, FileRecord, RecordRef, StoredObject, Variant
from domain.files.ports import FileRepository, FileUsage, ObjectStorage, ReceivedFile
from domain.shared.actor import SYSTEM, Actor
from domain.shared.ports import Clock, IdGenerator
from domain.shared.reader import Reader
from domain.shared.retry import KeyedLocks, retry_on_conflict

MAX_UNFINISHED: Final = 20
"""Limit of the unfinished uploads of one record."""
_RECORD_GONE: Final = SYSTEM.model_copy(update={"action": "file.record-deleted"})


class FileLibrary:
    def __init__(
        self,
        files: FileRepository,
        usage: FileUsage,
        storage: ObjectStorage,
        content: ContentChecks,
        conversions: VideoConversions,
        access: AccessRules,
        limits: FileLimits,
        clock: Clock,
        ids: IdGenerator,
    ) -> None:
        self._files = files
        self._usage = usage
        self._storage = storage
        self._content = content
        self._conversions = conversions
        self._access = access
        self._limits = limits
        self._clock = clock
        self._ids = ids
        self._locks = KeyedLocks()

    async def store(
        self, received: ReceivedFile, owner: RecordRef, name: str, reader: Reader, actor: Actor
    ) -> FileRecord:
        """The file of the record with this content: the one that it has already, or a new one.

        Raises FileKindUnknown, PermissionDenied, TooManyFiles, FilesQuotaUsed, StorageFull, and what
        `ContentChecks.prepare` raises; then nothing is stored.
        """
        await self._access.require_change(owner, reader)
        if (known := await self._files.find_content(owner, received.sha256)) is not None:
            return known
        self._content.require_format(received.head, received.size, owner.rules)
        await self.require_room(owner, received.size)
        content = await self._content.prepare(received, owner.rules)
        begun = FileRecord.begun(self._ids.next_id(), owner, name, actor.ref(), self._clock.now())
        saved = await self.claim(begun.with_objects(_placed(begun, content)), received.size)
        return await self._write(saved, content, received.sha256, actor)

    async def claim(self, begun: FileRecord, size: int) -> FileRecord:
        """Saves the record of content that is about to be stored: it counts from now on.

        Raises TooManyFiles, FilesQuotaUsed.
        """
        async with self._locks.hold(f"{begun.owner.area}/{begun.owner.record_id}"):
            await self.require_room(begun.owner, size, in_parts=begun.upload is not None)
            saved = await self._files.save(begun, [])
        await self._usage.add(size)
        return saved

    async def keep(self, begun: FileRecord, content: Content, sha256: str, actor: Actor) -> FileRecord:
        """Writes the objects of a claimed record. Raises StorageFull, Unavailable, UpstreamFailed."""
        saved = await self._files.save(begun.with_objects(_placed(begun, content)), [])
        return await self._write(saved, content, sha256, actor)

    async def _write(self, saved: FileRecord, content: Content, sha256: str, actor: Actor) -> FileRecord:
        """The record is saved before, so that the sweep finds the objects of an upload that was interrupted."""
        for variant, part in content.parts.items():
            await self._storage.store(saved.objects[variant].key, part.path, part.format)
        return await self.show(saved, content, sha256, actor)

    async def show(self, file: FileRecord, content: Content, sha256: str, actor: Actor) -> FileRecord:
        """Marks the file as stored after its objects are complete: readers of its record see it from now on."""
        now = self._clock.now()
        due_at = self._draft_ends_at(file.owner, now)
        plays, converts = content.plays_everywhere, self._conversions.enabled
        stored = file.stored(content.format, sha256, due_at, plays_everywhere=plays, converts=converts)
        try:
            saved = await self._files.save(stored, [self._audit(file, stored, actor, now)])
        except AlreadyStored:  # the same content arrived twice at once
            await self._files.save(file.deleted(now), [])
            known = await self._files.find_content(file.owner, sha256)
            if known is None:
                raise
            return known
        if saved.conversion is not None:
            self._conversions.wake()
        return saved

    async def require_room(self, owner: RecordRef, more_bytes: int, *, in_parts: bool = False) -> None:
        """Raises TooManyFiles, FilesQuotaUsed. App processes together may exceed the limits a little."""
        theirs = await self._files.of_record(owner.area, owner.record_id)
        count = sum(file.owner.kind == owner.kind for file in theirs)
        if owner.area != DRAFT_AREA and count >= owner.rules.max_in_record:
            raise TooManyFiles(max_files=owner.rules.max_in_record)
        if sum(file.size for file in theirs) + more_bytes > self._limits.record_bytes:
            raise TooManyFiles(max_bytes=self._limits.record_bytes)
        if in_parts and sum(file.state == "uploading" for file in theirs) >= MAX_UNFINISHED:
            raise TooManyFiles(max_unfinished=MAX_UNFINISHED)
        if await self._usage.total_bytes() + more_bytes > self._limits.total_bytes:
            raise FilesQuotaUsed

    async def attach(self, file_id: str, owner: RecordRef, reader: Reader, actor: Actor) -> FileRecord:
        """Gives a draft of the reader to a record. Idempotent. Raises FileNotFound, PermissionDenied."""
        await self._access.require_change(owner, reader)

        async def once() -> FileRecord:
            file = await self._files.find(file_id)
            if file is not None and file.owner == owner and file.state == "stored":
                return file
            if file is None or file.owner.area != DRAFT_AREA or file.owner.kind != owner.kind:
                raise FileNotFound
            draft = await self._access.require_seen(file, reader)
            attached = draft.attached(owner)
            return await self._files.save(attached, [self._audit(draft, attached, actor, self._clock.now())])

        return await retry_on_conflict(once)

    async def of_record(self, area: str, record_id: str, reader: Reader) -> Sequence[FileRecord]:
        """The stored files of a record that the reader may see. Raises FileNotFound when that is none of them."""
        stored = [file for file in await self._files.of_record(area, record_id) if file.state == "stored"]
        return [await self._access.require_seen(file, reader) for file in stored]

    async def delete(self, file_id: str, reader: Reader, actor: Actor) -> None:
        """Hides the file at once; the sweep removes its content within a day. Raises FileNotFound, PermissionDenied."""

        async def once() -> None:
            file = await self._access.require_seen(await self._files.find(file_id), reader)
            await self._access.require_change(file.owner, reader)
            now = self._clock.now()
            deleted = file.deleted(now)
            await self._files.save(deleted, [self._audit(file, deleted, actor, now)])

        await retry_on_conflict(once)

    async def forget_record(self, area: str, record_id: str) -> None:
        """Deletes the files of a record that no longer exists. Idempotent."""
        for file in await self._files.of_record(area, record_id):
            now = self._clock.now()
            deleted = file.deleted(now)
            await self._files.save(deleted, [self._audit(file, deleted, _RECORD_GONE, now)])

    def _draft_ends_at(self, owner: RecordRef, now: datetime) -> datetime | None:
        return now + self._limits.draft_lifetime if owner.area == DRAFT_AREA else None

    def _audit(self, before: FileRecord, after: FileRecord, actor: Actor, now: datetime) -> AuditRecorded:
        return audit_of(self._ids.next_id(), now, actor, ("file", after.id), before.snapshot(), after.snapshot())


def _placed(file: FileRecord, content: Content) -> dict[Variant, StoredObject]:
    return {**file.objects, **{variant: part.at(file.key_of(variant)) for variant, part in content.parts.items()}}
