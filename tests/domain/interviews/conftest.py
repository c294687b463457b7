"""An interviews area for each test."""

import pytest

from tests.domain.interviews.fakes import InterviewArea


@pytest.fixture
def area() -> InterviewArea:
    return InterviewArea()
