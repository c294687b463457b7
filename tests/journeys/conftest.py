"""A running product that all journeys share which do not break it."""

from collections.abc import Iterator

import pytest

from tests.journeys.support.running import Product, running


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    with running() as started:
        yield started
