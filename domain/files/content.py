"""Turns received content into the objects to store: checks it, and encodes images again."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from domain.files.errors import FileFormatRefused, FileMissing, FileTooLarge
from domain.files.formats import FileFormat, format_of
from domain.files.kinds import FileKind
from domain.files.limits import FileLimits
from domain.files.model import StoredObject, Variant
from domain.files.ports import FileInspection, ImageProcessing, ProcessedImage, ReceivedFile


@dataclass(frozen=True)
class Content:
    format: FileFormat
    parts: Mapping[Variant, "ContentPart"]
    plays_everywhere: bool = True


@dataclass(frozen=True)
class ContentPart:
    path: Path
    format: FileFormat
    size: int
    width: int | None = None
    height: int | None = None

    @classmethod
    def of(cls, image: ProcessedImage) -> "ContentPart":
        return cls(image.path, image.format, image.size, image.width, image.height)

    def at(self, key: str) -> StoredObject:
        return StoredObject(key=key, size=self.size, width=self.width, height=self.height)


def require_one_of(formats: frozenset[FileFormat], head: bytes, size: int) -> FileFormat:
    """The format that the first bytes claim. Raises FileMissing, FileFormatRefused."""
    if size == 0:
        raise FileMissing
    claimed = format_of(head)
    if claimed is None or claimed not in formats:
        raise FileFormatRefused(accepted=sorted(each.extension for each in formats))
    return claimed


class ContentChecks:
    def __init__(self, images: ImageProcessing, inspection: FileInspection, limits: FileLimits) -> None:
        self._images = images
        self._inspection = inspection
        self._limits = limits

    async def prepare(self, received: ReceivedFile, kind: FileKind) -> Content:
        """The objects to store for the file.

        Raises FileMissing, FileFormatRefused, FileTooLarge, FileDamaged, ImageRefused, ImagesBusy.
        """
        claimed = self.require_format(received.head, received.size, kind)
        if claimed.is_image:
            image = await self._images.process(received.path, claimed, received.directory)
            parts = {variant: ContentPart.of(thumbnail) for variant, thumbnail in image.thumbnails.items()}
            return Content(image.format, {"original": ContentPart.of(image), **parts})
        plays = await self._inspection.inspect(received.path, claimed)
        return Content(claimed, {"original": ContentPart(received.path, claimed, received.size)}, plays)

    def require_format(self, head: bytes, size: int, kind: FileKind) -> FileFormat:
        """The format that the first bytes claim. Raises FileMissing, FileFormatRefused, FileTooLarge."""
        claimed = require_one_of(kind.formats, head, size)
        limit = self._limits.max_bytes(kind.size_class(claimed))
        if size > limit:
            raise FileTooLarge(max_bytes=limit)
        return claimed
