"""Computes the keyed digests that are kept of a deleted account: a number can be recognised, but not read."""

import hashlib
import hmac

from domain.users.identity import IdentityDigests
from domain.users.model import User


class IdentityDigester:
    """`key` is a secret of the installation: without it, all possible phone numbers could be tried out."""

    def __init__(self, key: str) -> None:
        if len(key.encode()) < 32:
            raise ValueError("the key of digests needs at least 32 bytes")
        self._key = key.encode()

    def digests_of(self, user: User) -> IdentityDigests:
        return IdentityDigests(
            openid=tuple(self.digest("openid", identity.openid) for identity in user.identities),
            phone=self.digest("phone", user.phone) if user.phone else "",
            username=self.digest("username", user.username_key) if user.username_key else "",
        )

    def digest(self, kind: str, value: str) -> str:
        return hmac.new(self._key, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()
