"""Devices, hands, chat and the teleprompter."""

import pytest

from domain.interviews.errors import (
    ChatOff,
    DeviceLocked,
    NoSuchTarget,
    NotForCustomers,
    NotHost,
    NotJoined,
    ScreenShareOff,
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
from domain.interviews.live.room import CHAT_KEPT
from tests.domain.interviews.table import Table, a_guest

CUSTOMER, HELPER = a_guest("customer"), a_guest("helper")


@pytest.fixture
def table() -> Table:
    table = Table()
    table.join()
    table.join(CUSTOMER, mic=True, camera=True)
    table.join(HELPER, identity="helper")
    return table


def test_a_forced_mute_takes_effect_at_once(table: Table) -> None:
    table.do(table.host, ControlRequest(target=CUSTOMER, device="mic", enabled=False))

    assert not table.seat(CUSTOMER).media.mic
    assert table.events(CUSTOMER)[-2:] == ["controlCommand", "peerMedia"]
    assert "controlCommand" not in table.events(HELPER)


def test_nothing_is_switched_on_without_consent(table: Table) -> None:
    asked = table.do(table.host, ControlRequest(target=HELPER, device="camera", enabled=True))
    assert not table.seat(HELPER).media.camera

    table.do(HELPER, ControlRespond(request_id=asked.request_id, accepted=False, reason="不方便"))

    result = table.last(table.host, "controlResult")
    assert (result.result, result.reason, result.participant_id) == ("declined", "不方便", HELPER)
    assert not table.seat(HELPER).media.camera
    assert "controlPrompt" not in table.events(CUSTOMER)


def test_a_question_that_nobody_answers_is_no_answer_after_fifteen_seconds(table: Table) -> None:
    asked = table.do(table.host, ControlRequest(target=HELPER, device="camera", enabled=True))
    with pytest.raises(NoSuchTarget):
        table.do(CUSTOMER, ControlRespond(request_id=asked.request_id, accepted=True))

    table.wait(15)

    assert table.last(table.host, "controlResult").result == "noResponse"
    with pytest.raises(NoSuchTarget):
        table.do(HELPER, ControlRespond(request_id=asked.request_id, accepted=True))


def test_who_leaves_with_an_open_question_is_gone(table: Table) -> None:
    table.do(table.host, ControlRequest(target=HELPER, device="mic", enabled=True))

    table.leave(HELPER)

    assert table.last(table.host, "controlResult").result == "gone"


def test_a_lock_keeps_microphones_off_until_the_host_asks_and_they_agree(table: Table) -> None:
    table.do(table.host, MuteAll(device="mic", lock=True))
    for person in (CUSTOMER, HELPER):
        with pytest.raises(DeviceLocked):
            table.do(person, MediaStateChange(mic=True))
    assert table.picture(CUSTOMER).locked_devices == ["mic"]

    asked = table.do(table.host, ControlRequest(target=CUSTOMER, device="mic", enabled=True))
    table.do(CUSTOMER, ControlRespond(request_id=asked.request_id, accepted=True))
    table.do(CUSTOMER, MediaStateChange(mic=True))

    assert table.seat(CUSTOMER).media.mic
    with pytest.raises(DeviceLocked):
        table.do(HELPER, MediaStateChange(mic=True))


def test_muting_all_spares_the_excepted_and_the_host(table: Table) -> None:
    table.do(table.host, MediaStateChange(mic=True))
    table.do(HELPER, MediaStateChange(mic=True))

    table.do(table.host, MuteAll(device="mic", lock=True, **{"except": (CUSTOMER,)}))

    assert [table.seat(each).media.mic for each in (table.host, CUSTOMER, HELPER)] == [True, True, False]
    table.do(CUSTOMER, MediaStateChange(mic=False))
    table.do(CUSTOMER, MediaStateChange(mic=True))
    table.do(table.host, MuteAll(device="mic", lock=False))
    table.do(HELPER, MediaStateChange(mic=True))


def test_nobody_brings_a_locked_device_in_switched_on(table: Table) -> None:
    table.do(table.host, MuteAll(device="mic", lock=True))

    late = table.join(a_guest("late"), mic=True, camera=True, screen=True)

    assert (late.media.mic, late.media.camera, late.media.screen) == (False, True, False)


def test_guests_share_their_screen_when_the_host_allows_it(table: Table) -> None:
    with pytest.raises(ScreenShareOff):
        table.do(HELPER, MediaStateChange(screen=True))
    table.do(table.host, Update(guest_screen_share=True))

    table.do(HELPER, MediaStateChange(screen=True))

    assert table.last(table.host, "peerMedia").media.screen


def test_a_state_that_is_the_same_is_told_to_nobody(table: Table) -> None:
    version = table.room.version

    table.do(CUSTOMER, MediaStateChange(mic=True))

    assert table.told == []
    assert table.room.version == version


def test_hands_are_a_queue_that_their_owners_and_the_host_take_down(table: Table) -> None:
    table.do(HELPER, HandRaise())
    table.do(CUSTOMER, HandRaise())
    table.do(HELPER, HandRaise())
    assert table.last(table.host, "handQueue").hands == [HELPER, CUSTOMER]
    with pytest.raises(NotHost):
        table.do(CUSTOMER, HandLower(participant_id=HELPER))

    table.do(table.host, HandLower(participant_id=HELPER))
    table.leave(CUSTOMER)

    assert table.last(table.host, "handQueue").hands == []


def test_chat_reaches_everybody_or_the_two_whom_it_concerns(table: Table) -> None:
    table.do(CUSTOMER, ChatSend(client_msg_id="1", text="您好"))
    table.do(CUSTOMER, ChatSend(client_msg_id="2", text="悄悄话", to=table.host))

    assert table.events(HELPER).count("chatMessage") == 1
    assert table.events(table.host).count("chatMessage") == 2
    assert [line.text for line in table.picture(HELPER).chat] == ["您好"]
    assert [line.text for line in table.picture(CUSTOMER).chat] == ["您好", "悄悄话"]
    with pytest.raises(NoSuchTarget):
        table.do(CUSTOMER, ChatSend(client_msg_id="3", text="x", to=a_guest("nobody")))


def test_the_host_may_close_the_chat_for_guests(table: Table) -> None:
    table.do(table.host, Update(chat_enabled=False))

    with pytest.raises(ChatOff):
        table.do(CUSTOMER, ChatSend(client_msg_id="1", text="x"))
    table.do(table.host, ChatSend(client_msg_id="2", text="请稍等"))


def test_a_live_room_remembers_so_many_lines_and_no_more(table: Table) -> None:
    for number in range(CHAT_KEPT + 5):
        table.do(CUSTOMER, ChatSend(client_msg_id=str(number), text=str(number)))

    assert len(table.room.chat) == CHAT_KEPT
    assert table.room.chat[-1].text == str(CHAT_KEPT + 4)


def test_a_guest_is_always_shown_as_one(table: Table) -> None:
    table.do(CUSTOMER, Rename(name="主持人"))
    table.do(table.host, Rename(participant_id=HELPER, name="王芳"))

    assert table.seat(CUSTOMER).name == "客户-主持人"
    assert table.seat(HELPER).name == "阿姨-王芳"
    with pytest.raises(NotHost):
        table.do(CUSTOMER, Rename(participant_id=HELPER, name="x"))


def test_the_teleprompter_is_for_helpers_and_customers_never_hear_of_it(table: Table) -> None:
    with pytest.raises(NotForCustomers):
        table.do(table.host, PrompterLoad(content="x", targets=(CUSTOMER,)))
    loaded = table.do(table.host, PrompterLoad(content="大家好\n我叫王芳", auto_play=True))
    table.do(table.host, PrompterControl(doc_id=loaded.doc_id, action="PAUSE"))
    table.do(HELPER, PrompterProgress(doc_id=loaded.doc_id, position=0.5))

    assert [event for event in table.events(HELPER) if "prompter" in event] == ["prompterDoc", "prompterState"]
    assert not [event for event in table.events(CUSTOMER) if "prompter" in event]
    assert table.picture(CUSTOMER).prompter is None
    assert table.last(table.host, "prompterProgress").position == 0.5
    with pytest.raises(NoSuchTarget):
        table.do(CUSTOMER, PrompterProgress(doc_id=loaded.doc_id, position=0.5))


def test_a_helper_who_comes_late_lands_on_the_line_of_all_others(table: Table) -> None:
    content = "\n".join("第一行" for _ in range(10))
    table.do(table.host, PrompterLoad(content=content, speed=51.2, font_px=32, auto_play=True))
    table.wait(5)  # 256 of 512 nominal pixels

    late = a_guest("late helper")
    table.join(late, identity="helper")

    seen = table.picture(late).prompter
    elapsed = (table.now - seen.state.anchor_at).total_seconds()
    assert seen.state.position + elapsed * seen.state.speed / seen.doc.height_px == pytest.approx(0.5)


def test_the_teleprompters_clock_is_taken_down_at_each_change(table: Table) -> None:
    content = "\n".join("行" for _ in range(10))
    doc = table.do(table.host, PrompterLoad(content=content, speed=51.2, font_px=32)).doc_id

    def told(**control: object) -> tuple[str, float, bool]:
        table.do(table.host, PrompterControl(doc_id=doc, **control))
        state = table.last(HELPER, "prompterState").state
        return state.state, round(state.position, 6), state.visible

    assert told(action="PLAY") == ("playing", 0, True)
    table.wait(2)
    assert told(action="SPEED", speed=102.4) == ("playing", 0.2, True)
    table.wait(2)
    assert told(action="PAUSE") == ("paused", 0.6, True)
    table.wait(60)
    assert told(action="SEEK", position=0.9) == ("paused", 0.9, True)
    assert told(action="HIDE") == ("paused", 0.9, False)
    assert told(action="PLAY") == ("playing", 0.9, False)
    table.wait(60)
    assert told(action="SHOW") == ("playing", 1, True)
    assert told(action="PLAY") == ("playing", 0, True)
    assert told(action="STOP") == ("stopped", 0, True)
    with pytest.raises(NoSuchTarget):
        table.do(table.host, PrompterControl(doc_id="old", action="PLAY"))


def test_a_text_for_one_helper_is_not_shown_to_another(table: Table) -> None:
    other = a_guest("other helper")
    table.join(other, identity="helper")

    table.do(table.host, PrompterLoad(content="x", targets=(HELPER,)))

    assert "prompterDoc" in table.events(HELPER)
    assert "prompterDoc" not in table.events(other)
    assert table.picture(other).prompter is None


def test_who_is_gone_says_nothing(table: Table) -> None:
    table.drop(CUSTOMER)

    with pytest.raises(NotJoined):
        table.do(CUSTOMER, ChatSend(client_msg_id="1", text="x"))
