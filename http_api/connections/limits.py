"""Limits of connections: their number, the time that a client may take, the bytes of unfinished requests."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.shared.ip_addresses import IpNetwork

_OWN_DESCRIPTORS: Final = 256
"""For the stores, files, pipes and calls of providers."""
_MOST: Final = 50_000
"""Beyond this, memory is what an app process runs out of, not descriptors."""


@dataclass(frozen=True)
class ConnectionLimits:
    """All of one app process. WebSockets count as connections; once a request has arrived completely, no deadline
    applies to it, so long-polling is not affected."""

    in_all: int = _MOST
    per_address: int = 500
    """IPv6: per /64 network."""
    unlimited_networks: Sequence[IpNetwork] = ()
    """Without limits per address: proxies, which limit their clients themselves."""
    header_seconds: float = 10.0
    """To the end of the headers, from the start of the connection or, on a used one, from the first byte."""
    body_seconds: float = 10.0
    """In each such period an unfinished body must advance by `body_bytes_per_second` on average."""
    body_bytes_per_second: int = 1024
    keep_alive_seconds: float = 30.0
    """From a response to the next request."""
    send_seconds: float = 30.0
    """A client that takes no byte of a response for so long is disconnected."""
    linger_seconds: float = 5.0
    """After a refusal, for the client to read it."""
    body_bytes: int = 64 * 1024 * 1024
    """The budget of bytes that are held for requests, from their first byte to their response."""
    body_bytes_per_address: int = 8 * 1024 * 1024
    body_bytes_free: int = 16 * 1024
    """Of each connection, not counted: a log-in succeeds although others have used up the budget."""
    sweep_seconds: float = 1.0
    """How often deadlines are checked."""


def connections_for(descriptors: int) -> int:
    """How many connections a process accepts that may open so many descriptors."""
    return min(_MOST, descriptors - min(_OWN_DESCRIPTORS, descriptors // 2))
