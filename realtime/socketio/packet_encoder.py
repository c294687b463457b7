"""Encodes Socket.IO packets to messages of the engine, once for all receivers."""

from collections.abc import Iterable, Sequence
from typing import Any

from socketio import packet as codec

from realtime.engineio.frames import Message
from realtime.engineio.wire_json import StrictJson, encode_json


class Packet(codec.Packet):  # type: ignore[misc]  # the library has no type information
    """The library's codec with strict JSON."""

    json = StrictJson


def event_message(namespace: str, arguments: Sequence[object], latest_key: str | None = None) -> Message:
    """An EVENT whose arguments are JSON values: the fast path, without a search for binary values."""
    head = "42" if namespace == "/" else f"42{namespace},"
    return Message((head + encode_json(arguments),), latest_key)


def json_event_message(namespace: str, event: str, payload: str) -> Message:
    """An EVENT whose payload is JSON text already."""
    return Message((f"42{namespace},[{encode_json(event)},{payload}]",))


def packet_message(packet_type: int, namespace: str, data: Any = None, ack_id: int | None = None) -> Message:
    """Any Socket.IO packet, encoded by the library; binary values become attachments."""
    encoded = Packet(packet_type, data=data, namespace=namespace, id=ack_id).encode()
    pieces: Iterable[str | bytes] = encoded if isinstance(encoded, list) else [encoded]
    return Message(tuple("4" + piece if isinstance(piece, str) else bytes(piece) for piece in pieces))
