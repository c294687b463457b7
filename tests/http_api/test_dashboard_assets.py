"""The dashboard's files fit together: texts, vendored libraries, imports, and the policy they are served under."""

import hashlib
import json
import re
from pathlib import Path

import pytest

DASHBOARD = Path(__file__).parents[2] / "http_api" / "dashboard"
VENDOR = DASHBOARD / "vendor"
MODULES = sorted(path for path in DASHBOARD.rglob("*.js") if VENDOR not in path.parents)
PAGES = {"index.html": "main.js", "interview-room.html": "pages/interview-room/main.js"}
"""Each with the module that starts it."""
LANGUAGES = ("zh-CN", "en")

_IMPORT = re.compile(r"""(?:from|import)\s+["'](\.{1,2}/[^"']+)["']""")
_FILE_URL = re.compile(r"""new URL\(["'](\.{1,2}/[^"']+)["'], import\.meta\.url\)""")
_DOTTED = re.compile(r"""["'`]([a-z][A-Za-z]*)\.([\w.]+)["'`]""")
_TEMPLATE = re.compile(r"t\(`([a-z][A-Za-z]*\.[\w.]*)\$\{[^}]*\}([\w.]*)`")
_PLACE = re.compile(r"\{(\w+)\}")


def texts(language: str) -> dict[str, str]:
    loaded: dict[str, str] = json.loads((DASHBOARD / f"{language}.json").read_text())
    return loaded


def sources() -> str:
    return "\n".join(path.read_text() for path in MODULES)


def keys_named_in_code(namespaces: set[str]) -> set[str]:
    return {f"{area}.{name}" for area, name in _DOTTED.findall(sources()) if area in namespaces}


def patterns_built_in_code() -> list[re.Pattern[str]]:
    built = _TEMPLATE.findall(sources())
    return [re.compile(re.escape(head) + r"[^.]+" + re.escape(tail)) for head, tail in built]


def test_both_languages_have_the_same_keys_in_the_same_order() -> None:
    chinese, english = (list(texts(language)) for language in LANGUAGES)

    assert chinese == english == sorted(chinese)


def test_both_languages_fill_in_the_same_values() -> None:
    chinese, english = (texts(language) for language in LANGUAGES)

    places = {key: (set(_PLACE.findall(chinese[key])), set(_PLACE.findall(english[key]))) for key in chinese}

    assert {key: pair for key, pair in places.items() if pair[0] != pair[1]} == {}


def test_every_text_that_code_names_exists() -> None:
    known = texts("zh-CN")
    namespaces = {key.split(".")[0] for key in known}

    named = keys_named_in_code(namespaces)

    assert named - known.keys() == set()
    assert len(named) > 100


def test_every_key_that_code_builds_has_a_text() -> None:
    known = texts("zh-CN")

    built = patterns_built_in_code()

    assert [pattern.pattern for pattern in built if not any(pattern.fullmatch(key) for key in known)] == []
    assert len(built) > 10


def test_no_text_is_left_over() -> None:
    known = set(texts("zh-CN"))
    named = keys_named_in_code({key.split(".")[0] for key in known})
    built = patterns_built_in_code()

    unused = {
        key
        for key in (key.removesuffix(".one") for key in known)
        if key not in named and not any(pattern.fullmatch(key) for pattern in built)
    }

    assert unused == set()


def test_vendored_libraries_are_the_ones_written_down() -> None:
    rows = re.findall(r"^\| `([^`]+)` \|.*`([0-9a-f]{64})` \|$", (VENDOR / "README.md").read_text(), re.M)

    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in VENDOR.glob("*.js")}

    assert found == dict(rows)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(DASHBOARD).as_posix())
def test_every_import_of_a_module_leads_to_a_file(module: Path) -> None:
    source = module.read_text()
    imported = [module.parent / name for name in _IMPORT.findall(source)]
    fetched = [module.parent / name for name in _FILE_URL.findall(source)]

    assert [path for path in imported + fetched if not path.resolve().is_file()] == []


def reached_from(start: Path) -> set[Path]:
    reached: set[Path] = set()
    waiting = [start]
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            waiting += [(module.parent / name).resolve() for name in _IMPORT.findall(module.read_text())]
    return reached


@pytest.mark.parametrize("page", PAGES)
def test_a_page_preloads_exactly_the_modules_that_it_will_import(page: str) -> None:
    preloaded = re.findall(r'<link rel="modulepreload" href="/assets/([^"]+)">', (DASHBOARD / page).read_text())
    start = DASHBOARD / PAGES[page]

    wanted = sorted(path.relative_to(DASHBOARD).as_posix() for path in reached_from(start) - {start})

    assert preloaded == wanted


def test_no_module_is_left_over() -> None:
    reached = set().union(*(reached_from(DASHBOARD / start) for start in PAGES.values()))

    assert set(MODULES) - reached == {DASHBOARD / "lib/theme.js"}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_needs_neither_inline_code_nor_another_host(page: str) -> None:
    text = (DASHBOARD / page).read_text()
    styles = "\n".join(path.read_text() for path in (DASHBOARD / "css").glob("*.css"))

    assert re.findall(r"<script(?![^>]*\bsrc=)", text) == []
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=", text) == []
    assert re.findall(r"""(?:href|src)=["'](?!/assets/)""", text) == []
    assert re.findall(r"@import|url\(", styles) == []
    assert re.findall(r"\beval\(|new Function|innerHTML|https?://\w", sources()) == []
