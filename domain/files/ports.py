"""Ports of the files area: the storage, the processing of content, and the areas whose records have files."""

from collections.abc import AsyncIterable, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from domain.files.formats import FileFormat
from domain.files.model import FileRecord, RecordRef, Variant
from domain.files.parts import StoredPart
from domain.shared.actor import Actor
from domain.shared.events import DomainEvent
from domain.shared.reader import Reader, ReaderKind


class FileRepository(Protocol):
    async def find(self, entity_id: str) -> FileRecord | None: ...

    async def find_content(self, owner: RecordRef, sha256: str) -> FileRecord | None:
        """The stored file of this record and kind that has this content."""

    async def of_record(self, area: str, record_id: str) -> Sequence[FileRecord]:
        """All files of the record that are stored or being uploaded."""

    async def due(self, now: datetime, limit: int) -> Sequence[FileRecord]: ...

    async def next_conversion(self) -> FileRecord | None:
        """The oldest stored file whose conversion waits, or whose original is still to be removed."""

    async def save(self, entity: FileRecord, events: Sequence[DomainEvent]) -> FileRecord:
        """Raises Conflict, AlreadyStored, Unavailable, StorageFull."""


class FileUsage(Protocol):
    async def measure(self) -> None:
        """Adds up the sizes of all files. Costs more with each file."""

    async def add(self, size: int) -> None:
        """Counts content that is about to be stored, until the next measurement."""

    async def total_bytes(self) -> int:
        """The sum of the last measurement, and what was added since."""


@dataclass(frozen=True)
class ServedAs:
    """The response headers of an object's content."""

    content_type: str
    file_name: str
    inline: bool


class DirectAccess(Protocol):
    """Signed addresses and forms by which clients exchange objects with the provider itself."""

    def link(self, key: str, served: ServedAs, seconds: int) -> str:
        """An address of the object."""

    def part_link(self, key: str, storage_id: str, number: int, size: int, seconds: int) -> str:
        """An address that takes the part, of this size, by PUT."""

    def form(self, key: str, size: int, seconds: int) -> "DirectForm":
        """A form for one object of exactly this size."""


class ObjectStorage(Protocol):
    """All methods raise StorageFull, Unavailable, UpstreamFailed, UpstreamTimedOut. A key may be written again."""

    async def store(self, key: str, source: Path, content_type: str) -> None:
        """The object exists, whole, or not at all. `source` may be gone afterwards."""

    async def delete(self, keys: Sequence[str]) -> None:
        """Ignores keys without an object."""

    async def exists(self, key: str) -> bool: ...

    @property
    def direct(self) -> DirectAccess | None:
        """None for a folder on this machine, which clients cannot reach."""

    def local_path(self, key: str) -> Path | None:
        """Where this process can read the object itself; None where there is `direct`."""

    async def fetch(self, key: str, directory: Path) -> Path:
        """The object as a file to read: itself, or a copy in `directory`. Raises UploadIncomplete if there is none."""

    async def begin_parts(self, key: str) -> str:
        """An id for an object that will come in parts."""

    async def store_part(self, key: str, storage_id: str, number: int, source: Path) -> None:
        """Replaces a part of the same number. `source` may be gone afterwards."""

    async def parts(self, key: str, storage_id: str) -> Sequence[StoredPart]:
        """The parts that are stored whole, by number. A provider forgets them when they are joined."""

    async def join_parts(self, key: str, storage_id: str) -> None:
        """Makes the object of all parts. May be repeated, also after it was interrupted."""

    async def drop_parts(self, key: str, storage_id: str) -> None:
        """May be repeated. The object stays."""


@dataclass(frozen=True)
class DirectForm:
    url: str
    fields: Mapping[str, str]
    """The fields to send before the field `file`."""


@dataclass(frozen=True)
class ReceivedFile:
    """Complete content, in a directory that exists while the content is handled."""

    path: Path
    directory: Path
    size: int
    sha256: str
    head: bytes


class UploadSpool(Protocol):
    def receive(self, chunks: AsyncIterable[bytes], max_bytes: int) -> AbstractAsyncContextManager[ReceivedFile]:
        """Writes the chunks to a file. Raises FileTooLarge, StorageFull."""

    def examine(self, fetch: Callable[[Path], Awaitable[Path]]) -> AbstractAsyncContextManager[ReceivedFile]:
        """The same for a stored file. `fetch` gets the directory, and gives the path of the file."""

    async def sweep(self) -> None:
        """Removes directories that dead processes have left behind."""


class FileInspection(Protocol):
    async def inspect(self, path: Path, claimed: FileFormat) -> bool:
        """Checks a file that is not an image; False for a video that some browsers do not play.

        Raises FileDamaged, FileFormatRefused."""


@dataclass(frozen=True)
class ProcessedImage:
    path: Path
    format: FileFormat
    size: int
    width: int
    height: int
    thumbnails: Mapping[Variant, "ProcessedImage"] = field(default_factory=dict)


class ImageProcessing(Protocol):
    async def process(self, source: Path, claimed: FileFormat, directory: Path) -> ProcessedImage:
        """Encodes an image again, upright and without metadata, with its thumbnails, as new files in `directory`.

        Raises FileDamaged, ImageRefused, ImagesBusy, FileFormatRefused.
        """


class VideoConversion(Protocol):
    async def convert(self, source: Path, directory: Path) -> Path | None:
        """Converts a MOV or MP4 to an MP4 (H.264, AAC, at most 1080p, no metadata), as a new file in `directory`.

        None if the video is damaged, or exceeds the limits of time, memory or size.
        """


class FileAccess(Protocol):
    """Implemented by each area whose records have files."""

    async def may_see(self, reader: Reader, record_id: str, kind: str) -> bool: ...

    async def may_change(self, reader: Reader, record_id: str, kind: str) -> bool:
        """False also for a record that does not exist."""


class ReaderSessions(Protocol):
    async def reader_of(self, kind: ReaderKind, reader_id: str, session_id: str) -> Reader:
        """The reader of an open session, with current rights. Raises NotAuthenticated, PermissionDenied."""


class LinkSigner(Protocol):
    def sign(self, text: str) -> str: ...

    def is_signed(self, text: str, signature: str) -> bool: ...


class AvatarAccounts(Protocol):
    """Accounts of one kind, which have pictures."""

    async def set_avatar(self, account_id: str, url: str, actor: Actor) -> str:
        """Sets the account's picture, and returns the former address. Idempotent. Raises NotFound."""
