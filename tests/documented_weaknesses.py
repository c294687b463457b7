"""Reads the numbered weaknesses of a page in `docs/`, and the tests that each of them names."""

import re
from pathlib import Path

TESTS = Path(__file__).parent


def weaknesses(page: str) -> dict[int, list[tuple[str, str]]]:
    """File and name of the tests that each weakness names, by its number in the order of the page."""
    text = (TESTS.parent / "docs" / page).read_text()
    sections = re.findall(r"^### (\d+)\. (.*?)(?=^### |\Z)", text, re.MULTILINE | re.DOTALL)
    return {int(number): _named_tests(section) for number, section in sections}


def missing_tests(page: str) -> list[str]:
    """The named tests that do not exist."""
    named = [test for tests in weaknesses(page).values() for test in tests]
    return [f"{file}::{test}" for file, test in named if not _exists(file, test)]


def _named_tests(section: str) -> list[tuple[str, str]]:
    """A file is followed by its tests."""
    named, file = [], ""
    for word in re.findall(r"- `([\w/.]+)`", section):
        if word.endswith(".py"):
            file = word
        else:
            named.append((file, word))
    return named


def _exists(file: str, test: str) -> bool:
    text = (TESTS / file).read_text() if (TESTS / file).exists() else ""
    return re.search(rf"^( *(async )?def {test}\(|{test} = )", text, re.MULTILINE) is not None
