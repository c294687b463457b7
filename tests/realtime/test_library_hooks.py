"""What we rely on in the pinned libraries. If one of these moves, read the code that is named here before upgrading."""

import asyncio
import inspect
from importlib.metadata import version

import engineio
import pytest
import socketio
from aiohttp import web
from aiohttp.base_protocol import BaseProtocol
from engineio import base_server as engine_base
from socketio import async_manager, async_server, base_manager, base_server, packet

PINS = {"python-socketio": "5.18.1", "python-engineio": "4.15.1", "aiohttp": "3.14.5"}


@pytest.mark.parametrize("name", PINS)
def test_the_libraries_are_those_that_were_read(name: str) -> None:
    assert version(name) == PINS[name]


def parameters(function: object) -> list[str]:
    return list(inspect.signature(function).parameters)  # type: ignore[arg-type]  # callables of untyped libraries


def test_socketio_builds_its_engine_from_the_class_we_name() -> None:
    source = inspect.getsource(base_server.BaseServer.__init__)

    assert "self._engineio_server_class()(**engineio_options)" in source
    assert "engineio_options['async_handlers'] = False" in source
    assert parameters(async_server.AsyncServer._engineio_server_class) == ["self"]


def test_socketio_dispatches_events_as_we_call_it() -> None:
    assert parameters(async_server.AsyncServer._trigger_event) == ["self", "event", "namespace", "args"]
    assert parameters(socketio.AsyncNamespace.trigger_event) == ["self", "event", "args"]
    assert parameters(socketio.AsyncServer.register_namespace) == ["self", "namespace_handler"]
    assert parameters(socketio.AsyncServer.disconnect) == ["self", "sid", "namespace", "ignore_queue"]
    assert parameters(socketio.AsyncServer.get_environ) == ["self", "sid", "namespace"]


def test_the_managers_methods_are_those_we_replace() -> None:
    manager = async_manager.AsyncManager
    expected = {
        "emit": ["self", "event", "data", "namespace", "room", "skip_sid", "callback", "to", "kwargs"],
        "enter_room": ["self", "sid", "namespace", "room", "eio_sid"],
        "leave_room": ["self", "sid", "namespace", "room"],
        "close_room": ["self", "room", "namespace"],
        "can_disconnect": ["self", "sid", "namespace"],
        "trigger_callback": ["self", "sid", "id", "data"],
        "get_namespaces": ["self"],
        "get_participants": ["self", "namespace", "room"],
        "is_connected": ["self", "sid", "namespace"],
        "sid_from_eio_sid": ["self", "eio_sid", "namespace"],
        "eio_sid_from_sid": ["self", "sid", "namespace"],
        "get_rooms": ["self", "sid", "namespace"],
        "_generate_ack_id": ["self", "sid", "callback"],
    }
    assert {name: parameters(getattr(manager, name)) for name in expected} == expected
    assert "callbacks[sid] = {0: itertools.count(1)}" in inspect.getsource(base_manager.BaseManager._generate_ack_id)


def test_the_engines_methods_are_those_we_replace() -> None:
    assert parameters(engineio.AsyncServer.send) == ["self", "sid", "data"]
    assert parameters(engineio.AsyncServer.send_packet) == ["self", "sid", "pkt"]
    assert parameters(engineio.AsyncServer.disconnect) == ["self", "sid"]
    assert parameters(engineio.AsyncServer.attach) == ["self", "app", "engineio_path"]
    assert parameters(engine_base.BaseServer.generate_id) == ["self"]
    touched = inspect.getsource(engine_base.BaseServer._get_socket) + inspect.getsource(
        engineio.AsyncServer.get_session
    )
    assert "self.sockets[sid]" in touched
    assert ".closed" in touched
    assert "socket.session" in touched


def test_the_packet_codec_is_the_one_we_check_after() -> None:
    assert parameters(packet.Packet.__init__)[1:] == [
        "packet_type",
        "data",
        "namespace",
        "id",
        "binary",
        "encoded_packet",
    ]
    assert (packet.CONNECT, packet.DISCONNECT, packet.EVENT, packet.ACK) == (0, 1, 2, 3)
    assert (packet.CONNECT_ERROR, packet.BINARY_EVENT, packet.BINARY_ACK) == (4, 5, 6)
    assert parameters(packet.Packet.add_attachment) == ["self", "attachment"]


def test_aiohttp_lets_a_connection_go_when_it_is_told_that_it_was_lost() -> None:
    assert parameters(web.RequestHandler.set_parser) == ["self", "parser", "data_received_cb"]
    assert parameters(web.RequestHandler.connection_lost) == ["self", "exc"]
    assert "transport" in BaseProtocol.__slots__
    assert "if self.transport is not None:" in inspect.getsource(web.RequestHandler.force_close)
    assert isinstance(web.BaseRequest.transport, property)
    assert isinstance(web.BaseRequest.protocol, property)


def test_asyncio_lets_a_transport_change_its_protocol() -> None:
    assert parameters(asyncio.Transport.set_protocol) == ["self", "protocol"]
    assert parameters(asyncio.Transport.set_write_buffer_limits) == ["self", "high", "low"]
