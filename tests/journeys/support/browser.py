"""Chromium for the browser tests: the system's own, or the one that Playwright installs."""

import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import NoReturn

import pytest
from playwright.async_api import Browser, ConsoleMessage, Error, Page, Playwright, async_playwright

HOW_TO_INSTALL = "apt-get install chromium-headless-shell libatomic1"
"""libatomic1 is needed by the Node.js that Playwright carries."""
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
FAKE_MEDIA = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
)
"""An artificial camera and microphone, allowed without a prompt."""
ON_THE_LOOP_OF_THE_BROWSER = pytest.mark.asyncio(loop_scope="session")
"""Of each test with the fixture `browser`, which lives on one event loop."""


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Skips the test when no browser can start, whatever the reason."""
    if driver_error():
        _skip(driver_error())
    async with async_playwright() as playwright:
        browser = await _launch(playwright)
        try:
            yield browser
        finally:
            await browser.close()


@cache
def driver_error() -> str:
    """Why Playwright's driver does not start; empty when it does."""
    command = [sys.executable, "-m", "playwright", "--version"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if result.returncode == 0 else result.stderr or f"exit code {result.returncode} of Playwright's driver"


async def _launch(playwright: Playwright) -> Browser:
    program = system_chromium() or playwright.chromium.executable_path
    if not Path(program).exists():
        _skip("Chromium was not found")
    try:
        return await playwright.chromium.launch(executable_path=program, args=[*FLAGS, *FAKE_MEDIA])
    except Error as error:
        _skip(str(error))


def system_chromium() -> str | None:
    """The headless shell first: it renders the same and takes a quarter of the CPU of a whole browser."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


def _skip(cause: str) -> NoReturn:
    """One line: what to install, and the line of the cause that says what is missing."""
    lines = [re.sub(r"^[\s-]*(\[[^]]*\])*", "", line).strip() for line in cause.splitlines() if line.strip()]
    telling = next((line for line in lines if re.search("shared librar|not found|No such file", line)), lines[0])
    what = "浏览器无法启动，请先安装 · no browser can start, first run"
    pytest.skip(f"{what}: {HOW_TO_INSTALL} ({telling[:160]})")


class ConsoleErrors:
    """Errors in the console of a page, except those whose text is expected."""

    def __init__(self, page: Page, expected: tuple[str, ...] = ()) -> None:
        self.seen: list[str] = []
        self._expected = expected
        page.on("console", self._on_message)
        page.on("pageerror", lambda error: self.seen.append(str(error)))

    def _on_message(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(text in message.text for text in self._expected):
            self.seen.append(f"{message.text} {message.location.get('url', '')}".rstrip())
