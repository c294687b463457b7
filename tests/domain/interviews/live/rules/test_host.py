"""Rules of the host: names."""

import pytest

from domain.interviews.errors import (
    NotHost,
)
from domain.interviews.live.commands import (
    Rename,
)
from tests.domain.interviews.live.room_scenario import CUSTOMER, WORKER, RoomScenario


def test_the_name_of_a_guest_always_shows_the_identity(scenario: RoomScenario) -> None:
    scenario.send(CUSTOMER, Rename(name="主持人"))
    scenario.send(scenario.host, Rename(participant_id=WORKER, name="王芳"))

    assert scenario.seat(CUSTOMER).name == "客户-主持人"
    assert scenario.seat(WORKER).name == "阿姨-王芳"
    with pytest.raises(NotHost):
        scenario.send(CUSTOMER, Rename(participant_id=WORKER, name="x"))
