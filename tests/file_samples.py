"""Contents of files for tests: good ones and harmful ones."""

import io
import struct
import zipfile
import zlib
from typing import Any

from PIL import Image


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), color: str | int = "red", **options: Any) -> bytes:
    file = io.BytesIO()
    mode = options.pop("mode", "RGB")
    Image.new(mode, size, color).save(file, kind, **options)
    return file.getvalue()


def photo_with_place(size: tuple[int, int] = (60, 40)) -> bytes:
    """As a phone takes it: lying on its side, with the coordinates of a home."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Secret Camera"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (39.0, 54.0, 12.0)
    return picture(size=size, exif=exif.tobytes(), comment=b"home of the Wang family")


def png_claiming(width: int, height: int) -> bytes:
    """A few bytes that say they are a picture of that size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(b"\0" * 64))
        + _chunk(b"IEND", b"")
    )


def png_with_bomb_of_text() -> bytes:
    """A text of 20 MB, compressed to a few kilobytes."""
    whole = picture("PNG")
    text = _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"A" * 20_000_000, 9))
    return whole[:33] + text + whole[33:]


def animation(frames: int, size: tuple[int, int] = (200, 200)) -> bytes:
    file = io.BytesIO()
    pictures = [Image.new("RGB", size, (number % 256, number // 256, 0)) for number in range(frames)]
    pictures[0].save(file, "WEBP", save_all=True, append_images=pictures[1:])
    return file.getvalue()


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def video(brand: bytes = b"isom", film_bytes: int = 1000, description: bytes = b"avc1") -> bytes:
    head = _box(b"ftyp", brand + b"\0\0\2\0" + brand) + _box(b"moov", description.ljust(100, b"\0"))
    return head + _box(b"mdat", b"\7" * film_bytes)


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 8) + kind + content


def pdf(content: bytes = b"1 0 obj << >> endobj") -> bytes:
    return b"%PDF-1.7\n" + content + b"\n%%EOF\n"


def workbook(**more: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>", **more}.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)  # always the same bytes
    return file.getvalue()
