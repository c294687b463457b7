"""A contracts harness for each test."""

import pytest

from tests.domain.contracts.harness import ContractsHarness, contracts_harness


@pytest.fixture
def harness() -> ContractsHarness:
    return contracts_harness()
