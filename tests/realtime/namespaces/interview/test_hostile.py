"""Hostile clients: refused with a stable code, without effect on other participants."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from domain.interviews.invites.model import GuestTicket
from integrations.security.ids import ObjectIds
from integrations.security.tickets import HmacTicketSigner
from realtime.engineio.limits import Limits
from realtime.namespaces.interview.pushes import NAME
from tests.realtime.conftest import ProcessPair
from tests.realtime.interview_process import HOST, SIGNER, InterviewClient, interview_process
from tests.realtime.namespaces.interview.test_interview import host_and_guest
from tests.realtime.realtime_process import token
from tests.waiting import eventually

NOW = datetime.now(UTC)
PARTICIPANT = "p" + "1" * 20


def a_guest_ticket(room_id: str = "room_x", participant_id: str = PARTICIPANT, **changes: Any) -> GuestTicket:
    given: dict[str, Any] = {
        "room_id": room_id,
        "participant_id": participant_id,
        "identity": "customer",
        "name": "客户",
        "invite_id": ObjectIds().next_id(),
        "ticket_id": ObjectIds().next_id(),
        "expires_at": datetime.now(UTC) + timedelta(hours=1),
        **changes,
    }
    return GuestTicket(**given)


async def test_forged_expired_and_malformed_tickets_are_refused(processes: ProcessPair) -> None:
    one, _ = processes
    genuine = SIGNER.sign_ticket(a_guest_ticket(), NOW)
    expired = SIGNER.sign_ticket(a_guest_ticket(expires_at=datetime.now(UTC) - timedelta(seconds=1)), NOW)
    forged = HmacTicketSigner(["another key"]).sign_ticket(a_guest_ticket(), NOW)
    tickets: list[tuple[Any, str]] = [
        (forged, "TICKET_INVALID"),
        (genuine[:-1] + ("A" if genuine[-1] != "A" else "B"), "TICKET_INVALID"),
        (genuine + "x" * 10_000, "TICKET_INVALID"),
        ("\ud800", "TICKET_INVALID"),
        (7, "TICKET_INVALID"),
        ({"room": "x"}, "TICKET_INVALID"),
        ("", "TICKET_INVALID"),
        (token(HOST), "TICKET_INVALID"),
        (expired, "TICKET_EXPIRED"),
    ]

    for ticket, code in tickets:
        refused = (await one.try_connect(ticket=ticket)).refused
        assert refused is not None
        assert refused["data"] == {"code": code}, ticket
    as_token = (await one.try_connect(token=genuine)).refused
    assert as_token is not None
    assert as_token["data"] == {"code": "INVALID_TOKEN"}


async def test_a_ticket_of_one_room_is_refused_in_another(processes: ProcessPair) -> None:
    one, two = processes
    room_id, host, guest = await host_and_guest(processes)
    other = await one.create_room(host="b" * 24)
    other_host = await one.connect_host(other.room_id, host="b" * 24)
    stranger = await two.connect_guest(other.room_id, host="b" * 24)

    assert await stranger.error_code("join", roomId=room_id) == "NOT_JOINED"
    second = await two.connect(ticket=stranger.auth["ticket"])
    assert await second.error_code("join", roomId=room_id) == "NOT_YOUR_ROOM"
    assert await second.error_code("offer", to=host.id, connId="c", sdp="v=0") == "NOT_JOINED"
    for target in (host.id, guest.id):
        assert await stranger.error_code("offer", to=target, connId="c", sdp="v=0") == "PEER_OFFLINE"
        assert await other_host.error_code("kick", participantId=target) == "NO_SUCH_TARGET"
        assert await other_host.error_code("controlRequest", target=target, device="mic", enabled=False) == (
            "NO_SUCH_TARGET"
        )

    await host.send("chatSend", clientMsgId="1", text="没有打扰")
    await guest.wait_for("chatMessage")
    assert set(guest.event_names()) <= {"chatMessage"}


async def test_knowing_the_ids_of_the_host_gives_no_rights(processes: ProcessPair) -> None:
    _, two = processes
    room_id, host, guest = await host_and_guest(processes)

    for event, payload in (
        ("end", {}),
        ("update", {"locked": True}),
        ("kick", {"participantId": host.id}),
        ("muteAll", {"device": "mic"}),
        ("controlRequest", {"target": host.id, "device": "mic", "enabled": False}),
        ("prompterLoad", {"content": "x"}),
        ("rename", {"participantId": host.id, "name": "x"}),
        ("handLower", {"participantId": host.id}),
    ):
        assert await guest.error_code(event, **payload) == "NOT_HOST", event
    for extra in ({"participantId": host.id}, {"hostUserId": HOST}, {"role": "host"}):
        assert await guest.error_code("join", roomId=room_id, **extra) == "INVALID_PAYLOAD"
    other_staff = await two.connect(token=token("d" * 24))
    two.authorities.permissions["e" * 24] = frozenset({"interview:host"})
    colleague = await two.connect(token=token("e" * 24))
    assert await colleague.error_code("join", roomId=room_id) == "NOT_YOUR_ROOM"
    await other_staff.join(room_id)
    assert other_staff.snapshot["you"]["role"] == "guest"
    assert host.snapshot["you"]["role"] == "host"


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("offer", {"connId": "c", "sdp": "x" * (64 * 1024 + 1)}),
        ("offer", {"connId": "c", "sdp": "中" * (22 * 1024)}),
        ("answer", {"connId": "c", "sdp": "x" * (64 * 1024 + 1)}),
        ("candidate", {"connId": "c", "candidate": "x" * 2049}),
        ("offer", {"connId": "c", "sdp": ""}),
        ("offer", {"connId": "c", "sdp": ["v=0"]}),
        ("bye", {"connId": "c" * 65}),
    ],
)
async def test_oversized_and_malformed_signaling_is_not_relayed(
    processes: ProcessPair, event: str, payload: dict[str, Any]
) -> None:
    _, host, guest = await host_and_guest(processes)

    assert await guest.error_code(event, to=host.id, **payload) == "INVALID_PAYLOAD"
    await guest.send("offer", to=host.id, connId="c", sdp="x" * 64 * 1024)
    await host.wait_for("offer")

    assert [name for name in host.event_names() if name in ("offer", "answer", "candidate", "bye")] == ["offer"]


async def test_unusual_texts_are_refused_or_delivered_as_they_are(processes: ProcessPair) -> None:
    _, host, guest = await host_and_guest(processes)

    for text in ("\ud800", "", " \n", "x" * 1001, 7, None, {"a": 1}, "a\u0000b", "好\u202e吗", "\u200b"):
        answer = await guest.request("chatSend", {"clientMsgId": "m", "text": text})
        assert answer["error"]["code"] == "INVALID_PAYLOAD", text
    await guest.send("chatSend", clientMsgId="n", text="<script>alert(1)</script>\r\n👩\u200d👧")

    assert (await host.wait_for("chatMessage"))["message"]["text"] == "<script>alert(1)</script>\n👩\u200d👧"
    refused = await guest.request("rename", {"name": "王\u202e芳"})
    assert refused["error"]["details"]["fields"] == [
        {
            "field": "name",
            "problem": "第 2 个字符 U+202E 会改变文字方向，请删除 / "
            "character 2 (U+202E) changes the direction of text; remove it",
        }
    ]
    assert await guest.error_code("nonsense", a=1) == "UNKNOWN_EVENT"
    assert await guest.error_code("join", roomId="../../etc") == "INVALID_PAYLOAD"


async def test_each_kind_of_event_has_its_own_rate_limit_with_a_retry_time(processes: ProcessPair) -> None:
    _, host, guest = await host_and_guest(processes)

    answers = [await guest.request("chatSend", {"clientMsgId": str(n), "text": "x"}) for n in range(12)]
    refused = [each["error"] for each in answers if not each["ok"]]

    assert refused
    assert {each["code"] for each in refused} == {"RATE_LIMITED"}
    assert all(each["details"]["retryAfterSeconds"] >= 1 for each in refused)
    await guest.send("handRaise")
    await host.wait_for("handQueue")


async def test_a_flooding_client_is_closed_and_does_not_disturb_others(
    redis_url: str, redis: Redis, mongodb_uri: str, database: Any
) -> None:
    async with interview_process(redis_url, mongodb_uri, database.name, "w1", limits=Limits()) as one:
        room = await one.create_room()
        host = await one.connect_host(room.room_id)
        guest = await one.connect_guest(room.room_id)
        bad = await one.connect_guest(room.room_id)

        flooding = asyncio.create_task(flood(bad, host.id, 3000))
        for number in range(8):
            await host.send("chatSend", clientMsgId=str(number), text=str(number))
            await asyncio.sleep(0.1)
        await guest.wait_for("chatMessage", 8)
        await flooding
        await eventually(lambda: bad.closed.is_set())

        assert len(host.received("candidate")) <= 250
        assert one.count("realtime_closes_total", reason="rate_limited") == 1
        assert (await host.wait_for("peerReconnecting"))["participant"]["participantId"] == bad.id


async def flood(client: InterviewClient, to: str, messages: int) -> None:
    packet = f"42{NAME}," + json.dumps(["candidate", {"to": to, "connId": "c", "candidate": "x" * 200}])
    assert client._client is not None
    for number in range(messages):
        try:
            await client._client.send(packet)
        except (ConnectionError, RuntimeError):
            return
        if number % 100 == 99:
            await asyncio.sleep(0.1)


async def test_a_connection_is_closed_when_its_ticket_expires_unless_renewed(processes: ProcessPair) -> None:
    one, _ = processes
    room_id, host, _ = await host_and_guest(processes)
    brief = a_guest_ticket(room_id, expires_at=datetime.now(UTC) + timedelta(seconds=4))
    longer = brief.model_copy(update={"expires_at": datetime.now(UTC) + timedelta(hours=1)})
    careless_ticket = a_guest_ticket(room_id, "p" + "2" * 20, expires_at=datetime.now(UTC) + timedelta(seconds=4))
    careful = await one.connect(ticket=SIGNER.sign_ticket(brief, NOW))
    careless = await one.connect(ticket=SIGNER.sign_ticket(careless_ticket, NOW))
    await careful.join(room_id)
    await careless.join(room_id)

    renewed = await careful.request("authenticate", {"token": SIGNER.sign_ticket(longer, NOW)})
    other = await careful.request("authenticate", {"token": SIGNER.sign_ticket(careless_ticket, NOW)})
    await careless.closed.wait()

    assert renewed["ok"] is True
    assert other["error"]["code"] == "INVALID_TOKEN"
    assert not careful.closed.is_set()
    await careful.send("handRaise")
    await host.wait_for("handQueue")
