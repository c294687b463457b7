"""A cheap load client: raw WebSocket connections read with one epoll, counted in bytes."""

import selectors
import socket
from collections.abc import Callable
from dataclasses import dataclass, field

NAMESPACE = "/bench"

_HANDSHAKE = (
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\n{extensions}"
    "Origin: http://127.0.0.1:{port}\r\nAccept-Language: zh-CN,zh;q=0.9\r\nAccept-Encoding: gzip, deflate, br\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36\r\n"
    "Cache-Control: no-cache\r\nPragma: no-cache\r\n\r\n"
)
_DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"


def masked_text(text: str) -> bytes:
    """A client frame with the mask 0, which is valid and leaves the payload unchanged."""
    payload = text.encode()
    length = bytes((0x80 | len(payload),)) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2)
    return b"\x81" + length + b"\0\0\0\0" + payload


class BadAnswer(Exception):
    """The server refused the connection."""


@dataclass
class Load:
    port: int
    offer_deflate: bool = False
    hello: Callable[[int], str] = lambda number: f"40{NAMESPACE},"
    """The CONNECT packet of the client with this number."""
    sockets: list[socket.socket] = field(default_factory=list)
    selector: selectors.DefaultSelector = field(default_factory=selectors.DefaultSelector)

    def connect(self, count: int, per_batch: int = 200) -> None:
        """All connections have entered the namespace when this returns."""
        while len(self.sockets) < count:
            batch = [self._open() for _ in range(min(per_batch, count - len(self.sockets)))]
            for number, connection in enumerate(batch, start=len(self.sockets)):
                if not _read_until(connection, b"\r\n\r\n", followed_by=1).startswith(b"HTTP/1.1 101"):
                    raise BadAnswer
                connection.sendall(masked_text(self.hello(number)))
            for connection in batch:
                _read_until(connection, b"", followed_by=1)
                connection.setblocking(False)
                self.selector.register(connection, selectors.EVENT_READ)
            self.sockets += batch

    def read_bytes(self, expected: int, quiet_seconds: float = 60.0) -> int:
        """Read until `expected` bytes have arrived, or none for `quiet_seconds`. Returns the number of bytes."""
        total = 0
        while total < expected:
            ready = self.selector.select(quiet_seconds)
            if not ready:
                break
            for key, _ in ready:
                total += len(key.fileobj.recv(262_144))  # type: ignore[union-attr]  # registered as sockets above
        return total

    def close(self) -> None:
        for connection in self.sockets:
            connection.close()
        self.sockets.clear()
        self.selector.close()

    def _open(self) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        extensions = _DEFLATE if self.offer_deflate else ""
        connection.sendall(_HANDSHAKE.format(port=self.port, extensions=extensions).encode())
        return connection


def _read_until(connection: socket.socket, expected: bytes, followed_by: int) -> bytes:
    """Read up to `expected` and `followed_by` more bytes, which may be deflated: OPEN, or the answer to CONNECT."""
    received = b""
    while expected not in received or len(received) < received.find(expected) + len(expected) + followed_by:
        chunk = connection.recv(4096)
        if not chunk:
            raise ConnectionError("the server closed the connection")
        received += chunk
    return received
