"""Why a connection ended: the names that metrics, logs, namespaces and WebSocket close frames show."""

from typing import Final

CLIENT_DISCONNECT: Final = "client_disconnect"
NAMESPACE_LEFT: Final = "namespace_left"
"""On purpose and for good, while the connection goes on."""
TRANSPORT_CLOSE: Final = "transport_close"
TRANSPORT_ERROR: Final = "transport_error"
PING_TIMEOUT: Final = "ping_timeout"
CONNECT_TIMEOUT: Final = "connect_timeout"
SLOW_CLIENT: Final = "slow_client"
RATE_LIMITED: Final = "rate_limited"
MALFORMED: Final = "malformed"
MESSAGE_TOO_BIG: Final = "message_too_big"
SERVER_DISCONNECT: Final = "server_disconnect"
SERVER_SHUTDOWN: Final = "server_shutdown"
UNAVAILABLE: Final = "unavailable"

NOBODY_WAITS: Final = frozenset(
    {CLIENT_DISCONNECT, TRANSPORT_CLOSE, TRANSPORT_ERROR, PING_TIMEOUT, CONNECT_TIMEOUT, RATE_LIMITED, MALFORMED}
    | {MESSAGE_TOO_BIG, SLOW_CLIENT}
)
"""A long-polling client that was closed for one of these is told no last words."""

_CLOSE_CODES: Final = {
    CLIENT_DISCONNECT: 1000,
    SERVER_SHUTDOWN: 1001,
    UNAVAILABLE: 1013,
    MALFORMED: 1002,
    MESSAGE_TOO_BIG: 1009,
    RATE_LIMITED: 1008,
    CONNECT_TIMEOUT: 1008,
    SLOW_CLIENT: 1013,
}


def close_code(reason: str) -> int:
    """The WebSocket close code that goes with a reason; reasons of namespaces are ordinary closes."""
    return _CLOSE_CODES.get(reason, 1000)
