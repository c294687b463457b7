"""Checks files that are not images: they must be whole, and have the format that their first bytes claim."""

import asyncio
import codecs
import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Final

from domain.files.errors import FileDamaged, FileFormatRefused
from domain.files.formats import VIDEOS, FileFormat

_MAX_ENTRIES: Final = 10_000
_MAX_DIRECTORY_BYTES: Final = 1024 * 1024
"""Of the directory of an archive, each entry of which becomes an object in memory."""
_MAX_UNPACKED_BYTES: Final = 500 * 1024 * 1024
_MAX_BOXES: Final = 100_000
_MAX_DESCRIPTION_BYTES: Final = 8 * 1024 * 1024
_MOST_OF_A_RATIO: Final = 200
_PIECE_BYTES: Final = 256 * 1024
_ENCODINGS: Final = ("utf-8-sig", "gb18030")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""All but tabs and line breaks."""
_PRINTER_SETTINGS: Final = "xl/printerSettings/"
_PDF_END_BYTES: Final = 2048


class ContentInspection:
    """Implements `FileInspection`. Archives are not unpacked, so an archive bomb does no harm."""

    async def inspect(self, path: Path, claimed: FileFormat) -> bool:
        return await asyncio.to_thread(self._inspect, path, claimed)

    def _inspect(self, path: Path, claimed: FileFormat) -> bool:
        with path.open("rb") as file:
            if claimed in VIDEOS:
                is_hevc = _is_hevc(file, _boxes_of_video(file, path.stat().st_size))
                return claimed is not FileFormat.MOV and not is_hevc
            if claimed is FileFormat.XLSX:
                _require_workbook(path)
            elif claimed is FileFormat.CSV:
                if not any(_is_text(path, encoding) for encoding in _ENCODINGS):
                    raise FileFormatRefused
            elif claimed is FileFormat.PDF:
                file.seek(max(0, path.stat().st_size - _PDF_END_BYTES))
                if b"%%EOF" not in file.read():
                    raise FileDamaged
        return True


def _boxes_of_video(file: IO[bytes], size: int) -> Mapping[bytes, range]:
    """The place of each kind of box.

    Raises FileDamaged unless the boxes follow one another to the last byte and contain a film.
    """
    found: dict[bytes, range] = {}
    start = 0
    for _ in range(_MAX_BOXES):
        if start == size:
            break
        file.seek(start)
        header = file.read(16)
        length = int.from_bytes(header[:4])
        if length == 1:
            length = int.from_bytes(header[8:16])
        elif length == 0:  # up to the end
            length = size - start
        if len(header) < 8 or length < 8 or start + length > size:
            raise FileDamaged
        found[header[4:8]] = range(start, start + length)
        start += length
    if start != size or b"moov" not in found or not found.keys() & {b"mdat", b"moof"}:
        raise FileDamaged
    return found


def _is_hevc(file: IO[bytes], boxes: Mapping[bytes, range]) -> bool:
    """True if the film's description names HEVC, which many browsers do not play."""
    place = boxes[b"moov"]
    file.seek(place.start)
    description = file.read(min(len(place), _MAX_DESCRIPTION_BYTES))
    return b"hvc1" in description or b"hev1" in description


def _require_workbook(path: Path) -> None:
    try:
        with _ArchiveReader(io.FileIO(path)) as file, zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
        raise FileDamaged from error
    names = {entry.filename for entry in entries}
    programs = {name for name in names if name.endswith(".bin") and not name.startswith(_PRINTER_SETTINGS)}
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= names or programs:
        raise FileFormatRefused  # another archive, or one with macros or embedded programs
    packed, unpacked = sum(each.compress_size for each in entries), sum(each.file_size for each in entries)
    if len(entries) > _MAX_ENTRIES or unpacked > min(_MAX_UNPACKED_BYTES, _MOST_OF_A_RATIO * max(packed, 1)):
        raise FileDamaged


class _ArchiveReader(io.BufferedReader):
    """Limits the length of the archive's directory, which `zipfile` reads into memory at once."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _MAX_DIRECTORY_BYTES:
            raise zipfile.BadZipFile
        return super().read(size)


def _is_text(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE_BYTES):
                if _CONTROLS.search(decoder.decode(piece)):
                    return False
            return _CONTROLS.search(decoder.decode(b"", final=True)) is None
    except UnicodeDecodeError:
        return False
