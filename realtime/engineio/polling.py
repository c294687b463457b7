"""The long-polling transport: a GET fetches queued messages, a POST carries packets of the client."""

import asyncio

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from realtime.engineio import close_reasons
from realtime.engineio.frames import SEPARATOR
from realtime.engineio.limits import Limits
from realtime.engineio.socket import EngineSocket

_UNREADABLE = (UnicodeDecodeError, TimeoutError, ConnectionError, HttpProcessingError, web.RequestPayloadError)
"""Errors of a body that is late, incomplete, not UTF-8, or not what its Content-Encoding says."""


class BadRequest(Exception):
    """The request breaks the protocol; its session has been closed."""


class BodyTooBig(Exception): ...


async def answer_poll(request: web.BaseRequest, socket: EngineSocket) -> str:
    """The payload of the answer. Raises BadRequest."""
    if socket.polling:
        socket.close(close_reasons.MALFORMED)  # ends the other poll, too: two readers would split the stream
        raise BadRequest
    return await socket.poll(is_connected=lambda: request.transport is not None and not request.transport.is_closing())


async def accept_post(request: web.BaseRequest, socket: EngineSocket, limits: Limits) -> None:
    """Raises BadRequest or BodyTooBig after closing the socket."""
    if socket.posting:
        socket.close(close_reasons.MALFORMED)  # two bodies at the same time have no order
        raise BadRequest
    socket.posting = True
    try:
        async with asyncio.timeout(limits.body_seconds):
            body = await _body(request, limits.max_message_bytes)
        packets = body.decode().split(SEPARATOR)
    except BodyTooBig:
        socket.close(close_reasons.MESSAGE_TOO_BIG)
        raise
    except _UNREADABLE:
        socket.close(close_reasons.MALFORMED)
        raise BadRequest from None
    finally:
        socket.posting = False
    if len(packets) > limits.max_packets_per_post:
        socket.close(close_reasons.MALFORMED)
        raise BadRequest
    for packet in packets:
        if not socket.charge():
            raise BadRequest
        socket.received(packet)
        if socket.closed:
            if packet != "1":
                raise BadRequest
            return  # a CLOSE packet is no error


async def _body(request: web.BaseRequest, max_bytes: int) -> bytes:
    if (request.content_length or 0) > max_bytes:
        raise BodyTooBig
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > max_bytes:
            raise BodyTooBig
    return bytes(body)
