"""An office for each test."""

import pytest

from tests.domain.contracts.fakes import Office, an_office


@pytest.fixture
def office() -> Office:
    return an_office()
