"""Uploads in parts, which continue after a reload, a broken connection, or the death of an app process."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.files.access import AccessRules
from domain.files.avatars import Avatars
from domain.files.content import Content, ContentChecks
from domain.files.errors import (
    ChecksumWrong,
    DirectUploadUnavailable,
    FileTooLarge,
    UploadNotFound,
)
from domain.files.library import FileLibrary
from domain.files.limits import FileLimits
from domain.files.model import FileRecord, RecordRef, StoredObject, Variant
from domain.files.parts import MAX_PARTS, UploadPlan
from domain.files.ports import DirectAccess, DirectForm, FileRepository, ObjectStorage, ReceivedFile, UploadSpool
from domain.shared.actor import Actor
from domain.shared.errors import InvalidRequest
from domain.shared.ports import Clock, IdGenerator
from domain.shared.reader import Reader
from domain.shared.retry import KeyedLocks, retry_on_conflict

DIRECT_SECONDS: Final = 600


@dataclass(frozen=True)
class UploadState:
    file: FileRecord
    plan: UploadPlan
    received: Sequence[int]
    is_direct: bool
    """True if clients may send the parts to the provider, at the addresses from `part_link`."""


class PartUploads:
    def __init__(
        self,
        files: FileRepository,
        storage: ObjectStorage,
        spool: UploadSpool,
        content: ContentChecks,
        library: FileLibrary,
        avatars: Avatars,
        access: AccessRules,
        limits: FileLimits,
        clock: Clock,
        ids: IdGenerator,
    ) -> None:
        self._files = files
        self._storage = storage
        self._spool = spool
        self._content = content
        self._library = library
        self._avatars = avatars
        self._access = access
        self._limits = limits
        self._clock = clock
        self._ids = ids
        self._locks = KeyedLocks()

    async def begin(
        self, owner: RecordRef, name: str, plan: UploadPlan, reader: Reader, actor: Actor, *, direct: bool = False
    ) -> UploadState:
        """`direct`: the content goes to the provider as one object, by a form.

        Raises FileKindUnknown, PermissionDenied, FileTooLarge, TooManyFiles, FilesQuotaUsed.
        """
        await self._access.require_change(owner, reader)
        largest = max(self._limits.max_bytes(owner.rules.size_class(each)) for each in owner.rules.formats)
        if plan.size > largest or plan.count > MAX_PARTS:
            raise FileTooLarge(max_bytes=largest)
        await self._library.require_room(owner, plan.size, in_parts=True)
        file = FileRecord.begun(self._ids.next_id(), owner, name, actor.ref(), self._clock.now())
        variant: Variant = "sent" if direct else "original"
        key = file.key_of(variant)
        if not direct:
            plan = plan.model_copy(update={"storage_id": await self._storage.begin_parts(key)})
        planned = file.with_objects({variant: StoredObject(key=key, size=plan.size)}).planned(plan)
        return UploadState(await self._library.claim(planned, plan.size), plan, (), self._is_direct)

    async def state(self, upload_id: str, reader: Reader) -> UploadState:
        """Raises UploadNotFound."""
        file, plan = await self._own(upload_id, reader)
        stored = await self._storage.parts(file.key_of("original"), plan.storage_id) if plan.storage_id else ()
        return UploadState(file, plan, [part.number for part in stored], self._is_direct)

    async def part_bytes(self, upload_id: str, number: int, reader: Reader) -> int:
        """The size that the part must have; to be called before it is read. Raises UploadNotFound, PartRefused."""
        _, plan = await self._own(upload_id, reader)
        return plan.size_of(number)

    async def store_part(
        self, upload_id: str, number: int, received: ReceivedFile, sha256: str, reader: Reader
    ) -> None:
        """Stores a part. Parts may come in any order, and repeatedly.

        Raises UploadNotFound, PartRefused, ChecksumWrong, FileFormatRefused, FileTooLarge.
        """
        file, plan = await self._own(upload_id, reader)
        plan.require_part(number, received.size)
        if sha256 and sha256 != received.sha256:
            raise ChecksumWrong
        if number == 1:  # so that a wrong format is refused before the client sends 200 MB
            self._content.require_format(received.head, plan.size, file.owner.rules)
        await self._storage.store_part(file.key_of("original"), plan.storage_id, number, received.path)

    async def part_link(self, upload_id: str, number: int, reader: Reader) -> str:
        """The provider's address for the part. Raises UploadNotFound, PartRefused, DirectUploadUnavailable."""
        file, plan = await self._own(upload_id, reader)
        size = plan.size_of(number)
        direct = self.require_direct()
        if not plan.storage_id:
            raise DirectUploadUnavailable
        return direct.part_link(file.key_of("original"), plan.storage_id, number, size, DIRECT_SECONDS)

    def require_direct(self) -> DirectAccess:
        """The provider's addresses. Raises DirectUploadUnavailable where no provider stores the files."""
        if self._storage.direct is None:
            raise DirectUploadUnavailable
        return self._storage.direct

    def form(self, upload: UploadState) -> DirectForm:
        """The provider's form for the content of this upload only. Raises DirectUploadUnavailable."""
        return self.require_direct().form(upload.file.arriving.key, upload.plan.size, DIRECT_SECONDS)

    async def complete(self, upload_id: str, sha256: str, reader: Reader, actor: Actor) -> FileRecord:
        """The stored file; a picture of an account is shown by it from now on. Idempotent: also after it has succeeded,
        or was interrupted, on any app process.

        Raises UploadNotFound, UploadIncomplete, ChecksumWrong, and what `FileLibrary.store` raises. Content that is
        refused is gone; after other errors the upload is as it was.
        """

        async def once() -> FileRecord:
            found = await self._files.find(upload_id)
            if found is not None and found.state == "stored" and found.created_by.id == actor.id:
                await self._access.require_change(found.owner, reader)
                return found
            file, plan = await self._own(upload_id, reader)
            return await self._complete(file, plan, sha256 or plan.sha256, actor)

        async with self._locks.hold(upload_id):
            stored = await retry_on_conflict(once)
        await self._avatars.show(stored, reader, actor)
        return stored

    async def abort(self, upload_id: str, reader: Reader) -> None:
        """Raises UploadNotFound."""
        file, _ = await self._own(upload_id, reader)
        await self._drop(file)

    async def _complete(self, file: FileRecord, plan: UploadPlan, sha256: str, actor: Actor) -> FileRecord:
        key = file.arriving.key
        if plan.storage_id:
            await self._join(key, plan)
        async with self._spool.examine(lambda directory: self._storage.fetch(key, directory)) as received:
            known = await self._files.find_content(file.owner, received.sha256)
            if known is not None:
                await self._drop(file)
                return known
            try:
                if received.size != plan.size or sha256 not in ("", received.sha256):
                    raise ChecksumWrong
                content = await self._content.prepare(received, file.owner.rules)
            except InvalidRequest:
                await self._drop(file)
                raise
            stored = await self._keep(file, content, received, actor)
        if plan.storage_id:
            await self._storage.drop_parts(key, plan.storage_id)
        elif "sent" in file.objects:
            await self._storage.delete([key])
        return stored

    async def _join(self, key: str, plan: UploadPlan) -> None:
        parts = await self._storage.parts(key, plan.storage_id)
        if not parts and await self._storage.exists(key):
            return  # an earlier call has joined them, and was interrupted
        plan.require_all(parts)
        await self._storage.join_parts(key, plan.storage_id)

    async def _keep(self, file: FileRecord, content: Content, received: ReceivedFile, actor: Actor) -> FileRecord:
        is_encoded_again = content.parts["original"].path != received.path
        if is_encoded_again or "sent" in file.objects:
            return await self._library.keep(file, content, received.sha256, actor)
        return await self._library.show(file, content, received.sha256, actor)

    @property
    def _is_direct(self) -> bool:
        return self._storage.direct is not None

    async def _drop(self, file: FileRecord) -> None:
        """Deletes the record; the sweep removes the content."""
        await self._files.save(file.deleted(self._clock.now()), [])

    async def _own(self, upload_id: str, reader: Reader) -> tuple[FileRecord, UploadPlan]:
        file = await self._files.find(upload_id)
        if file is None or file.state != "uploading" or file.upload is None or file.created_by.id != reader.id:
            raise UploadNotFound
        await self._access.require_change(file.owner, reader)
        return file, file.upload
