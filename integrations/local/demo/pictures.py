"""Invented pictures of people: a landscape in two colours, always the same for a person."""

import io
from typing import Final

from integrations.local.demo.people import seeded_random

SIDE: Final = 320
_SKIES: Final = ("#8ecae6", "#ffb703", "#f4a6b8", "#b8e0d2", "#cdb4db", "#ffd6a5")
_HILLS: Final = ("#2a6f97", "#386641", "#7f4f24", "#6d597a", "#355070", "#9c6644")


def picture_of(key: str) -> bytes:
    from PIL import Image, ImageDraw  # here, so that a start without --demo does not wait for it

    rng = seeded_random(f"picture-{key}")
    image = Image.new("RGB", (SIDE, SIDE), rng.choice(_SKIES))
    draw = ImageDraw.Draw(image)
    left, top, size = rng.randint(30, 220), rng.randint(20, 90), rng.randint(40, 80)
    draw.ellipse((left, top, left + size, top + size), fill="#fff8e7")
    for height in (150, 200):
        ridge = [(x, height + rng.randint(-30, 50)) for x in range(0, SIDE + 81, 80)]
        draw.polygon([*ridge, (SIDE, SIDE), (0, SIDE)], fill=rng.choice(_HILLS))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85)
    return file.getvalue()
