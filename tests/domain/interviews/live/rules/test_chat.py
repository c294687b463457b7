"""Rules of the chat."""

import pytest

from domain.interviews.errors import (
    ChatDisabled,
    TargetNotFound,
)
from domain.interviews.live.commands import (
    ChatSend,
    Update,
)
from domain.interviews.live.room import MAX_LIVE_CHAT_MESSAGES
from tests.domain.interviews.live.room_scenario import CUSTOMER, WORKER, RoomScenario, a_guest


def test_a_chat_message_reaches_everyone_or_sender_and_receiver_only(scenario: RoomScenario) -> None:
    scenario.send(CUSTOMER, ChatSend(client_msg_id="1", text="您好"))
    scenario.send(CUSTOMER, ChatSend(client_msg_id="2", text="悄悄话", to=scenario.host))

    assert scenario.events(WORKER).count("chatMessage") == 1
    assert scenario.events(scenario.host).count("chatMessage") == 2
    assert [message.text for message in scenario.snapshot(WORKER).chat] == ["您好"]
    assert [message.text for message in scenario.snapshot(CUSTOMER).chat] == ["您好", "悄悄话"]
    with pytest.raises(TargetNotFound):
        scenario.send(CUSTOMER, ChatSend(client_msg_id="3", text="x", to=a_guest("nobody")))


def test_the_host_may_disable_the_chat_for_guests(scenario: RoomScenario) -> None:
    scenario.send(scenario.host, Update(chat_enabled=False))

    with pytest.raises(ChatDisabled):
        scenario.send(CUSTOMER, ChatSend(client_msg_id="1", text="x"))
    scenario.send(scenario.host, ChatSend(client_msg_id="2", text="请稍等"))


def test_a_live_room_keeps_a_limited_number_of_chat_messages(scenario: RoomScenario) -> None:
    for number in range(MAX_LIVE_CHAT_MESSAGES + 5):
        scenario.send(CUSTOMER, ChatSend(client_msg_id=str(number), text=str(number)))

    assert len(scenario.room.chat) == MAX_LIVE_CHAT_MESSAGES
    assert scenario.room.chat[-1].text == str(MAX_LIVE_CHAT_MESSAGES + 4)
