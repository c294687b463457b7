"""Options of the Engine.IO server."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.shared.ip_addresses import IpNetwork
from realtime.engineio.limits import Limits


@dataclass(frozen=True)
class EngineOptions:
    limits: Limits = field(default_factory=Limits)
    allowed_origins: Sequence[str] | None = None
    """None allows pages of the server's own host only, ["*"] all pages. Programs without Origin may always connect."""
    trusted_proxies: Sequence[IpNetwork] = ()
    """The networks whose X-Forwarded-* headers count."""
    ping_interval: float = 25.0
    ping_timeout: float = 20.0
    transports: Sequence[str] = ("polling", "websocket")
    sid_prefix: str = ""
    """Session ids begin with it and a full stop, so that a proxy finds the app process that has the session."""
