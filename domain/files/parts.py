"""Parts of an upload: their number, and the size of each."""

from collections.abc import Sequence
from typing import Final

from domain.files.errors import PartRefused, UploadIncomplete
from domain.shared.model import Model

PART_BYTES: Final = 4 * 1024 * 1024
MAX_PARTS: Final = 10_000
"""The limit of providers."""


class UploadPlan(Model):
    size: int
    part_bytes: int = PART_BYTES
    sha256: str = ""
    """Of the whole content; empty if the client did not say."""
    storage_id: str = ""
    """The storage's id of the parts; empty for content that goes to the provider as one object."""

    @property
    def count(self) -> int:
        return -(-self.size // self.part_bytes)

    def size_of(self, number: int) -> int:
        """Raises PartRefused for a number that is none of the upload's."""
        if not 1 <= number <= min(self.count, MAX_PARTS):
            raise PartRefused(parts=self.count)
        return min(self.part_bytes, self.size - (number - 1) * self.part_bytes)

    def require_part(self, number: int, size: int) -> None:
        if size != self.size_of(number):
            raise PartRefused(parts=self.count, expected_bytes=self.size_of(number))

    def require_all(self, received: Sequence["StoredPart"]) -> None:
        """Raises UploadIncomplete, with the first numbers that are missing or have another size."""
        sizes = {part.number: part.size for part in received}
        missing = [number for number in range(1, self.count + 1) if sizes.get(number) != self.size_of(number)]
        if missing:
            raise UploadIncomplete(missing=missing[:100])


class StoredPart(Model):
    number: int
    size: int
