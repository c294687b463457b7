"""Browser tests on a machine where no browser can start: each is skipped with one line, or fails under FORBID_SKIPS."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.journeys.support.browser import HOW_TO_INSTALL
from tests.journeys.support.running import ROOT

BROWSER_TESTS = """
from tests.journeys.support.browser import ON_THE_LOOP_OF_THE_BROWSER

pytestmark = ON_THE_LOOP_OF_THE_BROWSER

async def test_one(browser):
    await browser.new_page()

async def test_another(browser):
    await browser.new_page()
"""
MISSING_LIBRARY = "error while loading shared libraries: {}: cannot open shared object file: No such file or directory"


def broken_program(path: Path, library: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\necho "{path.name}: {MISSING_LIBRARY.format(library)}" >&2\nexit 127\n')
    path.chmod(0o755)
    return path


def broken_driver(directory: Path) -> dict[str, str]:
    return {"PLAYWRIGHT_NODEJS_PATH": str(broken_program(directory / "node", "libatomic.so.1"))}


def broken_browser(directory: Path) -> dict[str, str]:
    program = broken_program(directory / "bin/chromium-headless-shell", "libnss3.so")
    return {"PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}


def no_browser(directory: Path) -> dict[str, str]:
    return {"PATH": "/nowhere", "PLAYWRIGHT_BROWSERS_PATH": str(directory)}


def run_browser_tests(directory: Path, **environment: str) -> str:
    """The output of pytest with the settings and the hooks of this suite."""
    (directory / "test_two.py").write_text(BROWSER_TESTS)
    without = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest")  # its import takes a second
    command = ["-m", "pytest", "-n", "0", "-q", *without, "-p", "tests.conftest", "-p", "tests.journeys.conftest"]
    known = {name: value for name, value in os.environ.items() if name != "FORBID_SKIPS"}
    return subprocess.run(
        [sys.executable, *command, "-c", str(ROOT / "pyproject.toml"), str(directory / "test_two.py")],
        env={**known, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout


@pytest.mark.parametrize(
    ("machine", "cause"),
    [(broken_driver, "libatomic.so.1"), (broken_browser, "libnss3.so"), (no_browser, "Chromium was not found")],
    ids=["driver", "browser", "nothing"],
)
def test_each_browser_test_is_skipped_with_one_line_that_says_what_to_install(
    tmp_path: Path, machine: Callable[[Path], dict[str, str]], cause: str
) -> None:
    output = run_browser_tests(tmp_path, **machine(tmp_path))

    lines = [line for line in output.splitlines() if line.startswith("SKIPPED")]
    assert all(HOW_TO_INSTALL in line and cause in line for line in lines)
    assert len(lines) <= 2
    assert "2 skipped" in output


def test_with_forbid_skips_each_browser_test_fails_by_itself(tmp_path: Path) -> None:
    output = run_browser_tests(tmp_path, FORBID_SKIPS="1", **broken_driver(tmp_path))

    assert "2 errors" in output
    assert "INTERNALERROR" not in output
    assert HOW_TO_INSTALL in output
