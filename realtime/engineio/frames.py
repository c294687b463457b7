"""What goes over the wire: one message, encoded once, ready for every receiver on either transport."""

import json
import struct
from collections.abc import Iterable, Sequence
from typing import Any, Final

from socketio import packet as codec

TEXT: Final = 0x1
BINARY: Final = 0x2
CLOSE: Final = 0x8
PING: Final = 0x9
PONG: Final = 0xA

SEPARATOR: Final = "\x1e"


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")


_decoder = json.JSONDecoder(parse_constant=_refuse)
_compact = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
_compact_ascii = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode


class Message:
    """Engine.IO packets that must stay adjacent, and the WebSocket frames of all of them as one `bytes`.

    Server frames are not masked, so the same object serves any number of sockets.
    """

    __slots__ = ("latest_key", "packets", "wire")

    def __init__(self, packets: Sequence[str | bytes], latest_key: str | None = None) -> None:
        self.packets = packets
        self.wire = b"".join([frame_of(packet) for packet in packets])
        self.latest_key = latest_key


def frame(opcode: int, payload: bytes) -> bytes:
    """One final, unmasked WebSocket frame."""
    length = len(payload)
    if length < 126:
        return struct.pack("!BB", 0x80 | opcode, length) + payload
    if length < 65536:
        return struct.pack("!BBH", 0x80 | opcode, 126, length) + payload
    return struct.pack("!BBQ", 0x80 | opcode, 127, length) + payload


def frame_of(packet: str | bytes) -> bytes:
    if isinstance(packet, str):
        return frame(TEXT, packet.encode())
    return frame(BINARY, packet)


def close_frame(code: int, reason: str) -> bytes:
    return frame(CLOSE, struct.pack("!H", code) + reason.encode()[:123])


def encode_json(value: object) -> str:
    """Compact JSON, Chinese as it is; text with lone surrogates (which UTF-8 cannot carry) falls back to escapes."""
    text = _compact(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        return _compact_ascii(value)
    return text


class _StrictJson:
    """JSON as the wire has it: compact, readable Chinese, and no NaN, which only Python knows."""

    @staticmethod
    def dumps(value: object, **_: object) -> str:
        return encode_json(value)

    @staticmethod
    def loads(text: str) -> Any:
        return _decoder.decode(text)


class Packet(codec.Packet):  # type: ignore[misc]  # the library has no type information
    """The library's codec over our JSON."""

    json = _StrictJson


def event_message(namespace: str, arguments: Sequence[object], latest_key: str | None = None) -> Message:
    """An EVENT whose arguments are JSON: the fast way, without a search for binary values."""
    head = "42" if namespace == "/" else f"42{namespace},"
    return Message((head + encode_json(arguments),), latest_key)


def json_event_message(namespace: str, event: str, payload: str) -> Message:
    """An EVENT whose payload is JSON text already."""
    return Message((f"42{namespace},[{encode_json(event)},{payload}]",))


def packet_message(packet_type: int, namespace: str, data: Any = None, ack_id: int | None = None) -> Message:
    """Any Socket.IO packet through the library's own codec; binary values become attachments."""
    encoded = Packet(packet_type, data=data, namespace=namespace, id=ack_id).encode()
    pieces: Iterable[str | bytes] = encoded if isinstance(encoded, list) else [encoded]
    return Message(tuple("4" + piece if isinstance(piece, str) else bytes(piece) for piece in pieces))


PING_MESSAGE: Final = Message(("2",))
CLOSE_PACKET: Final = "1"
NOOP_PACKET: Final = "6"
PROBE_ANSWER: Final = frame_of("3probe")
