"""The image process: what it makes of good pictures, and that bad ones cost it no more than its life."""

import asyncio
import io
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from domain.files.errors import FileDamaged, ImageRefused, ImagesBusy
from domain.files.formats import FileFormat, format_of
from domain.files.ports import ProcessedImage
from domain.shared.errors import DomainError
from integrations.images.process import ImageProcess
from tests.file_samples import animation, photo_with_place, picture, png_claiming, png_with_bomb_of_text

MAX_PIXELS = 50_000_000


@pytest.fixture
async def images() -> AsyncIterator[ImageProcess]:
    process = ImageProcess(MAX_PIXELS)
    yield process
    await process.close()


async def processed(images: ImageProcess, content: bytes, directory: Path) -> ProcessedImage:
    source = directory / "received"
    source.write_bytes(content)
    claimed = format_of(content[:64])
    assert claimed is not None
    return await images.process(source, claimed, directory)


async def test_a_photo_is_turned_upright_and_loses_what_it_says_about_its_maker(
    images: ImageProcess, tmp_path: Path
) -> None:
    image = await processed(images, photo_with_place((2000, 1000)), tmp_path)

    assert (image.format, image.width, image.height) == (FileFormat.JPEG, 1000, 2000)
    content = image.path.read_bytes()
    assert b"Exif" not in content
    assert b"Secret Camera" not in content
    assert b"Wang" not in content
    sizes = {name: (each.width, each.height) for name, each in image.thumbnails.items()}
    assert sizes == {"small": (80, 160), "medium": (240, 480), "large": (540, 1080)}
    for each in (image, *image.thumbnails.values()):
        assert Image.open(each.path).size == (each.width, each.height)
        assert each.path.stat().st_size == each.size


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (picture("PNG", mode="RGBA", color="#ff000080"), FileFormat.PNG),
        (picture("PNG"), FileFormat.JPEG),
        (picture("PNG", mode="P", color=1), FileFormat.JPEG),
        (picture("PNG", mode="I;16", color=1), FileFormat.JPEG),
        (picture("JPEG", mode="CMYK"), FileFormat.JPEG),
        (picture("JPEG", mode="L", color="gray"), FileFormat.JPEG),
        (picture("WEBP"), FileFormat.JPEG),
        (animation(50), FileFormat.JPEG),
    ],
    ids=["transparent", "png", "palette", "deep", "cmyk", "grey", "webp", "animated"],
)
async def test_every_form_of_picture_becomes_a_plain_one(
    images: ImageProcess, tmp_path: Path, content: bytes, expected: FileFormat
) -> None:
    image = await processed(images, content, tmp_path)

    assert image.format is expected
    assert getattr(Image.open(image.path), "n_frames", 1) == 1


async def test_a_picture_of_an_iphone_becomes_a_jpeg(images: ImageProcess, tmp_path: Path) -> None:
    pillow_heif = pytest.importorskip("pillow_heif")
    file = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (120, 80), "blue")).save(file)

    image = await processed(images, file.getvalue(), tmp_path)

    assert (image.format, image.width, image.height) == (FileFormat.JPEG, 120, 80)


async def test_hidden_passengers_are_left_behind(images: ImageProcess, tmp_path: Path) -> None:
    image = await processed(images, picture() + b"<script>alert(1)</script>PK\x03\x04", tmp_path)

    assert b"script" not in image.path.read_bytes()


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (png_claiming(60_000, 60_000), ImageRefused),
        (png_claiming(1, 60_000), ImageRefused),
        (picture("PNG", (1, 19_000)), ImageRefused),
        (picture(size=(7, 100)), ImageRefused),
        (png_claiming(1000, 1000), FileDamaged),
        (picture()[:200], FileDamaged),
        (picture()[:20] + b"\0" * 500, FileDamaged),
        (b"\xff\xd8\xff\xe0 not a picture at all", FileDamaged),
        (png_with_bomb_of_text(), FileDamaged),
    ],
    ids=["huge header", "thread header", "thread", "tiny", "empty", "cut", "zeros", "words", "text bomb"],
)
async def test_harmful_pictures_are_refused_and_the_next_one_works(
    images: ImageProcess, tmp_path: Path, content: bytes, error: type[DomainError]
) -> None:
    with pytest.raises(error):
        await processed(images, content, tmp_path)

    assert (await processed(images, picture(), tmp_path)).width == 60


async def test_a_picture_that_needs_too_much_memory_is_refused(images: ImageProcess, tmp_path: Path) -> None:
    # Its decoder holds several canvases of 160 MB each.
    content = picture("WEBP", (8000, 5000), quality=1, method=0)

    with pytest.raises(ImageRefused):
        await processed(images, content, tmp_path)

    assert (await processed(images, picture(), tmp_path)).width == 60


async def test_a_process_that_was_killed_is_replaced(images: ImageProcess, tmp_path: Path) -> None:
    await processed(images, picture(), tmp_path)
    first = images.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)

    with pytest.raises(ImageRefused):
        await processed(images, picture(), tmp_path)
    assert (await processed(images, picture(), tmp_path)).width == 60
    assert images.pid != first


async def test_a_picture_that_takes_too_long_is_refused_and_others_wait_only_so_long(tmp_path: Path) -> None:
    sleeper = tmp_path / "sleeper.py"
    sleeper.write_text("import time\ntime.sleep(60)\n")
    images = ImageProcess(MAX_PIXELS, program=str(sleeper), seconds=0.3, wait_seconds=0.1)
    (tmp_path / "second").mkdir()

    results = await asyncio.gather(
        processed(images, picture(), tmp_path),
        processed(images, picture(), tmp_path / "second"),
        return_exceptions=True,
    )

    assert [type(each) for each in results] == [ImageRefused, ImagesBusy]
    assert images.pid is None


async def test_the_process_sees_none_of_our_secrets(images: ImageProcess, tmp_path: Path) -> None:
    await processed(images, picture(), tmp_path)

    environment = Path(f"/proc/{images.pid}/environ").read_bytes()

    assert environment.split(b"=")[0] == b"PATH"
    assert environment.count(b"=") == 1
