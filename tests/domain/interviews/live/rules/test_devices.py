"""Rules of devices and raised hands."""

import pytest

from domain.interviews.errors import (
    DeviceLocked,
    NotHost,
    NotJoined,
    ScreenShareDisabled,
    TargetNotFound,
)
from domain.interviews.live.commands import (
    ChatSend,
    ControlRequest,
    ControlRespond,
    HandLower,
    HandRaise,
    MediaStateChange,
    MuteAll,
    Update,
)
from tests.domain.interviews.live.room_scenario import CUSTOMER, WORKER, RoomScenario, a_guest


def test_a_forced_mute_takes_effect_at_once(scenario: RoomScenario) -> None:
    scenario.send(scenario.host, ControlRequest(target=CUSTOMER, device="mic", enabled=False))

    assert not scenario.seat(CUSTOMER).media.mic
    assert scenario.events(CUSTOMER)[-2:] == ["controlCommand", "peerMedia"]
    assert "controlCommand" not in scenario.events(WORKER)


def test_no_device_is_switched_on_without_consent(scenario: RoomScenario) -> None:
    asked = scenario.send(scenario.host, ControlRequest(target=WORKER, device="camera", enabled=True))
    assert not scenario.seat(WORKER).media.camera

    scenario.send(WORKER, ControlRespond(request_id=asked.request_id, accepted=False, reason="不方便"))

    result = scenario.last(scenario.host, "controlResult")
    assert (result.result, result.reason, result.participant_id) == ("declined", "不方便", WORKER)
    assert not scenario.seat(WORKER).media.camera
    assert "controlPrompt" not in scenario.events(CUSTOMER)


def test_an_unanswered_device_request_expires_after_fifteen_seconds(scenario: RoomScenario) -> None:
    asked = scenario.send(scenario.host, ControlRequest(target=WORKER, device="camera", enabled=True))
    with pytest.raises(TargetNotFound):
        scenario.send(CUSTOMER, ControlRespond(request_id=asked.request_id, accepted=True))

    scenario.wait(15)

    assert scenario.last(scenario.host, "controlResult").result == "noResponse"
    with pytest.raises(TargetNotFound):
        scenario.send(WORKER, ControlRespond(request_id=asked.request_id, accepted=True))


def test_leaving_with_an_open_device_request_reports_gone(scenario: RoomScenario) -> None:
    scenario.send(scenario.host, ControlRequest(target=WORKER, device="mic", enabled=True))

    scenario.leave(WORKER)

    assert scenario.last(scenario.host, "controlResult").result == "gone"


def test_a_lock_keeps_microphones_off_until_the_host_requests_one_and_the_guest_accepts(scenario: RoomScenario) -> None:
    scenario.send(scenario.host, MuteAll(device="mic", lock=True))
    for person in (CUSTOMER, WORKER):
        with pytest.raises(DeviceLocked):
            scenario.send(person, MediaStateChange(mic=True))
    assert scenario.snapshot(CUSTOMER).locked_devices == ["mic"]

    asked = scenario.send(scenario.host, ControlRequest(target=CUSTOMER, device="mic", enabled=True))
    scenario.send(CUSTOMER, ControlRespond(request_id=asked.request_id, accepted=True))
    scenario.send(CUSTOMER, MediaStateChange(mic=True))

    assert scenario.seat(CUSTOMER).media.mic
    with pytest.raises(DeviceLocked):
        scenario.send(WORKER, MediaStateChange(mic=True))


def test_muting_all_spares_the_host_and_the_exceptions(scenario: RoomScenario) -> None:
    scenario.send(scenario.host, MediaStateChange(mic=True))
    scenario.send(WORKER, MediaStateChange(mic=True))

    scenario.send(scenario.host, MuteAll(device="mic", lock=True, **{"except": (CUSTOMER,)}))

    assert [scenario.seat(each).media.mic for each in (scenario.host, CUSTOMER, WORKER)] == [True, True, False]
    scenario.send(CUSTOMER, MediaStateChange(mic=False))
    scenario.send(CUSTOMER, MediaStateChange(mic=True))
    scenario.send(scenario.host, MuteAll(device="mic", lock=False))
    scenario.send(WORKER, MediaStateChange(mic=True))


def test_a_guest_cannot_join_with_a_locked_device_switched_on(scenario: RoomScenario) -> None:
    scenario.send(scenario.host, MuteAll(device="mic", lock=True))

    late = scenario.join(a_guest("late"), mic=True, camera=True, screen=True)

    assert (late.media.mic, late.media.camera, late.media.screen) == (False, True, False)


def test_guests_share_their_screen_when_the_host_allows_it(scenario: RoomScenario) -> None:
    with pytest.raises(ScreenShareDisabled):
        scenario.send(WORKER, MediaStateChange(screen=True))
    scenario.send(scenario.host, Update(guest_screen_share=True))

    scenario.send(WORKER, MediaStateChange(screen=True))

    assert scenario.last(scenario.host, "peerMedia").media.screen


def test_an_unchanged_media_state_causes_no_push(scenario: RoomScenario) -> None:
    version = scenario.room.version

    scenario.send(CUSTOMER, MediaStateChange(mic=True))

    assert scenario.last_pushes == []
    assert scenario.room.version == version


def test_raised_hands_are_a_queue_that_their_owners_and_the_host_may_lower(scenario: RoomScenario) -> None:
    scenario.send(WORKER, HandRaise())
    scenario.send(CUSTOMER, HandRaise())
    scenario.send(WORKER, HandRaise())
    assert scenario.last(scenario.host, "handQueue").hands == [WORKER, CUSTOMER]
    with pytest.raises(NotHost):
        scenario.send(CUSTOMER, HandLower(participant_id=WORKER))

    scenario.send(scenario.host, HandLower(participant_id=WORKER))
    scenario.leave(CUSTOMER)

    assert scenario.last(scenario.host, "handQueue").hands == []


def test_a_disconnected_participant_cannot_send_commands(scenario: RoomScenario) -> None:
    scenario.disconnect(CUSTOMER)

    with pytest.raises(NotJoined):
        scenario.send(CUSTOMER, ChatSend(client_msg_id="1", text="x"))
