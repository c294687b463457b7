"""The pinyin of Chinese names, for search terms."""

import os

os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")  # phrases cost each process 45 MB, and names are none
from pypinyin import lazy_pinyin


def syllables(name: str) -> list[str]:
    """One lower-case syllable a character, without tones; other text stays together. `王芳` → `wang`, `fang`."""
    return [each.lower() for each in lazy_pinyin(name)]
