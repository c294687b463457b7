"""A room in which a host, a customer and a domestic worker are present."""

import pytest

from tests.domain.interviews.live.room_scenario import CUSTOMER, WORKER, RoomScenario


@pytest.fixture
def scenario() -> RoomScenario:
    scenario = RoomScenario()
    scenario.join()
    scenario.join(CUSTOMER, mic=True, camera=True)
    scenario.join(WORKER, identity="helper")
    return scenario
