"""`docs/interviews.md` names existing tests for every known weakness."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[2]
DOCUMENT = (TESTS.parent / "docs" / "interviews.md").read_text()
SECTIONS = re.findall(r"^### (\d+)\. (.*?)(?=^### |\Z)", DOCUMENT, re.MULTILINE | re.DOTALL)


def named_tests(section: str) -> list[tuple[str, str]]:
    """File and name of each test; a file is followed by its tests."""
    named, file = [], ""
    for word in re.findall(r"- `([\w/.]+)`", section):
        if word.endswith(".py"):
            file = word
        else:
            named.append((file, word))
    return named


def test_every_known_weakness_names_a_test() -> None:
    assert [int(number) for number, _ in SECTIONS] == list(range(1, 17))
    assert all(named_tests(section) for _, section in SECTIONS)


def test_every_documented_test_exists() -> None:
    named = [test for _, section in SECTIONS for test in named_tests(section)]

    missing = []
    for file, test in named:
        text = (TESTS / file).read_text() if (TESTS / file).exists() else ""
        if not re.search(rf"^(async def|def) {test}\(", text, re.MULTILINE):
            missing.append(f"{file}::{test}")
    assert len(named) >= 30
    assert missing == []
