"""Access to files: a reader may see or change a file if the file's area lets the reader see or change its record."""

from collections.abc import Mapping

from domain.files.errors import FileKindUnknown, FileNotFound
from domain.files.kinds import KINDS
from domain.files.model import DRAFT_AREA, FileRecord, RecordRef
from domain.files.ports import FileAccess
from domain.shared.errors import PermissionDenied
from domain.shared.reader import Reader


class DraftAccess:
    """Implements `FileAccess`: a file without a record is its uploader's alone."""

    async def may_see(self, reader: Reader, record_id: str, kind: str) -> bool:
        return record_id == draft_of(reader)

    async def may_change(self, reader: Reader, record_id: str, kind: str) -> bool:
        return record_id == draft_of(reader)


def draft_of(reader: Reader) -> str:
    return f"{reader.kind}-{reader.id}"


class AccessRules:
    def __init__(self, areas: Mapping[str, FileAccess]) -> None:
        self._areas: Mapping[str, FileAccess] = {DRAFT_AREA: DraftAccess(), **areas}

    async def require_seen(self, file: FileRecord | None, reader: Reader) -> FileRecord:
        """The file, if the reader may see it. Raises FileNotFound, also for a file that the reader may not see."""
        if file is None or file.state != "stored" or not await self._may_see(file.owner, reader):
            raise FileNotFound
        return file

    async def require_change(self, owner: RecordRef, reader: Reader) -> None:
        """Raises FileKindUnknown, PermissionDenied."""
        if owner.kind not in KINDS or owner.area not in self._areas:
            raise FileKindUnknown
        if not await self._areas[owner.area].may_change(reader, owner.record_id, owner.kind):
            raise PermissionDenied

    async def _may_see(self, owner: RecordRef, reader: Reader) -> bool:
        area = self._areas.get(owner.area)
        return area is not None and await area.may_see(reader, owner.record_id, owner.kind)
