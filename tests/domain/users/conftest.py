"""A users area for each test."""

import pytest

from tests.domain.users.fakes import UserArea


@pytest.fixture
def area() -> UserArea:
    return UserArea()
