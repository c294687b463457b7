"""Decodes Socket.IO packets of clients with the library, then checks them against the protocol."""

from typing import Any, Final

from socketio import packet as codec

from realtime.engineio.limits import Limits
from realtime.engineio.socket import EngineSocket
from realtime.socketio.packet_encoder import Packet

_RESERVED_EVENTS: Final = frozenset(
    {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}
)
_BINARY: Final = (codec.BINARY_EVENT, codec.BINARY_ACK)
_MAX_ACK_ID: Final = 2**53
_MAX_NAMESPACE: Final = 128


class Malformed(Exception):
    """The client broke the protocol; its connection is closed."""


def decode(socket: EngineSocket, data: str | bytes, limits: Limits) -> codec.Packet | None:
    """The packet that `data` completes, or None while attachments are missing. Raises `Malformed`."""
    try:
        packet = _head(data, limits) if socket.partial_packet is None else _attach(socket, data, limits)
    except Malformed:
        raise
    except Exception as error:  # the library lets ValueError, IndexError, RecursionError and others through
        raise Malformed from error
    if packet is None:
        return None
    if packet.attachment_count > len(packet.attachments):
        if packet.namespace not in socket.members:
            raise Malformed
        socket.partial_packet = packet
        return None
    _check(packet)
    return packet


def _check(packet: codec.Packet) -> None:
    data = packet.data
    if packet.packet_type == codec.CONNECT:
        valid = data is None or isinstance(data, dict)
    elif packet.packet_type == codec.DISCONNECT:
        valid = data is None
    elif packet.packet_type in (codec.EVENT, codec.BINARY_EVENT):
        valid = isinstance(data, list) and bool(data) and isinstance(data[0], str) and data[0] not in _RESERVED_EVENTS
    elif packet.packet_type in (codec.ACK, codec.BINARY_ACK):
        valid = isinstance(data, list) and packet.id is not None
    else:
        valid = False
    if not valid or (packet.id is not None and packet.id > _MAX_ACK_ID):
        raise Malformed


def _head(data: str | bytes, limits: Limits) -> codec.Packet:
    if not isinstance(data, str) or data[:1] not in tuple("0123456"):
        raise Malformed
    packet = Packet(encoded_packet=data)
    packet.namespace = packet.namespace or "/"
    binary = packet.packet_type in _BINARY
    if packet.attachment_count > (limits.max_attachments if binary else 0) or len(packet.namespace) > _MAX_NAMESPACE:
        raise Malformed
    return packet


def _attach(socket: EngineSocket, data: str | bytes, limits: Limits) -> codec.Packet | None:
    packet: Any = socket.partial_packet
    if not isinstance(data, bytes) or sum(map(len, packet.attachments)) + len(data) > limits.max_message_bytes:
        raise Malformed
    if not packet.add_attachment(data):
        return None
    socket.partial_packet = None
    return packet
