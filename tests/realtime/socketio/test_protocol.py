"""The Socket.IO 5 protocol, packet by packet."""

import asyncio
import json
from typing import Any

import pytest
import socketio

from realtime.socketio.namespace import Admission, Namespace
from tests.realtime.harness import PollingClient, RecordingNamespace, relaxed_limits, running_server
from tests.waiting import eventually


async def test_a_client_enters_the_main_namespace_and_others_on_one_connection() -> None:
    async with running_server(extra=[RecordingNamespace("/")]) as it:
        client = await it.open()
        await client.receive()

        await client.send("40")
        main = await client.receive()
        await client.send('40/hall,{"token":"123"}')
        hall = await client.receive()

        assert set(json.loads(main[2:])) == {"sid"}
        assert json.loads(hall[8:])["sid"] != json.loads(main[2:])["sid"]


async def test_an_unknown_namespace_is_refused_as_the_conformance_suite_expects() -> None:
    async with running_server() as it:
        client = await it.open()
        await client.receive()

        await client.send("40/random")

        assert await client.receive() == '44/random,{"message":"Invalid namespace"}'


async def test_a_refusal_has_a_message_and_a_code() -> None:
    async with running_server() as it:
        client = await it.open()
        await client.receive()

        await client.send('40/hall,{"refuse":true}')

        assert await client.receive() == '44/hall,{"message":"请先登录","data":{"code":"NOT_AUTHENTICATED"}}'
        assert it.recorder.left == []


async def test_a_decision_that_fails_is_a_refusal() -> None:
    async def fail(wish: dict[str, Any]) -> None:
        raise RuntimeError("a bug")

    async with running_server() as it:
        it.recorder.before_decision = fail
        client = await it.open()
        await client.receive()

        await client.send("40/hall,")

        assert json.loads((await client.receive())[8:])["data"]["code"] == "INTERNAL_ERROR"


async def test_a_decision_that_takes_too_long_closes_the_connection_so_that_the_client_reconnects() -> None:
    async def think(wish: dict[str, Any]) -> None:
        await asyncio.sleep(60)

    async with running_server(limits=relaxed_limits(admit_seconds=0.1)) as it:
        it.recorder.before_decision = think
        client = await it.open()
        await client.receive()

        await client.send("40/hall,")

        assert await client.closed() == 1013
        assert it.recorder.admitted == []


async def test_a_decision_that_takes_too_long_does_not_affect_a_client_that_has_left() -> None:
    async def think(wish: dict[str, Any]) -> None:
        await asyncio.sleep(60)

    async with running_server(limits=relaxed_limits(admit_seconds=0.1), extra=[RecordingNamespace("/other")]) as it:
        it.recorder.before_decision = think
        client = await it.open()
        await client.receive()
        await client.send("40/other,")
        await client.receive()

        await client.send("40/hall,")
        await client.send("41/hall,")
        await asyncio.sleep(0.3)  # nothing happens when the decision is over time

        await client.send('42/other,["message","still here"]')
        assert await client.receive() == '42/other,["message-back","still here"]'


async def test_a_second_connect_to_the_same_namespace_is_refused() -> None:
    async with running_server() as it:
        client = await it.connect()

        await client.send("40/hall,")

        assert json.loads((await client.receive())[8:])["data"]["code"] == "ALREADY_CONNECTED"


async def test_a_client_leaves_one_namespace_and_keeps_the_other() -> None:
    async with running_server(extra=[RecordingNamespace("/")]) as it:
        client = await it.connect()
        await client.send("40")
        await client.receive()

        await client.send("41/hall,")
        await client.send('42["message","still here"]')

        assert await client.receive() == '42["message-back","still here"]'
        assert it.recorder.left == [(client.sid, "namespace_left")]


async def test_the_server_disconnects_a_client_from_a_namespace() -> None:
    async with running_server() as it:
        client = await it.connect()

        await it.server.disconnect(client.sid, namespace="/hall")

        assert await client.receive() == "41/hall,"
        await eventually(lambda: it.recorder.left == [(client.sid, "server_disconnect")])


async def test_the_server_closes_a_connection_with_a_reason() -> None:
    async with running_server() as it:
        client = await it.connect()

        await it.server.close(client.sid, "forced_offline")

        assert (await client.socket.receive()).extra == "forced_offline"
        await eventually(lambda: it.recorder.left == [(client.sid, "forced_offline")])


async def test_events_carry_all_kinds_of_values() -> None:
    async with running_server() as it:
        client = await it.connect()

        await client.send('42/hall,["message",1,"2",{"3":[true]},null,"中文"]')

        assert await client.receive() == '42/hall,["message-back",1,"2",{"3":[true]},null,"中文"]'


async def test_an_acknowledgement_has_the_answer() -> None:
    async with running_server() as it:
        client = await it.connect()

        await client.send('42/hall,456["message",1,{"2":[false]}]')

        assert await client.receive() == '42/hall,["message-back",1,{"2":[false]}]'
        assert await client.receive() == '43/hall,456[1,{"2":[false]}]'


async def test_binary_attachments_follow_their_event() -> None:
    async with running_server() as it:
        client = await it.connect()
        await client.send('452-/hall,789["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]')
        await client.send(b"\x01\x02")
        await client.send(b"\x03")
        it.deliver("other", {})

        received = [await client.receive_any() for _ in range(7)]

        head = received.index('452-/hall,["message-back",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]')
        answer = received.index('462-/hall,789[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]')
        assert received[head + 1 : head + 3] == received[answer + 1 : answer + 3] == [b"\x01\x02", b"\x03"]


@pytest.mark.parametrize(
    "packet",
    [
        "4abc",
        "42{}",
        "42/hall,{}",
        "42/hall,[]",
        "42/hall,[1]",
        '42/hall,["connect"]',
        '42/hall,["disconnect","x"]',
        '42abc["message",1]',
        "40/hall,[]",
        '40/hall,"text"',
        "41/hall,[]",
        "43/hall,[]",
        "43/hall,1{}",
        "44/hall,{}",
        "47/hall,",
        '42/hall,["message",NaN]',
        '42/hall,99999999999999999999["message"]',
        '4599-/hall,["message"]',
        '421-/hall,["message",{"_placeholder":true,"num":0}]',
        '451-/other,["message",{"_placeholder":true,"num":0}]',
        "40/" + "x" * 200,
        "42/hall," + "[" * 60_000,
        '42/hall,["message",' + "9" * 5_000 + "]",
    ],
)
async def test_a_malformed_packet_closes_its_connection_and_no_other(packet: str) -> None:
    async with running_server() as it:
        bystander = await it.connect()
        client = await it.connect()

        await client.send(packet)

        assert await client.closed() == 1002
        await bystander.send('42/hall,["message","fine"]')
        assert await bystander.receive() == '42/hall,["message-back","fine"]'


@pytest.mark.parametrize("attachment", ["42/hall,[]", "text", '42/hall,["message"]'])
async def test_text_where_an_attachment_belongs_closes_the_connection(attachment: str) -> None:
    async with running_server() as it:
        client = await it.connect()
        await client.send('451-/hall,["message",{"_placeholder":true,"num":0}]')

        await client.send(attachment)

        assert await client.closed() == 1002


@pytest.mark.parametrize("number", ["7", '"x"', "null", "-5"])
async def test_an_invalid_placeholder_closes_the_connection(number: str) -> None:
    async with running_server() as it:
        client = await it.connect()
        await client.send('451-/hall,["message",{"_placeholder":true,"num":' + number + "}]")

        await client.send(b"x")

        assert await client.closed() == 1002


async def test_events_before_admission_are_dropped() -> None:
    decide = asyncio.Event()

    async def wait(wish: dict[str, Any]) -> None:
        await decide.wait()

    async with running_server() as it:
        it.recorder.before_decision = wait
        client = await it.open()
        await client.receive()
        await client.send("40/hall,")
        await client.send('42/hall,["message","too early"]')
        await eventually(lambda: it.count("realtime_dropped_messages_total", reason="not_connected") == 1)
        decide.set()
        await client.receive()

        await client.send('42/hall,["message","in time"]')

        assert await client.receive() == '42/hall,["message-back","in time"]'
        assert it.recorder.received_events == [("in time",)]


async def test_an_unknown_event_or_a_wrong_number_of_arguments_gets_an_error_answer() -> None:
    class Strict(Namespace):
        async def admit(self, sid: str, environ: dict[str, Any], auth: object) -> Admission:
            return Admission()

        async def on_one(self, sid: str, value: int) -> int:
            return value

        async def on_bug(self, sid: str) -> None:
            raise RuntimeError

    async with running_server(extra=[Strict("/strict")]) as it:
        client = await it.open()
        await client.receive()
        await client.send("40/strict,")
        await client.receive()

        codes = []
        for event in ('1["nothing"]', '2["one"]', '3["one",1,2]', '4["bug"]'):
            await client.send("42/strict," + event)
            codes.append(json.loads((await client.receive()).partition(",")[2][1:])[0]["error"]["code"])
        await client.send('42/strict,5["one",1]')

        assert codes == ["UNKNOWN_EVENT", "INVALID_PAYLOAD", "INVALID_PAYLOAD", "INTERNAL_ERROR"]
        assert await client.receive() == "43/strict,5[1]"


async def test_the_server_receives_the_acknowledgement_of_its_event_once() -> None:
    async with running_server() as it:
        client = await it.connect()
        question = asyncio.create_task(it.server.call("ask", {"a": 1}, to=client.sid, namespace="/hall", timeout=5))
        assert await client.receive() == '42/hall,1["ask",{"a":1}]'

        for number in (0, 2, 1, 1):  # under 0 the library keeps its counter
            await client.send(f'43/hall,{number}["answer"]')

        assert await question == "answer"
        again = asyncio.create_task(it.server.call("ask", to=client.sid, namespace="/hall", timeout=5))
        assert await client.receive() == '42/hall,2["ask"]'
        await client.send('43/hall,2["second"]')
        assert await again == "second"


async def test_handlers_of_one_client_run_in_the_order_of_its_events() -> None:
    class Uneven(RecordingNamespace):
        async def on_message(self, sid: str, *arguments: Any) -> tuple[Any, ...]:
            await asyncio.sleep(0.05 if arguments == (0,) else 0)
            self.received_events.append(arguments)
            return ()

    uneven = Uneven("/uneven")
    async with running_server(extra=[uneven]) as it:
        client = await it.open()
        await client.receive()
        await client.send("40/uneven,")
        await client.receive()

        for number in range(5):
            await client.send(f'42/uneven,["message",{number}]')

        await eventually(lambda: len(uneven.received_events) == 5)
        assert uneven.received_events == [(0,), (1,), (2,), (3,), (4,)]


async def test_the_same_packets_work_over_polling() -> None:
    async with running_server() as it:
        client: PollingClient = it.polling()
        await client.open('40/hall,{"room":"a"}')
        answer = await client.packets()

        it.deliver("first", {}, rooms=("a",))
        it.deliver("second", {}, rooms=("a",))
        await client.post('42/hall,1["message"]\x1e42/hall,2["message"]')
        received: list[str] = []
        while len(received) < 6:
            received += await client.packets()

        assert len(answer) == 1
        assert received == [
            '42/hall,["first",{}]',
            '42/hall,["second",{}]',
            '42/hall,["message-back"]',
            "43/hall,1[]",
            '42/hall,["message-back"]',
            "43/hall,2[]",
        ]


@pytest.mark.parametrize("transports", [["polling"], ["websocket"], ["polling", "websocket"]])
async def test_the_librarys_own_client_works(transports: list[str]) -> None:
    async with running_server() as it:
        client = socketio.AsyncClient(reconnection=False)
        heard: list[Any] = []
        client.on("tick", heard.append, namespace="/hall")
        await client.connect(
            it.url.removesuffix("socket.io/"), namespaces=["/hall"], transports=transports, auth={"room": "a"}
        )
        for number in range(20):
            it.deliver("tick", {"n": number}, rooms=("a",))

        answer = await client.call("message", (1, {"b": 2}), namespace="/hall")

        await eventually(lambda: len(heard) == 20)
        assert heard == [{"n": number} for number in range(20)]
        assert answer == (1, {"b": 2})
        await client.disconnect()
        await eventually(lambda: not it.server.eio.sockets)
