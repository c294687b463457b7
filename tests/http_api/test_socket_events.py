"""Every role × every event that a client may send, generated from the declarations: who is answered, and who is not."""

import itertools
from typing import Any, Final

from domain.interviews.record.model import HOST, MANAGE, VIEW
from domain.shared.authority import Role
from realtime.asyncapi import client_events
from realtime.namespaces.interview.namespace import InterviewNamespace
from realtime.namespaces.registry import NAMESPACES
from tests.contract_api import ContractApi
from tests.http_api.socket_members import INTERVIEW, NAMES, ROOM, Member, open_room

DENIALS: Final = {"PERMISSION_DENIED", "NOT_HOST", "NOT_YOUR_ROOM", "NOT_JOINED"}

PEER: Final = "p" + "1" * 20
SESSION: Final = {"to": PEER, "connId": "c1"}
INTERVIEW_PAYLOADS: Final[dict[str, dict[str, Any]]] = {
    "update": {"chatEnabled": True},
    "lobbyDecide": {"participantId": PEER, "accept": True},
    "kick": {"participantId": PEER},
    "unban": {"participantId": PEER},
    "rename": {"name": "新名字"},
    "controlRequest": {"target": PEER, "device": "mic", "enabled": False},
    "controlRespond": {"requestId": "r1", "accepted": True},
    "muteAll": {"device": "mic"},
    "mediaState": {"mic": False},
    "handRaise": {},
    "handLower": {},
    "chatSend": {"clientMsgId": "m1", "text": "你好"},
    "prompterLoad": {"content": "自我介绍"},
    "prompterControl": {"docId": "d1", "action": "PLAY"},
    "prompterProgress": {"docId": "d1", "position": 0.5},
    "offer": {**SESSION, "sdp": "v=0"},
    "answer": {**SESSION, "sdp": "v=0"},
    "candidate": SESSION,
    "bye": SESSION,
    "sync": {},
    "renewToken": {},
    "leave": {},
    "end": {},
}
"""A valid payload of every event that needs a seat in a room; the last ones give the seat up."""
SEATLESS: Final = {"authenticate", "join", "ping", "stats"}
OF_THE_HOST: Final = {
    *("update", "lobbyDecide", "kick", "unban", "controlRequest", "muteAll"),
    *("prompterLoad", "prompterControl", "end"),
}


def entered_by(members: list[Member]) -> dict[tuple[str, str], bool]:
    return {(each.role, name): each.socket.entered[name] for each in members for name in NAMES}


async def test_a_role_sends_the_events_of_the_namespaces_that_it_may_enter_and_no_others(members: list[Member]) -> None:
    assert entered_by(members) == {(each.role, ns.name): each.enters(ns) for each in members for ns in NAMESPACES}
    unasked: list[tuple[Member, str, str, int]] = []
    wrong = []
    for member, namespace in itertools.product(members, NAMESPACES):
        for event in client_events(namespace):
            payload = {"token": member.token} if event == "authenticate" else {}
            if not member.enters(namespace):
                number = await member.socket.send(namespace.name, event, payload)
                unasked.append((member, namespace.name, event, number))
            elif namespace.name != INTERVIEW:
                answer = await member.socket.ask(namespace.name, event, **payload)
                wrong += [(member.role, namespace.name, event, answer)] if answer != "ok" else []

    assert all([await each.socket.ask("/account", "authenticate", token=each.token) == "ok" for each in members])
    assert wrong == []
    assert unasked
    assert [each[:3] for each in unasked if each[0].socket.was_answered(each[3])] == []


async def test_a_host_sends_every_event_of_an_own_room(api: ContractApi, members: list[Member]) -> None:
    assert set(INTERVIEW_PAYLOADS) | SEATLESS == set(client_events(InterviewNamespace))
    wrong = []
    for member in members:
        if not member.may(HOST):
            answer = await api.call("POST", "/api/interview/rooms", {"roomId": f"own_{member.role}"}, member.token)
            assert answer.code == "PERMISSION_DENIED", member.role
            continue
        room = await open_room(api, member, f"own_{member.role}")
        assert await member.socket.ask(INTERVIEW, "join", roomId=room) == "ok"
        for event, payload in INTERVIEW_PAYLOADS.items():
            if event == "end":  # after `leave`
                assert await member.socket.ask(INTERVIEW, "join", roomId=room) == "ok"
            answered = await member.socket.ask(INTERVIEW, event, **payload)
            wrong += [(member.role, event, answered)] if answered in DENIALS | {"INVALID_PAYLOAD"} else []
    assert wrong == []


async def test_in_a_room_of_another_host_managers_are_guests_and_all_others_nobody(
    api: ContractApi, members: list[Member]
) -> None:
    _, host_token = await api.stores.hired(Role.ADMIN)
    await api.call("POST", "/api/interview/rooms", {"roomId": ROOM, "settings": {"maxParticipants": 6}}, host_token)
    wrong = []
    for member in (each for each in members if each.may(VIEW, HOST, MANAGE)):
        joined = await member.socket.ask(INTERVIEW, "join", roomId=ROOM)
        wrong += [(member.role, "join", joined)] if joined != ("ok" if member.may(MANAGE) else "NOT_YOUR_ROOM") else []
        for event, payload in INTERVIEW_PAYLOADS.items():
            if event == "leave":  # `end` needs the seat
                continue
            answered = await member.socket.ask(INTERVIEW, event, **payload)
            refusal = {answered} & DENIALS
            due = "NOT_JOINED" if not member.may(MANAGE) else "NOT_HOST" if event in OF_THE_HOST else ""
            wrong += [(member.role, event, answered)] if refusal != ({due} if due else set()) else []
    assert wrong == []
