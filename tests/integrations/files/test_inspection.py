"""Files that are no images are looked through before they are stored."""

from pathlib import Path

import pytest

from domain.files.errors import FileDamaged, FileFormatRefused
from domain.files.formats import FileFormat
from domain.shared.errors import DomainError
from integrations.files.inspection import ContentInspection
from tests.file_samples import pdf, video, workbook


async def inspect(path: Path, content: bytes, claimed: FileFormat) -> bool:
    (path / "received").write_bytes(content)
    return await ContentInspection().inspect(path / "received", claimed)


@pytest.mark.parametrize(
    ("content", "claimed"),
    [
        (video(), FileFormat.MP4),
        (video(b"qt  "), FileFormat.MOV),
        (pdf(), FileFormat.PDF),
        (workbook(), FileFormat.XLSX),
        (workbook(**{"xl/printerSettings/printerSettings1.bin": b"A4"}), FileFormat.XLSX),
        ("姓名,电话\r\n王芳,138\t".encode(), FileFormat.CSV),
        ("姓名,电话\n王芳,138".encode("gb18030"), FileFormat.CSV),
    ],
)
async def test_whole_files_pass(tmp_path: Path, content: bytes, claimed: FileFormat) -> None:
    await inspect(tmp_path, content, claimed)


async def test_videos_that_some_browsers_do_not_play_are_noticed(tmp_path: Path) -> None:
    hevc = video(description=b"....stsd....hvc1....")

    assert await inspect(tmp_path, video(), FileFormat.MP4)
    assert not await inspect(tmp_path, video(b"qt  "), FileFormat.MOV)
    assert not await inspect(tmp_path, hevc, FileFormat.MP4)


@pytest.mark.parametrize(
    ("content", "claimed", "error"),
    [
        (video()[:-1], FileFormat.MP4, FileDamaged),
        (video() + b"<html>", FileFormat.MP4, FileDamaged),
        (video()[:24] + video()[:24], FileFormat.MP4, FileDamaged),
        (video()[:24] + b"\0\0\0\1moov" + b"\xff" * 8, FileFormat.MP4, FileDamaged),
        (b"%PDF-1.7\n<script>", FileFormat.PDF, FileDamaged),
        (workbook()[:-30], FileFormat.XLSX, FileDamaged),
        (workbook(**{"xl/sharedStrings.xml": b"A" * 30_000_000}), FileFormat.XLSX, FileDamaged),
        (workbook(**dict.fromkeys((f"xl/{'a' * 120}{n}" for n in range(8000)), b"")), FileFormat.XLSX, FileDamaged),
        (workbook(**{"xl/vbaProject.bin": b"macro"}), FileFormat.XLSX, FileFormatRefused),
        (workbook().replace(b"xl/workbook.xml", b"../workbook.xml"), FileFormat.XLSX, FileFormatRefused),
        (b"name,phone\n\0\0\0", FileFormat.CSV, FileFormatRefused),
        (b"name,phone\n\x1b[2J", FileFormat.CSV, FileFormatRefused),
        (b"name,phone\n\xff\xff\xff", FileFormat.CSV, FileFormatRefused),
    ],
    ids=[
        "cut",
        "tail",
        "no film",
        "long box",
        "pdf",
        "zip cut",
        "bomb",
        "directory",
        "macro",
        "archive",
        "nul",
        "escape",
        "bytes",
    ],
)
async def test_others_are_refused(
    tmp_path: Path, content: bytes, claimed: FileFormat, error: type[DomainError]
) -> None:
    with pytest.raises(error):
        await inspect(tmp_path, content, claimed)
