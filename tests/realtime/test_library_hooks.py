"""The libraries still have the private hooks that the realtime package uses."""

import asyncio
import inspect
from importlib.metadata import version
from pathlib import Path

import pytest
import socketio
from aiohttp import web
from aiohttp.base_protocol import BaseProtocol
from socketio import packet

from realtime.library_hooks import CHECKED_VERSIONS, HOOKS, Hook, problems

REQUIREMENTS = Path(__file__).parents[2] / "requirements.txt"


@pytest.mark.parametrize("library", CHECKED_VERSIONS)
def test_the_installed_library_is_the_one_whose_code_was_read(library: str) -> None:
    assert version(library) == CHECKED_VERSIONS[library], "read the code behind the hooks, then set CHECKED_VERSIONS"
    assert f"\n{library}=={CHECKED_VERSIONS[library]} " in REQUIREMENTS.read_text()


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: f"{hook.owner.__qualname__}.{hook.name}")
def test_the_hook_is_as_it_was(hook: Hook) -> None:
    assert problems([hook]) == []


def test_a_hook_that_an_upgrade_removed_is_named_in_a_clear_sentence() -> None:
    removed = Hook("python-socketio", socketio.AsyncServer, "_trigger_soon", "to call event handlers", ("self",))

    assert problems([removed]) == [
        "python-socketio 5.18.1: socketio.async_server.AsyncServer._trigger_soon no longer exists. The realtime "
        "package uses it to call event handlers; this was checked against python-socketio 5.18.1. Read the library's "
        "code and adapt realtime/library_hooks.py."
    ]


def test_a_hook_whose_parameters_or_source_changed_is_named_too() -> None:
    owner, purpose = socketio.AsyncServer, "to call event handlers"
    takes_less = Hook("python-socketio", owner, "_trigger_event", purpose, ("self", "event"))
    says_something_else = Hook("python-socketio", owner, "_trigger_event", purpose, source=("self.handlers.find",))

    first, second = problems([takes_less, says_something_else])

    assert "takes ('self', 'event', 'namespace', 'args') instead of ('self', 'event')" in first
    assert "no longer contains `self.handlers.find`" in second


def test_the_packet_types_are_the_ones_of_the_protocol() -> None:
    assert (packet.CONNECT, packet.DISCONNECT, packet.EVENT, packet.ACK) == (0, 1, 2, 3)
    assert (packet.CONNECT_ERROR, packet.BINARY_EVENT, packet.BINARY_ACK) == (4, 5, 6)


def test_a_request_of_aiohttp_gives_its_transport_and_protocol() -> None:
    assert isinstance(web.BaseRequest.transport, property)
    assert isinstance(web.BaseRequest.protocol, property)
    assert "transport" in BaseProtocol.__slots__


def test_asyncio_lets_a_transport_change_its_protocol() -> None:
    assert list(inspect.signature(asyncio.Transport.set_protocol).parameters) == ["self", "protocol"]
    assert list(inspect.signature(asyncio.Transport.set_write_buffer_limits).parameters) == ["self", "high", "low"]
