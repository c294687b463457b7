"""TURN and STUN for calls between browsers: credentials that end by themselves (coturn's "TURN REST API").

Rotating the secret: coturn accepts several (`static-auth-secret`), so it is given the new one beside the old one first;
then we sign with the new one (TURN_SECRET); when the last credential of the old one has ended, coturn forgets it.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import Final

from domain.interviews.media import IceServer, IceServers
from domain.shared.ports import Clock

LIFE_SECONDS: Final = 3600
"""Asked for at the beginning of a connection only: one that stands outlives its credential by refreshing."""
_NOT_PLAIN: Final = re.compile(r"[^A-Za-z0-9_-]")


class TurnCredentials(IceServers):
    def __init__(
        self,
        stun_urls: Sequence[str],
        turn_urls: Sequence[str],
        secret: str,
        clock: Clock,
        life_seconds: int = LIFE_SECONDS,
    ) -> None:
        self._stun_urls = list(stun_urls)
        self._turn_urls = list(turn_urls)
        self._secret = secret.encode()
        self._clock = clock
        self._life_seconds = life_seconds

    def for_user(self, user_id: str) -> list[IceServer]:
        servers = [IceServer(urls=self._stun_urls)] if self._stun_urls else []
        if self._turn_urls:
            until = int(self._clock.now().timestamp()) + self._life_seconds
            username = f"{until}:{_NOT_PLAIN.sub('', user_id)}"
            servers.append(
                IceServer(urls=self._turn_urls, username=username, credential=credential(self._secret, username))
            )
        return servers


def credential(secret: bytes, username: str) -> str:
    """HMAC-SHA1, which is what coturn computes; as a MAC it is still sound."""
    return base64.b64encode(hmac.digest(secret, username.encode(), hashlib.sha1)).decode()
