"""Parser of WebSocket frames (RFC 6455) that clients send: bytes in, whole messages out."""

import struct
from collections.abc import Iterator
from typing import Final

from realtime.engineio.frames import BINARY, CLOSE, PING, PONG, TEXT

CONTINUATION: Final = 0x0
_MAX_FRAGMENTS: Final = 1024
_MAX_CONTROL: Final = 125
_SENDABLE_CLOSE_CODES: Final = frozenset({1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014})


class ProtocolViolated(Exception):
    """`code` is the WebSocket close code that tells the client why."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def unmask(mask: bytes, payload: bytes) -> bytes:
    length = len(payload)
    key = (mask * (length // 4 + 1))[:length]
    return (int.from_bytes(payload, "little") ^ int.from_bytes(key, "little")).to_bytes(length, "little")


class FrameParser:
    """Turns received bytes, however they are cut, into (opcode, payload) pairs: text as `str`, all else as `bytes`.

    Buffers at most one message of `max_bytes`; a frame that would exceed it is refused when its header arrives.
    """

    __slots__ = ("_buffer", "_fragments", "_max_bytes", "_message", "_opcode")

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._buffer = b""
        self._message: bytearray | None = None  # the received part of a fragmented message
        self._fragments = 0
        self._opcode = 0

    def feed(self, received: bytes) -> Iterator[tuple[int, str | bytes]]:
        """Yields messages one by one, so that the caller may stop in the middle of a flood.

        Raises ProtocolViolated. The parser cannot be used after that, nor after an early stop.
        """
        data = self._buffer + received if self._buffer else received
        self._buffer = b""
        at = 0
        while (header := self._header(data, at)) is not None:
            start, length = header
            end = start + 4 + length
            if len(data) < end:
                break
            payload = unmask(data[start : start + 4], data[start + 4 : end])
            message = self._frame(data[at] & 0x80 != 0, data[at] & 0x0F, payload)
            at = end
            if message is not None:
                yield message
        self._buffer = data[at:] if at else data

    def _header(self, data: bytes, at: int) -> tuple[int, int] | None:
        """The offset of the mask and the length of the payload; None while the header is incomplete."""
        if len(data) < at + 2:
            return None
        first, second = data[at], data[at + 1]
        if first & 0x70:
            raise ProtocolViolated(1002, "reserved bits")
        if not second & 0x80:
            raise ProtocolViolated(1002, "frame is not masked")
        length = second & 0x7F
        start = at + 2
        if first & 0x08 and (length > _MAX_CONTROL or not first & 0x80):
            raise ProtocolViolated(1002, "control frame is too long or fragmented")
        if length >= 126:
            size = 2 if length == 126 else 8
            if len(data) < start + size:
                return None
            length = int.from_bytes(data[start : start + size], "big")
            start += size
        if length + len(self._message or b"") > self._max_bytes:
            raise ProtocolViolated(1009, "message is too big")
        return start, length

    def _frame(self, final: bool, opcode: int, payload: bytes) -> tuple[int, str | bytes] | None:
        if opcode in (PING, PONG):
            return opcode, payload
        if opcode == CLOSE:
            return opcode, _checked_close(payload)
        if opcode == CONTINUATION:
            return self._continued(final, payload)
        if opcode not in (TEXT, BINARY):
            raise ProtocolViolated(1002, "unknown opcode")
        if self._message is not None:
            raise ProtocolViolated(1002, "message inside a message")
        if final:
            return _whole(opcode, payload)
        self._opcode, self._message, self._fragments = opcode, bytearray(payload), 1
        return None

    def _continued(self, final: bool, payload: bytes) -> tuple[int, str | bytes] | None:
        if self._message is None:
            raise ProtocolViolated(1002, "nothing to continue")
        self._fragments += 1
        if self._fragments > _MAX_FRAGMENTS:
            raise ProtocolViolated(1008, "too many fragments")
        self._message += payload
        if not final:
            return None
        whole, self._message = bytes(self._message), None
        return _whole(self._opcode, whole)


def _whole(opcode: int, payload: bytes) -> tuple[int, str | bytes]:
    if opcode == BINARY:
        return opcode, payload
    try:
        return opcode, payload.decode()
    except UnicodeDecodeError:
        raise ProtocolViolated(1007, "text is not UTF-8") from None


def _checked_close(payload: bytes) -> bytes:
    """The payload of a CLOSE frame if it is valid, so that it may be sent back. Raises ProtocolViolated."""
    if not payload:
        return payload
    if len(payload) == 1:
        raise ProtocolViolated(1002, "close code is cut short")
    (code,) = struct.unpack_from("!H", payload)
    if code not in _SENDABLE_CLOSE_CODES and not 3000 <= code <= 4999:
        raise ProtocolViolated(1002, "close code is not allowed")
    try:
        payload[2:].decode()
    except UnicodeDecodeError:
        raise ProtocolViolated(1007, "close reason is not UTF-8") from None
    return payload
