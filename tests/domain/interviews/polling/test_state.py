"""The polling state: the newest state since the last poll, never a command that no longer holds."""

import pytest

from domain.interviews.live.commands import ControlRequest, MuteAll, PrompterControl, PrompterLoad
from domain.interviews.polling.state import mutes_since, prompter_since
from tests.domain.interviews.builders import NOW, later
from tests.domain.interviews.live.room_scenario import CUSTOMER, WORKER, RoomScenario

TEXT = "您好，我叫赵阿姨"
LONG_AGO = later(-60)


@pytest.fixture
def scenario() -> RoomScenario:
    scenario = RoomScenario()
    scenario.join()
    scenario.join(CUSTOMER, mic=True, camera=True)
    scenario.join(WORKER, identity="helper")
    return scenario


def load(scenario: RoomScenario) -> str:
    loaded = scenario.send(scenario.host, PrompterLoad(content=TEXT, auto_play=True))
    return str(loaded.doc_id)


def test_a_mute_is_reported_once(scenario: RoomScenario) -> None:
    scenario.send(scenario.host, ControlRequest(target=CUSTOMER, device="mic", enabled=False))

    [mute] = mutes_since(scenario.seat(CUSTOMER), LONG_AGO)

    assert (mute.device, mute.at) == ("mic", NOW)
    assert mutes_since(scenario.seat(CUSTOMER), mute.at) == []


def test_a_request_to_switch_on_is_never_reported(scenario: RoomScenario) -> None:
    scenario.send(scenario.host, ControlRequest(target=CUSTOMER, device="camera", enabled=True))

    assert mutes_since(scenario.seat(CUSTOMER), LONG_AGO) == []


def test_mutes_of_several_devices_are_reported_oldest_first(scenario: RoomScenario) -> None:
    scenario.send(scenario.host, MuteAll(device="mic"))
    scenario.wait(1)
    scenario.send(scenario.host, MuteAll(device="camera"))

    assert [mute.device for mute in mutes_since(scenario.seat(CUSTOMER), LONG_AGO)] == ["mic", "camera"]


def test_a_worker_gets_the_text_once_and_then_its_changes(scenario: RoomScenario) -> None:
    doc_id = load(scenario)
    first = prompter_since(scenario.room, scenario.seat(WORKER), LONG_AGO, scenario.now)
    scenario.wait(2)
    scenario.send(scenario.host, PrompterControl(doc_id=doc_id, action="PAUSE"))
    second = prompter_since(scenario.room, scenario.seat(WORKER), NOW, scenario.now)

    assert first is not None
    assert first.text is not None
    assert (first.text.content, first.actions) == (TEXT, ["SHOW", "PLAY"])
    assert second is not None
    assert (second.text, second.actions) == (None, ["SHOW", "PAUSE"])
    assert second.position > first.position
    assert prompter_since(scenario.room, scenario.seat(WORKER), second.at, scenario.now) is None


def test_a_late_poll_gets_the_newest_state_only(scenario: RoomScenario) -> None:
    doc_id = load(scenario)
    for action in ("PAUSE", "PLAY", "HIDE", "STOP"):
        scenario.wait(1)
        scenario.send(scenario.host, PrompterControl(doc_id=doc_id, action=action))

    update = prompter_since(scenario.room, scenario.seat(WORKER), LONG_AGO, scenario.now)

    assert update is not None
    assert (update.actions, update.position) == (["HIDE", "STOP"], 0.0)


def test_a_customer_never_gets_the_teleprompter(scenario: RoomScenario) -> None:
    load(scenario)

    assert prompter_since(scenario.room, scenario.seat(CUSTOMER), LONG_AGO, scenario.now) is None


def test_a_room_without_a_text_has_no_update(scenario: RoomScenario) -> None:
    assert prompter_since(scenario.room, scenario.seat(WORKER), LONG_AGO, scenario.now) is None
