"""The WebSocket handshake: checked here, answered, and the connection taken over from aiohttp."""

import base64
import binascii
import hashlib
from typing import Final

from aiohttp import hdrs, web

from realtime.engineio.websocket import WebSocketConnection
from realtime.library_hooks import detach_connection

_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class BadHandshake(Exception):
    """The request is not a WebSocket handshake that we speak."""


def accept_key(request: web.BaseRequest) -> str:
    """The proof for Sec-WebSocket-Accept. Raises `BadHandshake`."""
    headers = request.headers
    upgrade = [token.strip().lower() for token in headers.get(hdrs.CONNECTION, "").split(",")]
    if request.method != hdrs.METH_GET or headers.get(hdrs.UPGRADE, "").strip().lower() != "websocket":
        raise BadHandshake("not an upgrade to websocket")
    if "upgrade" not in upgrade or headers.get(hdrs.SEC_WEBSOCKET_VERSION) != "13":
        raise BadHandshake("not a version 13 handshake")
    key = headers.get(hdrs.SEC_WEBSOCKET_KEY, "")
    try:
        if len(base64.b64decode(key, validate=True)) != 16:
            raise BadHandshake("bad key")
    except (binascii.Error, ValueError):
        raise BadHandshake("bad key") from None
    return base64.b64encode(hashlib.sha1(key.encode() + _GUID, usedforsecurity=False).digest()).decode()


def take_over(
    request: web.BaseRequest, accept: str, connection: WebSocketConnection, kernel_bytes: int
) -> web.Response:
    """Answer 101 and move the TCP connection from aiohttp to `connection`.

    Sets `connection.listener` to work first: frames that came early are delivered before this returns. The response
    is for aiohttp's own book-keeping (access log); it is never written. Raises ConnectionResetError if the client has
    gone.
    """
    answer = (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept.encode() + b"\r\n\r\n"
    )
    transport, early = detach_connection(request, answer)
    connection.attach(transport, kernel_bytes)
    if early:
        connection.data_received(early)
    return web.Response(status=101)
