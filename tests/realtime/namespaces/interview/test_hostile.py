"""Guests who mean harm: refused with a stable code, and nobody else notices."""

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
from tests.realtime.conftest import Both
from tests.realtime.namespaces.interview.test_interview import a_pair
from tests.realtime.realtime_process import token
from tests.realtime.studio import HOST, SIGNER, Person, studio
from tests.waiting import eventually

NOW = datetime.now(UTC)
SOMEBODY = "p" + "1" * 20


def a_ticket(room_id: str = "room_x", participant_id: str = SOMEBODY, **changes: Any) -> GuestTicket:
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


async def test_forged_stale_and_shapeless_tickets_open_nothing(both: Both) -> None:
    one, _ = both
    genuine = SIGNER.sign_ticket(a_ticket(), NOW)
    stale = SIGNER.sign_ticket(a_ticket(expires_at=datetime.now(UTC) - timedelta(seconds=1)), NOW)
    forged = HmacTicketSigner(["another key that nobody here knows of"]).sign_ticket(a_ticket(), NOW)
    shown: list[tuple[Any, str]] = [
        (forged, "TICKET_INVALID"),
        (genuine[:-1] + ("A" if genuine[-1] != "A" else "B"), "TICKET_INVALID"),
        (genuine + "x" * 10_000, "TICKET_INVALID"),
        ("\ud800", "TICKET_INVALID"),
        (7, "TICKET_INVALID"),
        ({"room": "x"}, "TICKET_INVALID"),
        ("", "TICKET_INVALID"),
        (token(HOST), "TICKET_INVALID"),
        (stale, "TICKET_EXPIRED"),
    ]

    for ticket, code in shown:
        refused = (await one.knock(ticket=ticket)).refused
        assert refused is not None
        assert refused["data"] == {"code": code}, ticket
    as_token = (await one.knock(token=genuine)).refused
    assert as_token is not None
    assert as_token["data"] == {"code": "INVALID_TOKEN"}


async def test_a_ticket_of_one_room_does_nothing_in_another(both: Both) -> None:
    one, two = both
    room_id, host, guest = await a_pair(both)
    other = await one.a_room(host="b" * 24)
    other_host = await one.host(other.room_id, host="b" * 24)
    stranger = await two.guest(other.room_id, host="b" * 24)

    assert await stranger.refusal("join", roomId=room_id) == "NOT_JOINED"
    fresh = await two.connect(ticket=stranger.auth["ticket"])
    assert await fresh.refusal("join", roomId=room_id) == "NOT_YOUR_ROOM"
    assert await fresh.refusal("offer", to=host.id, connId="c", sdp="v=0") == "NOT_JOINED"
    for target in (host.id, guest.id):
        assert await stranger.refusal("offer", to=target, connId="c", sdp="v=0") == "PEER_OFFLINE"
        assert await other_host.refusal("kick", participantId=target) == "NO_SUCH_TARGET"
        assert await other_host.refusal("controlRequest", target=target, device="mic", enabled=False) == (
            "NO_SUCH_TARGET"
        )

    await host.do("chatSend", clientMsgId="1", text="没有打扰")
    await guest.hears("chatMessage")
    assert set(guest.names()) <= {"chatMessage"}


async def test_nobody_becomes_the_host_by_knowing_the_hosts_ids(both: Both) -> None:
    _, two = both
    room_id, host, guest = await a_pair(both)

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
        assert await guest.refusal(event, **payload) == "NOT_HOST", event
    for extra in ({"participantId": host.id}, {"hostUserId": HOST}, {"role": "host"}):
        assert await guest.refusal("join", roomId=room_id, **extra) == "INVALID_PAYLOAD"
    other_staff = await two.connect(token=token("d" * 24))
    two.payroll.permissions["e" * 24] = frozenset({"interview:host"})
    colleague = await two.connect(token=token("e" * 24))
    assert await colleague.refusal("join", roomId=room_id) == "NOT_YOUR_ROOM"
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
async def test_what_is_too_long_or_shapeless_goes_to_nobody(both: Both, event: str, payload: dict[str, Any]) -> None:
    _, host, guest = await a_pair(both)

    assert await guest.refusal(event, to=host.id, **payload) == "INVALID_PAYLOAD"
    await guest.do("offer", to=host.id, connId="c", sdp="x" * 64 * 1024)
    await host.hears("offer")

    assert [name for name in host.names() if name in ("offer", "answer", "candidate", "bye")] == ["offer"]


async def test_strange_texts_are_refused_or_carried_and_break_nothing(both: Both) -> None:
    _, host, guest = await a_pair(both)

    for text in ("\ud800", "", "x" * 1001, 7, None, {"a": 1}):
        answer = await guest.ask("chatSend", {"clientMsgId": "m", "text": text})
        assert answer["error"]["code"] == "INVALID_PAYLOAD", text
    await guest.do("chatSend", clientMsgId="n", text="<script>alert(1)</script>\u0000\u2028🙂")

    assert (await host.hears("chatMessage"))["message"]["text"] == "<script>alert(1)</script>\u0000\u2028🙂"
    assert await guest.refusal("nonsense", a=1) == "UNKNOWN_EVENT"
    assert await guest.refusal("join", roomId="../../etc") == "INVALID_PAYLOAD"


async def test_each_kind_of_event_has_its_own_rate_and_says_when_to_try_again(both: Both) -> None:
    _, host, guest = await a_pair(both)

    answers = [await guest.ask("chatSend", {"clientMsgId": str(n), "text": "x"}) for n in range(12)]
    refused = [each["error"] for each in answers if not each["ok"]]

    assert refused
    assert {each["code"] for each in refused} == {"RATE_LIMITED"}
    assert all(each["details"]["retryAfterSeconds"] >= 1 for each in refused)
    await guest.do("handRaise")
    await host.hears("handQueue")


async def test_a_thousand_messages_a_second_disturb_nobody_else(
    redis_url: str, redis: Redis, mongodb_uri: str, database: Any
) -> None:
    async with studio(redis_url, mongodb_uri, database.name, "w1", limits=Limits()) as one:
        room = await one.a_room()
        host = await one.host(room.room_id)
        guest = await one.guest(room.room_id)
        bad = await one.guest(room.room_id)

        flooding = asyncio.create_task(flood(bad, host.id, 3000))
        for number in range(8):
            await host.do("chatSend", clientMsgId=str(number), text=str(number))
            await asyncio.sleep(0.1)
        await guest.hears("chatMessage", 8)
        await flooding
        await eventually(lambda: bad.closed.is_set())

        assert len(host.heard("candidate")) <= 250
        assert one.count("realtime_closes_total", reason="rate_limited") == 1
        assert (await host.hears("peerReconnecting"))["participant"]["participantId"] == bad.id


async def flood(person: Person, to: str, messages: int) -> None:
    packet = f"42{NAME}," + json.dumps(["candidate", {"to": to, "connId": "c", "candidate": "x" * 200}])
    assert person._client is not None
    for number in range(messages):
        try:
            await person._client.send(packet)
        except (ConnectionError, RuntimeError):
            return
        if number % 100 == 99:
            await asyncio.sleep(0.1)


async def test_a_ticket_that_ends_ends_its_connection_unless_it_is_renewed(both: Both) -> None:
    one, _ = both
    room_id, host, _ = await a_pair(both)
    brief = a_ticket(room_id, expires_at=datetime.now(UTC) + timedelta(seconds=4))
    longer = brief.model_copy(update={"expires_at": datetime.now(UTC) + timedelta(hours=1)})
    careless_ticket = a_ticket(room_id, "p" + "2" * 20, expires_at=datetime.now(UTC) + timedelta(seconds=4))
    careful = await one.connect(ticket=SIGNER.sign_ticket(brief, NOW))
    careless = await one.connect(ticket=SIGNER.sign_ticket(careless_ticket, NOW))
    await careful.join(room_id)
    await careless.join(room_id)

    renewed = await careful.ask("authenticate", {"token": SIGNER.sign_ticket(longer, NOW)})
    other = await careful.ask("authenticate", {"token": SIGNER.sign_ticket(careless_ticket, NOW)})
    await careless.closed.wait()

    assert renewed["ok"] is True
    assert other["error"]["code"] == "INVALID_TOKEN"
    assert not careful.closed.is_set()
    await careful.do("handRaise")
    await host.hears("handQueue")
