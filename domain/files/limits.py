"""Limits of files, from the settings."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from domain.files.kinds import SizeClass

MEGABYTE: Final = 1024 * 1024
LINK_SECONDS: Final = 600
PRIVATE_LINK_SECONDS: Final = 300
UPLOAD_LIFETIME: Final = timedelta(hours=24)
"""An unfinished upload is dropped after this time."""


@dataclass(frozen=True)
class FileLimits:
    image_bytes: int = 20 * MEGABYTE
    image_pixels: int = 50_000_000
    file_bytes: int = 50 * MEGABYTE
    video_bytes: int = 200 * MEGABYTE
    record_bytes: int = 1024 * MEGABYTE
    total_bytes: int = 500 * 1024 * MEGABYTE
    recognitions_per_day: int = 100
    """Of identity cards, for each person."""
    draft_lifetime: timedelta = timedelta(days=7)

    def max_bytes(self, size_class: SizeClass) -> int:
        return {"image": self.image_bytes, "file": self.file_bytes, "video": self.video_bytes}[size_class]
