"""The simulated cloud itself: rooms, tokens, notices, callbacks and what goes wrong on request."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from integrations.local.simulators.zego import SIM_PROJECT
from integrations.zego.callbacks import callback_signature
from integrations.zego.http import signature_of
from integrations.zego.token04 import Claims, Mode, room_payload
from tests.integrations.zego.simulated import TOKENS, Cloud, simulated_cloud
from tests.servers import ServerProcess


class Listener:
    """Our side of the callbacks; answers with `status`."""

    def __init__(self) -> None:
        self.heard: list[dict[str, str]] = []
        self.raw: list[tuple[str, str]] = []
        self.status = 200

    async def handle(self, request: web.Request) -> web.Response:
        self.raw.append((request.content_type, (await request.read()).decode()))
        if request.content_type == "application/json":
            try:
                self.heard.append(await request.json())
            except json.JSONDecodeError:
                self.heard.append({})
        else:
            self.heard.append({name: str(value) for name, value in (await request.post()).items()})
        return web.Response(status=self.status)

    @property
    def events(self) -> list[str]:
        return [message.get("event", "") for message in self.heard]


@pytest.fixture
async def cloud() -> AsyncIterator[Cloud]:
    async with simulated_cloud() as cloud:
        yield cloud


@pytest.fixture
async def listener(cloud: Cloud) -> AsyncIterator[Listener]:
    listener = Listener()
    app = web.Application()
    app.router.add_post("/callback", listener.handle)
    server = TestServer(app)
    await server.start_server(access_log=None)
    await cloud.order("knobs", callbackUrl=str(server.make_url("/callback")), timeScale=0.001)
    yield listener
    await server.close()


async def ask(cloud: Cloud, action: str = "DescribeUserNum", **changed: str) -> int:
    """The code of a call whose proofs are right but for `changed`."""
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
async def test_every_call_is_checked_as_the_cloud_does(cloud: Cloud, changed: dict[str, str], code: int) -> None:
    assert await ask(cloud, **changed) == code


async def test_a_nonce_is_good_once(cloud: Cloud) -> None:
    query = {"SignatureNonce": "0011223344556677"}
    signature = signature_of(SIM_PROJECT.app_id, "0011223344556677", SIM_PROJECT.server_secret, int(cloud.state.now()))

    assert await ask(cloud, Signature=signature, **query) == 0
    assert await ask(cloud, Signature=signature, **query) == 100000008


async def test_more_calls_than_allowed_are_refused(cloud: Cloud) -> None:
    assert [await ask(cloud, "CloseRoom"), await ask(cloud, "CloseRoom")] == [5024, 206]


@pytest.mark.parametrize("mode", Mode)
async def test_a_token_of_either_form_opens_its_room(cloud: Cloud, mode: Mode) -> None:
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


async def test_a_token_opens_no_other_room_for_nobody_else_and_not_for_ever(cloud: Cloud) -> None:
    token = cloud.token("u1", "room_a")

    assert (await cloud.enter("room_b", "u1", token))[0] == 403
    assert (await cloud.enter("room_a", "u2", token))[0] == 403
    assert (await cloud.enter("room_a", "u1", "04" + token[6:]))[0] == 403
    cloud.clock.advance(7200)
    assert (await cloud.enter("room_a", "u1", token))[0] == 403


async def test_a_privilege_that_was_denied_is_denied(cloud: Cloud) -> None:
    _, answer = await cloud.enter("room_a", "u1", cloud.token("u1", "room_a", publish=False))

    assert answer["mayPublish"] is False


async def test_without_the_strict_check_one_token_opens_every_room(cloud: Cloud) -> None:
    await cloud.order("knobs", strict=False)

    assert (await cloud.enter("room_b", "u1", cloud.token("u1", "room_a")))[0] == 200


async def test_a_user_who_comes_again_ends_the_log_in_before_and_is_told_there(cloud: Cloud) -> None:
    await cloud.enter("room_a", "u1")
    await cloud.enter("room_b", "u1")

    assert (await cloud.people("room_a"), await cloud.people("room_b")) == ([], ["u1"])
    assert [notice["code"] for notice in await cloud.notices("u1")] == [1002050]


async def test_who_is_silent_for_a_hundred_seconds_is_gone_and_the_room_with_the_last(cloud: Cloud) -> None:
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


async def test_a_notice_reaches_a_client_that_listens(cloud: Cloud) -> None:
    await cloud.enter("room_a", "u1")
    async with cloud.http.get(
        f"{cloud.url}/sim/notices", params={"userId": "u1"}, headers={"Accept": "text/event-stream"}
    ) as stream:
        await ask(cloud, "KickoutUser", **{"UserId[]": "u1", "CustomReason": "removed"})
        line = await asyncio.wait_for(stream.content.readline(), 5)

    assert json.loads(line.removeprefix(b"data: "))["reason"] == "removed"


async def test_a_room_reports_its_life_in_order_and_signed(cloud: Cloud, listener: Listener) -> None:
    await cloud.enter("room_a", "u1")
    await cloud.enter("room_a", "u2")
    await cloud.leave("room_a", "u1")
    await cloud.leave("room_a", "u2")
    await cloud.get("callbacks")

    life = ["room_create", "room_login", "room_login", "room_logout", "room_logout", "room_close"]
    assert listener.events == life
    assert len({message.get("room_session_id") or message["room_seq"] for message in listener.heard}) == 1
    for message in listener.heard:
        expected = callback_signature(SIM_PROJECT.callback_secret, message["timestamp"], message["nonce"])
        assert (message["signature"], message["appid"]) == (expected, str(SIM_PROJECT.app_id))


async def test_a_room_that_opens_anew_has_a_later_session(cloud: Cloud) -> None:
    first = (await cloud.enter("room_a", "u1"))[1]["roomSessionId"]
    await cloud.leave("room_a", "u1")
    second = (await cloud.enter("room_a", "u1"))[1]["roomSessionId"]

    assert int(second) > int(first)


async def test_an_unanswered_message_climbs_the_ladder_of_its_kind(cloud: Cloud, listener: Listener) -> None:
    listener.status = 500
    await cloud.enter("room_a", "u1")
    async with asyncio.timeout(10):
        while len(listener.heard) < 8:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)

    assert {event: listener.events.count(event) for event in set(listener.events)} == {
        "room_create": 6,
        "room_login": 2,
    }


async def test_what_a_test_wants_to_go_wrong_does(cloud: Cloud, listener: Listener) -> None:
    await cloud.order("knobs", drop=1)
    await cloud.enter("room_a", "u1")
    await cloud.order("knobs", duplicates=1)
    await cloud.enter("room_a", "u2")
    await cloud.order("knobs", duplicates=0, swap=True)
    await cloud.leave("room_a", "u2")
    await cloud.enter("room_a", "u3")
    await cloud.order("callbacks", fields={"event": "room_close", "room_id": "room_a", "room_session_id": "1"})
    sent = await cloud.get("callbacks")

    told = [(message["event"], message.get("user_account", "")) for message in sent]
    assert told == [
        ("room_login", "u1"),
        ("room_login", "u2"),
        ("room_login", "u2"),
        ("room_login", "u3"),
        ("room_logout", "u2"),
        ("room_close", ""),
    ]


@pytest.mark.parametrize(("knob", "kind"), [("form", "application/x-www-form-urlencoded"), ("urlEncoded", None)])
async def test_messages_come_in_the_forms_that_are_known(
    cloud: Cloud, listener: Listener, knob: str, kind: str | None
) -> None:
    await cloud.order("knobs", **{knob: True})
    await cloud.enter("room_a", "u1")
    await cloud.get("callbacks")

    content_type, text = listener.raw[0]
    assert content_type == (kind or "application/json")
    assert text.startswith("%7B") is (knob == "urlEncoded")


async def test_a_wrong_signature_is_sent_on_request(cloud: Cloud, listener: Listener) -> None:
    await cloud.order("knobs", wrongSignature=True)
    await cloud.enter("room_a", "u1")
    await cloud.get("callbacks")

    message = listener.heard[0]
    assert message["signature"] != callback_signature(
        SIM_PROJECT.callback_secret, message["timestamp"], message["nonce"]
    )


class SimulatorProcess(ServerProcess):
    def __init__(self) -> None:
        super().__init__("zego")

    def command(self) -> list[str]:
        return [sys.executable, "-m", "integrations.local.simulators.zego", "--port", str(self.port)]


async def test_it_is_a_program_of_its_own_that_says_nothing_and_ends_when_told() -> None:
    simulator = SimulatorProcess()
    simulator.start()
    async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{simulator.port}/sim/rooms") as response:
        rooms: Any = await response.json()
    simulator.stop()
    output = (simulator.directory / "output.log").read_text()
    simulator.dispose()

    assert (rooms, output) == ([], "")


def test_it_says_what_it_needs() -> None:
    with pytest.raises(subprocess.CalledProcessError) as refused:
        subprocess.run(
            [sys.executable, "-m", "integrations.local.simulators.zego"], check=True, capture_output=True, text=True
        )
    assert "--port" in refused.value.stderr
