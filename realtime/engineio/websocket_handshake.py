"""The WebSocket handshake: checks the request, answers it, and takes the connection over from aiohttp."""

import base64
import binascii
import hashlib
from typing import Final

from aiohttp import hdrs, web

from realtime.engineio.websocket import ConnectionListener, WebSocketConnection
from realtime.library_hooks import detach_connection

_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class BadHandshake(Exception):
    """The request is not a valid WebSocket handshake of version 13."""


def accept_key(request: web.BaseRequest) -> str:
    """The value of Sec-WebSocket-Accept for this request. Raises BadHandshake."""
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
    request: web.BaseRequest,
    accept: str,
    connection: WebSocketConnection,
    listener: ConnectionListener,
    kernel_bytes: int,
) -> web.Response:
    """Answers 101 and moves the TCP connection from aiohttp to `connection`, whose events `listener` receives.

    Frames that the client sent behind its request are delivered before this returns. The response is for aiohttp's
    bookkeeping (access log) and is never written. Raises ConnectionResetError if the client has disconnected.
    """
    answer = (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept.encode() + b"\r\n\r\n"
    )
    transport, early = detach_connection(request, answer)
    connection.attach(transport, listener, kernel_bytes)
    if early:
        connection.data_received(early)
    return web.Response(status=101)
