"""The formats of files that are accepted, recognised by content: names and declared types are never believed."""

from enum import StrEnum
from typing import Final


class FileFormat(StrEnum):
    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    HEIC = "image/heic"
    PDF = "application/pdf"
    MP4 = "video/mp4"
    MOV = "video/quicktime"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    CSV = "text/csv"

    @property
    def extension(self) -> str:
        return _EXTENSIONS[self]

    @property
    def is_image(self) -> bool:
        return self in IMAGES

    @property
    def is_video(self) -> bool:
        return self in VIDEOS


IMAGES: Final = frozenset({FileFormat.JPEG, FileFormat.PNG, FileFormat.WEBP, FileFormat.HEIC})
VIDEOS: Final = frozenset({FileFormat.MP4, FileFormat.MOV})
TABLES: Final = frozenset({FileFormat.XLSX, FileFormat.CSV})

_EXTENSIONS: Final = {
    FileFormat.JPEG: "jpg",
    FileFormat.PNG: "png",
    FileFormat.WEBP: "webp",
    FileFormat.HEIC: "heic",
    FileFormat.PDF: "pdf",
    FileFormat.MP4: "mp4",
    FileFormat.MOV: "mov",
    FileFormat.XLSX: "xlsx",
    FileFormat.CSV: "csv",
}
HEAD_BYTES: Final = 64
"""The number of first bytes that `format_of` reads."""
_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1"})
_MP4_BRANDS: Final = frozenset(
    {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"mmp4"}
)
_QUICKTIME_ATOMS: Final = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip"})
"""First atoms of files without a brand, from older cameras."""
_TEXT_BYTES: Final = frozenset(range(0x20, 0x7F)) | frozenset(range(0x80, 0x100)) | {0x09, 0x0A, 0x0D}
_NO_TABLE: Final = (b"<", b"#!", b"{\\rtf", b"%!")
"""First bytes of texts that are web pages, scripts or documents."""


def format_of(head: bytes) -> FileFormat | None:
    """The format that a file's first bytes claim; None if it is none of ours.

    A claim only: whether the rest keeps it is for `FileInspection` and `ImageProcessing` to find out.
    """
    if head.startswith(b"\xff\xd8\xff"):
        return FileFormat.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileFormat.PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return FileFormat.WEBP
    if head.startswith(b"%PDF-"):
        return FileFormat.PDF
    if head.startswith(b"PK\x03\x04"):
        return FileFormat.XLSX
    if head[4:8] == b"ftyp":
        return _format_of_brand(head[8:12])
    if head[4:8] in _QUICKTIME_ATOMS:
        return FileFormat.MOV
    return FileFormat.CSV if _looks_like_a_table(head) else None


def _format_of_brand(brand: bytes) -> FileFormat | None:
    if brand in _HEIC_BRANDS:
        return FileFormat.HEIC
    if brand == b"qt  ":
        return FileFormat.MOV
    return FileFormat.MP4 if brand in _MP4_BRANDS else None


def _looks_like_a_table(head: bytes) -> bool:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return bool(text) and not text.startswith(_NO_TABLE) and _TEXT_BYTES.issuperset(head)
