"""Fixtures of the statistics tests."""

from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from tests.integrations.mongo.statistics.statistics_setup import StatisticsSetup


@pytest.fixture
def setup(database: "AsyncIOMotorDatabase[dict[str, Any]]") -> StatisticsSetup:
    return StatisticsSetup(database)
