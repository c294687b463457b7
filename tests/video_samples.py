"""Tiny real videos for tests, made by ffmpeg itself."""

import shutil
import subprocess
from pathlib import Path

import pytest

FFMPEG = shutil.which("ffmpeg") or ""
needs_ffmpeg = pytest.mark.skipif(not FFMPEG, reason="needs ffmpeg: apt-get install ffmpeg")


def film_of_a_phone(directory: Path) -> Path:
    """One second of HEVC in a MOV, with the coordinates of a home."""
    path = directory / "phone.mov"
    picture = ("-f", "lavfi", "-i", "testsrc=size=160x120:rate=10:duration=1")
    sound = ("-f", "lavfi", "-i", "sine=duration=1", "-c:a", "aac")
    hevc = ("-c:v", "libx265", "-x265-params", "log-level=none", "-tag:v", "hvc1", "-pix_fmt", "yuv420p")
    place = ("-metadata", "location=+39.9042+116.4074/", "-metadata", "title=home of the Wang family")
    command = (FFMPEG, "-loglevel", "error", *picture, *sound, *hevc, *place, "-f", "mov", str(path))
    subprocess.run(command, check=True, timeout=60)
    return path
