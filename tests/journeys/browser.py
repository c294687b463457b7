"""A real Chromium: Debian's or Playwright's own."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

HOW = "没有找到 Chromium：apt-get install chromium，或 playwright install chromium · no Chromium found, get it so"
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

FAKE_MEDIA = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
)
"""A camera and a microphone that are made up, and allowed without asking."""


def executable() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@asynccontextmanager
async def chromium(*flags: str) -> AsyncIterator[Browser]:
    """Skips the test where there is none."""
    async with async_playwright() as playwright:
        found = executable() or playwright.chromium.executable_path
        if not Path(found).exists():
            pytest.skip(HOW)
        browser = await playwright.chromium.launch(executable_path=found, args=[*_FLAGS, *flags])
        try:
            yield browser
        finally:
            await browser.close()


class Complaints:
    """What the page's console says that it should not; expected refusals of the API are named by their status."""

    def __init__(self, page: Page, expected: tuple[str, ...] = ()) -> None:
        self.seen: list[str] = []
        self._expected = expected
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.seen.append(str(error)))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(text in message.text for text in self._expected):
            self.seen.append(message.text)
