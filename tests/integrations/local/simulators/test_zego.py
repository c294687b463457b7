"""The ZEGO simulator: rooms, tokens, notices, callbacks and injected faults."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from integrations.local.simulators.zego.state import SIM_PROJECT
from integrations.zego.callbacks import callback_signature
from integrations.zego.http import signature_of
from integrations.zego.token04 import Claims, Mode, room_payload
from tests.integrations.zego.simulated import TOKENS, Cloud, simulated_cloud
from tests.servers import ServerProcess


class CallbackReceiver:
    """Receives the callbacks and responds with `status`."""

    def __init__(self) -> None:
        self.received: list[dict[str, str]] = []
        self.raw: list[tuple[str, str]] = []
        self.status = 200

    async def handle(self, request: web.Request) -> web.Response:
        self.raw.append((request.content_type, (await request.read()).decode()))
        if request.content_type == "application/json":
            try:
                self.received.append(await request.json())
            except json.JSONDecodeError:
                self.received.append({})
        else:
            self.received.append({name: str(value) for name, value in (await request.post()).items()})
        return web.Response(status=self.status)

    @property
    def events(self) -> list[str]:
        return [message.get("event", "") for message in self.received]


@pytest.fixture
async def cloud() -> AsyncIterator[Cloud]:
    async with simulated_cloud() as cloud:
        yield cloud


@pytest.fixture
async def receiver(cloud: Cloud) -> AsyncIterator[CallbackReceiver]:
    receiver = CallbackReceiver()
    app = web.Application()
    app.router.add_post("/callback", receiver.handle)
    server = TestServer(app)
    await server.start_server(access_log=None)
    await cloud.order("knobs", callbackUrl=str(server.make_url("/callback")), timeScale=0.001)
    yield receiver
    await server.close()


async def ask(cloud: Cloud, action: str = "DescribeUserNum", **changed: str) -> int:
    """The code of a call that is valid except for the parameters in `changed`."""
    now, nonce = int(cloud.state.now()), "00112233445566" + f"{len(cloud.state.nonces):02x}"
    query = {
        "Action": action,
        "AppId": str(SIM_PROJECT.app_id),
        "SignatureNonce": nonce,
        "Timestamp": str(now),
        "Signature": signature_of(SIM_PROJECT.app_id, nonce, SIM_PROJECT.server_secret, now),
        "SignatureVersion": "2.0",
        "RoomId": "room_a",
        "RoomId[]": "room_a",
    }
    async with cloud.http.get(f"{cloud.url}/", params={**query, **changed}) as response:
        assert response.status == 200
        return int((await response.json())["Code"])


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, 0),
        ({"AppId": "7"}, 100000001),
        ({"Timestamp": ""}, 100000002),
        ({"Timestamp": "soon"}, 100000003),
        ({"Timestamp": "1700000000"}, 100000004),
        ({"Signature": "0" * 32}, 100000005),
        ({"Signature": ""}, 100000009),
        ({"SignatureNonce": "short"}, 100000008),
        ({"SignatureVersion": "1.0"}, 100000013),
        ({"action": "NoSuch"}, 100000007),
        ({"action": "CloseRoom"}, 5024),
        ({"action": "KickoutUser", "UserId[]": "u"}, 104),
        ({"action": "KickoutUser"}, 2),
    ],
)
async def test_each_invalid_call_has_the_error_code_of_the_cloud(
    cloud: Cloud, changed: dict[str, str], code: int
) -> None:
    assert await ask(cloud, **changed) == code


async def test_a_nonce_is_valid_once(cloud: Cloud) -> None:
    query = {"SignatureNonce": "0011223344556677"}
    signature = signature_of(SIM_PROJECT.app_id, "0011223344556677", SIM_PROJECT.server_secret, int(cloud.state.now()))

    assert await ask(cloud, Signature=signature, **query) == 0
    assert await ask(cloud, Signature=signature, **query) == 100000008


async def test_calls_over_the_rate_limit_are_refused(cloud: Cloud) -> None:
    assert [await ask(cloud, "CloseRoom"), await ask(cloud, "CloseRoom")] == [5024, 206]


@pytest.mark.parametrize("mode", Mode)
async def test_a_token_of_either_mode_opens_its_room(cloud: Cloud, mode: Mode) -> None:
    now = int(cloud.state.now())
    claims = Claims(
        app_id=SIM_PROJECT.app_id,
        user_id="u1",
        nonce=1,
        ctime=now,
        expire=now + 60,
        payload=room_payload("room_a"),
    )

    status, _ = await cloud.enter("room_a", "u1", TOKENS.seal(claims, mode))

    assert (status, await cloud.people("room_a")) == (200, ["u1"])


async def test_a_token_is_refused_for_another_room_or_user_and_after_its_expiry(cloud: Cloud) -> None:
    token = cloud.token("u1", "room_a")

    assert (await cloud.enter("room_b", "u1", token))[0] == 403
    assert (await cloud.enter("room_a", "u2", token))[0] == 403
    assert (await cloud.enter("room_a", "u1", "04" + token[6:]))[0] == 403
    cloud.clock.advance(7200)
    assert (await cloud.enter("room_a", "u1", token))[0] == 403


async def test_a_token_without_the_publish_privilege_does_not_allow_it(cloud: Cloud) -> None:
    _, answer = await cloud.enter("room_a", "u1", cloud.token("u1", "room_a", publish=False))

    assert answer["mayPublish"] is False


async def test_without_the_strict_setting_a_token_opens_every_room(cloud: Cloud) -> None:
    await cloud.order("knobs", strict=False)

    assert (await cloud.enter("room_b", "u1", cloud.token("u1", "room_a")))[0] == 200


async def test_a_second_log_in_ends_the_first_and_sends_it_a_notice(cloud: Cloud) -> None:
    await cloud.enter("room_a", "u1")
    await cloud.enter("room_b", "u1")

    assert (await cloud.people("room_a"), await cloud.people("room_b")) == ([], ["u1"])
    assert [notice["code"] for notice in await cloud.notices("u1")] == [1002050]


async def test_a_user_without_heartbeat_is_logged_out_and_an_empty_room_is_closed(cloud: Cloud) -> None:
    await cloud.enter("room_a", "u1")
    await cloud.enter("room_a", "u2")
    await cloud.order("drop", roomId="room_a", userId="u2")
    cloud.clock.advance(60)
    for user in ("u1", "u2"):
        await cloud.order("heartbeat", roomId="room_a", userId=user)

    await cloud.order("clock", advanceSeconds=50)
    assert await cloud.people("room_a") == ["u1"]
    await cloud.order("clock", advanceSeconds=60)

    assert await cloud.get("rooms") == []


async def test_a_notice_is_streamed_to_a_client(cloud: Cloud) -> None:
    await cloud.enter("room_a", "u1")
    async with cloud.http.get(
        f"{cloud.url}/sim/notices", params={"userId": "u1"}, headers={"Accept": "text/event-stream"}
    ) as stream:
        await ask(cloud, "KickoutUser", **{"UserId[]": "u1", "CustomReason": "removed"})
        line = await asyncio.wait_for(stream.content.readline(), 5)

    assert json.loads(line.removeprefix(b"data: "))["reason"] == "removed"


async def test_the_callbacks_of_a_room_are_signed_and_in_order(cloud: Cloud, receiver: CallbackReceiver) -> None:
    await cloud.enter("room_a", "u1")
    await cloud.enter("room_a", "u2")
    await cloud.leave("room_a", "u1")
    await cloud.leave("room_a", "u2")
    await cloud.get("callbacks")

    expected_events = ["room_create", "room_login", "room_login", "room_logout", "room_logout", "room_close"]
    assert receiver.events == expected_events
    assert len({message.get("room_session_id") or message["room_seq"] for message in receiver.received}) == 1
    for message in receiver.received:
        expected = callback_signature(SIM_PROJECT.callback_secret, message["timestamp"], message["nonce"])
        assert (message["signature"], message["appid"]) == (expected, str(SIM_PROJECT.app_id))


async def test_a_reopened_room_has_a_later_session_id(cloud: Cloud) -> None:
    first = (await cloud.enter("room_a", "u1"))[1]["roomSessionId"]
    await cloud.leave("room_a", "u1")
    second = (await cloud.enter("room_a", "u1"))[1]["roomSessionId"]

    assert int(second) > int(first)


async def test_an_unacknowledged_callback_is_retried_as_often_as_its_event_type_says(
    cloud: Cloud, receiver: CallbackReceiver
) -> None:
    receiver.status = 500
    await cloud.enter("room_a", "u1")
    await cloud.get("callbacks", retries="true")

    assert {event: receiver.events.count(event) for event in set(receiver.events)} == {
        "room_create": 6,
        "room_login": 2,
    }


async def test_callbacks_can_be_dropped_duplicated_swapped_and_made_up(
    cloud: Cloud, receiver: CallbackReceiver
) -> None:
    await cloud.order("knobs", drop=1)
    await cloud.enter("room_a", "u1")
    await cloud.order("knobs", duplicates=1)
    await cloud.enter("room_a", "u2")
    await cloud.order("knobs", duplicates=0, swap=True)
    await cloud.leave("room_a", "u2")
    await cloud.enter("room_a", "u3")
    await cloud.order("callbacks", fields={"event": "room_close", "room_id": "room_a", "room_session_id": "1"})
    sent = await cloud.get("callbacks")

    sent_events = [(message["event"], message.get("user_account", "")) for message in sent]
    assert sent_events == [
        ("room_login", "u1"),
        ("room_login", "u2"),
        ("room_login", "u2"),
        ("room_login", "u3"),
        ("room_logout", "u2"),
        ("room_close", ""),
    ]


@pytest.mark.parametrize(
    ("setting", "expected_type"), [("form", "application/x-www-form-urlencoded"), ("urlEncoded", None)]
)
async def test_callbacks_can_be_form_encoded_or_url_encoded(
    cloud: Cloud, receiver: CallbackReceiver, setting: str, expected_type: str | None
) -> None:
    await cloud.order("knobs", **{setting: True})
    await cloud.enter("room_a", "u1")
    await cloud.get("callbacks")

    content_type, text = receiver.raw[0]
    assert content_type == (expected_type or "application/json")
    assert text.startswith("%7B") is (setting == "urlEncoded")


async def test_callbacks_can_have_a_wrong_signature(cloud: Cloud, receiver: CallbackReceiver) -> None:
    await cloud.order("knobs", wrongSignature=True)
    await cloud.enter("room_a", "u1")
    await cloud.get("callbacks")

    message = receiver.received[0]
    assert message["signature"] != callback_signature(
        SIM_PROJECT.callback_secret, message["timestamp"], message["nonce"]
    )


class SimulatorProcess(ServerProcess):
    def __init__(self) -> None:
        super().__init__("zego")

    def command(self) -> list[str]:
        return [sys.executable, "-m", "integrations.local.simulators", "--zego", str(self.port)]


async def test_the_simulator_as_a_program_prints_nothing_and_ends_on_sigterm() -> None:
    simulator = SimulatorProcess()
    simulator.start()
    async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{simulator.port}/sim/rooms") as response:
        rooms: Any = await response.json()
    simulator.stop()
    output = (simulator.directory / "output.log").read_text()
    simulator.dispose()

    assert (rooms, output) == ([], "")
