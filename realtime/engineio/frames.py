"""WebSocket frames and Engine.IO messages, encoded once for all receivers on either transport."""

import struct
from collections.abc import Sequence
from typing import Final

TEXT: Final = 0x1
BINARY: Final = 0x2
CLOSE: Final = 0x8
PING: Final = 0x9
PONG: Final = 0xA

SEPARATOR: Final = "\x1e"


class Message:
    """Engine.IO packets that must stay adjacent, and the WebSocket frames of all of them as one `bytes`.

    Frames of a server are not masked, so one object serves any number of sockets. `latest_key`: while it waits for a
    slow client, a newer message of the same key replaces it.
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


PING_MESSAGE: Final = Message(("2",))
CLOSE_PACKET: Final = "1"
NOOP_PACKET: Final = "6"
PROBE_ANSWER: Final = frame_of("3probe")
