"""Close reasons: why a connection ended, as metrics, logs, namespaces and WebSocket close frames name it."""

from typing import Final

CLIENT_DISCONNECT: Final = "client_disconnect"
NAMESPACE_LEFT: Final = "namespace_left"
"""The client left one namespace on purpose; its connection stays open."""
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

WITHOUT_FINAL_PAYLOAD: Final = frozenset(
    {CLIENT_DISCONNECT, TRANSPORT_CLOSE, TRANSPORT_ERROR, PING_TIMEOUT, CONNECT_TIMEOUT, RATE_LIMITED, MALFORMED}
    | {MESSAGE_TOO_BIG, SLOW_CLIENT}
)
"""After these, no final payload is kept for the next poll of a long-polling client."""

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
    """The WebSocket close code for a reason; 1000 (normal closure) for reasons that namespaces define."""
    return _CLOSE_CODES.get(reason, 1000)
