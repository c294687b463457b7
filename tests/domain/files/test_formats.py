"""Formats are recognised by content."""

import pytest

from domain.files.formats import FileFormat, format_of
from domain.files.kinds import KINDS
from tests.file_samples import animation, pdf, picture, video, workbook


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (picture("JPEG"), FileFormat.JPEG),
        (picture("PNG"), FileFormat.PNG),
        (animation(1), FileFormat.WEBP),
        (b"\0\0\0\x18ftypheic", FileFormat.HEIC),
        (b"\0\0\0\x18ftypmif1", FileFormat.HEIC),
        (pdf(), FileFormat.PDF),
        (video(b"isom"), FileFormat.MP4),
        (video(b"qt  "), FileFormat.MOV),
        (b"\0\0\0\x08wide\0\0\0\x08mdat", FileFormat.MOV),
        (workbook(), FileFormat.XLSX),
        ("姓名,电话\n王芳,138".encode(), FileFormat.CSV),
        ("\ufeff姓名,电话".encode(), FileFormat.CSV),
        ("姓名,电话".encode("gb18030"), FileFormat.CSV),
    ],
)
def test_a_file_is_what_its_content_says(content: bytes, expected: FileFormat) -> None:
    assert format_of(content[:64]) is expected


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"\xef\xbb\xbf  <!DOCTYPE html><html>",
        b"#!/bin/sh\nrm -rf /",
        b"MZ\x90\x00\x03\x00\x00\x00",
        b"\x7fELF\x02\x01\x01\x00",
        b"GIF89a\x01\x00\x01\x00",
        b"BM\x46\x00\x00\x00",
        b"II*\x00\x08\x00\x00\x00",
        b"RIFF\x24\x00\x00\x00WAVEfmt ",
        b"\0\0\0\x18ftypcrx ",
        b"{\\rtf1\\ansi",
        b"%!PS-Adobe-3.0",
    ],
)
def test_other_content_is_nothing(content: bytes) -> None:
    assert format_of(content) is None


def test_id_cards_are_pictures_and_nothing_else() -> None:
    assert FileFormat.PDF not in KINDS["idCardFront"].formats
    assert FileFormat.PDF in KINDS["medicalReport"].formats
    assert [name for name, kind in KINDS.items() if FileFormat.MP4 in kind.formats] == ["selfIntroductionVideo"]
