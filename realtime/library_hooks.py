"""Private hooks of python-socketio, python-engineio and aiohttp: every use of one is in this module.

`HOOKS` names each of them. Before a library is upgraded, read its code behind these names, then set `CHECKED_VERSIONS`.
"""

import asyncio
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from logging import Logger
from typing import Any, Final

import engineio
import socketio
from aiohttp import web
from engineio import base_server as engineio_base
from socketio import base_manager as socketio_manager
from socketio import base_server as socketio_base
from socketio import packet

CHECKED_VERSIONS: Final[Mapping[str, str]] = {
    "python-socketio": "5.18.1",
    "python-engineio": "4.15.1",
    "aiohttp": "3.14.5",
}


class SocketIoServerBase(socketio.AsyncServer):  # type: ignore[misc]  # the library has no type information
    """The library's server over an engine that exists already."""

    def __init__(self, engine: engineio.AsyncServer, client_manager: socketio.AsyncManager, logger: Logger) -> None:
        self._existing_engine = engine
        super().__init__(client_manager=client_manager, logger=logger)

    def _engineio_server_class(self) -> Callable[..., engineio.AsyncServer]:
        return lambda **options: self._existing_engine

    async def dispatch_event(self, event: str, namespace: str, sid: str, *arguments: Any) -> Any:
        """Call the handler of a client event and return its answer."""
        return await self._trigger_event(event, namespace, sid, *arguments)


class ClientManagerBase(socketio.AsyncManager):  # type: ignore[misc]  # the library has no type information
    """The library's client manager: what it keeps is the callbacks of events that clients acknowledge."""

    def next_ack_id(self, sid: str, callback: Callable[..., Any]) -> int:
        """The number of an event to this client; `trigger_callback` with it calls `callback`."""
        ack_id: int = self._generate_ack_id(sid, callback)
        return ack_id

    def awaits_ack(self, sid: str, ack_id: int) -> bool:
        # Under 0 the library keeps its counter; no event has this number.
        return ack_id != 0 and ack_id in self.callbacks.get(sid, {})

    def forget_acks(self, sid: str) -> None:
        self.callbacks.pop(sid, None)


def detach_connection(request: web.BaseRequest, last_answer: bytes) -> tuple[asyncio.Transport, bytes]:
    """Write `last_answer` and take the TCP connection away from aiohttp, for which it ends here.

    Returns the transport and the bytes that the client sent after its request. Raises ConnectionResetError if the
    client has disconnected.
    """
    transport = request.transport
    if transport is None or transport.is_closing():
        raise ConnectionResetError("client has disconnected")
    protocol = request.protocol
    early = _EarlyBytes()
    protocol.set_parser(early)  # type: ignore[arg-type]  # calls only these two methods of a parser
    transport.write(last_answer)
    protocol.transport = None  # or `connection_lost` would close it
    protocol.connection_lost(None)
    return transport, early.received


class _EarlyBytes:
    """Stands in for aiohttp's WebSocket parser and keeps the bytes that it is fed."""

    def __init__(self) -> None:
        self.received = b""

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        self.received += data
        return False, b""

    def feed_eof(self) -> None: ...


@dataclass(frozen=True)
class Hook:
    """A part of a library that it does not promise to keep."""

    library: str
    owner: type
    name: str
    purpose: str
    parameters: tuple[str, ...] | None = None
    """None: not a function, or one whose parameters do not matter."""
    source: tuple[str, ...] = ()
    """Lines of the library that the realtime package relies on."""

    def problem(self) -> str | None:
        """A sentence that names the change of this hook; None when it is as it was."""
        found = inspect.getattr_static(self.owner, self.name, None)
        if found is None:
            return self._sentence("no longer exists")
        if self.parameters is not None:
            parameters = tuple(inspect.signature(found).parameters)
            if parameters != self.parameters:
                return self._sentence(f"takes {parameters} instead of {self.parameters}")
        for line in self.source:
            if line not in inspect.getsource(found):
                return self._sentence(f"no longer contains `{line}`")
        return None

    def _sentence(self, change: str) -> str:
        return (
            f"{self.library} {version(self.library)}: {self.owner.__module__}.{self.owner.__qualname__}.{self.name} "
            f"{change}. The realtime package uses it {self.purpose}; this was checked against {self.library} "
            f"{CHECKED_VERSIONS[self.library]}. Read the library's code and adapt realtime/library_hooks.py."
        )


def _socketio(owner: type, name: str, purpose: str, *parameters: str, source: tuple[str, ...] = ()) -> Hook:
    return Hook("python-socketio", owner, name, purpose, parameters or None, source)


def _engineio(owner: type, name: str, purpose: str, *parameters: str, source: tuple[str, ...] = ()) -> Hook:
    return Hook("python-engineio", owner, name, purpose, parameters or None, source)


def _aiohttp(owner: type, name: str, purpose: str, *parameters: str, source: tuple[str, ...] = ()) -> Hook:
    return Hook("aiohttp", owner, name, purpose, parameters or None, source)


_SERVER, _MANAGER, _ENGINE = socketio.AsyncServer, socketio.AsyncManager, engineio.AsyncServer
_REPLACED = "as a method that it overrides"

HOOKS: Final[tuple[Hook, ...]] = (
    _socketio(
        socketio_base.BaseServer,
        "__init__",
        "to run over an engine of its own",
        source=(
            "self._engineio_server_class()(**engineio_options)",
            "engineio_options['async_handlers'] = False",
            "self.manager.set_server(self)",
        ),
    ),
    _socketio(_SERVER, "_engineio_server_class", "to run over an engine of its own", "self"),
    _socketio(_SERVER, "_trigger_event", "to call event handlers", "self", "event", "namespace", "args"),
    _socketio(_SERVER, "register_namespace", _REPLACED, "self", "namespace_handler"),
    _socketio(_SERVER, "disconnect", _REPLACED, "self", "sid", "namespace", "ignore_queue"),
    _socketio(_SERVER, "get_environ", _REPLACED, "self", "sid", "namespace"),
    _socketio(socketio.AsyncNamespace, "trigger_event", _REPLACED, "self", "event", "args"),
    _socketio(
        *(_MANAGER, "emit", _REPLACED),
        *("self", "event", "data", "namespace", "room", "skip_sid", "callback", "to", "kwargs"),
    ),
    _socketio(_MANAGER, "enter_room", _REPLACED, "self", "sid", "namespace", "room", "eio_sid"),
    _socketio(_MANAGER, "leave_room", _REPLACED, "self", "sid", "namespace", "room"),
    _socketio(_MANAGER, "close_room", _REPLACED, "self", "room", "namespace"),
    _socketio(_MANAGER, "can_disconnect", _REPLACED, "self", "sid", "namespace"),
    _socketio(_MANAGER, "get_namespaces", _REPLACED, "self"),
    _socketio(_MANAGER, "get_participants", _REPLACED, "self", "namespace", "room"),
    _socketio(_MANAGER, "is_connected", _REPLACED, "self", "sid", "namespace"),
    _socketio(_MANAGER, "sid_from_eio_sid", _REPLACED, "self", "eio_sid", "namespace"),
    _socketio(_MANAGER, "eio_sid_from_sid", _REPLACED, "self", "sid", "namespace"),
    _socketio(_MANAGER, "get_rooms", _REPLACED, "self", "sid", "namespace"),
    _socketio(_MANAGER, "trigger_callback", "to deliver acknowledgements", "self", "sid", "id", "data"),
    _socketio(
        socketio_manager.BaseManager,
        "_generate_ack_id",
        "to number events that clients acknowledge",
        *("self", "sid", "callback"),
        source=("self.callbacks[sid] = {0: itertools.count(1)}",),
    ),
    _socketio(
        *(packet.Packet, "__init__", "to encode and decode packets"),
        *("self", "packet_type", "data", "namespace", "id", "binary", "encoded_packet"),
    ),
    _socketio(packet.Packet, "add_attachment", "to collect binary attachments", "self", "attachment"),
    _socketio(packet.Packet, "json", "to encode packets with the JSON of this package"),
    _engineio(_ENGINE, "send", _REPLACED, "self", "sid", "data"),
    _engineio(_ENGINE, "send_packet", _REPLACED, "self", "sid", "pkt"),
    _engineio(_ENGINE, "disconnect", _REPLACED, "self", "sid"),
    _engineio(_ENGINE, "attach", _REPLACED, "self", "app", "engineio_path"),
    _engineio(engineio_base.BaseServer, "generate_id", "to make session ids", "self"),
    _engineio(
        engineio_base.BaseServer,
        "_get_socket",
        "to let the library find the sockets of this package",
        source=("self.sockets[sid]", ".closed"),
    ),
    _engineio(_ENGINE, "get_session", "to let the library keep user sessions", source=("socket.session",)),
    _aiohttp(
        *(web.RequestHandler, "set_parser", "to keep bytes that follow a WebSocket handshake"),
        *("self", "parser", "data_received_cb"),
    ),
    _aiohttp(web.RequestHandler, "connection_lost", "to take a connection away from aiohttp", "self", "exc"),
    _aiohttp(
        web.RequestHandler,
        "force_close",
        "to take a connection away without closing it",
        source=("if self.transport is not None:",),
    ),
    _aiohttp(web.RequestHandler, "transport", "to take a connection away without closing it"),
    _aiohttp(web.BaseRequest, "transport", "to take a connection away from aiohttp"),
    _aiohttp(web.BaseRequest, "protocol", "to take a connection away from aiohttp"),
)


def problems(hooks: Iterable[Hook] = HOOKS) -> list[str]:
    """A sentence for each hook that the installed libraries no longer have; empty when all are there."""
    return [problem for hook in hooks if (problem := hook.problem()) is not None]
