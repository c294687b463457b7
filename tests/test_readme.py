"""The READMEs: both tell the same, their commands and links are valid, and their tables name the paths that exist."""

import re
import shlex
from pathlib import Path

import pytest

from http_api.all_routes import ENDPOINTS
from integrations.local.command_line import parser
from integrations.local.terminal import STEPS, StartReport, greet

ROOT = Path(__file__).parents[1]
CHINESE, ENGLISH = (ROOT / "README.md").read_text(), (ROOT / "README.en.md").read_text()
BOTH = pytest.mark.parametrize("text", [CHINESE, ENGLISH], ids=["zh", "en"])
COMING = re.compile(r"(?s)(?:尚未提供：|Still to come: )(.*?)\n\n")


def commands(text: str) -> list[list[str]]:
    """The arguments of each `run.py` command, in code blocks and inline."""
    lines = re.findall(r"\.venv/bin/python run\.py([^\n`]*)", text)
    return [shlex.split(line.rstrip("。.")) for line in lines]


def served_paths(text: str) -> list[str]:
    table = re.search(r"(?s)\| (?:路径|path) \|.*?\n\n", text)
    assert table is not None
    return re.findall(r"`(/api/[^`]+)`", table[0])


def is_served(prefix: str) -> bool:
    return any(endpoint.path == prefix or endpoint.path.startswith(f"{prefix}/") for endpoint in ENDPOINTS)


def test_both_languages_have_the_same_commands_and_paths() -> None:
    assert commands(CHINESE) == commands(ENGLISH)
    assert served_paths(CHINESE) == served_paths(ENGLISH)


@BOTH
def test_every_command_is_accepted_by_the_command_line(text: str) -> None:
    assert len(commands(text)) > 6
    for arguments in commands(text):
        parser().parse_args(arguments)


@BOTH
def test_every_link_leads_to_a_file(text: str) -> None:
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
        assert link.startswith("http") or (ROOT / link).exists(), link


@BOTH
def test_served_paths_are_served_and_coming_ones_are_not(text: str) -> None:
    coming = COMING.search(text)
    assert coming is not None
    assert [path for path in served_paths(text) if not is_served(path)] == []
    assert [path for path in re.findall(r"`(/api/[^`]+)`", coming[1]) if is_served(path)] == []


def test_the_table_names_every_path_that_is_served() -> None:
    ours = ("/api/realtime", "/api/search")
    prefixes = [*served_paths(CHINESE), *ours]

    assert [each.path for each in ENDPOINTS if not each.path.startswith(tuple(prefixes))] == []


@BOTH
def test_the_sample_of_the_terminal_is_what_a_first_start_prints(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    sample = re.search(r"(?s)```text\n(.*?)```", text)
    assert sample is not None
    password = re.search(r"Password +(\S+)", sample[1])
    assert password is not None

    report = StartReport()
    for step in STEPS:
        report.done(step)
    greet("http://127.0.0.1:8000", "admin", password[1], Path("data/logs"), Path("data"), several=False)

    def without_seconds(printed: str) -> str:
        return re.sub(r"\d+\.\d s", "0.0 s", printed).strip("\n")

    assert without_seconds(sample[1]) == without_seconds(capsys.readouterr().out)


def test_the_architecture_page_lists_every_document() -> None:
    listed = re.findall(r"\]\(([\w-]+\.md)\)", (ROOT / "docs/architecture.md").read_text())

    assert {path.name for path in (ROOT / "docs").glob("*.md")} == {*listed, "architecture.md"}


def test_lines_of_documents_are_at_most_120_characters_long() -> None:
    pages = [ROOT / "README.md", ROOT / "README.en.md", ROOT / "docs/architecture.md", ROOT / "docs/operations.md"]

    assert [line for page in pages for line in page.read_text().splitlines() if len(line) > 120] == []
