"""The free space of a disk that the product writes to, and when that is too little."""

from enum import StrEnum
from typing import Final, Literal

from domain.shared.model import Model

LOW_PART: Final = 0.1
LOW_BYTES: Final = 500 * 1024 * 1024
"""An operator is warned below one of both."""

Volume = Literal["data", "logs"]


class DiskLevel(StrEnum):
    OK = "ok"
    LOW = "low"
    FULL = "full"
    """Nothing that needs more space is stored any more."""


class Disk(Model):
    """The disk with the data of the embedded servers, or with the log files, of one machine."""

    machine: str
    volume: Volume
    free_bytes: int
    total_bytes: int
    full: bool = False

    @property
    def level(self) -> DiskLevel:
        if self.full:
            return DiskLevel.FULL
        low = self.free_bytes < LOW_BYTES or self.free_bytes < self.total_bytes * LOW_PART
        return DiskLevel.LOW if low else DiskLevel.OK
