"""Derives pages with their links, and merged texts, from the dashboard's sources."""

import json
import posixpath
import re
from collections.abc import Mapping
from pathlib import Path

from domain.shared.text import Language

LANGUAGES: Mapping[str, Language] = {"zh-CN": "zh", "en": "en"}
"""By the name that browsers and files use."""

_IMPORT = re.compile(r"""(?:\bfrom|\bimport\b)\s*\(?\s*["'](\.{1,2}/[^"']+)["']""")
_LAZY = re.compile(r"""=>\s*import\(\s*["'](\.{1,2}/[^"']+)["']""")
"""An import that a function returns: its modules are fetched when the function is called."""
_ENTRY = re.compile(r'( *)<script type="module" src="/assets/([^"]+)"></script>')


def imports_of(module: str, source: str) -> list[str]:
    """The modules that `module` names by a relative path, as paths from the root."""
    folder = posixpath.dirname(module)
    return [posixpath.normpath(posixpath.join(folder, path)) for path in _IMPORT.findall(source)]


def reachable(start: str, sources: Mapping[str, str], *, lazily: bool = True) -> frozenset[str]:
    """`start` and every module that it imports, directly or not; without `lazily`, only those that are imported when
    `start` is. Raises KeyError for an import of no file."""
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            source = sources[module]
            waiting += imports_of(module, source if lazily else _LAZY.sub("", source))
    return frozenset(reached)


def with_links(html: str, sources: Mapping[str, str], styles: frozenset[str]) -> str:
    """The page with a preload link for each module that it imports at once, so that no import waits for another, and
    with the style sheet `css/<area>.css` of each area whose modules are in it."""

    def links(entry: re.Match[str]) -> str:
        indent, start = entry.groups()
        modules = sorted(reachable(start, sources, lazily=False) - {start})
        areas = {module.split("/")[1] for module in reachable(start, sources) if module.startswith("pages/")}
        sheets = sorted(styles & {f"css/{area}.css" for area in areas})
        lines = [f'{indent}<link rel="stylesheet" href="/assets/{sheet}">' for sheet in sheets]
        lines += [f'{indent}<link rel="modulepreload" href="/assets/{module}">' for module in modules]
        return "\n".join([*lines, entry[0]])

    return _ENTRY.sub(links, html)


def merged_texts(folder: Path, language: str, labels: Mapping[str, str]) -> dict[str, str]:
    """`labels` and the texts of all areas (`<area>/<language>.json`) by key. Raises ValueError for repeated keys."""
    merged = dict(labels)
    for path in sorted(folder.glob(f"*/{language}.json")):
        texts: dict[str, str] = json.loads(path.read_text())
        if twice := merged.keys() & texts.keys():
            raise ValueError(f"{path}: these texts exist elsewhere, too: {sorted(twice)}")
        merged |= texts
    return merged
