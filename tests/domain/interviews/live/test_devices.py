"""Devices, hands, chat and the teleprompter."""

import pytest

from domain.interviews.errors import (
    ChatDisabled,
    DeviceLocked,
    NotHost,
    NotJoined,
    PrompterForWorkersOnly,
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
    PrompterControl,
    PrompterLoad,
    PrompterProgress,
    Rename,
    Update,
)
from domain.interviews.live.room import MAX_LIVE_CHAT_MESSAGES
from tests.domain.interviews.live.room_scenario import RoomScenario, a_guest

CUSTOMER, HELPER = a_guest("customer"), a_guest("helper")


@pytest.fixture
def scenario() -> RoomScenario:
    scenario = RoomScenario()
    scenario.join()
    scenario.join(CUSTOMER, mic=True, camera=True)
    scenario.join(HELPER, identity="helper")
    return scenario


def test_a_forced_mute_takes_effect_at_once(scenario: RoomScenario) -> None:
    scenario.do(scenario.host, ControlRequest(target=CUSTOMER, device="mic", enabled=False))

    assert not scenario.seat(CUSTOMER).media.mic
    assert scenario.events(CUSTOMER)[-2:] == ["controlCommand", "peerMedia"]
    assert "controlCommand" not in scenario.events(HELPER)


def test_nothing_is_switched_on_without_consent(scenario: RoomScenario) -> None:
    asked = scenario.do(scenario.host, ControlRequest(target=HELPER, device="camera", enabled=True))
    assert not scenario.seat(HELPER).media.camera

    scenario.do(HELPER, ControlRespond(request_id=asked.request_id, accepted=False, reason="不方便"))

    result = scenario.last(scenario.host, "controlResult")
    assert (result.result, result.reason, result.participant_id) == ("declined", "不方便", HELPER)
    assert not scenario.seat(HELPER).media.camera
    assert "controlPrompt" not in scenario.events(CUSTOMER)


def test_a_question_that_nobody_answers_is_no_answer_after_fifteen_seconds(scenario: RoomScenario) -> None:
    asked = scenario.do(scenario.host, ControlRequest(target=HELPER, device="camera", enabled=True))
    with pytest.raises(TargetNotFound):
        scenario.do(CUSTOMER, ControlRespond(request_id=asked.request_id, accepted=True))

    scenario.wait(15)

    assert scenario.last(scenario.host, "controlResult").result == "noResponse"
    with pytest.raises(TargetNotFound):
        scenario.do(HELPER, ControlRespond(request_id=asked.request_id, accepted=True))


def test_who_leaves_with_an_open_question_is_gone(scenario: RoomScenario) -> None:
    scenario.do(scenario.host, ControlRequest(target=HELPER, device="mic", enabled=True))

    scenario.leave(HELPER)

    assert scenario.last(scenario.host, "controlResult").result == "gone"


def test_a_lock_keeps_microphones_off_until_the_host_asks_and_they_agree(scenario: RoomScenario) -> None:
    scenario.do(scenario.host, MuteAll(device="mic", lock=True))
    for person in (CUSTOMER, HELPER):
        with pytest.raises(DeviceLocked):
            scenario.do(person, MediaStateChange(mic=True))
    assert scenario.picture(CUSTOMER).locked_devices == ["mic"]

    asked = scenario.do(scenario.host, ControlRequest(target=CUSTOMER, device="mic", enabled=True))
    scenario.do(CUSTOMER, ControlRespond(request_id=asked.request_id, accepted=True))
    scenario.do(CUSTOMER, MediaStateChange(mic=True))

    assert scenario.seat(CUSTOMER).media.mic
    with pytest.raises(DeviceLocked):
        scenario.do(HELPER, MediaStateChange(mic=True))


def test_muting_all_spares_the_excepted_and_the_host(scenario: RoomScenario) -> None:
    scenario.do(scenario.host, MediaStateChange(mic=True))
    scenario.do(HELPER, MediaStateChange(mic=True))

    scenario.do(scenario.host, MuteAll(device="mic", lock=True, **{"except": (CUSTOMER,)}))

    assert [scenario.seat(each).media.mic for each in (scenario.host, CUSTOMER, HELPER)] == [True, True, False]
    scenario.do(CUSTOMER, MediaStateChange(mic=False))
    scenario.do(CUSTOMER, MediaStateChange(mic=True))
    scenario.do(scenario.host, MuteAll(device="mic", lock=False))
    scenario.do(HELPER, MediaStateChange(mic=True))


def test_nobody_brings_a_locked_device_in_switched_on(scenario: RoomScenario) -> None:
    scenario.do(scenario.host, MuteAll(device="mic", lock=True))

    late = scenario.join(a_guest("late"), mic=True, camera=True, screen=True)

    assert (late.media.mic, late.media.camera, late.media.screen) == (False, True, False)


def test_guests_share_their_screen_when_the_host_allows_it(scenario: RoomScenario) -> None:
    with pytest.raises(ScreenShareDisabled):
        scenario.do(HELPER, MediaStateChange(screen=True))
    scenario.do(scenario.host, Update(guest_screen_share=True))

    scenario.do(HELPER, MediaStateChange(screen=True))

    assert scenario.last(scenario.host, "peerMedia").media.screen


def test_a_state_that_is_the_same_is_told_to_nobody(scenario: RoomScenario) -> None:
    version = scenario.room.version

    scenario.do(CUSTOMER, MediaStateChange(mic=True))

    assert scenario.told == []
    assert scenario.room.version == version


def test_hands_are_a_queue_that_their_owners_and_the_host_take_down(scenario: RoomScenario) -> None:
    scenario.do(HELPER, HandRaise())
    scenario.do(CUSTOMER, HandRaise())
    scenario.do(HELPER, HandRaise())
    assert scenario.last(scenario.host, "handQueue").hands == [HELPER, CUSTOMER]
    with pytest.raises(NotHost):
        scenario.do(CUSTOMER, HandLower(participant_id=HELPER))

    scenario.do(scenario.host, HandLower(participant_id=HELPER))
    scenario.leave(CUSTOMER)

    assert scenario.last(scenario.host, "handQueue").hands == []


def test_chat_reaches_everybody_or_the_two_whom_it_concerns(scenario: RoomScenario) -> None:
    scenario.do(CUSTOMER, ChatSend(client_msg_id="1", text="您好"))
    scenario.do(CUSTOMER, ChatSend(client_msg_id="2", text="悄悄话", to=scenario.host))

    assert scenario.events(HELPER).count("chatMessage") == 1
    assert scenario.events(scenario.host).count("chatMessage") == 2
    assert [line.text for line in scenario.picture(HELPER).chat] == ["您好"]
    assert [line.text for line in scenario.picture(CUSTOMER).chat] == ["您好", "悄悄话"]
    with pytest.raises(TargetNotFound):
        scenario.do(CUSTOMER, ChatSend(client_msg_id="3", text="x", to=a_guest("nobody")))


def test_the_host_may_close_the_chat_for_guests(scenario: RoomScenario) -> None:
    scenario.do(scenario.host, Update(chat_enabled=False))

    with pytest.raises(ChatDisabled):
        scenario.do(CUSTOMER, ChatSend(client_msg_id="1", text="x"))
    scenario.do(scenario.host, ChatSend(client_msg_id="2", text="请稍等"))


def test_a_live_room_remembers_so_many_lines_and_no_more(scenario: RoomScenario) -> None:
    for number in range(MAX_LIVE_CHAT_MESSAGES + 5):
        scenario.do(CUSTOMER, ChatSend(client_msg_id=str(number), text=str(number)))

    assert len(scenario.room.chat) == MAX_LIVE_CHAT_MESSAGES
    assert scenario.room.chat[-1].text == str(MAX_LIVE_CHAT_MESSAGES + 4)


def test_a_guest_is_always_shown_as_one(scenario: RoomScenario) -> None:
    scenario.do(CUSTOMER, Rename(name="主持人"))
    scenario.do(scenario.host, Rename(participant_id=HELPER, name="王芳"))

    assert scenario.seat(CUSTOMER).name == "客户-主持人"
    assert scenario.seat(HELPER).name == "阿姨-王芳"
    with pytest.raises(NotHost):
        scenario.do(CUSTOMER, Rename(participant_id=HELPER, name="x"))


def test_the_teleprompter_is_for_helpers_and_customers_never_hear_of_it(scenario: RoomScenario) -> None:
    with pytest.raises(PrompterForWorkersOnly):
        scenario.do(scenario.host, PrompterLoad(content="x", targets=(CUSTOMER,)))
    loaded = scenario.do(scenario.host, PrompterLoad(content="大家好\n我叫王芳", auto_play=True))
    scenario.do(scenario.host, PrompterControl(doc_id=loaded.doc_id, action="PAUSE"))
    scenario.do(HELPER, PrompterProgress(doc_id=loaded.doc_id, position=0.5))

    assert [event for event in scenario.events(HELPER) if "prompter" in event] == ["prompterDoc", "prompterState"]
    assert not [event for event in scenario.events(CUSTOMER) if "prompter" in event]
    assert scenario.picture(CUSTOMER).prompter is None
    assert scenario.last(scenario.host, "prompterProgress").position == 0.5
    with pytest.raises(TargetNotFound):
        scenario.do(CUSTOMER, PrompterProgress(doc_id=loaded.doc_id, position=0.5))


def test_a_helper_who_comes_late_lands_on_the_line_of_all_others(scenario: RoomScenario) -> None:
    content = "\n".join("第一行" for _ in range(10))
    scenario.do(scenario.host, PrompterLoad(content=content, speed=51.2, font_px=32, auto_play=True))
    scenario.wait(5)  # 256 of 512 nominal pixels

    late = a_guest("late helper")
    scenario.join(late, identity="helper")

    seen = scenario.picture(late).prompter
    elapsed = (scenario.now - seen.state.anchor_at).total_seconds()
    assert seen.state.position + elapsed * seen.state.speed / seen.doc.height_px == pytest.approx(0.5)


def test_the_teleprompters_clock_is_taken_down_at_each_change(scenario: RoomScenario) -> None:
    content = "\n".join("行" for _ in range(10))
    doc = scenario.do(scenario.host, PrompterLoad(content=content, speed=51.2, font_px=32)).doc_id

    def told(**control: object) -> tuple[str, float, bool]:
        scenario.do(scenario.host, PrompterControl(doc_id=doc, **control))
        state = scenario.last(HELPER, "prompterState").state
        return state.state, round(state.position, 6), state.visible

    assert told(action="PLAY") == ("playing", 0, True)
    scenario.wait(2)
    assert told(action="SPEED", speed=102.4) == ("playing", 0.2, True)
    scenario.wait(2)
    assert told(action="PAUSE") == ("paused", 0.6, True)
    scenario.wait(60)
    assert told(action="SEEK", position=0.9) == ("paused", 0.9, True)
    assert told(action="HIDE") == ("paused", 0.9, False)
    assert told(action="PLAY") == ("playing", 0.9, False)
    scenario.wait(60)
    assert told(action="SHOW") == ("playing", 1, True)
    assert told(action="PLAY") == ("playing", 0, True)
    assert told(action="STOP") == ("stopped", 0, True)
    with pytest.raises(TargetNotFound):
        scenario.do(scenario.host, PrompterControl(doc_id="old", action="PLAY"))


def test_a_text_for_one_helper_is_not_shown_to_another(scenario: RoomScenario) -> None:
    other = a_guest("other helper")
    scenario.join(other, identity="helper")

    scenario.do(scenario.host, PrompterLoad(content="x", targets=(HELPER,)))

    assert "prompterDoc" in scenario.events(HELPER)
    assert "prompterDoc" not in scenario.events(other)
    assert scenario.picture(other).prompter is None


def test_who_is_gone_says_nothing(scenario: RoomScenario) -> None:
    scenario.drop(CUSTOMER)

    with pytest.raises(NotJoined):
        scenario.do(CUSTOMER, ChatSend(client_msg_id="1", text="x"))
