"""The document of rules names tests that exist."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("|\n").split("|")]
    for line in (TESTS.parent / "docs" / "contracts.md").read_text().splitlines()
    if re.match(r"\| \d+ \|", line)
]


def test_all_rules_are_numbered_in_order() -> None:
    assert [int(row[0]) for row in ROWS] == list(range(1, 31))


def test_every_documented_test_exists() -> None:
    named = [name for row in ROWS for name in re.findall(r"`([\w/]+\.py::\w+)`", row[3])]

    missing = []
    for name in named:
        file, _, test = name.partition("::")
        text = (TESTS / file).read_text() if (TESTS / file).exists() else ""
        if not re.search(rf"^(async def {test}\(|def {test}\(|{test} = )", text, re.MULTILINE):
            missing.append(name)
    assert len(named) >= 40
    assert missing == []
