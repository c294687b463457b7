"""A running product that all journeys share which do not break it, and their browser."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.journeys.support.browser import chromium
from tests.journeys.support.running import Product, running


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    with running() as started:
        yield started


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def running_browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def browser(running_browser: Browser) -> AsyncIterator[Browser]:
    """One browser for all tests. Each context is a browser of its own for the product, and ends with the test."""
    yield running_browser
    for context in running_browser.contexts:
        await context.close()
