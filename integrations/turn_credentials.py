"""STUN and TURN servers for WebRTC, with expiring TURN credentials (coturn's "TURN REST API").

To rotate the secret: add the new secret to coturn beside the old one (`static-auth-secret` may be repeated), then set
TURN_SECRET to the new one, and remove the old one from coturn after the last credential has expired.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from domain.interviews.media.credentials import IceServer
from domain.interviews.ports import TurnServers

LIFETIME_SECONDS: Final = 3600
"""A credential is used only to set up a connection; an existing connection continues after its expiry."""


class CoturnServers(TurnServers):
    def __init__(
        self, stun_urls: Sequence[str], turn_urls: Sequence[str], secret: str, lifetime_seconds: int = LIFETIME_SECONDS
    ) -> None:
        self._stun_urls = list(stun_urls)
        self._turn_urls = list(turn_urls)
        self._secret = secret.encode()
        self._lifetime_seconds = lifetime_seconds

    def ice_servers(self, participant_id: str, now: datetime) -> list[IceServer]:
        servers = [IceServer(urls=self._stun_urls)] if self._stun_urls else []
        if self._turn_urls:
            username = f"{int(now.timestamp()) + self._lifetime_seconds}:{participant_id}"
            shown = credential(self._secret, username)
            servers.append(IceServer(urls=self._turn_urls, username=username, credential=shown))
        return servers


def credential(secret: bytes, username: str) -> str:
    """HMAC-SHA1, as coturn computes it; SHA-1 is still secure in an HMAC."""
    return base64.b64encode(hmac.digest(secret, username.encode(), hashlib.sha1)).decode()
