"""The program that decodes untrusted images, and may die of one.

It is started by its path, without the environment of the product, limits itself, then reads one request a line from
standard input and writes one answer a line. It ends when its input ends, which is when its parent is gone.
"""

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

MEMORY_BYTES = 512 * 1024 * 1024
MAX_FILE_BYTES = 128 * 1024 * 1024
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/heic": "HEIF"}
THUMBNAILS = {"large": 1080, "medium": 480, "small": 160}
"""The largest first: each is made of the one before."""
LONGEST_SIDE = 4096
"""Of what is stored: a larger picture is reduced by a whole factor."""
STRIP_ROWS = 256
SIDES = (8, 20_000)
"""The shortest and longest side that a picture may have."""
QUALITY = 88
THUMBNAIL_QUALITY = 80


class Refused(Exception):
    """The exception's text is the error code of the answer."""


def main() -> int:
    limit_itself()
    for line in sys.stdin.buffer:
        try:
            answer = process(json.loads(line))
        except Refused as refused:
            answer = {"error": str(refused)}
        except ImportError:  # the library of a format is not installed here
            answer = {"error": "FILE_FORMAT_REFUSED"}
        except MemoryError:
            answer = {"error": "IMAGE_REFUSED"}
        except Exception:  # whatever a decoder finds wrong
            answer = {"error": "FILE_DAMAGED"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    return 0


def limit_itself() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE_BYTES, MAX_FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)  # requests come first


def process(request: dict[str, Any]) -> dict[str, Any]:
    directory = Path(request["directory"])
    image = opened(request["source"], request["format"], request["maxPixels"])
    if image.format == "JPEG":  # its decoder can leave out what is not kept anyway
        image.draft("RGB", fitted(image.size))
    image = without_extras(image)
    kept = "PNG" if image.mode == "RGBA" else "JPEG"
    answer = saved(image, directory / "image", kept, QUALITY)
    answer["thumbnails"] = {}
    thumbnail = flattened(image)
    for name, side in THUMBNAILS.items():
        thumbnail.thumbnail((side, side))
        answer["thumbnails"][name] = saved(thumbnail, directory / name, "JPEG", THUMBNAIL_QUALITY)
    return answer


def opened(source: str, content_type: str, max_pixels: int) -> Image.Image:
    """The image, of which only the header has been read. Raises Refused."""
    if content_type == "image/heic":
        import pillow_heif  # only for the images that need it: the library is large

        pillow_heif.register_heif_opener(thumbnails=False)
    Image.MAX_IMAGE_PIXELS = None  # our limit is stricter and comes before any decoding
    image = Image.open(source, formats=(FORMATS[content_type],))
    width, height = image.size
    if width * height > max_pixels or min(width, height) < SIDES[0] or max(width, height) > SIDES[1]:
        raise Refused("IMAGE_REFUSED")
    return image


def without_extras(image: Image.Image) -> Image.Image:
    """The first frame, upright, with pixels only: no EXIF, place, comment, profile or preview."""
    transparent = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    orientation = image.getexif().get(0x0112, 1)
    upright = reduced(image, "RGBA" if transparent else "RGB")
    image.close()
    if orientation != 1:
        exif = Image.Exif()
        exif[0x0112] = orientation
        upright.info["exif"] = exif.tobytes()
        upright = ImageOps.exif_transpose(upright)
    upright.info.clear()
    return upright


def reduced(image: Image.Image, mode: str) -> Image.Image:
    """A copy of at most LONGEST_SIDE, made in strips: a conversion of all of it at once needs too much memory."""
    factor = -(-max(image.size) // LONGEST_SIDE)
    width, height = image.size
    copy = Image.new(mode, (-(-width // factor), -(-height // factor)))
    for top in range(0, height, STRIP_ROWS * factor):
        strip = image.crop((0, top, width, min(height, top + STRIP_ROWS * factor))).convert(mode)
        copy.paste(strip.reduce(factor) if factor > 1 else strip, (0, top // factor))
    return copy


def fitted(size: tuple[int, int]) -> tuple[int, int]:
    scale = LONGEST_SIDE / max(size)
    return round(size[0] * scale), round(size[1] * scale)


def flattened(image: Image.Image) -> Image.Image:
    """A copy without transparency, for JPEG."""
    if image.mode != "RGBA":
        return image.copy()
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image)
    return white


def saved(image: Image.Image, path: Path, kept: str, quality: int) -> dict[str, Any]:
    image.save(path, kept, **({"quality": quality} if kept == "JPEG" else {"compress_level": 4}))
    return {
        "path": str(path),
        "format": "image/png" if kept == "PNG" else "image/jpeg",
        "size": path.stat().st_size,
        "width": image.width,
        "height": image.height,
    }


if __name__ == "__main__":
    sys.exit(main())
