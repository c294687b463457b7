"""TURN and STUN for calls between browsers: credentials that end by themselves (coturn's "TURN REST API").

Rotating the secret: coturn accepts several (`static-auth-secret`), so it is given the new one beside the old one first;
then we sign with the new one (TURN_SECRET); when the last credential of the old one has ended, coturn forgets it.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from domain.interviews.live.results import IceServer
from domain.interviews.ports import TurnServers

LIFE_SECONDS: Final = 3600
"""Only asked for when a connection is made: one that stands goes on when its credential has ended."""


class CoturnServers(TurnServers):
    def __init__(
        self, stun_urls: Sequence[str], turn_urls: Sequence[str], secret: str, life_seconds: int = LIFE_SECONDS
    ) -> None:
        self._stun_urls = list(stun_urls)
        self._turn_urls = list(turn_urls)
        self._secret = secret.encode()
        self._life_seconds = life_seconds

    def ice_servers(self, participant_id: str, now: datetime) -> list[IceServer]:
        servers = [IceServer(urls=self._stun_urls)] if self._stun_urls else []
        if self._turn_urls:
            username = f"{int(now.timestamp()) + self._life_seconds}:{participant_id}"
            shown = credential(self._secret, username)
            servers.append(IceServer(urls=self._turn_urls, username=username, credential=shown))
        return servers


def credential(secret: bytes, username: str) -> str:
    """HMAC-SHA1, which is what coturn computes; as a MAC it is still sound."""
    return base64.b64encode(hmac.digest(secret, username.encode(), hashlib.sha1)).decode()
