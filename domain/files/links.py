"""Links to the content of files: signed, for minutes, for one file and one reader."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from domain.files.access import AccessRules
from domain.files.errors import LinkInvalid
from domain.files.limits import LINK_SECONDS, PRIVATE_LINK_SECONDS
from domain.files.model import FileRecord, StoredObject, Variant
from domain.files.ports import FileRepository, LinkSigner, ObjectStorage, ReaderSessions, ServedAs
from domain.shared.errors import NotAuthenticated, NotFound, PermissionDenied
from domain.shared.model import Model
from domain.shared.ports import Clock
from domain.shared.reader import Reader, ReaderKind

CONTENT_PATH: Final = "/api/upload/content"
_LINK: Final = re.compile(
    r"(?P<file_id>[0-9a-f]{24})\.(?P<variant>original|small|medium|large)\."
    r"(?P<reader_kind>staff|user)\.(?P<reader_id>[0-9a-f]{24})\.(?P<session_id>[0-9a-f]{24})\."
    r"(?P<expires>[0-9]{10,11})\.(?P<signature>[0-9A-Za-z_-]{43})"
)


class _LinkParts(Model):
    """The parts of a link that fits `_LINK`."""

    file_id: str
    variant: Variant
    reader_kind: ReaderKind
    reader_id: str
    session_id: str
    expires: int
    signature: str


@dataclass(frozen=True)
class Link:
    url: str
    seconds: int


@dataclass(frozen=True)
class ServedFile:
    path: Path
    size: int
    served: ServedAs
    seconds: int
    """The time for which the link is still valid."""


class FileLinks:
    def __init__(
        self,
        files: FileRepository,
        access: AccessRules,
        storage: ObjectStorage,
        signer: LinkSigner,
        readers: ReaderSessions,
        clock: Clock,
    ) -> None:
        self._files = files
        self._access = access
        self._storage = storage
        self._signer = signer
        self._readers = readers
        self._clock = clock

    async def link(self, file_id: str, variant: Variant, reader: Reader) -> Link:
        """Raises FileNotFound, also for a file that the reader may not see."""
        file = await self._access.require_seen(await self._files.find(file_id), reader)
        seconds = PRIVATE_LINK_SECONDS if file.owner.rules.is_private else LINK_SECONDS
        shown = self._object(file, variant)
        if self._storage.direct is not None:
            return Link(self._storage.direct.link(shown.key, served_as(file, variant), seconds), seconds)
        expires = int(self._clock.now().timestamp()) + seconds
        text = f"{file.id}.{variant}.{reader.kind}.{reader.id}.{reader.session_id}.{expires}"
        return Link(f"{CONTENT_PATH}/{text}.{self._signer.sign(text)}", seconds)

    async def open(self, link: str) -> ServedFile:
        """The content behind a link of ours. Raises LinkInvalid.

        The reader's rights are checked again: a link ends with the session that it was made in.
        """
        found = _LINK.fullmatch(link)
        if found is None or not self._signer.is_signed(link.rpartition(".")[0], found["signature"]):
            raise LinkInvalid
        parts = _LinkParts.model_validate(found.groupdict())
        seconds = parts.expires - int(self._clock.now().timestamp())
        if seconds <= 0:
            raise LinkInvalid
        try:
            reader = await self._readers.reader_of(parts.reader_kind, parts.reader_id, parts.session_id)
            file = await self._access.require_seen(await self._files.find(parts.file_id), reader)
        except (NotAuthenticated, PermissionDenied, NotFound):
            raise LinkInvalid from None
        shown = self._object(file, parts.variant)
        path = self._storage.local_path(shown.key)
        if path is None:
            raise LinkInvalid
        return ServedFile(path, shown.size, served_as(file, parts.variant), seconds)

    @staticmethod
    def _object(file: FileRecord, variant: Variant) -> StoredObject:
        found = file.object_for(variant)
        if found is None:
            raise LinkInvalid
        return found


def served_as(file: FileRecord, variant: Variant) -> ServedAs:
    """The headers of the content. Only images, which we encode ourselves, and videos are shown inside a page."""
    is_thumbnail = variant != "original" and variant in file.objects
    shown = file.format
    inline = shown is not None and (shown.is_image or shown.is_video)
    content_type = "image/jpeg" if is_thumbnail else str(shown or "application/octet-stream")
    return ServedAs(content_type, file.shown_name, inline)
