from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from tests.integrations.mongo.statistics.office import Office


@pytest.fixture
def office(database: "AsyncIOMotorDatabase[dict[str, Any]]") -> Office:
    return Office(database)
